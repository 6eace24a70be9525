-- The audit says with which program somebody did something, beside from where.

-- A downgrade leaves the column: what was written into it is part of the chain.
ALTER TABLE smp.audit_log ADD COLUMN IF NOT EXISTS user_agent TEXT;

-- One link of the chain: the hash before it and every column of the row but its own hash. Written so that no setting of a
-- session (time zone, digits of a float) changes the text that is hashed. The program is part of it where it is known: a
-- row from before there was one has the hash that it always had, and gets another one by whatever is written into it.
CREATE OR REPLACE FUNCTION smp.audit_hash(hash_before text, entry smp.audit_log) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN encode(
    sha256(
        convert_to(
            hash_before || (
                jsonb_build_array(
                    entry.tenant_id, entry.seq, entry.action, entry.subject, entry.subject_key, entry.changed,
                    entry.old_value, entry.new_value, entry.actor, entry.changed_by, entry.change_reason,
                    encode(float8send(entry.confidence_delta), 'hex'), entry.ip_address, entry.trace_id,
                    (extract(epoch FROM entry.created_at) * 1000000)::bigint
                ) || CASE WHEN entry.user_agent IS NULL THEN '[]' ELSE jsonb_build_array(entry.user_agent) END
            )::text,
            'UTF8'
        )
    ),
    'hex'
);

CREATE OR REPLACE FUNCTION smp.append_audit(subject text, operation text, key_columns text[], changes jsonb[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    tenant_before text := coalesce(current_setting('smp.tenant_id', true), '');
    the_tenant uuid := coalesce(changes[1] -> 'new', changes[1] -> 'old') ->> 'tenant_id';
    head smp.audit_heads;
    entry smp.audit_log;
    change jsonb;
    state jsonb;
    old_row jsonb;
    new_row jsonb;
    names text[];
BEGIN
    PERFORM set_config('smp.tenant_id', the_tenant::text, true);
    head := smp.take_audit_head(the_tenant);

    entry.tenant_id := the_tenant;
    entry.subject := subject;
    entry.actor := smp.current_actor();
    entry.changed_by := (smp.acting_person()).id;
    entry.change_reason := nullif(current_setting('smp.reason', true), '');
    entry.ip_address := nullif(current_setting('smp.address', true), '');
    entry.user_agent := nullif(current_setting('smp.agent', true), '');
    entry.trace_id := nullif(current_setting('smp.trace_id', true), '');
    entry.created_at := clock_timestamp();

    FOREACH change IN ARRAY changes LOOP
        old_row := nullif(change -> 'old', 'null');
        new_row := nullif(change -> 'new', 'null');
        state := coalesce(new_row, old_row);
        names := smp.changed_columns(old_row, new_row);
        head.seq := head.seq + 1;
        entry.seq := head.seq;
        entry.action := smp.audit_action(subject, operation, old_row, new_row);
        entry.subject_key := (
            SELECT string_agg(state ->> name, '/' ORDER BY position)
            FROM unnest(key_columns) WITH ORDINALITY AS keys (name, position)
        );
        entry.changed := to_jsonb(names);
        entry.old_value := CASE operation
            WHEN 'UPDATE' THEN smp.only_columns(smp.redacted(old_row), names)
            ELSE smp.redacted(old_row)
        END;
        entry.new_value := CASE operation
            WHEN 'UPDATE' THEN smp.only_columns(smp.redacted(new_row), names)
            ELSE smp.redacted(new_row)
        END;
        entry.confidence_delta := CASE WHEN subject = 'field_mappings' AND operation = 'UPDATE' THEN
            (new_row ->> 'confidence_score')::float8 - (old_row ->> 'confidence_score')::float8
        END;
        entry.hash := smp.audit_hash(head.hash, entry);
        head.hash := entry.hash;
        INSERT INTO audit_log VALUES (entry.*);
    END LOOP;

    PERFORM set_config('smp.tenant_id', tenant_before, true);
END $$;

-- Decisions and the audit ask for the proof of who acts.

CREATE OR REPLACE FUNCTION smp.decide_items(the_client text, decisions jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp SET enable_seqscan = off
    SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    person smp.users := smp.deciding_person(the_client);
    decision jsonb;
    outcomes jsonb[] := '{}';
BEGIN
    PERFORM smp.enter_law(the_client);
    FOR decision IN SELECT * FROM jsonb_array_elements(decisions) LOOP
        outcomes := outcomes || smp.decide_one(the_client, decision, person);
    END LOOP;
    IF NOT EXISTS (
        SELECT FROM review_items
        WHERE tenant_id = smp.current_tenant() AND client = the_client AND state IN ('open', 'awaiting_second')
    ) THEN
        PERFORM smp.settle_version(the_client);
    END IF;
    RETURN to_jsonb(outcomes);
END $$;

CREATE OR REPLACE FUNCTION smp.approve_final(the_client text, the_version integer, the_digest text, the_reason text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users := smp.deciding_person(the_client);
BEGIN
    PERFORM smp.enter_law(the_client);
    PERFORM smp.answer_final(
        smp.check_final(the_client, the_version, the_digest), true, person.login, false, nullif(btrim(the_reason), ''));
    RETURN smp.gate(the_client);
END $$;

CREATE OR REPLACE FUNCTION smp.refuse_final(the_client text, the_version integer, the_digest text, the_reason text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users := smp.deciding_person(the_client);
    newest smp.mapping_versions;
BEGIN
    PERFORM smp.enter_law(the_client);
    newest := smp.newest_version(the_client);
    IF coalesce(btrim(the_reason), '') = '' THEN
        RAISE EXCEPTION 'Say why: a refusal needs a reason.' USING ERRCODE = 'SMP04';
    ELSIF (newest.version, newest.digest) IS DISTINCT FROM (the_version, the_digest) THEN
        RAISE EXCEPTION 'Version % of client % is not the newest one as it stands. Look at it again.',
            the_version, the_client USING ERRCODE = 'SMP02';
    END IF;
    PERFORM smp.answer_final(newest, false, person.login, false, btrim(the_reason));
    RETURN smp.gate(the_client);
END $$;

DROP FUNCTION smp.deciding_person();

-- A name in the audit is a claim; changed_by is set where the key shown proved it.
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

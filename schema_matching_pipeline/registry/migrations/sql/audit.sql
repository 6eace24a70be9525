-- The audit: written by triggers in the same transaction, chained by hashes, never changed.

-- What the audit keeps of a row: everything but secrets.
CREATE FUNCTION smp.redacted(the_row jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN the_row ? 'config_encrypted' THEN the_row || '{"config_encrypted": "[redacted]"}'::jsonb
    ELSE the_row
END;

-- The columns in which two states of a row differ; a state that is missing differs in all.
CREATE FUNCTION smp.changed_columns(old_row jsonb, new_row jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT coalesce(array_agg(name ORDER BY name COLLATE "C"), '{}')
    FROM jsonb_object_keys(coalesce(new_row, old_row)) AS name
    WHERE old_row -> name IS DISTINCT FROM new_row -> name AND name NOT IN ('updated_at', 'updated_by')
);

CREATE FUNCTION smp.only_columns(the_row jsonb, names text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT jsonb_object_agg(name, the_row -> name) FROM unnest(names) AS name WHERE the_row ? name);

-- One link of the chain: the hash before it and every column of the row but its own hash. Written so that no
-- setting of a session (time zone, digits of a float) changes the text that is hashed.
CREATE FUNCTION smp.audit_hash(hash_before text, entry smp.audit_log) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN encode(
    sha256(
        convert_to(
            hash_before || jsonb_build_array(
                entry.tenant_id, entry.seq, entry.action, entry.subject, entry.subject_key, entry.changed,
                entry.old_value, entry.new_value, entry.actor, entry.changed_by, entry.change_reason,
                encode(float8send(entry.confidence_delta), 'hex'), entry.ip_address, entry.trace_id,
                (extract(epoch FROM entry.created_at) * 1000000)::bigint
            )::text,
            'UTF8'
        )
    ),
    'hex'
);

CREATE FUNCTION smp.audit_action(subject text, operation text, old_row jsonb, new_row jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN subject = 'publications' THEN 'published'
    WHEN subject IN ('review_actions', 'item_approvals', 'final_approvals', 'rejected_pairs') THEN 'decided'
    WHEN operation = 'INSERT' THEN 'created'
    WHEN operation = 'DELETE' THEN 'deleted'
    WHEN subject = 'review_items' AND new_row ->> 'decided_by' IS DISTINCT FROM old_row ->> 'decided_by'
        AND new_row ->> 'decided_by' IS NOT NULL THEN 'decided'
    WHEN subject <> 'field_mappings' THEN 'updated'
    WHEN new_row ->> 'status' = 'deprecated' AND old_row ->> 'status' <> 'deprecated' THEN 'deprecated'
    WHEN new_row ->> 'decided_by' IS NOT NULL
        AND (old_row -> 'disposition', old_row -> 'decided_at') IS DISTINCT FROM
            (new_row -> 'disposition', new_row -> 'decided_at') THEN 'decided'
    WHEN new_row ->> 'validation_status' = 'validated'
        AND old_row ->> 'validation_status' <> 'validated' THEN 'validated'
    ELSE 'updated'
END;

-- The end of a tenant's chain, for this transaction alone from now on. The row of the head is written twice a
-- transaction, here at its first audit and when it ends: a version of it for each of thousands of statements
-- would make every further one slower.
CREATE FUNCTION smp.take_audit_head(the_tenant uuid) RETURNS smp.audit_heads
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    head smp.audit_heads;
    this_transaction CONSTANT text := pg_current_xact_id()::text;
BEGIN
    SELECT * INTO head FROM audit_heads WHERE tenant_id = the_tenant;
    IF head.written_in IS DISTINCT FROM this_transaction THEN
        INSERT INTO audit_heads (tenant_id, seq, hash, written_in) VALUES (the_tenant, 0, '', this_transaction)
        ON CONFLICT (tenant_id) DO UPDATE SET written_in = excluded.written_in
        RETURNING * INTO head;
        -- The head, not the last row there is: were the tail cut off, the next row would close the gap.
        RETURN head;
    END IF;
    SELECT seq, hash INTO head.seq, head.hash FROM audit_log
    WHERE tenant_id = the_tenant ORDER BY seq DESC LIMIT 1;
    RETURN head;
END $$;

CREATE FUNCTION smp.close_audit_head() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    tenant_before text := coalesce(current_setting('smp.tenant_id', true), '');
BEGIN
    PERFORM set_config('smp.tenant_id', NEW.tenant_id::text, true);
    UPDATE audit_heads SET seq = newest.seq, hash = newest.hash
    FROM (SELECT seq, hash FROM audit_log WHERE tenant_id = NEW.tenant_id ORDER BY seq DESC LIMIT 1) AS newest
    WHERE audit_heads.tenant_id = NEW.tenant_id AND audit_heads.seq < newest.seq;
    PERFORM set_config('smp.tenant_id', tenant_before, true);
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER close AFTER INSERT OR UPDATE ON smp.audit_heads
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION smp.close_audit_head();

-- Appends one audit row for each change. ``changes`` holds the old and the new state of rows of one tenant.
CREATE FUNCTION smp.append_audit(subject text, operation text, key_columns text[], changes jsonb[]) RETURNS void
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
    entry.changed_by := (SELECT id FROM users WHERE tenant_id = the_tenant AND login = entry.actor);
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

-- The audit trigger of every audited table; its arguments name the columns that identify a row. One audited
-- statement is one call, whatever the number of its rows.
CREATE FUNCTION smp.audit_created() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    changes jsonb[];
BEGIN
    FOR changes IN
        SELECT array_agg(jsonb_build_object('new', to_jsonb(new_rows))) FROM new_rows GROUP BY tenant_id
    LOOP
        PERFORM smp.append_audit(TG_TABLE_NAME, TG_OP, TG_ARGV::text[], changes);
    END LOOP;
    RETURN NULL;
END $$;

CREATE FUNCTION smp.audit_deleted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    changes jsonb[];
BEGIN
    FOR changes IN
        SELECT array_agg(jsonb_build_object('old', to_jsonb(old_rows))) FROM old_rows GROUP BY tenant_id
    LOOP
        PERFORM smp.append_audit(TG_TABLE_NAME, TG_OP, TG_ARGV::text[], changes);
    END LOOP;
    RETURN NULL;
END $$;

DO $$
DECLARE
    audited text;
    keys text;
BEGIN
    FOR audited, keys IN VALUES
        ('users', 'login'),
        ('connector_definitions', 'connector_name'),
        ('connections', 'name'),
        ('clients', 'slug'),
        ('canonical_models', 'name, version'),
        ('entity_policies', 'client, entity'),
        ('field_mappings', 'id'),
        ('review_items', 'client, id'),
        ('review_actions', 'client, item_id'),
        ('item_approvals', 'client, item_id'),
        ('rejected_pairs', 'client, source_table, source_column'),
        ('final_approvals', 'client, version'),
        ('mapping_versions', 'client, version'),
        ('publications', 'client, version'),
        ('value_bank_entries', 'entity, field, value_hash'),
        ('column_variants', 'client, entity, field, name'),
        ('pipeline_runs', 'id'),
        ('run_requests', 'run_key')
    LOOP
        EXECUTE format(
            'CREATE TRIGGER audit_created AFTER INSERT ON smp.%I REFERENCING NEW TABLE AS new_rows'
            ' FOR EACH STATEMENT EXECUTE FUNCTION smp.audit_created(%s)', audited, keys);
        EXECUTE format(
            'CREATE TRIGGER audit_updated AFTER UPDATE ON smp.%I REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows'
            ' FOR EACH STATEMENT EXECUTE FUNCTION smp.audit_updated(%s)', audited, keys);
        EXECUTE format(
            'CREATE TRIGGER audit_deleted AFTER DELETE ON smp.%I REFERENCING OLD TABLE AS old_rows'
            ' FOR EACH STATEMENT EXECUTE FUNCTION smp.audit_deleted(%s)', audited, keys);
    END LOOP;
END $$;

-- Append-only for everybody, the owner included; only a superuser could switch the trigger off. -------------

CREATE FUNCTION smp.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = smp, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'Rows of % are never changed or removed; add a later row instead.', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

DO $$
DECLARE
    append_only text;
BEGIN
    FOREACH append_only IN ARRAY ARRAY[
        'audit_log', 'review_actions', 'final_approvals', 'publications', 'published_mappings',
        'field_mapping_versions'
    ] LOOP
        EXECUTE format(
            'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON smp.%I'
            ' FOR EACH STATEMENT EXECUTE FUNCTION smp.refuse_change()', append_only);
    END LOOP;
END $$;

-- Whether the chain of the present tenant is whole. ---------------------------------------------------------

CREATE FUNCTION smp.verify_audit(OUT rows_seen bigint, OUT broken_at bigint, OUT message text)
LANGUAGE plpgsql STABLE SET search_path = smp, pg_temp
AS $$
DECLARE
    entry smp.audit_log;
    head smp.audit_heads;
    hash_before text := '';
BEGIN
    rows_seen := 0;
    FOR entry IN SELECT * FROM audit_log WHERE tenant_id = smp.current_tenant() ORDER BY seq LOOP
        rows_seen := rows_seen + 1;
        IF entry.seq <> rows_seen THEN
            broken_at := rows_seen;
            message := format('Row %s is missing.', rows_seen);
            RETURN;
        END IF;
        IF entry.hash <> smp.audit_hash(hash_before, entry) THEN
            broken_at := entry.seq;
            message := format('Row %s was changed after it was written, or a row before it was.', entry.seq);
            RETURN;
        END IF;
        hash_before := entry.hash;
    END LOOP;
    SELECT * INTO head FROM audit_heads WHERE tenant_id = smp.current_tenant();
    IF (coalesce(head.seq, 0) <> rows_seen OR coalesce(head.hash, '') <> hash_before)
        AND head.written_in IS DISTINCT FROM pg_current_xact_id_if_assigned()::text THEN
        broken_at := rows_seen + 1;
        message := format('The chain ends at row %s, but %s rows were written.', rows_seen, coalesce(head.seq, 0));
        RETURN;
    END IF;
    message := format('All %s rows are as they were written.', rows_seen);
END $$;

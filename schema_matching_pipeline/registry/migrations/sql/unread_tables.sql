-- A table that could not be read holds the gate until it is read, or until a person says why it is not needed.

-- What nothing fills, and what nobody read: one person may live with it.
CREATE FUNCTION smp.is_gap(expectation text) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN coalesce(expectation LIKE 'required\_field:%' OR expectation LIKE 'unread\_table:%', false);

-- The tables that the newest profile could not read, and why.
CREATE FUNCTION smp.unread_tables(the_client text) RETURNS TABLE (source_table text, why text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT trouble ->> 'table', min(trouble ->> 'message')
    FROM (
        SELECT profiles.snapshot_id FROM table_profiles AS profiles
        WHERE profiles.tenant_id = smp.current_tenant() AND profiles.client = the_client
        ORDER BY profiles.id DESC LIMIT 1
    ) AS newest
    JOIN source_snapshots AS snapshots
        ON snapshots.tenant_id = smp.current_tenant() AND snapshots.id = newest.snapshot_id
    CROSS JOIN LATERAL jsonb_array_elements(coalesce(snapshots.snapshot -> 'troubles', '[]')) AS trouble
    WHERE NOT EXISTS (
        SELECT FROM table_profiles AS profiles
        WHERE profiles.tenant_id = smp.current_tenant() AND profiles.snapshot_id = newest.snapshot_id
            AND profiles.table_name = trouble ->> 'table')
    GROUP BY trouble ->> 'table'
    ORDER BY trouble ->> 'table'
$$;

CREATE OR REPLACE FUNCTION smp.guard_item() RETURNS trigger
LANGUAGE plpgsql SET search_path = smp, pg_temp
AS $$
DECLARE
    by_law boolean := smp.acts_for_the_law();
BEGIN
    -- A demanded check of a critical entity is waived by two people, whatever class the question names; a gap by one.
    IF NEW.kind = 'validation' AND NOT smp.is_gap(NEW.expectation_id)
        AND (NEW.risk_class = 'critical' OR NEW.entity IS NOT NULL AND coalesce(
            (SELECT policies.risk_class FROM entity_policies AS policies
             WHERE policies.tenant_id = NEW.tenant_id AND policies.client = NEW.client
                AND policies.entity = NEW.entity), 'critical') = 'critical') THEN
        NEW.required_approvals := greatest(NEW.required_approvals, 2);
    END IF;
    IF TG_OP = 'INSERT' THEN
        NEW.row_version := 1;
        IF NOT by_law AND (NEW.state <> 'open' OR num_nonnulls(NEW.decided_by, NEW.decided_at) > 0) THEN
            RAISE EXCEPTION 'A review item begins open.' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;

    IF (NEW.tenant_id, NEW.client, NEW.id, NEW.kind, NEW.source_table, NEW.source_column)
        IS DISTINCT FROM (OLD.tenant_id, OLD.client, OLD.id, OLD.kind, OLD.source_table, OLD.source_column) THEN
        RAISE EXCEPTION 'A review item stays with its column.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT by_law THEN
        IF (NEW.entity, NEW.field, NEW.expectation_id, NEW.approval_hash)
            IS DISTINCT FROM (OLD.entity, OLD.field, OLD.expectation_id, OLD.approval_hash) THEN
            RAISE EXCEPTION 'A review item keeps its question; another question is another item.'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        -- What the first of two people agreed to was not this bad.
        IF NEW.state = 'awaiting_second' AND NEW.had < OLD.had THEN
            NEW.state := 'open';
            NEW.opened_at := clock_timestamp();
        ELSIF NEW.opened_at < OLD.opened_at THEN
            NEW.opened_at := OLD.opened_at;
        END IF;
        NEW.required_approvals := greatest(NEW.required_approvals, OLD.required_approvals);
        IF OLD.state IN ('approved', 'rejected', 'overridden')
            AND (NEW.state <> 'withdrawn'
                OR to_jsonb(NEW) - '{state,updated_at}'::text[] <> to_jsonb(OLD) - '{state,updated_at}'::text[]) THEN
            RAISE EXCEPTION 'Item % was decided by %; it can only be withdrawn.', OLD.id, OLD.decided_by
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF NEW.state <> OLD.state AND NEW.state NOT IN ('open', 'withdrawn') THEN
            RAISE EXCEPTION 'Only a person''s decision closes item %; see smp.decide_item.', OLD.id
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF NEW.state = 'open' AND OLD.state = 'withdrawn' THEN
            NEW.decided_by := NULL;
            NEW.decided_at := NULL;
        ELSIF (NEW.decided_by, NEW.decided_at) IS DISTINCT FROM (OLD.decided_by, OLD.decided_at) THEN
            RAISE EXCEPTION 'Only a person''s decision closes item %; see smp.decide_item.', OLD.id
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    NEW.row_version := OLD.row_version + 1;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION smp.shown_share(item smp.review_items) RETURNS double precision
LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN item.kind = 'validation' AND NOT smp.is_gap(item.expectation_id)
        THEN 1 - item.had
END;

-- Opens an item where something must be waived or mended and nobody asked yet; withdraws what is mended.
CREATE OR REPLACE FUNCTION smp.ask_about_gaps(the_client text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
BEGIN
    INSERT INTO review_items (tenant_id, client, id, kind, source_table, source_column, entity, field,
        risk_class, reason, needed, had, expectation_id, approval_hash)
    SELECT smp.current_tenant(), the_client,
        left(encode(sha256(convert_to(concat_ws('/', 'gap', the_client, definition_hash), 'UTF8')), 'hex'), 32),
        'validation', source_table, '', entity, field, risk_class,
        format('%s.%s is required and no column fills it.', entity, field), 1, 0,
        'required_field:' || entity || '.' || field, definition_hash
    FROM smp.uncovered_fields(the_client)
    ON CONFLICT (tenant_id, client, id) DO UPDATE SET state = 'open', decided_by = NULL, decided_at = NULL
    WHERE review_items.state = 'withdrawn';

    UPDATE review_items SET state = 'withdrawn'
    WHERE tenant_id = smp.current_tenant() AND client = the_client AND kind = 'validation'
        AND expectation_id LIKE 'required\_field:%' AND state IN ('open', 'awaiting_second')
        AND (entity, field) NOT IN (SELECT gaps.entity, gaps.field FROM smp.uncovered_fields(the_client) AS gaps);

    INSERT INTO review_items (tenant_id, client, id, kind, source_table, source_column, risk_class, reason, needed,
        had, expectation_id, approval_hash)
    SELECT smp.current_tenant(), the_client,
        left(encode(sha256(convert_to(concat_ws('/', 'unread', the_client, source_table), 'UTF8')), 'hex'), 32),
        'validation', source_table, '', 'critical', why, 0, 0,
        'unread_table:' || source_table, 'unread_table:' || source_table
    FROM smp.unread_tables(the_client)
    ON CONFLICT (tenant_id, client, id) DO UPDATE
    SET state = 'open', reason = EXCLUDED.reason, decided_by = NULL, decided_at = NULL
    WHERE review_items.state = 'withdrawn';

    -- A table that is read again is no gap any more, and if it fails another time, people are asked another time.
    UPDATE review_items SET state = 'withdrawn'
    WHERE tenant_id = smp.current_tenant() AND client = the_client AND kind = 'validation'
        AND expectation_id LIKE 'unread\_table:%' AND state <> 'withdrawn'
        AND source_table NOT IN (SELECT unread.source_table FROM smp.unread_tables(the_client) AS unread);
END $$;

CREATE OR REPLACE FUNCTION smp.holding_review(the_client text, newest smp.mapping_versions) RETURNS SETOF jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT smp.holder(
        'version', format('the mapping changed since version %s', newest.version),
        'a new version', 'the pipeline, by validating again')
    WHERE newest.digest <> smp.mapping_digest(the_client)
    UNION ALL
    (SELECT smp.holder(
        items.kind,
        concat(concat_ws('.', items.source_table, nullif(items.source_column, '')),
            ' to ' || items.entity || '.' || items.field,
            CASE WHEN items.had < items.needed THEN format(' (has %s)', round(items.had::numeric, 2)) END,
            CASE WHEN items.expectation_id LIKE 'unread\_table:%' THEN ' was not read' END),
        CASE
            WHEN items.required_approvals > 1 THEN format('%s people''s decision', items.required_approvals)
            WHEN items.had < items.needed THEN format('a decision, or %s', round(items.needed::numeric, 2))
            ELSE 'a decision'
        END,
        CASE items.state
            WHEN 'awaiting_second' THEN 'another steward or admin than ' || (
                SELECT string_agg(DISTINCT actions.actor, ', ') FROM review_actions AS actions
                WHERE actions.tenant_id = items.tenant_id AND actions.client = items.client
                    AND actions.item_id = items.id)
            ELSE 'a steward or an admin'
        END,
        items.id)
    FROM review_items AS items
    WHERE items.tenant_id = smp.current_tenant() AND items.client = the_client
        AND items.state IN ('open', 'awaiting_second')
    ORDER BY items.kind, items.source_table, items.source_column)
    UNION ALL
    (SELECT smp.holder(
        'mapping', format('%s.%s%s', mappings.source_table, mappings.source_field,
            coalesce(' to ' || mappings.canonical_entity || '.' || mappings.canonical_field, '')),
        CASE
            WHEN mappings.disposition = 'pending_review' THEN 'a review item'
            ELSE 'another look: its target changed or is gone'
        END,
        'the pipeline, by proposing again')
    FROM field_mappings AS mappings
    WHERE mappings.tenant_id = smp.current_tenant() AND mappings.client = the_client
        AND mappings.status <> 'deprecated'
        AND (
            (mappings.disposition = 'pending_review' AND NOT EXISTS (
                SELECT FROM review_items AS items
                WHERE items.tenant_id = mappings.tenant_id AND items.client = mappings.client
                    AND items.source_table = mappings.source_table
                    AND items.source_column = mappings.source_field
                    AND items.state IN ('open', 'awaiting_second')))
            OR (mappings.disposition = 'approved' AND NOT smp.decision_stands(mappings))
            OR (mappings.disposition = 'auto_accepted' AND (smp.definition_of(
                mappings.client, mappings.canonical_entity, mappings.canonical_field)).id IS NULL)
        )
    ORDER BY mappings.source_table, mappings.source_field)
    UNION ALL
    SELECT smp.holder(
        'coverage', format('%s.%s is required and no column fills it', gaps.entity, gaps.field),
        'a column, or a waiver', 'the pipeline, by settling the version')
    FROM smp.uncovered_fields(the_client) AS gaps
    WHERE NOT smp.is_waived(the_client, 'required_field:' || gaps.entity || '.' || gaps.field)
        AND NOT EXISTS (
            SELECT FROM review_items AS items
            WHERE items.tenant_id = smp.current_tenant() AND items.client = the_client
                AND items.expectation_id = 'required_field:' || gaps.entity || '.' || gaps.field
                AND items.state IN ('open', 'awaiting_second'))
    UNION ALL
    SELECT smp.holder(
        'coverage', format('%s was not read', unread.source_table),
        'a profile that reads it, or a waiver', 'the pipeline, by settling the version')
    FROM smp.unread_tables(the_client) AS unread
    WHERE NOT smp.is_waived(the_client, 'unread_table:' || unread.source_table)
        AND NOT EXISTS (
            SELECT FROM review_items AS items
            WHERE items.tenant_id = smp.current_tenant() AND items.client = the_client
                AND items.expectation_id = 'unread_table:' || unread.source_table
                AND items.state IN ('open', 'awaiting_second'))
    UNION ALL
    SELECT smp.holder(
        'validation', format('%s.%s to %s.%s: %s of %s rows fail', failed.source_table, failed.source_field,
            failed.canonical_entity, failed.canonical_field, failed.fail_count, failed.test_count),
        'a check that passes, or a waiver', 'the pipeline, by validating again')
    FROM smp.failed_demands(the_client, newest.digest) AS failed
    WHERE NOT smp.is_waived(the_client, failed.expectation_id)
        AND NOT EXISTS (
            SELECT FROM review_items AS items
            WHERE items.tenant_id = smp.current_tenant() AND items.client = the_client
                AND items.expectation_id = failed.expectation_id AND items.state IN ('open', 'awaiting_second'))
$$;

-- Approves in the name of the trust profile where neither the newest run nor the client asks for a person, no
-- demanded check failed and no table is unread, waived or not; whether it did.
CREATE OR REPLACE FUNCTION smp.approve_by_policy(the_client text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    the_row smp.clients := smp.enter_law(the_client);
    newest smp.mapping_versions := smp.newest_version(the_client);
    gate jsonb := smp.gate(the_client);
    answer smp.final_approvals := smp.final_answer(newest);
    last_run smp.pipeline_runs;
BEGIN
    SELECT * INTO last_run FROM pipeline_runs AS runs
    WHERE runs.tenant_id = smp.current_tenant() AND runs.client = the_client
    ORDER BY runs.started_at DESC, runs.id LIMIT 1;
    IF coalesce(the_row.review_required_before_production, true)
        OR coalesce(last_run.review_required_before_production, true) OR newest.id IS NULL
        OR gate -> 'holding_review' <> '[]' OR NOT (gate ->> 'validated')::boolean
        OR answer.id IS NOT NULL
        OR EXISTS (SELECT FROM smp.failed_demands(the_client, newest.digest))
        OR EXISTS (SELECT FROM smp.uncovered_fields(the_client))
        OR EXISTS (SELECT FROM smp.unread_tables(the_client))
    THEN
        RETURN coalesce(answer.approved AND answer.by_policy, false);
    END IF;
    PERFORM smp.answer_final(
        newest, true, 'policy:' || last_run.trust_profile, true, 'the trust profile asks for no person');
    RETURN true;
END $$;

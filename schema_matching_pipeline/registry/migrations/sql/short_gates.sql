-- Whoever only looks at a gate is told the first of thousands of items that hold it, and how many there are besides.

-- The first review items that hold a gate, as many as are asked for; all of them where the number is null.
CREATE FUNCTION smp.holding_items(the_client text, most bigint) RETURNS SETOF jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT smp.holder(
        items.kind,
        CASE
            WHEN items.expectation_id LIKE 'required\_field:%' THEN
                format('%s.%s is required and no column fills it', items.entity, items.field)
            WHEN items.expectation_id LIKE 'unread\_table:%' THEN format('%s was not read', items.source_table)
            ELSE concat(items.source_table, '.', items.source_column, ' to ' || items.entity || '.' || items.field,
                CASE
                    WHEN items.kind = 'validation' THEN ' fails a check'
                    WHEN lacking THEN format(' (has %s)', smp.cut_figure(items.had, smp.digits_of(items.needed)))
                END)
        END,
        concat(
            CASE
                WHEN items.required_approvals > 1 THEN format('%s people''s decision', items.required_approvals)
                ELSE 'a decision'
            END,
            CASE WHEN lacking THEN ', or ' || smp.cut_figure(items.needed, smp.digits_of(items.needed)) END),
        CASE items.state
            WHEN 'awaiting_second' THEN CASE
                WHEN smp.is_disputed(items.client, items.id, items.opened_at)
                    THEN 'a third steward or admin, or one of those who differ'
                ELSE 'another steward or admin than the first'
            END
            ELSE 'a steward or an admin'
        END,
        items.id) || jsonb_build_object('rule', items.reason)
    FROM (
        SELECT * FROM review_items
        WHERE tenant_id = smp.current_tenant() AND client = the_client AND state IN ('open', 'awaiting_second')
        ORDER BY kind, source_table, source_column, id LIMIT most
    ) AS items, LATERAL (SELECT items.kind IN ('mapping', 'classification') AND items.had < items.needed) AS figures (lacking)
    ORDER BY items.kind, items.source_table, items.source_column, items.id
$$;

-- What holds a gate and is no review item, beside that the mapping changed.
CREATE FUNCTION smp.holding_others(the_client text, newest smp.mapping_versions) RETURNS SETOF jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
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
                WHERE items.tenant_id = smp.current_tenant() AND items.client = the_client
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

-- What holds the review gate, of its review items the first ones alone.
CREATE FUNCTION smp.holding_first(the_client text, newest smp.mapping_versions, most bigint) RETURNS SETOF jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT smp.holder(
        'version', format('the mapping changed since version %s', newest.version),
        'a new version', 'the pipeline, by validating again')
    WHERE newest.digest <> smp.mapping_digest(the_client)
    UNION ALL
    SELECT smp.holding_items(the_client, most)
    UNION ALL
    SELECT smp.holding_others(the_client, newest)
$$;

-- As before.
CREATE OR REPLACE FUNCTION smp.holding_review(the_client text, newest smp.mapping_versions) RETURNS SETOF jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT smp.holding_first(the_client, newest, NULL)
$$;

-- Both gates, as smp.gate tells them, with the first review items alone and the number of the others by their kind.
CREATE FUNCTION smp.gate_in_short(the_client text, most bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    newest smp.mapping_versions := smp.newest_version(the_client);
    review jsonb;
    final jsonb := '[]';
    others jsonb := '{}';
BEGIN
    IF newest.id IS NULL THEN
        RETURN smp.gate(the_client);
    END IF;
    SELECT coalesce(jsonb_agg(held), '[]') INTO review FROM smp.holding_first(the_client, newest, most) AS held;
    SELECT coalesce(jsonb_agg(held), '[]') INTO final FROM smp.holding_final(the_client, newest) AS held;
    SELECT coalesce(jsonb_object_agg(kind, waiting - named), '{}') INTO others
    FROM (
        SELECT kind, count(*) AS waiting, (
            SELECT count(*) FROM jsonb_array_elements(review) AS held
            WHERE held ->> 'item_id' IS NOT NULL AND held ->> 'kind' = items.kind) AS named
        FROM review_items AS items
        WHERE tenant_id = smp.current_tenant() AND client = the_client AND state IN ('open', 'awaiting_second')
        GROUP BY kind) AS kinds
    WHERE waiting > named;
    RETURN jsonb_build_object(
        'client', the_client,
        'version', newest.version,
        'digest', newest.digest,
        'validated', coalesce(newest.validated_digest = newest.digest, false),
        'approved', coalesce((smp.final_answer(newest)).approved, false),
        'published_version', (
            SELECT max(version) FROM publications
            WHERE tenant_id = smp.current_tenant() AND client = the_client),
        'holding_review', review,
        'holding_final', final,
        'more_items', others
    );
END $$;

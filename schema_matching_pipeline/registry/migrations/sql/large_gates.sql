-- What keeps a gate closed, of clients for whom thousands of items wait.

CREATE FUNCTION smp.cut_finer(figure double precision, digits integer) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN coalesce(
    (SELECT trunc(figure::text::numeric, shown)::text FROM generate_series(digits, 8) AS shown
     WHERE figure = 0 OR trunc(figure::text::numeric, shown) <> 0 ORDER BY shown LIMIT 1),
    figure::text
);

-- As before; nearly always as many digits as were asked for are enough. What holds no query is made part of the query
-- that calls it, instead of being called for each row.
CREATE OR REPLACE FUNCTION smp.cut_figure(figure double precision, digits integer) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN digits <= 8 AND trunc(figure::text::numeric, digits) <> 0 THEN trunc(figure::text::numeric, digits)::text
    ELSE smp.cut_finer(figure, digits)
END;

-- As before, and as stable as what it calls, so that it too is made part of the query.
CREATE OR REPLACE FUNCTION smp.holder(kind text, what text, needed text, who text, item_id text DEFAULT NULL) RETURNS jsonb
LANGUAGE sql STABLE
RETURN jsonb_build_object('kind', kind, 'what', what, 'needed', needed, 'who', who, 'item_id', item_id);

-- As before; whether a column is asked about is looked up among the items of the client, not of the whole tenant.
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
        CASE
            WHEN items.required_approvals > 1 THEN format('%s people''s decision', items.required_approvals)
            WHEN lacking THEN format('a decision, or %s', smp.cut_figure(items.needed, smp.digits_of(items.needed)))
            ELSE 'a decision'
        END,
        CASE items.state
            WHEN 'awaiting_second' THEN CASE
                WHEN smp.is_disputed(items.client, items.id, items.opened_at)
                    THEN 'a third steward or admin, or one of those who differ'
                ELSE 'another steward or admin than the first'
            END
            ELSE 'a steward or an admin'
        END,
        items.id)
    FROM review_items AS items,
        LATERAL (SELECT items.kind IN ('mapping', 'classification') AND items.had < items.needed) AS figures (lacking)
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

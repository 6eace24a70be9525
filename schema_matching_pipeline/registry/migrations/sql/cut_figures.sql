-- What an item has and needs is written as in canon/figures.py, and only where figures decide: a flagged column and a
-- failed check wait for a person whatever theirs are.

-- The digits of a threshold behind the point, two at least; by its shortest form, in which 0.98 is 0.98.
CREATE FUNCTION smp.digits_of(figure double precision) RETURNS integer
LANGUAGE sql IMMUTABLE
RETURN greatest(2, scale(trim_scale(figure::text::numeric)));

-- A figure, cut and never rounded; with more digits only where fewer would say that there is nothing.
CREATE FUNCTION smp.cut_figure(figure double precision, digits integer) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN coalesce(
    (SELECT trunc(figure::text::numeric, shown)::text FROM generate_series(digits, 8) AS shown
     WHERE figure = 0 OR trunc(figure::text::numeric, shown) <> 0 ORDER BY shown LIMIT 1),
    figure::text
);

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
            WHEN 'awaiting_second' THEN 'another steward or admin than ' || (
                SELECT string_agg(DISTINCT actions.actor, ', ') FROM review_actions AS actions
                WHERE actions.tenant_id = items.tenant_id AND actions.client = items.client
                    AND actions.item_id = items.id)
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

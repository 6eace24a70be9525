-- What a page of one item and one client asks for is found by an index, or read once.

-- As before; each of its three questions about columns is asked of all of them at once, not of one after the other.
CREATE OR REPLACE FUNCTION smp.holding_others(the_client text, newest smp.mapping_versions) RETURNS SETOF jsonb
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
    FROM (
        SELECT waiting.* FROM field_mappings AS waiting
        WHERE waiting.tenant_id = smp.current_tenant() AND waiting.client = the_client AND waiting.status <> 'deprecated'
            AND waiting.disposition = 'pending_review' AND NOT EXISTS (
                SELECT FROM review_items AS items
                WHERE items.tenant_id = smp.current_tenant() AND items.client = the_client
                    AND items.source_table = waiting.source_table AND items.source_column = waiting.source_field
                    AND items.state IN ('open', 'awaiting_second'))
        UNION ALL
        SELECT decided.* FROM field_mappings AS decided
        WHERE decided.tenant_id = smp.current_tenant() AND decided.client = the_client AND decided.status <> 'deprecated'
            AND decided.disposition = 'approved' AND NOT smp.decision_stands(decided)
        UNION ALL
        SELECT accepted.* FROM field_mappings AS accepted
        WHERE accepted.tenant_id = smp.current_tenant() AND accepted.client = the_client
            AND accepted.status <> 'deprecated' AND accepted.disposition = 'auto_accepted' AND NOT EXISTS (
                SELECT FROM clients
                JOIN canonical_models AS models
                    ON models.tenant_id = clients.tenant_id AND models.name = clients.canonical_model AND models.is_current
                JOIN canonical_fields AS fields
                    ON fields.tenant_id = models.tenant_id AND fields.model_id = models.id
                WHERE clients.tenant_id = smp.current_tenant() AND clients.slug = the_client
                    AND fields.entity = accepted.canonical_entity AND fields.field = accepted.canonical_field)
    ) AS mappings
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


-- What validation said of one column.
CREATE INDEX mapping_validation_results_column_idx ON smp.mapping_validation_results
    (tenant_id, client, source_table, source_field);

-- Accepted mappings to a field, and those of columns of one name, over all clients.
CREATE INDEX field_mappings_accepted_idx ON smp.field_mappings (tenant_id, canonical_entity, canonical_field)
    WHERE status = 'active' AND disposition IN ('auto_accepted', 'approved') AND canonical_field IS NOT NULL;
CREATE INDEX field_mappings_named_idx ON smp.field_mappings (tenant_id, source_field)
    WHERE status = 'active' AND disposition IN ('auto_accepted', 'approved') AND canonical_field IS NOT NULL;

-- Which required fields a client fills: asked after each decision.
CREATE INDEX field_mappings_filling_idx ON smp.field_mappings (tenant_id, client, canonical_entity, canonical_field)
    INCLUDE (disposition, status, source_table);

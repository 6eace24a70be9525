-- After each decision it is asked what is missing, while everybody else in the tenant who decides waits: once, and by indexes.

CREATE INDEX review_items_expectation_idx ON smp.review_items (tenant_id, client, expectation_id)
    WHERE expectation_id IS NOT NULL;

-- As before; which table of an entity is the main one is asked of those entities alone that lack a field.
CREATE OR REPLACE FUNCTION smp.uncovered_fields(the_client text)
RETURNS TABLE (entity text, field text, risk_class text, definition_hash text, source_table text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT fields.entity, fields.field, fields.risk_class, fields.definition_hash, mapped.main_table
    FROM clients
    JOIN canonical_models AS models
        ON models.tenant_id = clients.tenant_id AND models.name = clients.canonical_model AND models.is_current
    JOIN canonical_fields AS fields ON fields.tenant_id = models.tenant_id AND fields.model_id = models.id
    CROSS JOIN LATERAL (
        SELECT mode() WITHIN GROUP (ORDER BY mappings.source_table) AS main_table
        FROM field_mappings AS mappings
        WHERE mappings.tenant_id = smp.current_tenant() AND mappings.client = the_client
            AND mappings.canonical_entity = fields.entity
            AND mappings.disposition IN ('auto_accepted', 'approved') AND mappings.status = 'active'
    ) AS mapped
    WHERE clients.tenant_id = smp.current_tenant() AND clients.slug = the_client AND fields.required
        AND NOT EXISTS (
            SELECT FROM field_mappings AS mappings
            WHERE mappings.tenant_id = smp.current_tenant() AND mappings.client = the_client
                AND mappings.canonical_entity = fields.entity AND mappings.canonical_field = fields.field
                AND mappings.disposition IN ('auto_accepted', 'approved', 'pending_review')
                AND mappings.status <> 'deprecated'
        )
        AND mapped.main_table IS NOT NULL
    ORDER BY fields.entity, fields.position
$$;

-- As before, each question asked once.
CREATE OR REPLACE FUNCTION smp.ask_about_gaps(the_client text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    missing text[];
BEGIN
    WITH gaps AS MATERIALIZED (
        SELECT uncovered.*, 'required_field:' || uncovered.entity || '.' || uncovered.field AS expectation
        FROM smp.uncovered_fields(the_client) AS uncovered
    ), asked AS (
        INSERT INTO review_items (tenant_id, client, id, kind, source_table, source_column, entity, field,
            risk_class, reason, needed, had, expectation_id, approval_hash)
        SELECT smp.current_tenant(), the_client,
            left(encode(sha256(convert_to(concat_ws('/', 'gap', the_client, definition_hash), 'UTF8')), 'hex'), 32),
            'validation', source_table, '', entity, field, risk_class,
            format('%s.%s is required and no column fills it.', entity, field), 1, 0, expectation, definition_hash
        FROM gaps
        ON CONFLICT (tenant_id, client, id) DO UPDATE SET state = 'open', decided_by = NULL, decided_at = NULL
        WHERE review_items.state = 'withdrawn'
    )
    SELECT coalesce(array_agg(expectation), '{}') INTO missing FROM gaps;

    UPDATE review_items SET state = 'withdrawn'
    WHERE tenant_id = smp.current_tenant() AND client = the_client AND kind = 'validation'
        AND expectation_id LIKE 'required\_field:%' AND state IN ('open', 'awaiting_second')
        AND expectation_id <> ALL (missing);

    WITH gaps AS MATERIALIZED (
        SELECT unread.*, 'unread_table:' || unread.source_table AS expectation
        FROM smp.unread_tables(the_client) AS unread
    ), asked AS (
        INSERT INTO review_items (tenant_id, client, id, kind, source_table, source_column, risk_class, reason, needed,
            had, expectation_id, approval_hash)
        SELECT smp.current_tenant(), the_client,
            left(encode(sha256(convert_to(concat_ws('/', 'unread', the_client, source_table), 'UTF8')), 'hex'), 32),
            'validation', source_table, '', 'critical', why, 0, 0, expectation, expectation
        FROM gaps
        ON CONFLICT (tenant_id, client, id) DO UPDATE
        SET state = 'open', reason = EXCLUDED.reason, decided_by = NULL, decided_at = NULL
        WHERE review_items.state = 'withdrawn'
    )
    SELECT coalesce(array_agg(expectation), '{}') INTO missing FROM gaps;

    -- A table that is read again is no gap any more, and if it fails another time, people are asked another time.
    UPDATE review_items SET state = 'withdrawn'
    WHERE tenant_id = smp.current_tenant() AND client = the_client AND kind = 'validation'
        AND expectation_id LIKE 'unread\_table:%' AND state <> 'withdrawn' AND expectation_id <> ALL (missing);
END $$;

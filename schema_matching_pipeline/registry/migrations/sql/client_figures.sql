-- How clients stand is counted anew for those alone of which something changed since.
--
-- Whoever changes what is counted leaves a note, which nobody waits for. Whoever counts holds the client's figures, counts
-- what his statement sees, and takes away the notes that the same statement sees: what commits later leaves a note that
-- stays. So figures without a note are those of the registry as it is.

CREATE TABLE smp.client_figures (
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    figures JSONB,
    CONSTRAINT client_figures_pkey PRIMARY KEY (tenant_id, client),
    CONSTRAINT client_figures_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES smp.tenants (id)
);
COMMENT ON TABLE smp.client_figures IS 'closed: how each client stands, as it was counted last; true while there is no note of a change';

CREATE TABLE smp.client_changes (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    CONSTRAINT client_changes_pkey PRIMARY KEY (id),
    CONSTRAINT client_changes_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES smp.tenants (id)
);
CREATE INDEX client_changes_client_idx ON smp.client_changes (client, tenant_id);
COMMENT ON TABLE smp.client_changes IS 'closed: notes that what is counted of a client changed';

DO $$
DECLARE
    the_table text;
BEGIN
    FOREACH the_table IN ARRAY ARRAY['client_figures', 'client_changes'] LOOP
        EXECUTE format('ALTER TABLE smp.%I ENABLE ROW LEVEL SECURITY', the_table);
        EXECUTE format('ALTER TABLE smp.%I FORCE ROW LEVEL SECURITY', the_table);
        EXECUTE format(
            'CREATE POLICY tenant_isolation ON smp.%I'
            ' USING (tenant_id = smp.current_tenant()) WITH CHECK (tenant_id = smp.current_tenant())', the_table);
    END LOOP;
END $$;

CREATE FUNCTION smp.note_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
BEGIN
    INSERT INTO client_changes (tenant_id, client) SELECT DISTINCT tenant_id, client FROM changed_rows;
    RETURN NULL;
END $$;

DO $$
DECLARE
    counted text;
BEGIN
    FOREACH counted IN ARRAY ARRAY['review_items', 'field_mappings', 'table_profiles', 'column_profiles'] LOOP
        EXECUTE format('CREATE TRIGGER note_created AFTER INSERT ON smp.%I REFERENCING NEW TABLE AS changed_rows'
            ' FOR EACH STATEMENT EXECUTE FUNCTION smp.note_change()', counted);
        EXECUTE format('CREATE TRIGGER note_updated AFTER UPDATE ON smp.%I REFERENCING NEW TABLE AS changed_rows'
            ' FOR EACH STATEMENT EXECUTE FUNCTION smp.note_change()', counted);
        EXECUTE format('CREATE TRIGGER note_deleted AFTER DELETE ON smp.%I REFERENCING OLD TABLE AS changed_rows'
            ' FOR EACH STATEMENT EXECUTE FUNCTION smp.note_change()', counted);
    END LOOP;
END $$;

-- The figures of some clients, counted. A column is settled when nobody is asked about it any more; those that hold
-- nothing count for columns, not for values.
CREATE FUNCTION smp.counted_standing(clients text[]) RETURNS TABLE (client text, figures jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    WITH people AS (
        SELECT items.client, count(*) FILTER (WHERE holds) AS waiting,
            count(*) FILTER (WHERE holds AND risk_class = 'critical') AS critical,
            count(*) FILTER (WHERE state = 'awaiting_second') AS second,
            count(*) FILTER (WHERE NOT holds) AS spot_checks,
            min(opened_at) FILTER (WHERE holds) AS oldest, max(opened_at) FILTER (WHERE holds) AS newest,
            max(opened_at) FILTER (WHERE holds AND risk_class = 'critical') AS newest_critical
        FROM review_items AS items,
            LATERAL (SELECT items.state <> 'spot_check' AS holds) AS kinds  -- a spot check waits, and nothing waits for it
        WHERE tenant_id = smp.current_tenant() AND items.client = ANY (clients)
            AND state IN ('open', 'awaiting_second', 'spot_check')
        GROUP BY items.client
    ), asked AS (
        SELECT DISTINCT items.client, source_table, source_column FROM review_items AS items
        WHERE tenant_id = smp.current_tenant() AND items.client = ANY (clients) AND state IN ('open', 'awaiting_second')
            AND kind <> 'validation'
    ), newest AS (
        SELECT one.client, found.snapshot_id FROM unnest(clients) AS one (client)
        CROSS JOIN LATERAL (
            SELECT snapshot_id FROM table_profiles
            WHERE tenant_id = smp.current_tenant() AND table_profiles.client = one.client ORDER BY id DESC LIMIT 1) AS found
    ), profiled AS MATERIALIZED (  -- else each column is looked up by itself
        SELECT newest.client, table_name, column_name, row_count - null_count AS held
        FROM newest JOIN column_profiles AS profiles
            ON profiles.tenant_id = smp.current_tenant() AND profiles.snapshot_id = newest.snapshot_id
    ), mapping AS (
        SELECT mappings.client, count(*) AS columns,
            count(*) FILTER (WHERE canonical_field IS NOT NULL AND is_settled) AS mapped,
            count(*) FILTER (WHERE is_settled) AS settled, coalesce(sum(filled), 0) AS filled,
            coalesce(sum(filled) FILTER (WHERE is_settled), 0) AS filled_settled
        FROM field_mappings AS mappings
        LEFT JOIN asked ON (asked.client, asked.source_table, asked.source_column)
            = (mappings.client, mappings.source_table, mappings.source_field)
        LEFT JOIN profiled ON (profiled.client, profiled.table_name, profiled.column_name)
            = (mappings.client, mappings.source_table, mappings.source_field)
        CROSS JOIN LATERAL (SELECT
            mappings.disposition <> 'pending_review' AND asked.client IS NULL AS is_settled,
            CASE WHEN profiled.client IS NOT NULL THEN profiled.held ELSE (
                SELECT earlier.row_count - earlier.null_count FROM column_profiles AS earlier
                WHERE earlier.tenant_id = smp.current_tenant() AND earlier.client = mappings.client
                    AND earlier.table_name = mappings.source_table AND earlier.column_name = mappings.source_field
                ORDER BY earlier.id DESC LIMIT 1) END AS filled) AS state
        WHERE mappings.tenant_id = smp.current_tenant() AND mappings.client = ANY (clients)
            AND mappings.status <> 'deprecated'
        GROUP BY mappings.client
    )
    SELECT one.client,
        CASE WHEN people.client IS NULL THEN '{}' ELSE to_jsonb(people) - 'client' END
        || CASE WHEN mapping.client IS NULL THEN '{}' ELSE to_jsonb(mapping) - 'client' END
    FROM unnest(clients) AS one (client)
    LEFT JOIN people ON people.client = one.client
    LEFT JOIN mapping ON mapping.client = one.client
$$;

-- Brings the figures of all clients, or of some, up to what this transaction sees.
CREATE FUNCTION smp.count_standing(among text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    stale text[];
BEGIN
    stale := smp.miscounted(among);
    IF stale IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO client_figures (client) SELECT unnest(stale) ON CONFLICT DO NOTHING;
    PERFORM FROM client_figures
    WHERE tenant_id = smp.current_tenant() AND client = ANY (stale) ORDER BY client FOR UPDATE;
    stale := smp.miscounted(stale);  -- another may have counted while this one waited
    IF stale IS NULL THEN
        RETURN;
    END IF;
    WITH noted AS (
        DELETE FROM client_changes WHERE tenant_id = smp.current_tenant() AND client = ANY (stale)
    )
    UPDATE client_figures SET figures = counted.figures
    FROM smp.counted_standing(stale) AS counted
    WHERE client_figures.tenant_id = smp.current_tenant() AND client_figures.client = counted.client;
END $$;

-- Those of all clients, or of some, whose figures are not those of the registry; null where there is none.
CREATE FUNCTION smp.miscounted(among text[]) RETURNS text[]
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT array_agg(slug ORDER BY slug) FROM clients
    WHERE tenant_id = smp.current_tenant() AND (among IS NULL OR slug = ANY (among))
        AND (EXISTS (
                SELECT FROM client_changes AS noted
                WHERE noted.tenant_id = clients.tenant_id AND noted.client = clients.slug)
            OR NOT EXISTS (
                SELECT FROM client_figures AS known
                WHERE known.tenant_id = clients.tenant_id AND known.client = clients.slug AND known.figures IS NOT NULL))
$$;

-- Row-level security on every table that has a tenant, forced: it holds for the owner too.

DO $$
DECLARE
    tenant_table regclass;
BEGIN
    FOR tenant_table IN
        SELECT attrelid FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = 'smp'::regnamespace AND relkind = 'r' AND attname = 'tenant_id'
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format(
            'CREATE POLICY tenant_isolation ON %s'
            ' USING (tenant_id = smp.current_tenant()) WITH CHECK (tenant_id = smp.current_tenant())',
            tenant_table
        );
    END LOOP;
END $$;

-- The owner alone may read clients across tenants: three functions below need to know whose a client is.
CREATE POLICY owner_finds_the_tenant ON smp.clients FOR SELECT TO CURRENT_USER USING (true);

-- The newest profiling of each client; history stays in the tables.
CREATE VIEW smp.current_table_profiles WITH (security_invoker = true) AS
SELECT DISTINCT ON (profiles.tenant_id, profiles.client, profiles.table_name) profiles.*
FROM smp.table_profiles AS profiles
WHERE profiles.snapshot_id = (
    SELECT newest.snapshot_id FROM smp.table_profiles AS newest
    WHERE newest.tenant_id = profiles.tenant_id AND newest.client = profiles.client
    ORDER BY newest.id DESC LIMIT 1
)
ORDER BY profiles.tenant_id, profiles.client, profiles.table_name, profiles.id DESC;

CREATE VIEW smp.current_column_profiles WITH (security_invoker = true) AS
SELECT DISTINCT ON (profiles.tenant_id, profiles.client, profiles.table_name, profiles.column_name) profiles.*
FROM smp.column_profiles AS profiles
WHERE profiles.snapshot_id = (
    SELECT newest.snapshot_id FROM smp.table_profiles AS newest
    WHERE newest.tenant_id = profiles.tenant_id AND newest.client = profiles.client
    ORDER BY newest.id DESC LIMIT 1
)
ORDER BY profiles.tenant_id, profiles.client, profiles.table_name, profiles.column_name, profiles.id DESC;

-- Cross-tenant knowledge, and no more of it than this. ------------------------------------------------------

CREATE FUNCTION smp.tenant_of_client(the_client text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
RETURN (SELECT tenant_id FROM smp.clients WHERE slug = the_client);

CREATE FUNCTION smp.tenant_by_name(the_name text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
RETURN (SELECT id FROM smp.tenants WHERE name = the_name);

CREATE FUNCTION smp.ensure_tenant(the_name text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
BEGIN
    INSERT INTO tenants (name) VALUES (the_name) ON CONFLICT (name) DO NOTHING;
    RETURN smp.tenant_by_name(the_name);
END $$;

CREATE FUNCTION smp.all_clients() RETURNS TABLE (slug text, tenant_id uuid, active boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$ SELECT slug, tenant_id, active FROM smp.clients ORDER BY slug $$;

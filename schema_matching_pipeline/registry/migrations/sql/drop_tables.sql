-- Takes the first revision back: every table, view and function, but not Alembic's own table.

DO $$
DECLARE
    found regclass;
BEGIN
    FOR found IN
        SELECT oid FROM pg_class
        WHERE relnamespace = 'smp'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
    LOOP
        EXECUTE format('DROP TABLE IF EXISTS %s CASCADE', found);
    END LOOP;
END $$;

DROP ROUTINE IF EXISTS
    smp.tenant_of_client, smp.tenant_by_name, smp.ensure_tenant, smp.all_clients,
    smp.current_tenant, smp.current_actor CASCADE;

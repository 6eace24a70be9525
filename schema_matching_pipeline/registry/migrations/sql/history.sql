-- Row versions and the history of mappings.

CREATE FUNCTION smp.touch() RETURNS trigger
LANGUAGE plpgsql SET search_path = smp, pg_temp
AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END $$;

-- A write that changes nothing leaves no trace: "a_" comes first, because triggers fire in the order of names.
DO $$
DECLARE
    kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY[
        'users', 'connector_definitions', 'connections', 'clients', 'entity_policies', 'field_mappings',
        'review_items', 'pipeline_runs', 'run_requests'
    ] LOOP
        EXECUTE format(
            'CREATE TRIGGER a_unchanged BEFORE UPDATE ON smp.%I'
            ' FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()', kept);
        EXECUTE format(
            'CREATE TRIGGER touch BEFORE UPDATE ON smp.%I FOR EACH ROW EXECUTE FUNCTION smp.touch()', kept);
    END LOOP;
END $$;

CREATE FUNCTION smp.keep_mapping_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
BEGIN
    INSERT INTO field_mapping_versions
        (tenant_id, field_mapping_id, client, source_table, source_field, version, mapping, replaced_by)
    SELECT tenant_id, id, client, source_table, source_field, version, to_jsonb(old_rows), smp.current_actor()
    FROM old_rows;
    RETURN NULL;
END $$;

CREATE TRIGGER history_updated AFTER UPDATE ON smp.field_mappings REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION smp.keep_mapping_history();
CREATE TRIGGER history_deleted AFTER DELETE ON smp.field_mappings REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION smp.keep_mapping_history();

-- Whoever is asked about a column is told where another one of its table has the suggested field by now.

-- Whether several columns of a table may fill the field.
CREATE FUNCTION smp.admits_many(the_client text, the_entity text, the_field text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM smp.definition_of(the_client, the_entity, the_field) AS definition
        JOIN entity_schemas AS schemas
            ON schemas.tenant_id = definition.tenant_id AND schemas.id = definition.entity_schema_id,
            jsonb_array_elements(schemas.schema_definition -> 'fields') AS fields (it)
        WHERE it ->> 'name' = the_field AND it -> 'one_source' = 'false')
$$;

-- The other column of the table that fills the field already, where it admits one; null where none does.
CREATE FUNCTION smp.taken_by(the_client text, the_table text, the_column text, the_entity text, the_field text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT source_field FROM field_mappings
    WHERE tenant_id = smp.current_tenant() AND client = the_client AND source_table = the_table
        AND source_field <> the_column AND (canonical_entity, canonical_field) = (the_entity, the_field)
        AND disposition IN ('auto_accepted', 'approved') AND status <> 'deprecated'
        AND NOT smp.admits_many(the_client, the_entity, the_field)
    ORDER BY source_field LIMIT 1
$$;

-- Why a column may not be given a field; null where it may.
CREATE OR REPLACE FUNCTION smp.objection_to_map(mapping smp.field_mappings, the_entity text, the_field text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    place text := mapping.client || ' ' || smp.named(mapping.source_table, mapping.source_field);
    definition smp.canonical_fields := smp.definition_of(mapping.client, the_entity, the_field);
    rival smp.field_mappings;
    waiting text;
BEGIN
    IF definition.id IS NULL THEN
        RETURN format('There is no field %s.%s in the canonical model of client %s.',
            the_entity, the_field, mapping.client);
    ELSIF mapping.disposition = 'excluded' THEN
        RETURN format('Column %s is left out. Take it in first: smp review include %s --reason WHY',
            smp.named(mapping.source_table, mapping.source_field), place);
    END IF;

    SELECT * INTO rival FROM field_mappings
    WHERE tenant_id = mapping.tenant_id AND client = mapping.client AND source_table = mapping.source_table
        AND source_field <> mapping.source_field AND (canonical_entity, canonical_field) = (the_entity, the_field)
        AND disposition IN ('auto_accepted', 'approved', 'pending_review') AND status <> 'deprecated'
    ORDER BY disposition, source_field LIMIT 1;
    IF rival.id IS NULL OR smp.admits_many(mapping.client, the_entity, the_field) THEN
        RETURN NULL;
    END IF;
    SELECT left(id, 10) INTO waiting FROM review_items
    WHERE tenant_id = rival.tenant_id AND client = rival.client AND source_table = rival.source_table
        AND source_column = rival.source_field AND kind <> 'validation' AND state IN ('open', 'awaiting_second')
    ORDER BY id LIMIT 1;
    RETURN format(
        'Field %s.%s is taken in this table: column %s %s. %s', the_entity, the_field,
        smp.named(rival.source_table, rival.source_field),
        CASE WHEN waiting IS NULL THEN 'fills it' ELSE 'waits for a decision about it' END,
        CASE
            WHEN waiting IS NULL THEN format('Leave that one out first: smp review exclude %s %s --reason WHY',
                rival.client, smp.named(rival.source_table, rival.source_field))
            ELSE format('Decide that first: smp review override %s --nothing --reason WHY', waiting)
        END);
END $$;

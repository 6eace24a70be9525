-- A column whose rule computes it from others is no column of the source: its mapping is a computed one.

CREATE OR REPLACE FUNCTION smp.guard_mapping() RETURNS trigger
LANGUAGE plpgsql SET search_path = smp, pg_temp
AS $$
DECLARE
    by_law boolean := smp.acts_for_the_law();
    routed boolean := TG_OP = 'INSERT';
    definition smp.canonical_fields;
    steps jsonb;
BEGIN
    steps := CASE jsonb_typeof(NEW.transformation_rule -> 'steps')
        WHEN 'array' THEN NEW.transformation_rule -> 'steps' ELSE '[]' END;
    NEW.coercion_function := coalesce(NEW.transformation_rule ->> 'cast', (
        SELECT string_agg(step ->> 'step', ',' ORDER BY place)
        FROM jsonb_array_elements(steps) WITH ORDINALITY AS listed (step, place)));
    NEW.mapping_type := CASE
        WHEN jsonb_typeof(NEW.transformation_rule -> 'computed') = 'object' THEN 'computed'
        WHEN steps <> '[]' THEN 'transformed'
        WHEN NEW.mapping_type IN ('computed', 'transformed') THEN 'direct'
        ELSE NEW.mapping_type
    END;
    IF TG_OP = 'INSERT' THEN
        NEW.version := 1;
        SELECT connections.id, connections.connector_id INTO NEW.connection_id, NEW.connector_id
        FROM clients JOIN connections ON connections.id = clients.connection_id
        WHERE clients.tenant_id = NEW.tenant_id AND clients.slug = NEW.client;
        NEW.created_by := (smp.acting_person()).id;
    ELSE
        IF (NEW.id, NEW.tenant_id, NEW.client, NEW.source_table, NEW.source_field)
            IS DISTINCT FROM (OLD.id, OLD.tenant_id, OLD.client, OLD.source_table, OLD.source_field) THEN
            RAISE EXCEPTION 'A mapping stays with its column.' USING ERRCODE = 'insufficient_privilege';
        END IF;
        routed := (NEW.disposition, NEW.canonical_entity, NEW.canonical_field, NEW.transformation_rule,
                NEW.coercion_function, NEW.mapping_type, NEW.approval_hash, NEW.confidence_score,
                NEW.required_threshold, NEW.decided_by, NEW.decided_at)
            IS DISTINCT FROM (OLD.disposition, OLD.canonical_entity, OLD.canonical_field, OLD.transformation_rule,
                OLD.coercion_function, OLD.mapping_type, OLD.approval_hash, OLD.confidence_score,
                OLD.required_threshold, OLD.decided_by, OLD.decided_at);
        NEW.version := OLD.version + 1;
        NEW.updated_by := (smp.acting_person()).id;
    END IF;

    IF routed AND NOT by_law THEN
        IF TG_OP = 'UPDATE' AND OLD.decided_by IS NOT NULL THEN
            IF NEW.approval_hash = OLD.approval_hash AND smp.decision_stands(OLD) THEN
                RAISE EXCEPTION 'Column %.% was decided by % and stays so while its data do.',
                    OLD.source_table, OLD.source_field, OLD.decided_by USING ERRCODE = 'insufficient_privilege';
            END IF;
            IF (NEW.decided_by, NEW.decided_at) IS NOT DISTINCT FROM (OLD.decided_by, OLD.decided_at) THEN
                NEW.decided_by := NULL;
                NEW.decided_at := NULL;
            END IF;
        END IF;
        IF NEW.disposition IN ('approved', 'rejected') OR num_nonnulls(NEW.decided_by, NEW.decided_at) > 0 THEN
            RAISE EXCEPTION 'Only a person''s decision approves or rejects a mapping; see smp.decide_item.'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;

    IF NEW.canonical_field IS NULL THEN
        NEW.entity_schema_id := NULL;
        NEW.canonical_data_type := NULL;
    ELSIF routed THEN
        definition := smp.definition_of(NEW.client, NEW.canonical_entity, NEW.canonical_field);
        IF definition.id IS NULL THEN
            RAISE EXCEPTION 'There is no field %.% in the canonical model of client %.',
                NEW.canonical_entity, NEW.canonical_field, NEW.client USING ERRCODE = 'SMP04';
        END IF;
        NEW.entity_schema_id := definition.entity_schema_id;
        NEW.canonical_data_type := definition.data_type;
        -- An entity that nobody set a threshold for needs certainty.
        NEW.required_threshold := greatest(NEW.required_threshold, coalesce(
            (SELECT effective_threshold FROM entity_policies
             WHERE tenant_id = NEW.tenant_id AND client = NEW.client AND entity = NEW.canonical_entity), 1.0));
    END IF;

    IF NEW.status <> 'deprecated' THEN
        NEW.status := CASE NEW.disposition WHEN 'pending_review' THEN 'pending_review' ELSE 'active' END;
    END IF;
    RETURN NEW;
END $$;

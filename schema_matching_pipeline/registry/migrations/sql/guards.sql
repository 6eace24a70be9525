-- What the application role may write into a mapping or an item, row by row. Decisions are not among it.

-- Whether a statement runs inside a law function: those belong to the owner of the schema and run as him.
CREATE FUNCTION smp.acts_for_the_law() RETURNS boolean
LANGUAGE sql STABLE SET search_path = smp, pg_temp
RETURN current_user = (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'smp');

-- The present definition of a canonical field in the model a client maps to; null where there is none.
CREATE FUNCTION smp.definition_of(the_client text, the_entity text, the_field text) RETURNS smp.canonical_fields
LANGUAGE sql STABLE SET search_path = smp, pg_temp
AS $$
    SELECT fields
    FROM clients
    JOIN canonical_models AS models
        ON models.tenant_id = clients.tenant_id AND models.name = clients.canonical_model AND models.is_current
    JOIN canonical_fields AS fields ON fields.tenant_id = models.tenant_id AND fields.model_id = models.id
    WHERE clients.tenant_id = smp.current_tenant() AND clients.slug = the_client
        AND fields.entity = the_entity AND fields.field = the_field
$$;

-- Whether what a person decided about a column still holds: the decision was about this hash, and its target
-- means what it meant.
CREATE FUNCTION smp.decision_stands(mapping smp.field_mappings) RETURNS boolean
LANGUAGE sql STABLE SET search_path = smp, pg_temp
RETURN mapping.disposition = 'rejected' OR EXISTS (
    SELECT FROM smp.item_approvals AS approvals
    WHERE approvals.tenant_id = mapping.tenant_id AND approvals.client = mapping.client
        AND approvals.source_table = mapping.source_table AND approvals.source_column = mapping.source_field
        AND approvals.approval_hash = mapping.approval_hash AND approvals.revoked_at IS NULL
        AND approvals.entity IS NOT DISTINCT FROM mapping.canonical_entity
        AND approvals.field IS NOT DISTINCT FROM mapping.canonical_field
        AND (
            approvals.entity IS NULL
            OR approvals.definition_hash =
                (smp.definition_of(mapping.client, mapping.canonical_entity, mapping.canonical_field)).definition_hash
        )
);

CREATE FUNCTION smp.guard_mapping() RETURNS trigger
LANGUAGE plpgsql SET search_path = smp, pg_temp
AS $$
DECLARE
    by_law boolean := smp.acts_for_the_law();
    routed boolean := TG_OP = 'INSERT';
    definition smp.canonical_fields;
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.version := 1;
        SELECT connections.id, connections.connector_id INTO NEW.connection_id, NEW.connector_id
        FROM clients JOIN connections ON connections.id = clients.connection_id
        WHERE clients.tenant_id = NEW.tenant_id AND clients.slug = NEW.client;
        NEW.created_by := (SELECT id FROM users WHERE tenant_id = NEW.tenant_id AND login = smp.current_actor());
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
        NEW.updated_by := (SELECT id FROM users WHERE tenant_id = NEW.tenant_id AND login = smp.current_actor());
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

CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON smp.field_mappings
    FOR EACH ROW EXECUTE FUNCTION smp.guard_mapping();

CREATE FUNCTION smp.guard_item() RETURNS trigger
LANGUAGE plpgsql SET search_path = smp, pg_temp
AS $$
DECLARE
    by_law boolean := smp.acts_for_the_law();
BEGIN
    -- A demanded check of a critical entity is waived by two people.
    IF NEW.kind = 'validation' AND NEW.risk_class = 'critical' AND NEW.source_column <> '' THEN
        NEW.required_approvals := greatest(NEW.required_approvals, 2);
    END IF;
    IF TG_OP = 'INSERT' THEN
        NEW.row_version := 1;
        IF NOT by_law AND (NEW.state <> 'open' OR num_nonnulls(NEW.decided_by, NEW.decided_at) > 0) THEN
            RAISE EXCEPTION 'A review item begins open.' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;

    IF (NEW.tenant_id, NEW.client, NEW.id, NEW.kind, NEW.source_table, NEW.source_column)
        IS DISTINCT FROM (OLD.tenant_id, OLD.client, OLD.id, OLD.kind, OLD.source_table, OLD.source_column) THEN
        RAISE EXCEPTION 'A review item stays with its column.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT by_law THEN
        NEW.required_approvals := greatest(NEW.required_approvals, OLD.required_approvals);
        IF OLD.state IN ('approved', 'rejected', 'overridden')
            AND (NEW.state <> 'withdrawn'
                OR to_jsonb(NEW) - '{state,updated_at}'::text[] <> to_jsonb(OLD) - '{state,updated_at}'::text[]) THEN
            RAISE EXCEPTION 'Item % was decided by %; it can only be withdrawn.', OLD.id, OLD.decided_by
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF NEW.state <> OLD.state AND NEW.state NOT IN ('open', 'withdrawn') THEN
            RAISE EXCEPTION 'Only a person''s decision closes item %; see smp.decide_item.', OLD.id
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF NEW.state = 'open' AND OLD.state = 'withdrawn' THEN
            NEW.decided_by := NULL;
            NEW.decided_at := NULL;
        ELSIF (NEW.decided_by, NEW.decided_at) IS DISTINCT FROM (OLD.decided_by, OLD.decided_at) THEN
            RAISE EXCEPTION 'Only a person''s decision closes item %; see smp.decide_item.', OLD.id
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    NEW.row_version := OLD.row_version + 1;
    RETURN NEW;
END $$;

CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON smp.review_items
    FOR EACH ROW EXECUTE FUNCTION smp.guard_item();

CREATE FUNCTION smp.guard_transition() RETURNS trigger
LANGUAGE plpgsql SET search_path = smp, pg_temp
AS $$
DECLARE
    state_before text := CASE TG_OP WHEN 'UPDATE' THEN OLD.state ELSE 'none' END;
BEGIN
    IF NEW.state = state_before OR (TG_OP = 'INSERT' AND NEW.state = 'pending') OR EXISTS (
        SELECT FROM pipeline_transitions AS steps WHERE steps.present = state_before AND steps.wanted = NEW.state
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'The pipeline of client % is % and cannot become %.', NEW.client, state_before, NEW.state
        USING ERRCODE = 'SMP05', DETAIL = concat_ws('/', NEW.client, state_before, NEW.state);
END $$;

CREATE TRIGGER guard BEFORE INSERT OR UPDATE OF state ON smp.pipeline_runs
    FOR EACH ROW EXECUTE FUNCTION smp.guard_transition();

INSERT INTO smp.pipeline_transitions (present, wanted) VALUES
    ('pending', 'failed'),
    ('pending', 'profiling'),
    ('profiling', 'failed'),
    ('profiling', 'profiling'),
    ('profiling', 'quality_check'),
    ('quality_check', 'classifying'),
    ('quality_check', 'failed'),
    ('quality_check', 'profiling'),
    ('quality_check', 'quality_check'),
    ('classifying', 'classifying'),
    ('classifying', 'failed'),
    ('classifying', 'matching'),
    ('classifying', 'profiling'),
    ('classifying', 'quality_check'),
    ('matching', 'classifying'),
    ('matching', 'failed'),
    ('matching', 'matching'),
    ('matching', 'profiling'),
    ('matching', 'quality_check'),
    ('matching', 'validating'),
    ('validating', 'awaiting_approval'),
    ('validating', 'awaiting_review'),
    ('validating', 'classifying'),
    ('validating', 'failed'),
    ('validating', 'matching'),
    ('validating', 'profiling'),
    ('validating', 'quality_check'),
    ('validating', 'validating'),
    ('awaiting_review', 'awaiting_approval'),
    ('awaiting_review', 'awaiting_review'),
    ('awaiting_review', 'classifying'),
    ('awaiting_review', 'failed'),
    ('awaiting_review', 'matching'),
    ('awaiting_review', 'profiling'),
    ('awaiting_review', 'quality_check'),
    ('awaiting_review', 'validating'),
    ('awaiting_approval', 'awaiting_approval'),
    ('awaiting_approval', 'awaiting_review'),
    ('awaiting_approval', 'classifying'),
    ('awaiting_approval', 'completed'),
    ('awaiting_approval', 'failed'),
    ('awaiting_approval', 'matching'),
    ('awaiting_approval', 'profiling'),
    ('awaiting_approval', 'quality_check'),
    ('awaiting_approval', 'validating'),
    ('completed', 'awaiting_approval'),
    ('completed', 'awaiting_review'),
    ('completed', 'classifying'),
    ('completed', 'completed'),
    ('completed', 'failed'),
    ('completed', 'matching'),
    ('completed', 'profiling'),
    ('completed', 'quality_check'),
    ('completed', 'validating'),
    ('failed', 'awaiting_approval'),
    ('failed', 'awaiting_review'),
    ('failed', 'classifying'),
    ('failed', 'failed'),
    ('failed', 'matching'),
    ('failed', 'pending'),
    ('failed', 'profiling'),
    ('failed', 'quality_check'),
    ('failed', 'validating');

-- Every table of the first revision. Row-level security, grants and functions follow in files of their own.

CREATE TABLE smp.field_mapping_versions (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    field_mapping_id UUID NOT NULL,
    client TEXT NOT NULL,
    source_table TEXT NOT NULL,
    source_field TEXT NOT NULL,
    version INTEGER NOT NULL,
    mapping JSONB NOT NULL,
    replaced_by TEXT,
    replaced_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT field_mapping_versions_pkey PRIMARY KEY (id)
);

CREATE INDEX field_mapping_versions_mapping_idx ON smp.field_mapping_versions (field_mapping_id, version, tenant_id);

COMMENT ON TABLE smp.field_mapping_versions IS 'closed: how each mapping stood before each change; outlives the mapping';

CREATE TABLE smp.installation (
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT installation_pkey PRIMARY KEY (key)
);

CREATE TABLE smp.pipeline_transitions (
    present TEXT NOT NULL,
    wanted TEXT NOT NULL,
    CONSTRAINT pipeline_transitions_pkey PRIMARY KEY (present, wanted),
    CONSTRAINT pipeline_transitions_present_check CHECK (present IN ('pending', 'profiling', 'quality_check', 'classifying', 'matching', 'validating', 'awaiting_review', 'awaiting_approval', 'completed', 'failed')),
    CONSTRAINT pipeline_transitions_wanted_check CHECK (wanted IN ('pending', 'profiling', 'quality_check', 'classifying', 'matching', 'validating', 'awaiting_review', 'awaiting_approval', 'completed', 'failed'))
);

COMMENT ON TABLE smp.pipeline_transitions IS 'which state may follow which; a trigger on pipeline_runs refuses every other step';

CREATE TABLE smp.tenants (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    name TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT tenants_pkey PRIMARY KEY (id),
    CONSTRAINT tenants_name_key UNIQUE (name)
);

CREATE TABLE smp.audit_heads (
    tenant_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    written_in TEXT,
    CONSTRAINT audit_heads_pkey PRIMARY KEY (tenant_id),
    CONSTRAINT audit_heads_tenant_id_fkey FOREIGN KEY(tenant_id) REFERENCES smp.tenants (id)
);

COMMENT ON TABLE smp.audit_heads IS 'closed: the last link of each tenant''s chain, and the transaction that wrote it';

CREATE TABLE smp.audit_log (
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    seq BIGINT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    subject_key TEXT NOT NULL,
    changed JSONB NOT NULL,
    old_value JSONB,
    new_value JSONB,
    actor TEXT NOT NULL,
    changed_by UUID,
    change_reason TEXT,
    confidence_delta DOUBLE PRECISION,
    ip_address TEXT,
    trace_id TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    hash TEXT NOT NULL,
    CONSTRAINT audit_log_pkey PRIMARY KEY (tenant_id, seq),
    CONSTRAINT audit_log_tenant_id_fkey FOREIGN KEY(tenant_id) REFERENCES smp.tenants (id),
    CONSTRAINT audit_log_action_check CHECK (action IN ('created', 'updated', 'deleted', 'validated', 'deprecated', 'decided', 'published'))
);

CREATE INDEX audit_log_newest_idx ON smp.audit_log (tenant_id, created_at DESC);

CREATE INDEX audit_log_subject_idx ON smp.audit_log (subject_key, subject, tenant_id);

COMMENT ON TABLE smp.audit_log IS 'closed, append-only, written by triggers; hash covers the row and the hash before it';

CREATE UNLOGGED TABLE smp.cache_entries (
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    namespace TEXT NOT NULL,
    key TEXT NOT NULL,
    value JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT cache_entries_pkey PRIMARY KEY (tenant_id, namespace, key),
    CONSTRAINT cache_entries_tenant_id_fkey FOREIGN KEY(tenant_id) REFERENCES smp.tenants (id)
);

CREATE TABLE smp.canonical_models (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    digest TEXT NOT NULL,
    definition JSONB NOT NULL,
    is_current BOOLEAN DEFAULT true NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT canonical_models_pkey PRIMARY KEY (id),
    CONSTRAINT canonical_models_tenant_id_fkey FOREIGN KEY(tenant_id) REFERENCES smp.tenants (id),
    CONSTRAINT canonical_models_id_tenant_id_key UNIQUE (id, tenant_id),
    CONSTRAINT canonical_models_tenant_id_name_version_key UNIQUE (tenant_id, name, version),
    CONSTRAINT canonical_models_version_check CHECK (version >= 1)
);

CREATE UNIQUE INDEX canonical_models_current_key ON smp.canonical_models (tenant_id, name) WHERE is_current;

CREATE TABLE smp.classification_cache (
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    request_digest TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    answer TEXT NOT NULL,
    prompt_tokens INTEGER DEFAULT 0 NOT NULL,
    completion_tokens INTEGER DEFAULT 0 NOT NULL,
    uses INTEGER DEFAULT 1 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT classification_cache_pkey PRIMARY KEY (tenant_id, request_digest),
    CONSTRAINT classification_cache_tenant_id_fkey FOREIGN KEY(tenant_id) REFERENCES smp.tenants (id)
);

COMMENT ON TABLE smp.classification_cache IS 'answers of language models by the digest of the question';

CREATE TABLE smp.users (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    login TEXT NOT NULL,
    email TEXT,
    display_name TEXT,
    role TEXT NOT NULL,
    active BOOLEAN DEFAULT true NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_tenant_id_fkey FOREIGN KEY(tenant_id) REFERENCES smp.tenants (id),
    CONSTRAINT users_id_tenant_id_key UNIQUE (id, tenant_id),
    CONSTRAINT users_tenant_id_login_key UNIQUE (tenant_id, login),
    CONSTRAINT users_role_check CHECK (role IN ('viewer', 'engineer', 'steward', 'admin')),
    CONSTRAINT users_login_check CHECK (login <> '' AND login !~ '^(system|policy|database):')
);

CREATE TABLE smp.value_bank_entries (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    entity TEXT NOT NULL,
    field TEXT NOT NULL,
    value_hash TEXT NOT NULL,
    status TEXT DEFAULT 'pending' NOT NULL,
    occurrences BIGINT DEFAULT 0 NOT NULL,
    first_seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    last_seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    decided_by TEXT,
    CONSTRAINT value_bank_entries_pkey PRIMARY KEY (id),
    CONSTRAINT value_bank_entries_tenant_id_fkey FOREIGN KEY(tenant_id) REFERENCES smp.tenants (id),
    CONSTRAINT value_bank_entries_id_tenant_id_key UNIQUE (id, tenant_id),
    CONSTRAINT value_bank_entries_tenant_id_entity_field_value_hash_key UNIQUE (tenant_id, entity, field, value_hash),
    CONSTRAINT value_bank_entries_status_check CHECK (status IN ('pending', 'verified', 'rejected'))
);

COMMENT ON TABLE smp.value_bank_entries IS 'learned values as keyed hashes (16 hexadecimal digits), never in the clear';

CREATE TABLE smp.connector_definitions (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    connector_name TEXT NOT NULL,
    connector_type TEXT NOT NULL,
    description TEXT,
    metadata JSONB DEFAULT '{}' NOT NULL,
    status TEXT DEFAULT 'active' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    created_by UUID,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT connector_definitions_pkey PRIMARY KEY (id),
    CONSTRAINT connector_definitions_tenant_id_fkey FOREIGN KEY(tenant_id) REFERENCES smp.tenants (id),
    CONSTRAINT connector_definitions_tenant_id_created_by_fkey FOREIGN KEY(tenant_id, created_by) REFERENCES smp.users (tenant_id, id),
    CONSTRAINT connector_definitions_id_tenant_id_key UNIQUE (id, tenant_id),
    CONSTRAINT connector_definitions_tenant_id_connector_name_key UNIQUE (tenant_id, connector_name),
    CONSTRAINT connector_definitions_connector_type_check CHECK (connector_type IN ('rest_api', 'database', 'file')),
    CONSTRAINT connector_definitions_status_check CHECK (status IN ('active', 'deprecated', 'archived'))
);

CREATE INDEX connector_definitions_status_idx ON smp.connector_definitions (tenant_id, status);

CREATE TABLE smp.entity_schemas (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    model_id UUID NOT NULL,
    entity_name TEXT NOT NULL,
    entity_version TEXT DEFAULT '1.0.0' NOT NULL,
    risk_class TEXT NOT NULL,
    schema_definition JSONB NOT NULL,
    description TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT entity_schemas_pkey PRIMARY KEY (id),
    CONSTRAINT entity_schemas_tenant_id_fkey FOREIGN KEY(tenant_id) REFERENCES smp.tenants (id),
    CONSTRAINT entity_schemas_tenant_id_model_id_fkey FOREIGN KEY(tenant_id, model_id) REFERENCES smp.canonical_models (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT entity_schemas_id_tenant_id_key UNIQUE (id, tenant_id),
    CONSTRAINT entity_schemas_version_key UNIQUE (tenant_id, model_id, entity_name, entity_version),
    CONSTRAINT entity_schemas_risk_class_check CHECK (risk_class IN ('critical', 'important', 'optional'))
);

CREATE INDEX entity_schemas_name_idx ON smp.entity_schemas (entity_name, tenant_id);

CREATE TABLE smp.canonical_fields (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    model_id UUID NOT NULL,
    entity_schema_id UUID NOT NULL,
    entity TEXT NOT NULL,
    field TEXT NOT NULL,
    position INTEGER NOT NULL,
    data_type TEXT NOT NULL,
    required BOOLEAN NOT NULL,
    primary_key BOOLEAN NOT NULL,
    risk_class TEXT NOT NULL,
    definition_hash TEXT NOT NULL,
    CONSTRAINT canonical_fields_pkey PRIMARY KEY (id),
    CONSTRAINT canonical_fields_tenant_id_fkey FOREIGN KEY(tenant_id) REFERENCES smp.tenants (id),
    CONSTRAINT canonical_fields_tenant_id_model_id_fkey FOREIGN KEY(tenant_id, model_id) REFERENCES smp.canonical_models (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT canonical_fields_tenant_id_entity_schema_id_fkey FOREIGN KEY(tenant_id, entity_schema_id) REFERENCES smp.entity_schemas (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT canonical_fields_tenant_id_model_id_entity_field_key UNIQUE (tenant_id, model_id, entity, field),
    CONSTRAINT canonical_fields_risk_class_check CHECK (risk_class IN ('critical', 'important', 'optional'))
);

CREATE TABLE smp.connections (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    connector_id UUID NOT NULL,
    name TEXT NOT NULL,
    config_encrypted BYTEA NOT NULL,
    key_id TEXT NOT NULL,
    schema_name TEXT,
    shown JSONB,
    is_active BOOLEAN DEFAULT true NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT connections_pkey PRIMARY KEY (id),
    CONSTRAINT connections_tenant_id_fkey FOREIGN KEY(tenant_id) REFERENCES smp.tenants (id),
    CONSTRAINT connections_tenant_id_connector_id_fkey FOREIGN KEY(tenant_id, connector_id) REFERENCES smp.connector_definitions (tenant_id, id),
    CONSTRAINT connections_id_tenant_id_key UNIQUE (id, tenant_id),
    CONSTRAINT connections_tenant_id_name_key UNIQUE (tenant_id, name)
);

COMMENT ON TABLE smp.connections IS 'config_encrypted holds every credential; shown is what people may see of the address';

CREATE TABLE smp.clients (
    slug TEXT NOT NULL,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    name TEXT NOT NULL,
    connection_id UUID NOT NULL,
    trust_profile TEXT,
    canonical_model TEXT NOT NULL,
    active BOOLEAN DEFAULT true NOT NULL,
    review_required_before_production BOOLEAN,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT clients_pkey PRIMARY KEY (slug),
    CONSTRAINT clients_tenant_id_fkey FOREIGN KEY(tenant_id) REFERENCES smp.tenants (id),
    CONSTRAINT clients_tenant_id_connection_id_fkey FOREIGN KEY(tenant_id, connection_id) REFERENCES smp.connections (tenant_id, id),
    CONSTRAINT clients_slug_tenant_id_key UNIQUE (slug, tenant_id),
    CONSTRAINT clients_slug_check CHECK (slug ~ '^[a-z0-9][a-z0-9_-]{0,62}$')
);

COMMENT ON TABLE smp.clients IS 'review_required_before_production is that of the profile the last proposal was made under';

CREATE TABLE smp.column_anchors (
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    table_name TEXT NOT NULL,
    column_name TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    profile JSONB NOT NULL,
    anchored_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT column_anchors_pkey PRIMARY KEY (tenant_id, client, table_name, column_name),
    CONSTRAINT column_anchors_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug)
);

COMMENT ON TABLE smp.column_anchors IS 'the profile a column''s approvals stand on; drift is measured from it';

CREATE TABLE smp.column_variants (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    entity TEXT NOT NULL,
    field TEXT NOT NULL,
    name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    learned_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT column_variants_pkey PRIMARY KEY (id),
    CONSTRAINT column_variants_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT column_variants_variant_key UNIQUE (tenant_id, client, entity, field, name, table_name)
);

CREATE INDEX column_variants_target_idx ON smp.column_variants (entity, field, tenant_id);

COMMENT ON TABLE smp.column_variants IS 'column names that people approved for a field';

CREATE TABLE smp.entity_policies (
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    entity TEXT NOT NULL,
    risk_class TEXT NOT NULL,
    effective_threshold DOUBLE PRECISION NOT NULL,
    review_floor DOUBLE PRECISION NOT NULL,
    validation_required BOOLEAN NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT entity_policies_pkey PRIMARY KEY (tenant_id, client, entity),
    CONSTRAINT entity_policies_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT entity_policies_risk_class_check CHECK (risk_class IN ('critical', 'important', 'optional')),
    CONSTRAINT entity_policies_effective_threshold_check CHECK (effective_threshold >= 0 AND effective_threshold <= 1),
    CONSTRAINT entity_policies_review_floor_check CHECK (review_floor >= 0 AND review_floor <= 1)
);

COMMENT ON TABLE smp.entity_policies IS 'what each entity demands of this client, as the trust profile stood at the last proposal';

CREATE TABLE smp.field_mappings (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    connection_id UUID,
    connector_id UUID NOT NULL,
    entity_schema_id UUID,
    source_table TEXT NOT NULL,
    source_field TEXT NOT NULL,
    source_data_type TEXT,
    canonical_entity TEXT,
    canonical_field TEXT,
    canonical_data_type TEXT,
    mapping_type TEXT DEFAULT 'direct' NOT NULL,
    transformation_rule JSONB,
    coercion_function TEXT,
    confidence_score DOUBLE PRECISION DEFAULT 1.0 NOT NULL,
    proposed_confidence DOUBLE PRECISION,
    required_threshold DOUBLE PRECISION DEFAULT 1.0 NOT NULL,
    disposition TEXT DEFAULT 'pending_review' NOT NULL,
    validation_status TEXT DEFAULT 'pending' NOT NULL,
    success_rate DOUBLE PRECISION,
    avg_processing_time_ms INTEGER,
    error_count INTEGER DEFAULT 0 NOT NULL,
    last_validated_at TIMESTAMP WITH TIME ZONE,
    mapping_source TEXT DEFAULT 'manual' NOT NULL,
    proposer TEXT,
    approval_hash TEXT DEFAULT '' NOT NULL,
    explanation JSONB DEFAULT '{}' NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    status TEXT DEFAULT 'active' NOT NULL,
    notes TEXT,
    decided_by TEXT,
    decided_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    created_by UUID,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_by UUID,
    CONSTRAINT field_mappings_pkey PRIMARY KEY (id),
    CONSTRAINT field_mappings_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT field_mappings_tenant_id_connection_id_fkey FOREIGN KEY(tenant_id, connection_id) REFERENCES smp.connections (tenant_id, id),
    CONSTRAINT field_mappings_tenant_id_connector_id_fkey FOREIGN KEY(tenant_id, connector_id) REFERENCES smp.connector_definitions (tenant_id, id),
    CONSTRAINT field_mappings_tenant_id_entity_schema_id_fkey FOREIGN KEY(tenant_id, entity_schema_id) REFERENCES smp.entity_schemas (tenant_id, id),
    CONSTRAINT field_mappings_tenant_id_created_by_fkey FOREIGN KEY(tenant_id, created_by) REFERENCES smp.users (tenant_id, id),
    CONSTRAINT field_mappings_tenant_id_updated_by_fkey FOREIGN KEY(tenant_id, updated_by) REFERENCES smp.users (tenant_id, id),
    CONSTRAINT field_mappings_id_tenant_id_key UNIQUE (id, tenant_id),
    CONSTRAINT field_mappings_tenant_id_client_source_table_source_field_key UNIQUE (tenant_id, client, source_table, source_field),
    CONSTRAINT field_mappings_mapping_key UNIQUE NULLS NOT DISTINCT (source_table, source_field, client, tenant_id, connector_id, connection_id, canonical_entity, canonical_field),
    CONSTRAINT field_mappings_mapping_type_check CHECK (mapping_type IN ('direct', 'computed', 'aggregated', 'transformed')),
    CONSTRAINT field_mappings_mapping_source_check CHECK (mapping_source IN ('auto_detected', 'rag', 'llm', 'manual')),
    CONSTRAINT field_mappings_disposition_check CHECK (disposition IN ('auto_accepted', 'pending_review', 'approved', 'rejected', 'excluded', 'unmapped')),
    CONSTRAINT field_mappings_validation_status_check CHECK (validation_status IN ('pending', 'validated', 'failed')),
    CONSTRAINT field_mappings_status_check CHECK (status IN ('active', 'deprecated', 'pending_review')),
    CONSTRAINT field_mappings_confidence_score_check CHECK (confidence_score >= 0 AND confidence_score <= 1),
    CONSTRAINT field_mappings_proposed_confidence_check CHECK (proposed_confidence >= 0 AND proposed_confidence <= 1),
    CONSTRAINT field_mappings_required_threshold_check CHECK (required_threshold >= 0 AND required_threshold <= 1),
    CONSTRAINT field_mappings_success_rate_check CHECK (success_rate >= 0 AND success_rate <= 1),
    CONSTRAINT field_mappings_error_count_check CHECK (error_count >= 0),
    CONSTRAINT field_mappings_target_is_whole_check CHECK ((canonical_entity IS NULL) = (canonical_field IS NULL)),
    CONSTRAINT field_mappings_accepted_has_a_target_check CHECK (disposition NOT IN ('auto_accepted', 'approved') OR canonical_field IS NOT NULL),
    CONSTRAINT field_mappings_auto_accepted_is_sure_enough_check CHECK (disposition <> 'auto_accepted' OR confidence_score >= required_threshold),
    CONSTRAINT field_mappings_approved_by_somebody_check CHECK (disposition <> 'approved' OR decided_by IS NOT NULL)
);

CREATE INDEX field_mappings_confidence_idx ON smp.field_mappings (confidence_score, tenant_id);

CREATE INDEX field_mappings_connector_idx ON smp.field_mappings (connector_id, tenant_id);

CREATE INDEX field_mappings_entity_idx ON smp.field_mappings (canonical_entity, canonical_field, tenant_id);

CREATE INDEX field_mappings_source_idx ON smp.field_mappings (mapping_source, tenant_id);

CREATE INDEX field_mappings_status_idx ON smp.field_mappings (status, disposition, client, tenant_id);

COMMENT ON TABLE smp.field_mappings IS 'one row a column of a client; accepted means auto_accepted or approved, and status active';

CREATE TABLE smp.item_approvals (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    item_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    decision TEXT NOT NULL,
    source_table TEXT NOT NULL,
    source_column TEXT NOT NULL,
    entity TEXT,
    field TEXT,
    rule JSONB,
    definition_hash TEXT,
    expectation_id TEXT,
    failed_share DOUBLE PRECISION,
    approval_hash TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    revoked_by TEXT,
    CONSTRAINT item_approvals_pkey PRIMARY KEY (id),
    CONSTRAINT item_approvals_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT item_approvals_kind_check CHECK (kind IN ('quality', 'classification', 'mapping', 'validation')),
    CONSTRAINT item_approvals_decision_check CHECK (decision IN ('approve', 'reject', 'override', 'unmap', 'exclude', 'include'))
);

CREATE INDEX item_approvals_column_idx ON smp.item_approvals (source_column, source_table, client, tenant_id);

COMMENT ON TABLE smp.item_approvals IS 'closed; stands while revoked_at is null and the column''s approval_hash is this one';

CREATE TABLE smp.mapping_versions (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    version INTEGER NOT NULL,
    digest TEXT NOT NULL,
    canonical_digest TEXT NOT NULL,
    mappings INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    created_by TEXT,
    validated_digest TEXT,
    validated_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT mapping_versions_pkey PRIMARY KEY (id),
    CONSTRAINT mapping_versions_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT mapping_versions_tenant_id_client_version_key UNIQUE (tenant_id, client, version)
);

COMMENT ON TABLE smp.mapping_versions IS 'closed: written by smp.settle_version and smp.mark_validated only';

CREATE TABLE smp.pipeline_runs (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    state TEXT DEFAULT 'pending' NOT NULL,
    trust_profile TEXT NOT NULL,
    schema_name TEXT,
    phase TEXT,
    dagster_run_id TEXT,
    failed_phase TEXT,
    error_code TEXT,
    error TEXT,
    started_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pipeline_runs_pkey PRIMARY KEY (id),
    CONSTRAINT pipeline_runs_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT pipeline_runs_id_tenant_id_key UNIQUE (id, tenant_id),
    CONSTRAINT pipeline_runs_state_check CHECK (state IN ('pending', 'profiling', 'quality_check', 'classifying', 'matching', 'validating', 'awaiting_review', 'awaiting_approval', 'completed', 'failed')),
    CONSTRAINT pipeline_runs_phase_check CHECK (phase IN ('column_profiles', 'quality_labels', 'classifications', 'mappings', 'validation_reports', 'published_mappings')),
    CONSTRAINT pipeline_runs_failed_phase_check CHECK (failed_phase IN ('column_profiles', 'quality_labels', 'classifications', 'mappings', 'validation_reports', 'published_mappings'))
);

CREATE INDEX pipeline_runs_dagster_idx ON smp.pipeline_runs (dagster_run_id);

CREATE INDEX pipeline_runs_newest_idx ON smp.pipeline_runs (tenant_id, client, started_at DESC);

CREATE TABLE smp.rejected_pairs (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    source_table TEXT NOT NULL,
    source_column TEXT NOT NULL,
    entity TEXT NOT NULL,
    field TEXT NOT NULL,
    approval_hash TEXT NOT NULL,
    rejected_by TEXT NOT NULL,
    reason TEXT,
    rejected_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT rejected_pairs_pkey PRIMARY KEY (id),
    CONSTRAINT rejected_pairs_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT rejected_pairs_pair_key UNIQUE (tenant_id, client, source_table, source_column, entity, field, approval_hash)
);

COMMENT ON TABLE smp.rejected_pairs IS 'closed';

CREATE TABLE smp.value_bank_sightings (
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    entry_id BIGINT NOT NULL,
    client TEXT NOT NULL,
    occurrences BIGINT DEFAULT 0 NOT NULL,
    CONSTRAINT value_bank_sightings_pkey PRIMARY KEY (tenant_id, entry_id, client),
    CONSTRAINT value_bank_sightings_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT value_bank_sightings_tenant_id_entry_id_fkey FOREIGN KEY(tenant_id, entry_id) REFERENCES smp.value_bank_entries (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE smp.check_results (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    run_id UUID,
    check_name TEXT NOT NULL,
    passed BOOLEAN NOT NULL,
    severity TEXT NOT NULL,
    actual DOUBLE PRECISION,
    threshold DOUBLE PRECISION,
    details JSONB DEFAULT '{}' NOT NULL,
    version INTEGER,
    evaluated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT check_results_pkey PRIMARY KEY (id),
    CONSTRAINT check_results_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT check_results_tenant_id_run_id_fkey FOREIGN KEY(tenant_id, run_id) REFERENCES smp.pipeline_runs (tenant_id, id),
    CONSTRAINT check_results_severity_check CHECK (severity IN ('WARN', 'ERROR'))
);

CREATE INDEX check_results_newest_idx ON smp.check_results (tenant_id, client, check_name, id DESC);

COMMENT ON TABLE smp.check_results IS 'what checks showed; the gate never reads it';

CREATE TABLE smp.classifications (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    run_id UUID,
    table_name TEXT NOT NULL,
    column_name TEXT NOT NULL,
    semantic_type TEXT,
    entity TEXT,
    confidence DOUBLE PRECISION NOT NULL,
    source TEXT NOT NULL,
    value JSONB NOT NULL,
    classified_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT classifications_pkey PRIMARY KEY (id),
    CONSTRAINT classifications_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT classifications_tenant_id_run_id_fkey FOREIGN KEY(tenant_id, run_id) REFERENCES smp.pipeline_runs (tenant_id, id),
    CONSTRAINT classifications_tenant_id_client_table_name_column_name_key UNIQUE (tenant_id, client, table_name, column_name),
    CONSTRAINT classifications_source_check CHECK (source IN ('rules', 'value_bank', 'language_model', 'steward')),
    CONSTRAINT classifications_confidence_check CHECK (confidence >= 0 AND confidence <= 1)
);

CREATE TABLE smp.final_approvals (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    version INTEGER NOT NULL,
    digest TEXT NOT NULL,
    approved BOOLEAN NOT NULL,
    decided_by TEXT NOT NULL,
    by_policy BOOLEAN DEFAULT false NOT NULL,
    reason TEXT,
    decided_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT final_approvals_pkey PRIMARY KEY (id),
    CONSTRAINT final_approvals_tenant_id_client_version_fkey FOREIGN KEY(tenant_id, client, version) REFERENCES smp.mapping_versions (tenant_id, client, version)
);

CREATE INDEX final_approvals_version_idx ON smp.final_approvals (tenant_id, client, version, decided_at DESC);

COMMENT ON TABLE smp.final_approvals IS 'closed, append-only; the newest of a version counts';

CREATE TABLE smp.mapping_candidates (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    run_id UUID,
    table_name TEXT NOT NULL,
    column_name TEXT NOT NULL,
    rank INTEGER NOT NULL,
    entity TEXT NOT NULL,
    field TEXT NOT NULL,
    score DOUBLE PRECISION,
    confidence DOUBLE PRECISION NOT NULL,
    shares JSONB NOT NULL,
    CONSTRAINT mapping_candidates_pkey PRIMARY KEY (id),
    CONSTRAINT mapping_candidates_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT mapping_candidates_tenant_id_run_id_fkey FOREIGN KEY(tenant_id, run_id) REFERENCES smp.pipeline_runs (tenant_id, id),
    CONSTRAINT mapping_candidates_rank_key UNIQUE (tenant_id, client, table_name, column_name, rank),
    CONSTRAINT mapping_candidates_confidence_check CHECK (confidence >= 0 AND confidence <= 1)
);

CREATE TABLE smp.mapping_embeddings (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    field_mapping_id UUID NOT NULL,
    embedding_text TEXT NOT NULL,
    embedding_vector VECTOR(1536),
    embedding_model TEXT NOT NULL,
    metadata JSONB DEFAULT '{}' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT mapping_embeddings_pkey PRIMARY KEY (id),
    CONSTRAINT mapping_embeddings_tenant_id_field_mapping_id_fkey FOREIGN KEY(tenant_id, field_mapping_id) REFERENCES smp.field_mappings (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT mapping_embeddings_tenant_id_field_mapping_id_key UNIQUE (tenant_id, field_mapping_id)
);

CREATE INDEX mapping_embeddings_vector_idx ON smp.mapping_embeddings USING hnsw (embedding_vector vector_cosine_ops);

CREATE TABLE smp.mapping_validation_results (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    field_mapping_id UUID,
    digest TEXT NOT NULL,
    expectation_id TEXT NOT NULL,
    source_table TEXT NOT NULL,
    source_field TEXT NOT NULL,
    canonical_entity TEXT NOT NULL,
    canonical_field TEXT NOT NULL,
    validation_type TEXT NOT NULL,
    validation_status TEXT NOT NULL,
    demanded BOOLEAN NOT NULL,
    error_message TEXT,
    sample_input JSONB,
    sample_output JSONB,
    test_count INTEGER DEFAULT 0 NOT NULL,
    pass_count INTEGER DEFAULT 0 NOT NULL,
    fail_count INTEGER DEFAULT 0 NOT NULL,
    finding JSONB NOT NULL,
    run_id UUID,
    validated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    validated_by UUID,
    CONSTRAINT mapping_validation_results_pkey PRIMARY KEY (id),
    CONSTRAINT mapping_validation_results_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT mapping_validation_results_tenant_id_field_mapping_id_fkey FOREIGN KEY(tenant_id, field_mapping_id) REFERENCES smp.field_mappings (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT mapping_validation_results_tenant_id_run_id_fkey FOREIGN KEY(tenant_id, run_id) REFERENCES smp.pipeline_runs (tenant_id, id),
    CONSTRAINT mapping_validation_results_tenant_id_validated_by_fkey FOREIGN KEY(tenant_id, validated_by) REFERENCES smp.users (tenant_id, id),
    CONSTRAINT mapping_validation_results_answer_key UNIQUE (tenant_id, client, digest, expectation_id),
    CONSTRAINT mapping_validation_results_validation_status_check CHECK (validation_status IN ('passed', 'warning', 'failed'))
);

CREATE INDEX mapping_validation_results_mapping_idx ON smp.mapping_validation_results (field_mapping_id, tenant_id);

CREATE INDEX mapping_validation_results_status_idx ON smp.mapping_validation_results (validation_status, validated_at DESC);

COMMENT ON TABLE smp.mapping_validation_results IS 'digest is that of the mapping the question was asked about; samples are masked';

CREATE TABLE smp.publications (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    version INTEGER NOT NULL,
    digest TEXT NOT NULL,
    mappings INTEGER NOT NULL,
    approved_by TEXT NOT NULL,
    published_by TEXT NOT NULL,
    published_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT publications_pkey PRIMARY KEY (id),
    CONSTRAINT publications_tenant_id_client_version_fkey FOREIGN KEY(tenant_id, client, version) REFERENCES smp.mapping_versions (tenant_id, client, version),
    CONSTRAINT publications_id_tenant_id_key UNIQUE (id, tenant_id),
    CONSTRAINT publications_tenant_id_client_version_key UNIQUE (tenant_id, client, version)
);

COMMENT ON TABLE smp.publications IS 'closed, append-only; the highest version of a client is in force';

CREATE TABLE smp.quality_labels (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    run_id UUID,
    table_name TEXT NOT NULL,
    column_name TEXT NOT NULL,
    label TEXT NOT NULL,
    confidence DOUBLE PRECISION NOT NULL,
    reason TEXT NOT NULL,
    value JSONB NOT NULL,
    labelled_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT quality_labels_pkey PRIMARY KEY (id),
    CONSTRAINT quality_labels_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT quality_labels_tenant_id_run_id_fkey FOREIGN KEY(tenant_id, run_id) REFERENCES smp.pipeline_runs (tenant_id, id),
    CONSTRAINT quality_labels_tenant_id_client_table_name_column_name_key UNIQUE (tenant_id, client, table_name, column_name),
    CONSTRAINT quality_labels_label_check CHECK (label IN ('good', 'empty', 'abandoned', 'misused', 'test_only')),
    CONSTRAINT quality_labels_confidence_check CHECK (confidence >= 0 AND confidence <= 1)
);

CREATE TABLE smp.review_items (
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    source_table TEXT NOT NULL,
    source_column TEXT NOT NULL,
    entity TEXT,
    field TEXT,
    risk_class TEXT NOT NULL,
    reason TEXT NOT NULL,
    needed DOUBLE PRECISION NOT NULL,
    had DOUBLE PRECISION NOT NULL,
    item JSONB DEFAULT '{}' NOT NULL,
    expectation_id TEXT,
    required_approvals INTEGER DEFAULT 1 NOT NULL,
    approval_hash TEXT DEFAULT '' NOT NULL,
    state TEXT DEFAULT 'open' NOT NULL,
    row_version INTEGER DEFAULT 1 NOT NULL,
    run_id UUID,
    opened_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE,
    decided_by TEXT,
    CONSTRAINT review_items_pkey PRIMARY KEY (tenant_id, client, id),
    CONSTRAINT review_items_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT review_items_tenant_id_run_id_fkey FOREIGN KEY(tenant_id, run_id) REFERENCES smp.pipeline_runs (tenant_id, id),
    CONSTRAINT review_items_kind_check CHECK (kind IN ('quality', 'classification', 'mapping', 'validation')),
    CONSTRAINT review_items_state_check CHECK (state IN ('open', 'awaiting_second', 'approved', 'rejected', 'overridden', 'withdrawn')),
    CONSTRAINT review_items_risk_class_check CHECK (risk_class IN ('critical', 'important', 'optional')),
    CONSTRAINT review_items_required_approvals_check CHECK (required_approvals >= 1),
    CONSTRAINT review_items_target_is_whole_check CHECK ((entity IS NULL) = (field IS NULL))
);

CREATE INDEX review_items_column_idx ON smp.review_items (source_column, source_table, client, tenant_id);

CREATE INDEX review_items_queue_idx ON smp.review_items (client, kind, tenant_id) WHERE state IN ('open', 'awaiting_second');

COMMENT ON TABLE smp.review_items IS 'a decided item is closed but for being withdrawn; item holds candidates and facts';

CREATE TABLE smp.run_requests (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT DEFAULT 'open' NOT NULL,
    run_key TEXT NOT NULL,
    attempt INTEGER DEFAULT 1 NOT NULL,
    version INTEGER,
    pipeline_run_id UUID,
    dagster_run_id TEXT,
    requested_by TEXT NOT NULL,
    retryable BOOLEAN DEFAULT false NOT NULL,
    error_code TEXT,
    error TEXT,
    requested_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT run_requests_pkey PRIMARY KEY (id),
    CONSTRAINT run_requests_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT run_requests_tenant_id_pipeline_run_id_fkey FOREIGN KEY(tenant_id, pipeline_run_id) REFERENCES smp.pipeline_runs (tenant_id, id),
    CONSTRAINT run_requests_tenant_id_run_key_key UNIQUE (tenant_id, run_key),
    CONSTRAINT run_requests_kind_check CHECK (kind IN ('onboard', 'reprofile', 'validate', 'release')),
    CONSTRAINT run_requests_state_check CHECK (state IN ('open', 'running', 'done', 'failed', 'cancelled')),
    CONSTRAINT run_requests_attempt_check CHECK (attempt >= 1)
);

CREATE INDEX run_requests_state_idx ON smp.run_requests (client, kind, state, tenant_id);

CREATE TABLE smp.source_snapshots (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    schema_name TEXT,
    snapshot JSONB NOT NULL,
    run_id UUID,
    taken_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT source_snapshots_pkey PRIMARY KEY (id),
    CONSTRAINT source_snapshots_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT source_snapshots_tenant_id_run_id_fkey FOREIGN KEY(tenant_id, run_id) REFERENCES smp.pipeline_runs (tenant_id, id),
    CONSTRAINT source_snapshots_id_tenant_id_key UNIQUE (id, tenant_id)
);

CREATE INDEX source_snapshots_newest_idx ON smp.source_snapshots (tenant_id, client, taken_at DESC);

CREATE TABLE smp.column_profiles (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    snapshot_id UUID NOT NULL,
    run_id UUID,
    table_name TEXT NOT NULL,
    column_name TEXT NOT NULL,
    position INTEGER NOT NULL,
    data_type TEXT NOT NULL,
    value_type TEXT NOT NULL,
    row_count BIGINT NOT NULL,
    null_count BIGINT NOT NULL,
    distinct_count BIGINT NOT NULL,
    profile JSONB NOT NULL,
    profiled_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT column_profiles_pkey PRIMARY KEY (id),
    CONSTRAINT column_profiles_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT column_profiles_tenant_id_snapshot_id_fkey FOREIGN KEY(tenant_id, snapshot_id) REFERENCES smp.source_snapshots (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT column_profiles_tenant_id_run_id_fkey FOREIGN KEY(tenant_id, run_id) REFERENCES smp.pipeline_runs (tenant_id, id)
);

CREATE INDEX column_profiles_newest_idx ON smp.column_profiles (tenant_id, client, id DESC);

CREATE INDEX column_profiles_snapshot_idx ON smp.column_profiles (snapshot_id, table_name, position);

COMMENT ON TABLE smp.column_profiles IS 'history: a row is added by each profiling, never updated';

CREATE TABLE smp.published_mappings (
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    publication_id UUID NOT NULL,
    client TEXT NOT NULL,
    version INTEGER NOT NULL,
    field_mapping_id UUID NOT NULL,
    source_table TEXT NOT NULL,
    source_field TEXT NOT NULL,
    source_data_type TEXT,
    canonical_entity TEXT NOT NULL,
    canonical_field TEXT NOT NULL,
    canonical_data_type TEXT,
    mapping_type TEXT NOT NULL,
    transformation_rule JSONB,
    coercion_function TEXT,
    confidence_score DOUBLE PRECISION NOT NULL,
    disposition TEXT NOT NULL,
    decided_by TEXT,
    CONSTRAINT published_mappings_pkey PRIMARY KEY (tenant_id, publication_id, source_table, source_field),
    CONSTRAINT published_mappings_tenant_id_publication_id_fkey FOREIGN KEY(tenant_id, publication_id) REFERENCES smp.publications (tenant_id, id)
);

CREATE INDEX published_mappings_client_idx ON smp.published_mappings (tenant_id, client, version);

COMMENT ON TABLE smp.published_mappings IS 'closed, append-only: the rows as they stood when they were published';

CREATE TABLE smp.review_actions (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    item_id TEXT NOT NULL,
    decision TEXT NOT NULL,
    entity TEXT,
    field TEXT,
    rule JSONB,
    reason TEXT,
    actor TEXT NOT NULL,
    user_id UUID NOT NULL,
    state_before TEXT NOT NULL,
    state_after TEXT NOT NULL,
    item_version INTEGER NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT review_actions_pkey PRIMARY KEY (id),
    CONSTRAINT review_actions_tenant_id_client_item_id_fkey FOREIGN KEY(tenant_id, client, item_id) REFERENCES smp.review_items (tenant_id, client, id),
    CONSTRAINT review_actions_tenant_id_user_id_fkey FOREIGN KEY(tenant_id, user_id) REFERENCES smp.users (tenant_id, id),
    CONSTRAINT review_actions_decision_check CHECK (decision IN ('approve', 'reject', 'override', 'unmap', 'exclude', 'include'))
);

CREATE INDEX review_actions_item_idx ON smp.review_actions (item_id, client, tenant_id, id);

COMMENT ON TABLE smp.review_actions IS 'closed, append-only';

CREATE TABLE smp.table_profiles (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    snapshot_id UUID NOT NULL,
    run_id UUID,
    table_name TEXT NOT NULL,
    row_count BIGINT NOT NULL,
    estimated BOOLEAN DEFAULT false NOT NULL,
    profile JSONB NOT NULL,
    profiled_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT table_profiles_pkey PRIMARY KEY (id),
    CONSTRAINT table_profiles_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT table_profiles_tenant_id_snapshot_id_fkey FOREIGN KEY(tenant_id, snapshot_id) REFERENCES smp.source_snapshots (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT table_profiles_tenant_id_run_id_fkey FOREIGN KEY(tenant_id, run_id) REFERENCES smp.pipeline_runs (tenant_id, id)
);

CREATE INDEX table_profiles_newest_idx ON smp.table_profiles (tenant_id, client, id DESC);

CREATE INDEX table_profiles_snapshot_idx ON smp.table_profiles (snapshot_id, table_name);

COMMENT ON TABLE smp.table_profiles IS 'history: a row is added by each profiling, never updated; profile is without its columns';


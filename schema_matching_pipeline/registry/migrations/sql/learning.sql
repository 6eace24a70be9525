-- Sketches beside profiles, the proposal as a whole, what was learned from publications, keys of people.

ALTER TABLE smp.column_profiles ADD COLUMN sketch_hashes BYTEA, ADD COLUMN word_hashes BYTEA;
ALTER TABLE smp.column_anchors ADD COLUMN sketch_hashes BYTEA, ADD COLUMN word_hashes BYTEA;
ALTER TABLE smp.users ADD COLUMN api_key_hash TEXT;

CREATE TABLE smp.mapping_proposals (
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    run_id UUID,
    canonical_digest TEXT NOT NULL,
    knowledge_version TEXT NOT NULL,
    digest TEXT NOT NULL,
    correspondences JSONB NOT NULL,
    proposed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT mapping_proposals_pkey PRIMARY KEY (tenant_id, client),
    CONSTRAINT mapping_proposals_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT mapping_proposals_tenant_id_run_id_fkey FOREIGN KEY(tenant_id, run_id) REFERENCES smp.pipeline_runs (tenant_id, id)
);

COMMENT ON TABLE smp.mapping_proposals IS 'the newest proposal of each client; its candidates are rows of mapping_candidates';

CREATE TABLE smp.learned_sketches (
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    table_name TEXT NOT NULL,
    column_name TEXT NOT NULL,
    entity TEXT NOT NULL,
    field TEXT NOT NULL,
    verified BOOLEAN NOT NULL,
    hashes BYTEA NOT NULL,
    size INTEGER NOT NULL,
    distinct_count BIGINT NOT NULL,
    is_complete BOOLEAN NOT NULL,
    learned_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT learned_sketches_pkey PRIMARY KEY (tenant_id, client, table_name, column_name),
    CONSTRAINT learned_sketches_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug)
);

CREATE INDEX learned_sketches_target_idx ON smp.learned_sketches (tenant_id, entity, field);

COMMENT ON TABLE smp.learned_sketches IS 'sketches of the published columns of each client; verified where a person approved the publication';

CREATE TABLE smp.field_sketches (
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    entity TEXT NOT NULL,
    field TEXT NOT NULL,
    hashes BYTEA NOT NULL,
    size INTEGER NOT NULL,
    distinct_count BIGINT NOT NULL,
    is_complete BOOLEAN NOT NULL,
    clients INTEGER NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT field_sketches_pkey PRIMARY KEY (tenant_id, entity, field),
    CONSTRAINT field_sketches_tenant_id_fkey FOREIGN KEY(tenant_id) REFERENCES smp.tenants (id)
);

COMMENT ON TABLE smp.field_sketches IS 'what the verified values of a field look like, merged over clients when one publishes';

-- Packed hashes do not compress: trying costs more than writing them.
ALTER TABLE smp.column_profiles ALTER COLUMN sketch_hashes SET STORAGE EXTERNAL, ALTER COLUMN word_hashes SET STORAGE EXTERNAL;
ALTER TABLE smp.column_anchors ALTER COLUMN sketch_hashes SET STORAGE EXTERNAL, ALTER COLUMN word_hashes SET STORAGE EXTERNAL;
ALTER TABLE smp.learned_sketches ALTER COLUMN hashes SET STORAGE EXTERNAL;
ALTER TABLE smp.field_sketches ALTER COLUMN hashes SET STORAGE EXTERNAL;

DO $$
DECLARE
    added text;
BEGIN
    FOREACH added IN ARRAY ARRAY['mapping_proposals', 'learned_sketches', 'field_sketches'] LOOP
        EXECUTE format('ALTER TABLE smp.%I ENABLE ROW LEVEL SECURITY', added);
        EXECUTE format('ALTER TABLE smp.%I FORCE ROW LEVEL SECURITY', added);
        EXECUTE format(
            'CREATE POLICY tenant_isolation ON smp.%I'
            ' USING (tenant_id = smp.current_tenant()) WITH CHECK (tenant_id = smp.current_tenant())', added);
    END LOOP;
END $$;

-- That a client was classified, even where nothing was left to classify.

CREATE TABLE smp.classification_runs (
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    run_id UUID,
    verdicts INTEGER NOT NULL,
    classified_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT classification_runs_pkey PRIMARY KEY (tenant_id, client),
    CONSTRAINT classification_runs_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT classification_runs_tenant_id_run_id_fkey FOREIGN KEY(tenant_id, run_id) REFERENCES smp.pipeline_runs (tenant_id, id)
);

COMMENT ON TABLE smp.classification_runs IS 'the newest classification of each client, even where it found nothing';

-- What was classified before counts as such; the owner sees no tenant's rows while isolation is forced.
ALTER TABLE smp.classifications NO FORCE ROW LEVEL SECURITY;
INSERT INTO smp.classification_runs (tenant_id, client, run_id, verdicts)
SELECT tenant_id, client, (array_agg(run_id))[1], count(*) FROM smp.classifications GROUP BY tenant_id, client;
ALTER TABLE smp.classifications FORCE ROW LEVEL SECURITY;

ALTER TABLE smp.classification_runs ENABLE ROW LEVEL SECURITY;
ALTER TABLE smp.classification_runs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON smp.classification_runs
    USING (tenant_id = smp.current_tenant()) WITH CHECK (tenant_id = smp.current_tenant());

-- Twenty candidates a column: they hang on the proposal, which is of the client and of the run.
ALTER TABLE smp.mapping_candidates
    DROP CONSTRAINT mapping_candidates_tenant_id_client_fkey,
    DROP CONSTRAINT mapping_candidates_tenant_id_run_id_fkey;

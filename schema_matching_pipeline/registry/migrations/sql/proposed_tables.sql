-- Proposals packed by table: twenty candidates of a dozen signals for thousands of columns are read at once or not at all.

CREATE TABLE smp.proposed_tables (
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    table_name TEXT NOT NULL,
    position INTEGER NOT NULL,
    correspondences BYTEA NOT NULL,
    CONSTRAINT proposed_tables_pkey PRIMARY KEY (tenant_id, client, table_name),
    CONSTRAINT proposed_tables_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug)
);

COMMENT ON TABLE smp.proposed_tables IS 'the newest proposal of each client, as compressed JSON of all correspondences of a table; its best candidates are rows of mapping_candidates';

ALTER TABLE smp.proposed_tables ALTER COLUMN correspondences SET STORAGE EXTERNAL;
ALTER TABLE smp.proposed_tables ENABLE ROW LEVEL SECURITY;
ALTER TABLE smp.proposed_tables FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON smp.proposed_tables
    USING (tenant_id = smp.current_tenant()) WITH CHECK (tenant_id = smp.current_tenant());

-- What was proposed before is made anew by the next run.
ALTER TABLE smp.mapping_proposals NO FORCE ROW LEVEL SECURITY;
DELETE FROM smp.mapping_proposals;
ALTER TABLE smp.mapping_proposals FORCE ROW LEVEL SECURITY;
ALTER TABLE smp.mapping_proposals DROP COLUMN correspondences;
COMMENT ON TABLE smp.mapping_proposals IS 'the newest proposal of each client; its correspondences are in proposed_tables';

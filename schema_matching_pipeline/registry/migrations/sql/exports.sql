-- What leaves as a file is written down, and so audited: of which client, what was looked for, in which form, how many rows.

CREATE TABLE smp.exports (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    what TEXT NOT NULL,
    form TEXT NOT NULL,
    asked JSONB NOT NULL,
    rows INTEGER NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT exports_pkey PRIMARY KEY (id),
    CONSTRAINT exports_tenant_id_fkey FOREIGN KEY(tenant_id) REFERENCES smp.tenants (id)
);

COMMENT ON TABLE smp.exports IS 'append-only: what left as a file; it outlives its client, and the audit says who took it';

ALTER TABLE smp.exports ENABLE ROW LEVEL SECURITY;
ALTER TABLE smp.exports FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON smp.exports
    USING (tenant_id = smp.current_tenant()) WITH CHECK (tenant_id = smp.current_tenant());
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON smp.exports
    FOR EACH STATEMENT EXECUTE FUNCTION smp.refuse_change();
CREATE TRIGGER audit_created AFTER INSERT ON smp.exports REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION smp.audit_created(client, what, form);

-- What may leave about a client's columns to a language model, what that may take, and what left.

-- The row without a client is the tenant's own, for clients that have none.
CREATE TABLE smp.llm_policies (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT,
    told TEXT[] NOT NULL,
    monthly_tokens BIGINT NOT NULL,
    monthly_cost DOUBLE PRECISION,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT llm_policies_pkey PRIMARY KEY (id),
    CONSTRAINT llm_policies_tenant_id_fkey FOREIGN KEY(tenant_id) REFERENCES smp.tenants (id),
    CONSTRAINT llm_policies_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT llm_policies_tenant_id_client_key UNIQUE NULLS NOT DISTINCT (tenant_id, client),
    CONSTRAINT llm_policies_told_check CHECK (told <@ ARRAY['names', 'types', 'statistics', 'patterns', 'comments', 'masked_values']),
    CONSTRAINT llm_policies_monthly_tokens_check CHECK (monthly_tokens >= 0),
    CONSTRAINT llm_policies_monthly_cost_check CHECK (monthly_cost >= 0)
);

COMMENT ON TABLE smp.llm_policies IS 'what may be told to a language model, and what a month may take; without a row nothing is told';

CREATE TABLE smp.llm_calls (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    prompt TEXT NOT NULL,
    prompt_version TEXT NOT NULL,
    request_digest TEXT NOT NULL,
    question TEXT NOT NULL,
    columns INTEGER NOT NULL,
    told TEXT[] NOT NULL,
    outcome TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    prompt_tokens BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    cost DOUBLE PRECISION,
    asked_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT llm_calls_pkey PRIMARY KEY (id),
    CONSTRAINT llm_calls_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT llm_calls_outcome_check CHECK (outcome IN ('answered', 'unusable', 'failed'))
);

COMMENT ON TABLE smp.llm_calls IS 'every question as it left, with its policy, model, tokens and cost; added to, never changed';

CREATE INDEX llm_calls_asked_at_idx ON smp.llm_calls (asked_at, client, tenant_id);

DO $$
DECLARE
    fresh text;
BEGIN
    FOREACH fresh IN ARRAY ARRAY['llm_policies', 'llm_calls'] LOOP
        EXECUTE format('ALTER TABLE smp.%I ENABLE ROW LEVEL SECURITY', fresh);
        EXECUTE format('ALTER TABLE smp.%I FORCE ROW LEVEL SECURITY', fresh);
        EXECUTE format(
            'CREATE POLICY tenant_isolation ON smp.%I'
            ' USING (tenant_id = smp.current_tenant()) WITH CHECK (tenant_id = smp.current_tenant())', fresh);
    END LOOP;
END $$;

CREATE TRIGGER audit_created AFTER INSERT ON smp.llm_policies REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION smp.audit_created('client', 'id');
CREATE TRIGGER audit_updated AFTER UPDATE ON smp.llm_policies REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION smp.audit_updated('client', 'id');
CREATE TRIGGER audit_deleted AFTER DELETE ON smp.llm_policies REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION smp.audit_deleted('client', 'id');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON smp.llm_calls
    FOR EACH STATEMENT EXECUTE FUNCTION smp.refuse_change();

-- What leaves the house is said by a person who answers for the client, never by the machinery.
CREATE FUNCTION smp.guard_llm_policy() RETURNS trigger
LANGUAGE plpgsql SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users := smp.acting_person();
BEGIN
    IF person.active AND person.role IN ('engineer', 'admin')
        AND (person.clients IS NULL OR coalesce(NEW.client = ANY (person.clients), false)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% may not say what a language model is told about %. An engineer or an admin may.',
        smp.current_actor(), coalesce('client ' || NEW.client, 'all clients') USING ERRCODE = 'SMP03';
END $$;

CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON smp.llm_policies
    FOR EACH ROW EXECUTE FUNCTION smp.guard_llm_policy();

-- Answers are kept by column: one more column of a batch asks about itself alone. Those of whole batches go.
TRUNCATE smp.classification_cache;
ALTER TABLE smp.classification_cache RENAME COLUMN request_digest TO digest;
ALTER TABLE smp.classification_cache
    DROP COLUMN prompt_tokens, DROP COLUMN completion_tokens,
    ADD COLUMN prompt TEXT NOT NULL, ADD COLUMN prompt_version TEXT NOT NULL;
COMMENT ON TABLE smp.classification_cache IS 'what language models said of a column, by the digest of what was asked about it';

-- A policy keeps no client that nothing was made of.
-- Removes the client and gives an empty object; or gives how many rows of which tables hold it, and changes nothing.
CREATE OR REPLACE FUNCTION smp.remove_client(the_client text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users := smp.acting_person();
    the_connection uuid;
    holder record;
    held bigint;
    holding jsonb := '{}';
BEGIN
    IF NOT coalesce(person.active AND person.role IN ('engineer', 'steward', 'admin') AND person.clients IS NULL, false) THEN
        RAISE EXCEPTION '% may not remove clients. An engineer of the whole tenant may, with the key of his login.',
            smp.current_actor() USING ERRCODE = 'SMP03';
    END IF;
    SELECT connection_id INTO the_connection FROM clients
    WHERE tenant_id = smp.current_tenant() AND slug = the_client FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    FOR holder IN
        SELECT kept.relname AS named, columns.attname AS by_column
        FROM pg_constraint AS link
        JOIN pg_class AS kept ON kept.oid = link.conrelid
        JOIN pg_attribute AS key ON key.attrelid = link.confrelid AND key.attname = 'slug'
        JOIN pg_attribute AS columns
            ON columns.attrelid = link.conrelid
            AND columns.attnum = link.conkey[array_position(link.confkey, key.attnum)]
        WHERE link.contype = 'f' AND link.confrelid = 'smp.clients'::regclass AND kept.relname NOT IN ('run_requests', 'llm_policies')
        ORDER BY kept.relname
    LOOP
        EXECUTE format('SELECT count(*) FROM smp.%I WHERE tenant_id = $1 AND %I = $2', holder.named, holder.by_column)
            INTO held USING smp.current_tenant(), the_client;
        IF held > 0 THEN
            holding := holding || jsonb_build_object(holder.named, held);
        END IF;
    END LOOP;
    IF holding = '{}' THEN
        DELETE FROM llm_policies WHERE tenant_id = smp.current_tenant() AND client = the_client;
        DELETE FROM run_requests WHERE tenant_id = smp.current_tenant() AND client = the_client;
        DELETE FROM clients WHERE tenant_id = smp.current_tenant() AND slug = the_client;
        DELETE FROM connections AS unused
        WHERE tenant_id = smp.current_tenant() AND id = the_connection
            AND NOT EXISTS (SELECT FROM clients WHERE connection_id = unused.id);
    END IF;
    RETURN holding;
END $$;

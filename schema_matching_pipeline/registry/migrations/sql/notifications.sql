-- What people are told without asking: channels with sealed addresses, news, and which channel owes which.

CREATE TABLE smp.notification_channels (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT,
    kind TEXT NOT NULL,
    shown TEXT NOT NULL,
    options_encrypted BYTEA NOT NULL,
    key_id TEXT NOT NULL,
    urgent_only BOOLEAN DEFAULT false NOT NULL,
    failed TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT notification_channels_pkey PRIMARY KEY (id),
    CONSTRAINT notification_channels_tenant_id_fkey FOREIGN KEY(tenant_id) REFERENCES smp.tenants (id),
    CONSTRAINT notification_channels_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT notification_channels_id_tenant_id_key UNIQUE (id, tenant_id)
);

COMMENT ON TABLE smp.notification_channels IS 'ways to people; client null: news of all clients; failed is what the last attempt ended with';

CREATE TABLE smp.news (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    topic TEXT NOT NULL,
    key TEXT NOT NULL,
    headline TEXT NOT NULL,
    place TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT news_pkey PRIMARY KEY (id),
    CONSTRAINT news_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT news_id_tenant_id_key UNIQUE (id, tenant_id),
    CONSTRAINT news_key_client_tenant_id_key UNIQUE (key, client, tenant_id),
    CONSTRAINT news_topic_check CHECK (topic IN ('critical_waits', 'pipeline_failed', 'items_wait', 'approval_waits', 'published'))
);

COMMENT ON TABLE smp.news IS 'what came about with clients; each key is told once';

CREATE TABLE smp.deliveries (
    channel_id UUID NOT NULL,
    news_id BIGINT NOT NULL,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT deliveries_pkey PRIMARY KEY (channel_id, news_id),
    CONSTRAINT deliveries_tenant_id_channel_id_fkey FOREIGN KEY(tenant_id, channel_id) REFERENCES smp.notification_channels (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT deliveries_tenant_id_news_id_fkey FOREIGN KEY(tenant_id, news_id) REFERENCES smp.news (tenant_id, id)
);

CREATE INDEX deliveries_due_idx ON smp.deliveries (due_at, tenant_id) WHERE sent_at IS NULL;

COMMENT ON TABLE smp.deliveries IS 'which channel owes which news, and since when it is settled';

DO $$
DECLARE
    fresh text;
BEGIN
    FOREACH fresh IN ARRAY ARRAY['notification_channels', 'news', 'deliveries'] LOOP
        EXECUTE format('ALTER TABLE smp.%I ENABLE ROW LEVEL SECURITY', fresh);
        EXECUTE format('ALTER TABLE smp.%I FORCE ROW LEVEL SECURITY', fresh);
        EXECUTE format(
            'CREATE POLICY tenant_isolation ON smp.%I'
            ' USING (tenant_id = smp.current_tenant()) WITH CHECK (tenant_id = smp.current_tenant())', fresh);
    END LOOP;
END $$;

-- A channel leads out of the house: who opens or closes one is a person who may manage the client, or all of them.
CREATE FUNCTION smp.guard_channel() RETURNS trigger
LANGUAGE plpgsql SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users := smp.acting_person();
    the_client text := CASE WHEN TG_OP = 'DELETE' THEN OLD.client ELSE NEW.client END;
BEGIN
    IF person.active AND person.role IN ('engineer', 'admin')
        AND (person.clients IS NULL OR coalesce(the_client = ANY (person.clients), false)) THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION '% may not open or close notification channels. An engineer or an admin may.',
        smp.current_actor() USING ERRCODE = 'SMP03';
END $$;

CREATE TRIGGER guard BEFORE INSERT OR DELETE ON smp.notification_channels
    FOR EACH ROW EXECUTE FUNCTION smp.guard_channel();
CREATE TRIGGER audit_created AFTER INSERT ON smp.notification_channels REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION smp.audit_created('client', 'id');
CREATE TRIGGER audit_deleted AFTER DELETE ON smp.notification_channels REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION smp.audit_deleted('client', 'id');

-- What the audit keeps of a row: everything but secrets.
CREATE OR REPLACE FUNCTION smp.redacted(the_row jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN the_row || coalesce((
    SELECT jsonb_object_agg(name, '[redacted]')
    FROM unnest(ARRAY['config_encrypted', 'options_encrypted', 'api_key_hash', 'password_salt', 'password_hash',
        'access_hash', 'refresh_hash']) AS name
    WHERE the_row ->> name IS NOT NULL), '{}');

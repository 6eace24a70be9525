-- What programs need of a service: single phases may be asked for, a request keeps the trace of whoever asked, the
-- orchestrator shows that it lives, and nobody asks for more than his share.

ALTER TABLE smp.run_requests ADD COLUMN trace_id TEXT;
ALTER TABLE smp.run_requests DROP CONSTRAINT run_requests_kind_check;
ALTER TABLE smp.run_requests ADD CONSTRAINT run_requests_kind_check
    CHECK (kind IN ('onboard', 'reprofile', 'validate', 'release', 'profile', 'classify', 'match'));

CREATE TABLE smp.heartbeats (
    name TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    CONSTRAINT heartbeats_pkey PRIMARY KEY (name)
);
COMMENT ON TABLE smp.heartbeats IS 'when each part of the installation last showed that it lives';

CREATE TABLE smp.request_buckets (
    tenant_id UUID NOT NULL DEFAULT smp.current_tenant(),
    name TEXT NOT NULL,
    tokens DOUBLE PRECISION NOT NULL,
    filled_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT request_buckets_pkey PRIMARY KEY (tenant_id, name),
    CONSTRAINT request_buckets_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES smp.tenants (id)
);
COMMENT ON TABLE smp.request_buckets IS 'closed; how many requests a login, or an address, may send at once';
ALTER TABLE smp.request_buckets ENABLE ROW LEVEL SECURITY;
ALTER TABLE smp.request_buckets FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON smp.request_buckets
    USING (tenant_id = smp.current_tenant()) WITH CHECK (tenant_id = smp.current_tenant());

-- Takes a token out of a bucket that fills by so many a second up to its size; 0 where there was one, else the
-- seconds until there is.
CREATE FUNCTION smp.take_token(the_name text, per_second double precision, size double precision) RETURNS double precision
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    held double precision;
BEGIN
    INSERT INTO request_buckets AS bucket (name, tokens, filled_at) VALUES (the_name, size - 1, moment)
    ON CONFLICT (tenant_id, name) DO UPDATE
    SET tokens = least(size, bucket.tokens + per_second * greatest(0, extract(epoch FROM moment - bucket.filled_at))) - 1,
        filled_at = greatest(moment, bucket.filled_at)
    RETURNING tokens INTO held;
    IF held >= 0 THEN
        RETURN 0;
    END IF;
    UPDATE request_buckets SET tokens = held + 1 WHERE tenant_id = smp.current_tenant() AND name = the_name;
    RETURN -held / per_second;
END $$;

DROP FUNCTION smp.work_queue();
DROP FUNCTION smp.due_work(text);

CREATE FUNCTION smp.due_work(the_client text) RETURNS TABLE (kind text, run_key text, pipeline_run_id uuid, attempt integer, trace_id text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    most_attempts CONSTANT integer := 3;
    newest smp.mapping_versions := smp.newest_version(the_client);
    last_run smp.pipeline_runs;
    last_release smp.run_requests;
    gate jsonb;
BEGIN
    RETURN QUERY
        SELECT requests.kind, requests.run_key, requests.pipeline_run_id, requests.attempt, requests.trace_id
        FROM run_requests AS requests
        WHERE requests.tenant_id = smp.current_tenant() AND requests.client = the_client
            AND requests.state = 'open'
        ORDER BY requests.requested_at;
    IF FOUND THEN
        RETURN;  -- one thing at a time: what people asked for comes first
    END IF;

    SELECT * INTO last_run FROM pipeline_runs AS runs
    WHERE runs.tenant_id = smp.current_tenant() AND runs.client = the_client
    ORDER BY runs.started_at DESC, runs.id LIMIT 1;
    IF last_run.id IS NULL THEN
        IF NOT EXISTS (
            SELECT FROM run_requests AS requests
            WHERE requests.tenant_id = smp.current_tenant() AND requests.client = the_client
        ) THEN
            RETURN QUERY SELECT 'onboard', 'onboard:' || the_client || ':1', NULL::uuid, 1, NULL::text;
        END IF;
        RETURN;
    END IF;

    IF newest.id IS NULL OR EXISTS (
        SELECT FROM publications AS done
        WHERE done.tenant_id = newest.tenant_id AND done.client = the_client AND done.version = newest.version
    ) OR NOT (
        last_run.state IN ('awaiting_review', 'awaiting_approval', 'completed')
        OR (last_run.state = 'failed' AND last_run.failed_phase = 'published_mappings')
    ) THEN
        RETURN;
    END IF;

    gate := smp.gate(the_client);
    IF gate -> 'holding_review' <> '[]' THEN
        RETURN;
    ELSIF NOT (gate ->> 'validated')::boolean THEN
        RETURN QUERY SELECT 'validate', format('validate:%s:%s', the_client, newest.version), last_run.id, 1, NULL::text
        WHERE NOT EXISTS (
            SELECT FROM run_requests AS requests
            WHERE requests.tenant_id = newest.tenant_id AND requests.client = the_client
                AND requests.run_key = format('validate:%s:%s', the_client, newest.version));
    ELSIF gate -> 'holding_final' = '[]' THEN
        SELECT * INTO last_release FROM run_requests AS requests
        WHERE requests.tenant_id = newest.tenant_id AND requests.client = the_client
            AND requests.kind = 'release' AND requests.version = newest.version
        ORDER BY requests.attempt DESC LIMIT 1;
        IF last_release.id IS NULL
            OR (last_release.state = 'failed' AND last_release.retryable AND last_release.attempt < most_attempts) THEN
            RETURN QUERY SELECT 'release',
                format('release:%s:%s:%s', the_client, newest.version, coalesce(last_release.attempt, 0) + 1),
                last_run.id, coalesce(last_release.attempt, 0) + 1, NULL::text;
        END IF;
    END IF;
END $$;

CREATE FUNCTION smp.work_queue()
RETURNS TABLE (client text, tenant_id uuid, kind text, run_key text, pipeline_run_id uuid, attempt integer, trace_id text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    tenant_before text := coalesce(current_setting('smp.tenant_id', true), '');
    each_client record;
BEGIN
    FOR each_client IN SELECT * FROM smp.all_clients() AS listed WHERE listed.active LOOP
        PERFORM set_config('smp.tenant_id', each_client.tenant_id::text, true);
        RETURN QUERY
            SELECT each_client.slug, each_client.tenant_id, due.kind, due.run_key, due.pipeline_run_id, due.attempt, due.trace_id
            FROM smp.due_work(each_client.slug) AS due;
    END LOOP;
    PERFORM set_config('smp.tenant_id', tenant_before, true);
END $$;

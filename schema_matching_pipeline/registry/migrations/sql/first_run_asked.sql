-- What is due for one client: what was asked for, else what the decisions of people opened. A first run is asked for.

CREATE OR REPLACE FUNCTION smp.due_work(the_client text) RETURNS TABLE (kind text, run_key text, pipeline_run_id uuid, attempt integer, trace_id text)
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
    -- a client without any run waits until somebody asks for its first
    IF last_run.id IS NULL OR newest.id IS NULL OR EXISTS (
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

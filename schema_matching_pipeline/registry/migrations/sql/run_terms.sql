-- A run goes by what its client was under when profiling began; a change that comes later is for the next one.

ALTER TABLE smp.pipeline_runs ADD COLUMN review_required_before_production BOOLEAN DEFAULT true NOT NULL;

CREATE FUNCTION smp.record_terms() RETURNS trigger
LANGUAGE plpgsql SET search_path = smp, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' OR NEW.state = 'profiling' THEN
        NEW.review_required_before_production := coalesce(
            (SELECT review_required_before_production FROM clients
             WHERE tenant_id = NEW.tenant_id AND slug = NEW.client), true);
    ELSE
        NEW.review_required_before_production := OLD.review_required_before_production;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER terms BEFORE INSERT OR UPDATE ON smp.pipeline_runs
    FOR EACH ROW EXECUTE FUNCTION smp.record_terms();

COMMENT ON TABLE smp.pipeline_runs IS 'review_required_before_production is the client''s when profiling began; a trigger writes it';

-- Approves in the name of the trust profile where neither the newest run nor the client asks for a person and no
-- demanded check failed, waived or not; whether it did.
CREATE OR REPLACE FUNCTION smp.approve_by_policy(the_client text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    the_row smp.clients := smp.enter_law(the_client);
    newest smp.mapping_versions := smp.newest_version(the_client);
    gate jsonb := smp.gate(the_client);
    answer smp.final_approvals := smp.final_answer(newest);
    last_run smp.pipeline_runs;
BEGIN
    SELECT * INTO last_run FROM pipeline_runs AS runs
    WHERE runs.tenant_id = smp.current_tenant() AND runs.client = the_client
    ORDER BY runs.started_at DESC, runs.id LIMIT 1;
    IF coalesce(the_row.review_required_before_production, true)
        OR coalesce(last_run.review_required_before_production, true) OR newest.id IS NULL
        OR gate -> 'holding_review' <> '[]' OR NOT (gate ->> 'validated')::boolean
        OR answer.id IS NOT NULL
        OR EXISTS (SELECT FROM smp.failed_demands(the_client, newest.digest))
        OR EXISTS (SELECT FROM smp.uncovered_fields(the_client))
    THEN
        RETURN coalesce(answer.approved AND answer.by_policy, false);
    END IF;
    PERFORM smp.answer_final(
        newest, true, 'policy:' || last_run.trust_profile, true, 'the trust profile asks for no person');
    RETURN true;
END $$;

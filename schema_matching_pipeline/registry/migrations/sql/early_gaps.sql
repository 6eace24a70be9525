-- A decision that leaves a required field without a source asks about it at once, while others still wait; one
-- that fills such a field withdraws the question.

CREATE OR REPLACE FUNCTION smp.decide_items(the_client text, decisions jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp SET enable_seqscan = off
    SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    person smp.users := smp.deciding_person(the_client);
    decision jsonb;
    outcomes jsonb[] := '{}';
BEGIN
    PERFORM smp.enter_law(the_client);
    FOR decision IN SELECT * FROM jsonb_array_elements(decisions) LOOP
        outcomes := outcomes || smp.decide_one(the_client, decision, person);
    END LOOP;
    IF EXISTS (
        SELECT FROM review_items
        WHERE tenant_id = smp.current_tenant() AND client = the_client AND state IN ('open', 'awaiting_second')
    ) THEN
        PERFORM smp.ask_about_gaps(the_client);
    END IF;
    IF NOT EXISTS (
        SELECT FROM review_items
        WHERE tenant_id = smp.current_tenant() AND client = the_client AND state IN ('open', 'awaiting_second')
    ) THEN
        PERFORM smp.settle_version(the_client);
    END IF;
    RETURN to_jsonb(outcomes);
END $$;

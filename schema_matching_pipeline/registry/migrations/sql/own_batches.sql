-- What is made together is one person's, and taking a column's word back leaves the runs that others wait for.

-- Decides many items, all or none; gives the new state of each. Nobody adds to what another person decided together.
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
    IF EXISTS (
        SELECT FROM review_actions
        WHERE tenant_id = smp.current_tenant() AND actor <> person.login AND batch_id IN (
            SELECT (given ->> 'batch_id')::uuid FROM jsonb_array_elements(decisions) AS given)
    ) THEN
        RAISE EXCEPTION 'Somebody else decided under that batch_id. Decisions made together are those of one person; make up another id.'
            USING ERRCODE = 'SMP04';
    END IF;
    FOR decision IN SELECT * FROM jsonb_array_elements(decisions) LOOP
        outcomes := outcomes || smp.decide_and_keep(the_client, decision, person);
    END LOOP;
    PERFORM smp.after_decisions(the_client);
    RETURN to_jsonb(outcomes);
END $$;

-- Puts back what a decision changed, and notes who took it back.
CREATE OR REPLACE FUNCTION smp.undo_action(said smp.standing_actions, person smp.users, why text, the_batch uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    item smp.review_items;
    effect smp.decision_effects;
    the_row uuid;
BEGIN
    SELECT * INTO item FROM review_items
    WHERE tenant_id = said.tenant_id AND client = said.client AND id = said.item_id FOR UPDATE;
    INSERT INTO review_actions (client, item_id, decision, entity, field, reason, actor, user_id, state_before, state_after,
        item_version, batch_id, undoes)
    SELECT said.client, said.item_id, 'undo', said.entity, said.field, nullif(btrim(why), ''), person.login, person.id,
        item.state, CASE WHEN effects.id IS NULL THEN item.state ELSE coalesce(effects.was ->> 'state', 'withdrawn') END,
        item.row_version, the_batch, said.id
    FROM (SELECT said.id) AS this (action)
    LEFT JOIN decision_effects AS effects
        ON effects.tenant_id = said.tenant_id AND effects.action_id = this.action
        AND effects.subject = 'item' AND effects.key = said.item_id;

    -- Mappings first: what failed of a mapping goes with it, and what failed of the one before comes back after that.
    FOR effect IN
        SELECT * FROM decision_effects AS effects
        WHERE effects.tenant_id = said.tenant_id AND effects.action_id = said.id
        ORDER BY effects.subject <> 'mapping', effects.id
    LOOP
        IF effect.subject <> 'item' THEN
            the_row := effect.key;
        END IF;
        CASE effect.subject
            WHEN 'mapping' THEN
                UPDATE field_mappings AS mappings SET
                    (disposition, canonical_entity, canonical_field, transformation_rule, mapping_source, confidence_score,
                        required_threshold, approval_hash, notes, decided_by, decided_at) = (
                        SELECT restored.disposition, restored.canonical_entity, restored.canonical_field,
                            restored.transformation_rule, restored.mapping_source, restored.confidence_score,
                            restored.required_threshold, restored.approval_hash, restored.notes, restored.decided_by,
                            restored.decided_at
                        FROM jsonb_populate_record(mappings, effect.was) AS restored),
                    validation_status = CASE
                        WHEN (mappings.canonical_entity, mappings.canonical_field) IS DISTINCT FROM
                            (effect.was ->> 'canonical_entity', effect.was ->> 'canonical_field') THEN 'pending'
                        ELSE mappings.validation_status
                    END
                WHERE mappings.tenant_id = said.tenant_id AND mappings.id = the_row;
            WHEN 'item' THEN
                -- A question that only the decision asked is asked no more.
                UPDATE review_items AS items SET
                    state = coalesce(effect.was ->> 'state', 'withdrawn'),
                    decided_by = effect.was ->> 'decided_by',
                    decided_at = (effect.was ->> 'decided_at')::timestamptz,
                    opened_at = coalesce((effect.was ->> 'opened_at')::timestamptz, items.opened_at)
                WHERE items.tenant_id = said.tenant_id AND items.client = said.client AND items.id = effect.key;
            WHEN 'approval' THEN
                UPDATE item_approvals AS approvals SET
                    revoked_at = CASE
                        WHEN effect.was IS NULL THEN now()
                        ELSE (effect.was ->> 'revoked_at')::timestamptz
                    END,
                    revoked_by = CASE WHEN effect.was IS NULL THEN person.login ELSE effect.was ->> 'revoked_by' END
                WHERE approvals.tenant_id = said.tenant_id AND approvals.id = the_row;
            WHEN 'pair' THEN
                DELETE FROM rejected_pairs AS pairs WHERE pairs.tenant_id = said.tenant_id AND pairs.id = the_row;
            WHEN 'request' THEN
                UPDATE run_requests AS requests SET state = 'cancelled', finished_at = now()
                WHERE requests.tenant_id = said.tenant_id AND requests.id = the_row AND requests.state = 'open'
        -- One run answers for every column that was taken in.
        AND NOT EXISTS (
            SELECT FROM field_mappings AS waiting
            WHERE waiting.tenant_id = said.tenant_id AND waiting.client = said.client
                AND waiting.disposition = 'pending_review' AND waiting.status <> 'deprecated'
                AND NOT EXISTS (
                    SELECT FROM review_items AS items
                    WHERE items.tenant_id = waiting.tenant_id AND items.client = waiting.client
                        AND items.source_table = waiting.source_table AND items.source_column = waiting.source_field
                        AND items.state IN ('open', 'awaiting_second')));
        END CASE;
    END LOOP;

    -- One of several words was taken back: the item waits as before, and is another version.
    UPDATE review_items AS items SET updated_at = clock_timestamp()
    WHERE items.tenant_id = said.tenant_id AND items.client = said.client AND items.id = said.item_id
        AND items.row_version = item.row_version;
END $$;

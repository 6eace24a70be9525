-- What people decide: the only road to an approval, a rejection or a waiver.

-- The person who acts, if he may decide; the machinery and strangers may not.
CREATE FUNCTION smp.deciding_person() RETURNS smp.users
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users;
BEGIN
    SELECT * INTO person FROM users WHERE tenant_id = smp.current_tenant() AND login = smp.current_actor();
    IF person.id IS NULL THEN
        RAISE EXCEPTION '% is not a person of this tenant and may not decide. A steward or an admin may.',
            smp.current_actor() USING ERRCODE = 'SMP03';
    ELSIF NOT person.active OR person.role NOT IN ('steward', 'admin') THEN
        RAISE EXCEPTION '% (%) may not decide. A steward or an admin may.',
            person.login, CASE WHEN person.active THEN person.role ELSE 'no longer active' END
            USING ERRCODE = 'SMP03';
    END IF;
    RETURN person;
END $$;

-- Checks that a decision makes sense for an item. A decision has the keys item_id, kind, target (entity and
-- field, or null), rule, reason and expected_row_version.
CREATE FUNCTION smp.check_decision(item smp.review_items, decision jsonb) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    kind text := decision ->> 'kind';
    entity text := decision -> 'target' ->> 'entity';
    field text := decision -> 'target' ->> 'field';
    allowed text[] := CASE item.kind
        WHEN 'quality' THEN '{approve,exclude,include,override,unmap}'
        WHEN 'mapping' THEN '{approve,reject,override,unmap,exclude}'
        WHEN 'classification' THEN '{approve,reject,override,unmap}'
        ELSE CASE WHEN item.source_column = '' THEN '{approve}' ELSE '{approve,reject,override,unmap}' END
    END;
    complaint text;
BEGIN
    complaint := CASE
        WHEN kind IS NULL OR NOT kind = ANY (allowed) THEN format(
            'A %s item cannot be decided with %s; say one of %s.', item.kind, coalesce(kind, 'nothing'),
            array_to_string(allowed, ', '))
        WHEN (kind IN ('reject', 'override', 'unmap') OR (item.kind = 'validation' AND kind = 'approve'))
            AND coalesce(btrim(decision ->> 'reason'), '') = '' THEN 'Say why: this decision needs a reason.'
        WHEN kind = 'override' AND (entity IS NULL OR field IS NULL) THEN
            'Name the entity and the field that the column fills.'
        WHEN kind NOT IN ('override', 'include') AND entity IS NOT NULL
            AND (entity, field) IS DISTINCT FROM (item.entity, item.field) THEN
            'Only an override names another field than the suggested one.'
        WHEN kind IN ('approve', 'override', 'include') AND coalesce(entity, item.entity) IS NOT NULL
            AND (smp.definition_of(item.client, coalesce(entity, item.entity), coalesce(field, item.field))).id IS NULL THEN
            format('There is no field %s.%s in the canonical model of client %s.',
                coalesce(entity, item.entity), coalesce(field, item.field), item.client)
    END;
    IF complaint IS NOT NULL THEN
        RAISE EXCEPTION 'Item %: %', item.id, complaint USING ERRCODE = 'SMP04';
    END IF;
END $$;

-- Whether this person said exactly this before; if somebody else spoke, or the item is another now, an error.
CREATE FUNCTION smp.is_repeated(item smp.review_items, decision jsonb, person smp.users) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    last_action smp.review_actions;
    expected integer := (decision ->> 'expected_row_version')::integer;
BEGIN
    SELECT * INTO last_action FROM review_actions
    WHERE tenant_id = item.tenant_id AND client = item.client AND item_id = item.id ORDER BY id DESC LIMIT 1;
    IF item.state IN ('approved', 'rejected', 'overridden') THEN
        IF last_action.actor = person.login AND last_action.decision = decision ->> 'kind'
            AND (decision -> 'target' ->> 'entity' IS NULL
                OR (last_action.entity, last_action.field)
                    = (decision -> 'target' ->> 'entity', decision -> 'target' ->> 'field')) THEN
            RETURN true;
        END IF;
        RAISE EXCEPTION 'Item % was decided already: % said % at %.', item.id, item.decided_by,
            last_action.decision, to_char(item.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')
            USING ERRCODE = 'SMP02';
    ELSIF item.state = 'withdrawn' THEN
        RAISE EXCEPTION 'Item % was withdrawn: its column or its target changed. Look at the queue again.', item.id
            USING ERRCODE = 'SMP02';
    ELSIF expected <> item.row_version THEN
        RAISE EXCEPTION 'Item % changed since it was shown (version % is now %). Look at it again.',
            item.id, expected, item.row_version USING ERRCODE = 'SMP02';
    ELSIF item.state = 'awaiting_second' AND EXISTS (
        SELECT FROM review_actions
        WHERE tenant_id = item.tenant_id AND client = item.client AND item_id = item.id
            AND actor = person.login AND review_actions.decision = is_repeated.decision ->> 'kind'
            AND state_after = 'awaiting_second' AND item_version >= last_action.item_version
    ) THEN
        RAISE EXCEPTION 'Item % has the approval of %; it needs that of another person.', item.id, person.login
            USING ERRCODE = 'SMP03';
    END IF;
    RETURN false;
END $$;

-- The state an item comes to by a decision; the safe answers need one person, the others as many as it says.
CREATE FUNCTION smp.state_after(item smp.review_items, decision jsonb, the_entity text, the_field text, person smp.users)
RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    kind text := decision ->> 'kind';
    people integer;
BEGIN
    IF kind IN ('approve', 'override', 'include') AND item.required_approvals > 1 THEN
        SELECT count(DISTINCT actor) INTO people FROM (
            SELECT actor FROM review_actions
            WHERE tenant_id = item.tenant_id AND client = item.client AND item_id = item.id
                AND review_actions.decision = kind AND state_after = 'awaiting_second'
                AND decided_at >= item.opened_at
                AND entity IS NOT DISTINCT FROM the_entity AND field IS NOT DISTINCT FROM the_field
            UNION SELECT person.login
        ) AS agreeing;
        IF people < item.required_approvals THEN
            RETURN 'awaiting_second';
        END IF;
    END IF;
    RETURN CASE
        WHEN kind = 'reject' THEN 'rejected'
        WHEN kind = 'approve' OR (kind = 'exclude' AND item.kind = 'quality') THEN 'approved'
        ELSE 'overridden'
    END;
END $$;

-- Writes what was decided into the mapping of the item's column.
CREATE FUNCTION smp.apply_decision(
    item smp.review_items, kind text, the_entity text, the_field text, the_rule jsonb, person smp.users, why text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    mapping smp.field_mappings;
    outcome text := CASE
        WHEN kind = 'reject' AND item.kind <> 'classification' THEN 'rejected'
        WHEN kind = 'exclude' OR (kind = 'approve' AND item.kind = 'quality') THEN 'excluded'
        WHEN kind = 'include' AND the_field IS NULL THEN 'pending_review'
        WHEN the_field IS NULL THEN 'unmapped'
        ELSE 'approved'
    END;
BEGIN
    SELECT * INTO mapping FROM field_mappings
    WHERE tenant_id = item.tenant_id AND client = item.client
        AND source_table = item.source_table AND source_field = item.source_column
    FOR UPDATE;
    IF mapping.id IS NULL THEN
        RAISE EXCEPTION 'Item %: its column % is no longer proposed. Look at the queue again.',
            item.id, item.source_table || '.' || item.source_column USING ERRCODE = 'SMP02';
    ELSIF item.kind <> 'validation' AND mapping.approval_hash <> item.approval_hash THEN
        RAISE EXCEPTION 'Item %: its column changed since it was proposed. Look at the queue again.', item.id
            USING ERRCODE = 'SMP02';
    END IF;

    UPDATE field_mappings SET
        disposition = outcome,
        canonical_entity = CASE outcome WHEN 'rejected' THEN canonical_entity ELSE the_entity END,
        canonical_field = CASE outcome WHEN 'rejected' THEN canonical_field ELSE the_field END,
        transformation_rule = CASE outcome
            WHEN 'approved' THEN coalesce(the_rule, CASE WHEN kind = 'override' THEN NULL ELSE transformation_rule END)
        END,
        mapping_source = CASE kind WHEN 'override' THEN 'manual' ELSE mapping_source END,
        confidence_score = CASE outcome WHEN 'pending_review' THEN confidence_score ELSE 1.0 END,
        validation_status = CASE
            WHEN (canonical_entity, canonical_field) IS DISTINCT FROM (the_entity, the_field) THEN 'pending'
            ELSE validation_status
        END,
        notes = coalesce(why, notes),
        decided_by = CASE outcome WHEN 'pending_review' THEN NULL ELSE person.login END,
        decided_at = CASE outcome WHEN 'pending_review' THEN NULL ELSE now() END
    WHERE tenant_id = mapping.tenant_id AND id = mapping.id;

    IF kind IN ('reject', 'override') AND mapping.canonical_field IS NOT NULL
        AND (mapping.canonical_entity, mapping.canonical_field) IS DISTINCT FROM (the_entity, the_field) THEN
        INSERT INTO rejected_pairs (tenant_id, client, source_table, source_column, entity, field, approval_hash,
            rejected_by, reason)
        VALUES (mapping.tenant_id, mapping.client, mapping.source_table, mapping.source_field,
            mapping.canonical_entity, mapping.canonical_field, mapping.approval_hash, person.login, why)
        ON CONFLICT DO NOTHING;
    END IF;
END $$;

-- A flagged column that is to be used all the same needs a proposal.
CREATE FUNCTION smp.ask_for_proposal(the_client text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    INSERT INTO run_requests (client, kind, run_key, requested_by)
    SELECT the_client, 'reprofile', 'reprofile:' || the_client || ':' || gen_random_uuid(), smp.current_actor()
    WHERE NOT EXISTS (
        SELECT FROM run_requests
        WHERE tenant_id = smp.current_tenant() AND client = the_client AND kind = 'reprofile' AND state = 'open')
$$;

CREATE FUNCTION smp.decide_one(the_client text, decision jsonb, person smp.users) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    item smp.review_items;
    the_kind text := decision ->> 'kind';
    why text := nullif(btrim(decision ->> 'reason'), '');
    the_rule jsonb := nullif(decision -> 'rule', 'null');
    the_entity text;
    the_field text;
    new_state text;
    hash text;
BEGIN
    SELECT * INTO item FROM review_items
    WHERE tenant_id = smp.current_tenant() AND client = the_client AND id = decision ->> 'item_id' FOR UPDATE;
    IF item.id IS NULL THEN
        RAISE EXCEPTION 'There is no item % in the queue of client %.',
            quote_nullable(decision ->> 'item_id'), the_client USING ERRCODE = 'SMP04';
    END IF;
    IF smp.is_repeated(item, decision, person) THEN
        RETURN jsonb_build_object('item_id', item.id, 'state', item.state, 'row_version', item.row_version);
    END IF;
    PERFORM smp.check_decision(item, decision);

    IF the_kind IN ('approve', 'override', 'include') AND NOT (the_kind = 'approve' AND item.kind = 'quality') THEN
        the_entity := decision -> 'target' ->> 'entity';
        the_field := decision -> 'target' ->> 'field';
        IF the_kind <> 'include' THEN  -- to use a column again says nothing about the field suggested for it
            the_entity := coalesce(the_entity, item.entity);
            the_field := coalesce(the_field, item.field);
        END IF;
    END IF;
    new_state := smp.state_after(item, decision, the_entity, the_field, person);

    INSERT INTO review_actions (tenant_id, client, item_id, decision, entity, field, rule, reason, actor, user_id,
        state_before, state_after, item_version)
    VALUES (item.tenant_id, the_client, item.id, the_kind, the_entity, the_field, the_rule, why, person.login, person.id,
        item.state, new_state, item.row_version);

    IF new_state = 'awaiting_second' THEN
        UPDATE review_items SET state = new_state
        WHERE tenant_id = item.tenant_id AND client = the_client AND id = item.id RETURNING * INTO item;
        RETURN jsonb_build_object('item_id', item.id, 'state', new_state, 'row_version', item.row_version);
    END IF;

    UPDATE review_items SET state = new_state, decided_by = person.login, decided_at = now()
    WHERE tenant_id = item.tenant_id AND client = the_client AND id = item.id RETURNING * INTO item;

    hash := item.approval_hash;
    IF NOT (item.kind = 'validation' AND the_kind = 'approve') THEN
        PERFORM smp.apply_decision(item, the_kind, the_entity, the_field, the_rule, person, why);
        IF item.kind = 'validation' THEN
            -- The column's own hash: the decision is about the column, the item was about a check.
            hash := (SELECT approval_hash FROM field_mappings
                     WHERE tenant_id = item.tenant_id AND client = the_client
                        AND source_table = item.source_table AND source_field = item.source_column);
        END IF;
    END IF;

    UPDATE item_approvals SET revoked_at = now(), revoked_by = person.login
    WHERE tenant_id = item.tenant_id AND client = the_client AND revoked_at IS NULL
        AND source_table = item.source_table AND source_column = item.source_column
        AND (item_approvals.expectation_id IS NOT DISTINCT FROM item.expectation_id OR item.kind <> 'validation')
        AND (item.kind = 'validation' AND the_kind = 'approve')
            = (item_approvals.kind = 'validation' AND item_approvals.decision = 'approve');

    -- A question about a meaning is asked where no field is suggested; its answer is about the mapping too.
    IF the_kind <> 'reject' OR item.kind = 'classification' THEN
        INSERT INTO item_approvals (tenant_id, client, item_id, kind, decision, source_table, source_column, entity,
            field, rule, definition_hash, expectation_id, failed_share, approval_hash, decided_by)
        VALUES (item.tenant_id, the_client, item.id,
            CASE item.kind WHEN 'classification' THEN 'mapping' ELSE item.kind END,
            CASE the_kind WHEN 'reject' THEN 'unmap' ELSE the_kind END,
            item.source_table, item.source_column, the_entity, the_field, the_rule,
            (smp.definition_of(the_client, the_entity, the_field)).definition_hash,
            item.expectation_id, smp.failed_share(the_client, item.expectation_id), hash, person.login);
    END IF;
    IF the_kind = 'include' AND the_field IS NULL THEN
        PERFORM smp.ask_for_proposal(the_client);
    END IF;
    RETURN jsonb_build_object('item_id', item.id, 'state', new_state, 'row_version', item.row_version);
END $$;

-- Decides many items, all or none; gives the new state of each. When the queue is empty, the version is settled.
-- Sequential scans are off, because the plans are kept for the whole call: what is an empty table at the first
-- decision is a long one at the thousandth.
CREATE FUNCTION smp.decide_items(the_client text, decisions jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp SET enable_seqscan = off
    SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    person smp.users := smp.deciding_person();
    decision jsonb;
    outcomes jsonb[] := '{}';
BEGIN
    PERFORM smp.enter_law(the_client);
    FOR decision IN SELECT * FROM jsonb_array_elements(decisions) LOOP
        outcomes := outcomes || smp.decide_one(the_client, decision, person);
    END LOOP;
    IF NOT EXISTS (
        SELECT FROM review_items
        WHERE tenant_id = smp.current_tenant() AND client = the_client AND state IN ('open', 'awaiting_second')
    ) THEN
        PERFORM smp.settle_version(the_client);
    END IF;
    RETURN to_jsonb(outcomes);
END $$;

CREATE FUNCTION smp.decide_item(
    the_client text, the_item text, the_decision text, the_entity text, the_field text, the_rule jsonb,
    the_reason text, expected_row_version integer
) RETURNS jsonb
LANGUAGE sql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT smp.decide_items(the_client, jsonb_build_array(jsonb_build_object(
        'item_id', the_item,
        'kind', the_decision,
        'target', CASE WHEN the_entity IS NOT NULL THEN
            jsonb_build_object('entity', the_entity, 'field', the_field) END,
        'rule', the_rule,
        'reason', the_reason,
        'expected_row_version', expected_row_version
    ))) -> 0
$$;

-- Gives columns back the decisions that still stand for them, and takes away approvals whose target no longer
-- means what it meant; the number of columns given back.
CREATE FUNCTION smp.carry_over(the_client text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    carried uuid[];
    refused uuid[];
BEGIN
    PERFORM smp.enter_law(the_client);
    UPDATE field_mappings AS mappings SET
        disposition = 'pending_review', decided_by = NULL, decided_at = NULL, notes = 'its target changed',
        confidence_score = coalesce(mappings.proposed_confidence, 0)
    WHERE mappings.tenant_id = smp.current_tenant() AND mappings.client = the_client
        AND mappings.disposition = 'approved' AND NOT smp.decision_stands(mappings)
        AND (smp.definition_of(the_client, mappings.canonical_entity, mappings.canonical_field)).id IS NOT NULL;
    UPDATE field_mappings AS mappings SET
        disposition = 'pending_review', decided_by = NULL, decided_at = NULL, notes = 'its target is gone',
        confidence_score = coalesce(mappings.proposed_confidence, 0),
        canonical_entity = NULL, canonical_field = NULL
    WHERE mappings.tenant_id = smp.current_tenant() AND mappings.client = the_client
        AND mappings.disposition IN ('approved', 'auto_accepted')
        AND (smp.definition_of(the_client, mappings.canonical_entity, mappings.canonical_field)).id IS NULL;

    WITH standing AS (
        SELECT DISTINCT ON (approvals.source_table, approvals.source_column) approvals.*
        FROM item_approvals AS approvals
        WHERE approvals.tenant_id = smp.current_tenant() AND approvals.client = the_client
            AND approvals.revoked_at IS NULL
            AND NOT (approvals.kind = 'validation' AND approvals.decision = 'approve')
            AND NOT (approvals.decision = 'include' AND approvals.field IS NULL)
            AND (approvals.entity IS NULL OR approvals.definition_hash =
                (smp.definition_of(the_client, approvals.entity, approvals.field)).definition_hash)
        ORDER BY approvals.source_table, approvals.source_column, approvals.decided_at DESC
    ), written AS (
        UPDATE field_mappings AS mappings SET
            disposition = CASE
                WHEN standing.decision = 'exclude' OR (standing.kind = 'quality' AND standing.decision = 'approve')
                    THEN 'excluded'
                WHEN standing.field IS NULL THEN 'unmapped'
                ELSE 'approved'
            END,
            canonical_entity = standing.entity,
            canonical_field = standing.field,
            transformation_rule = CASE
                WHEN standing.field IS NULL THEN NULL
                WHEN standing.decision = 'override' THEN standing.rule
                ELSE coalesce(standing.rule, mappings.transformation_rule)
            END,
            mapping_source = CASE standing.decision WHEN 'override' THEN 'manual' ELSE mappings.mapping_source END,
            confidence_score = 1.0,
            decided_by = standing.decided_by,
            decided_at = standing.decided_at
        FROM standing
        WHERE mappings.tenant_id = smp.current_tenant() AND mappings.client = the_client
            AND mappings.source_table = standing.source_table AND mappings.source_field = standing.source_column
            AND mappings.approval_hash = standing.approval_hash AND mappings.decided_by IS NULL
        RETURNING mappings.id
    )
    SELECT coalesce(array_agg(id), '{}') INTO carried FROM written;

    WITH written AS (
        UPDATE field_mappings AS mappings SET
            disposition = 'rejected', confidence_score = 1.0,
            decided_by = pairs.rejected_by, decided_at = pairs.rejected_at
        FROM rejected_pairs AS pairs
        WHERE mappings.tenant_id = smp.current_tenant() AND mappings.client = the_client
            AND pairs.tenant_id = mappings.tenant_id AND pairs.client = mappings.client
            AND pairs.source_table = mappings.source_table AND pairs.source_column = mappings.source_field
            AND pairs.entity = mappings.canonical_entity AND pairs.field = mappings.canonical_field
            AND pairs.approval_hash = mappings.approval_hash AND mappings.decided_by IS NULL
        RETURNING mappings.id
    )
    SELECT coalesce(array_agg(id), '{}') INTO refused FROM written;

    UPDATE review_items AS items SET state = 'withdrawn'
    FROM field_mappings AS mappings
    WHERE mappings.tenant_id = smp.current_tenant() AND mappings.id = ANY (carried || refused)
        AND items.tenant_id = mappings.tenant_id AND items.client = mappings.client
        AND items.source_table = mappings.source_table AND items.source_column = mappings.source_field
        AND items.kind IN ('mapping', 'quality') AND items.state IN ('open', 'awaiting_second');
    RETURN cardinality(carried) + cardinality(refused);
END $$;

-- The second of two people decides without knowing what the first said; where they differ, others settle it.

-- What each person said last of an item that waits for others, since it was opened.
CREATE FUNCTION smp.words_on(the_client text, the_item text, since timestamptz) RETURNS SETOF smp.standing_actions
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT DISTINCT ON (actor) * FROM standing_actions
    WHERE tenant_id = smp.current_tenant() AND client = the_client AND item_id = the_item
        AND state_after = 'awaiting_second' AND decided_at >= since
    ORDER BY actor, id DESC
$$;

-- Whether people who were asked about the same item say different things.
CREATE FUNCTION smp.is_disputed(the_client text, the_item text, since timestamptz) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT count(DISTINCT jsonb_build_array(decision, entity, field, rule)) > 1
    FROM smp.words_on(the_client, the_item, since)
$$;

-- The state an item comes to by a decision. Two people who agree are as many as it takes where somebody else says
-- otherwise; where nobody does, the safe answers need one person, the others as many as the item says. So does mending a
-- mapping whose check failed, because what is made of it is put to the test like everything else.
CREATE OR REPLACE FUNCTION smp.state_after(
    item smp.review_items, decision jsonb, the_entity text, the_field text, person smp.users
) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    kind text := decision ->> 'kind';
    word jsonb := jsonb_build_array(kind, the_entity, the_field, nullif(decision -> 'rule', 'null'));
    agreeing integer := 0;
    differing integer := 0;
    needed integer := item.required_approvals;
BEGIN
    IF item.state = 'awaiting_second' THEN
        SELECT count(*) FILTER (WHERE same), count(*) FILTER (WHERE NOT same) INTO agreeing, differing
        FROM smp.words_on(item.client, item.id, item.opened_at) AS said,
            LATERAL (SELECT jsonb_build_array(said.decision, said.entity, said.field, said.rule) = word) AS compared (same)
        WHERE said.actor <> person.login;
    END IF;
    IF differing > 0 THEN
        needed := greatest(needed, 2);
    ELSIF kind NOT IN ('approve', 'override', 'include') OR (item.kind = 'validation' AND kind = 'override') THEN
        needed := 1;
    END IF;
    RETURN CASE
        WHEN agreeing + 1 < needed THEN 'awaiting_second'
        WHEN kind = 'reject' THEN 'rejected'
        WHEN kind = 'approve' OR (kind = 'exclude' AND item.kind = 'quality') THEN 'approved'
        ELSE 'overridden'
    END;
END $$;

-- Whether this person said exactly this before; if somebody else spoke, or the item is another now, an error.
CREATE OR REPLACE FUNCTION smp.is_repeated(item smp.review_items, decision jsonb, person smp.users) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    last_action smp.standing_actions;
    expected integer := (decision ->> 'expected_row_version')::integer;
BEGIN
    last_action := smp.last_word(item);
    IF item.state IN ('approved', 'rejected', 'overridden') THEN
        IF last_action.actor = person.login AND last_action.decision = decision ->> 'kind'
            AND (decision -> 'target' ->> 'entity' IS NULL
                OR (last_action.entity, last_action.field)
                    = (decision -> 'target' ->> 'entity', decision -> 'target' ->> 'field'))
            AND last_action.rule IS NOT DISTINCT FROM nullif(decision -> 'rule', 'null') THEN
            RETURN true;
        END IF;
        RAISE EXCEPTION 'Item % was decided already: % said % at %.%', item.id, item.decided_by,
            last_action.decision, to_char(item.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
            coalesce(' To decide otherwise: ' || smp.way_back(item), '')
            USING ERRCODE = 'SMP02';
    ELSIF item.state = 'withdrawn' THEN
        RAISE EXCEPTION 'Item % was withdrawn: its column or its target changed. Look at the queue again.', item.id
            USING ERRCODE = 'SMP02';
    ELSIF expected <> item.row_version THEN
        RAISE EXCEPTION 'Item % changed since it was shown (version % is now %). Look at it again.',
            item.id, expected, item.row_version USING ERRCODE = 'SMP02';
    ELSIF item.state = 'awaiting_second' AND EXISTS (
        SELECT FROM smp.words_on(item.client, item.id, item.opened_at) AS said
        WHERE said.actor = person.login AND said.decision = is_repeated.decision ->> 'kind'
            AND (said.entity, said.field, said.rule) IS NOT DISTINCT FROM (
                coalesce(is_repeated.decision -> 'target' ->> 'entity', said.entity),
                coalesce(is_repeated.decision -> 'target' ->> 'field', said.field),
                nullif(is_repeated.decision -> 'rule', 'null'))
    ) THEN
        IF smp.is_disputed(item.client, item.id, item.opened_at) THEN
            RAISE EXCEPTION 'Item % has that word of % already, and another one of somebody else; a third person settles it, or one of the two changes his word.',
                item.id, person.login USING ERRCODE = 'SMP03';
        END IF;
        RAISE EXCEPTION 'Item % has the approval of %; it needs that of another person.', item.id, person.login
            USING ERRCODE = 'SMP03';
    END IF;
    RETURN false;
END $$;

CREATE OR REPLACE FUNCTION smp.decide_one(the_client text, decision jsonb, person smp.users) RETURNS jsonb
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
    the_action bigint;
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
        state_before, state_after, item_version, batch_id, published_version)
    VALUES (item.tenant_id, the_client, item.id, the_kind, the_entity, the_field, the_rule, why, person.login, person.id,
        item.state, new_state, item.row_version, (decision ->> 'batch_id')::uuid,
        (SELECT coalesce(max(version), 0) FROM publications WHERE tenant_id = item.tenant_id AND client = the_client))
    RETURNING id INTO the_action;

    IF new_state = 'awaiting_second' THEN
        UPDATE review_items SET state = new_state, updated_at = clock_timestamp()  -- another word is another version
        WHERE tenant_id = item.tenant_id AND client = the_client AND id = item.id RETURNING * INTO item;
        RETURN jsonb_build_object(
            'item_id', item.id, 'state', new_state, 'row_version', item.row_version, 'action_id', the_action);
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
            = (item_approvals.kind = 'validation' AND item_approvals.decision = 'approve')
        -- That a flagged column is to be used still holds when it is decided for what.
        AND NOT (item_approvals.kind = 'quality' AND item_approvals.decision = 'include' AND item.kind <> 'quality');

    -- A question about a meaning is asked where no field is suggested; its answer is about the mapping too.
    IF the_kind <> 'reject' OR item.kind = 'classification' THEN
        INSERT INTO item_approvals (tenant_id, client, item_id, kind, decision, source_table, source_column, entity,
            field, rule, definition_hash, expectation_id, failed_share, approval_hash, decided_by)
        VALUES (item.tenant_id, the_client, item.id,
            CASE item.kind WHEN 'classification' THEN 'mapping' ELSE item.kind END,
            CASE the_kind WHEN 'reject' THEN 'unmap' ELSE the_kind END,
            item.source_table, item.source_column, the_entity, the_field, the_rule,
            (smp.definition_of(the_client, the_entity, the_field)).definition_hash,
            item.expectation_id, smp.shown_share(item), hash, person.login);
    END IF;
    IF the_kind = 'include' AND the_field IS NULL THEN
        PERFORM smp.ask_for_proposal(the_client);
    END IF;
    RETURN jsonb_build_object(
        'item_id', item.id, 'state', new_state, 'row_version', item.row_version, 'action_id', the_action);
END $$;

CREATE OR REPLACE FUNCTION smp.holding_review(the_client text, newest smp.mapping_versions) RETURNS SETOF jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT smp.holder(
        'version', format('the mapping changed since version %s', newest.version),
        'a new version', 'the pipeline, by validating again')
    WHERE newest.digest <> smp.mapping_digest(the_client)
    UNION ALL
    (SELECT smp.holder(
        items.kind,
        CASE
            WHEN items.expectation_id LIKE 'required\_field:%' THEN
                format('%s.%s is required and no column fills it', items.entity, items.field)
            WHEN items.expectation_id LIKE 'unread\_table:%' THEN format('%s was not read', items.source_table)
            ELSE concat(items.source_table, '.', items.source_column, ' to ' || items.entity || '.' || items.field,
                CASE
                    WHEN items.kind = 'validation' THEN ' fails a check'
                    WHEN lacking THEN format(' (has %s)', smp.cut_figure(items.had, smp.digits_of(items.needed)))
                END)
        END,
        CASE
            WHEN items.required_approvals > 1 THEN format('%s people''s decision', items.required_approvals)
            WHEN lacking THEN format('a decision, or %s', smp.cut_figure(items.needed, smp.digits_of(items.needed)))
            ELSE 'a decision'
        END,
        CASE items.state
            WHEN 'awaiting_second' THEN CASE
                WHEN smp.is_disputed(items.client, items.id, items.opened_at)
                    THEN 'a third steward or admin, or one of those who differ'
                ELSE 'another steward or admin than the first'
            END
            ELSE 'a steward or an admin'
        END,
        items.id)
    FROM review_items AS items,
        LATERAL (SELECT items.kind IN ('mapping', 'classification') AND items.had < items.needed) AS figures (lacking)
    WHERE items.tenant_id = smp.current_tenant() AND items.client = the_client
        AND items.state IN ('open', 'awaiting_second')
    ORDER BY items.kind, items.source_table, items.source_column)
    UNION ALL
    (SELECT smp.holder(
        'mapping', format('%s.%s%s', mappings.source_table, mappings.source_field,
            coalesce(' to ' || mappings.canonical_entity || '.' || mappings.canonical_field, '')),
        CASE
            WHEN mappings.disposition = 'pending_review' THEN 'a review item'
            ELSE 'another look: its target changed or is gone'
        END,
        'the pipeline, by proposing again')
    FROM field_mappings AS mappings
    WHERE mappings.tenant_id = smp.current_tenant() AND mappings.client = the_client
        AND mappings.status <> 'deprecated'
        AND (
            (mappings.disposition = 'pending_review' AND NOT EXISTS (
                SELECT FROM review_items AS items
                WHERE items.tenant_id = mappings.tenant_id AND items.client = mappings.client
                    AND items.source_table = mappings.source_table
                    AND items.source_column = mappings.source_field
                    AND items.state IN ('open', 'awaiting_second')))
            OR (mappings.disposition = 'approved' AND NOT smp.decision_stands(mappings))
            OR (mappings.disposition = 'auto_accepted' AND (smp.definition_of(
                mappings.client, mappings.canonical_entity, mappings.canonical_field)).id IS NULL)
        )
    ORDER BY mappings.source_table, mappings.source_field)
    UNION ALL
    SELECT smp.holder(
        'coverage', format('%s.%s is required and no column fills it', gaps.entity, gaps.field),
        'a column, or a waiver', 'the pipeline, by settling the version')
    FROM smp.uncovered_fields(the_client) AS gaps
    WHERE NOT smp.is_waived(the_client, 'required_field:' || gaps.entity || '.' || gaps.field)
        AND NOT EXISTS (
            SELECT FROM review_items AS items
            WHERE items.tenant_id = smp.current_tenant() AND items.client = the_client
                AND items.expectation_id = 'required_field:' || gaps.entity || '.' || gaps.field
                AND items.state IN ('open', 'awaiting_second'))
    UNION ALL
    SELECT smp.holder(
        'coverage', format('%s was not read', unread.source_table),
        'a profile that reads it, or a waiver', 'the pipeline, by settling the version')
    FROM smp.unread_tables(the_client) AS unread
    WHERE NOT smp.is_waived(the_client, 'unread_table:' || unread.source_table)
        AND NOT EXISTS (
            SELECT FROM review_items AS items
            WHERE items.tenant_id = smp.current_tenant() AND items.client = the_client
                AND items.expectation_id = 'unread_table:' || unread.source_table
                AND items.state IN ('open', 'awaiting_second'))
    UNION ALL
    SELECT smp.holder(
        'validation', format('%s.%s to %s.%s: %s of %s rows fail', failed.source_table, failed.source_field,
            failed.canonical_entity, failed.canonical_field, failed.fail_count, failed.test_count),
        'a check that passes, or a waiver', 'the pipeline, by validating again')
    FROM smp.failed_demands(the_client, newest.digest) AS failed
    WHERE NOT smp.is_waived(the_client, failed.expectation_id)
        AND NOT EXISTS (
            SELECT FROM review_items AS items
            WHERE items.tenant_id = smp.current_tenant() AND items.client = the_client
                AND items.expectation_id = failed.expectation_id AND items.state IN ('open', 'awaiting_second'))
$$;

-- Puts back what a decision changed, and notes who took it back.
CREATE OR REPLACE FUNCTION smp.undo_action(said smp.standing_actions, person smp.users, why text, the_batch uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    item smp.review_items;
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
    UPDATE field_mappings AS mappings SET
        (disposition, canonical_entity, canonical_field, transformation_rule, mapping_source, confidence_score,
            required_threshold, approval_hash, notes, decided_by, decided_at) = (
            SELECT restored.disposition, restored.canonical_entity, restored.canonical_field,
                restored.transformation_rule, restored.mapping_source, restored.confidence_score,
                restored.required_threshold, restored.approval_hash, restored.notes, restored.decided_by,
                restored.decided_at
            FROM jsonb_populate_record(mappings, effects.was) AS restored),
        validation_status = CASE
            WHEN (mappings.canonical_entity, mappings.canonical_field) IS DISTINCT FROM
                (effects.was ->> 'canonical_entity', effects.was ->> 'canonical_field') THEN 'pending'
            ELSE mappings.validation_status
        END
    FROM decision_effects AS effects
    WHERE effects.tenant_id = said.tenant_id AND effects.action_id = said.id AND effects.subject = 'mapping'
        AND mappings.tenant_id = said.tenant_id AND mappings.id = effects.key::uuid;

    -- A question that only the decision asked is asked no more.
    UPDATE review_items AS items SET
        state = coalesce(effects.was ->> 'state', 'withdrawn'),
        decided_by = effects.was ->> 'decided_by',
        decided_at = (effects.was ->> 'decided_at')::timestamptz,
        opened_at = coalesce((effects.was ->> 'opened_at')::timestamptz, items.opened_at)
    FROM decision_effects AS effects
    WHERE effects.tenant_id = said.tenant_id AND effects.action_id = said.id AND effects.subject = 'item'
        AND items.tenant_id = said.tenant_id AND items.client = said.client AND items.id = effects.key;

    -- One of several words was taken back: the item waits as before, and is another version.
    UPDATE review_items AS items SET updated_at = clock_timestamp()
    WHERE items.tenant_id = said.tenant_id AND items.client = said.client AND items.id = said.item_id
        AND items.row_version = item.row_version;

    UPDATE item_approvals AS approvals SET
        revoked_at = CASE WHEN effects.was IS NULL THEN now() ELSE (effects.was ->> 'revoked_at')::timestamptz END,
        revoked_by = CASE WHEN effects.was IS NULL THEN person.login ELSE effects.was ->> 'revoked_by' END
    FROM decision_effects AS effects
    WHERE effects.tenant_id = said.tenant_id AND effects.action_id = said.id AND effects.subject = 'approval'
        AND approvals.tenant_id = said.tenant_id AND approvals.id = effects.key::uuid;

    DELETE FROM rejected_pairs AS pairs USING decision_effects AS effects
    WHERE effects.tenant_id = said.tenant_id AND effects.action_id = said.id AND effects.subject = 'pair'
        AND pairs.tenant_id = said.tenant_id AND pairs.id = effects.key::uuid;

    UPDATE run_requests AS requests SET state = 'cancelled', finished_at = now()
    FROM decision_effects AS effects
    WHERE effects.tenant_id = said.tenant_id AND effects.action_id = said.id AND effects.subject = 'request'
        AND requests.tenant_id = said.tenant_id AND requests.id = effects.key::uuid AND requests.state = 'open';
END $$;

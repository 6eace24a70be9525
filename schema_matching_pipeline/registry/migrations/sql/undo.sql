-- A decision is taken back whole: what it changed of its column is kept beside it, and put back as it was.

ALTER TABLE smp.review_actions
    ADD COLUMN batch_id UUID,
    ADD COLUMN undoes BIGINT,
    ADD COLUMN published_version INTEGER,
    DROP CONSTRAINT review_actions_decision_check,
    ADD CONSTRAINT review_actions_decision_check
        CHECK (decision IN ('approve', 'reject', 'override', 'unmap', 'exclude', 'include', 'undo')),
    ADD CONSTRAINT review_actions_undo_names_what_check CHECK ((decision = 'undo') = (undoes IS NOT NULL)) NOT VALID,
    ADD CONSTRAINT review_actions_id_tenant_id_key UNIQUE (id, tenant_id),
    ADD CONSTRAINT review_actions_undoes_tenant_id_key UNIQUE (undoes, tenant_id),
    ADD CONSTRAINT review_actions_tenant_id_undoes_fkey
        FOREIGN KEY (tenant_id, undoes) REFERENCES smp.review_actions (tenant_id, id);

DO $$
BEGIN
    ALTER TABLE smp.review_actions VALIDATE CONSTRAINT review_actions_undo_names_what_check;
EXCEPTION WHEN check_violation THEN
    NULL; -- of rows that went down to an earlier revision and up again: what they took back was forgotten there
END $$;

CREATE INDEX review_actions_batch_idx ON smp.review_actions (batch_id, tenant_id) WHERE batch_id IS NOT NULL;

COMMENT ON TABLE smp.review_actions IS 'closed, append-only; batch_id is that of decisions made as one, undoes the action taken back, published_version what was in force';

CREATE TABLE smp.decision_effects (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    action_id BIGINT NOT NULL,
    subject TEXT NOT NULL,
    key TEXT NOT NULL,
    was JSONB,
    became JSONB NOT NULL,
    CONSTRAINT decision_effects_pkey PRIMARY KEY (id),
    CONSTRAINT decision_effects_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT decision_effects_tenant_id_action_id_fkey FOREIGN KEY(tenant_id, action_id) REFERENCES smp.review_actions (tenant_id, id),
    CONSTRAINT decision_effects_subject_check CHECK (subject IN ('mapping', 'item', 'approval', 'pair', 'request'))
);

CREATE INDEX decision_effects_action_idx ON smp.decision_effects (action_id, tenant_id);

COMMENT ON TABLE smp.decision_effects IS 'closed, append-only: rows that a decision changed; was is null where it made them';

ALTER TABLE smp.decision_effects ENABLE ROW LEVEL SECURITY;
ALTER TABLE smp.decision_effects FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON smp.decision_effects
    USING (tenant_id = smp.current_tenant()) WITH CHECK (tenant_id = smp.current_tenant());
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON smp.decision_effects
    FOR EACH STATEMENT EXECUTE FUNCTION smp.refuse_change();

-- What people said and nobody took back.
CREATE VIEW smp.standing_actions WITH (security_invoker = true) AS
SELECT actions.* FROM smp.review_actions AS actions
WHERE actions.decision <> 'undo' AND NOT EXISTS (
    SELECT FROM smp.review_actions AS later
    WHERE later.tenant_id = actions.tenant_id AND later.undoes = actions.id);

-- What decisions change of a column, by subject and key. No setting of a session changes how it is written.
CREATE FUNCTION smp.about_column(the_client text, the_table text, the_column text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp SET timezone = 'UTC' SET extra_float_digits = 1
AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_object_agg(found.key, found.state), '{}')
        FROM (
            SELECT 'mapping/' || id, jsonb_build_object('disposition', disposition,
                'canonical_entity', canonical_entity, 'canonical_field', canonical_field,
                'transformation_rule', transformation_rule, 'mapping_source', mapping_source,
                'confidence_score', confidence_score, 'required_threshold', required_threshold,
                'approval_hash', approval_hash, 'notes', notes, 'decided_by', decided_by, 'decided_at', decided_at,
                'gone', status = 'deprecated')
            FROM field_mappings
            WHERE tenant_id = smp.current_tenant() AND client = the_client AND source_table = the_table
                AND source_field = the_column
            UNION ALL
            SELECT 'item/' || id, jsonb_build_object('state', state, 'decided_by', decided_by,
                'decided_at', decided_at, 'opened_at', opened_at)
            FROM review_items
            WHERE tenant_id = smp.current_tenant() AND client = the_client AND source_table = the_table
                AND source_column = the_column
            UNION ALL
            SELECT 'approval/' || id, jsonb_build_object('revoked_at', revoked_at, 'revoked_by', revoked_by)
            FROM item_approvals
            WHERE tenant_id = smp.current_tenant() AND client = the_client AND source_table = the_table
                AND source_column = the_column
            UNION ALL
            SELECT 'pair/' || id, '{}'
            FROM rejected_pairs
            WHERE tenant_id = smp.current_tenant() AND client = the_client AND source_table = the_table
                AND source_column = the_column
            UNION ALL
            SELECT 'request/' || id, '{}'
            FROM run_requests
            WHERE tenant_id = smp.current_tenant() AND client = the_client AND kind = 'reprofile' AND state = 'open'
        ) AS found (key, state));
END $$;

-- Keeps what an action made of a column that was as ``before`` says; nothing where there was no action.
CREATE FUNCTION smp.keep_effects(
    the_action bigint, the_client text, the_table text, the_column text, before jsonb
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    INSERT INTO decision_effects (client, action_id, subject, key, was, became)
    SELECT the_client, the_action, split_part(present.key, '/', 1), substr(present.key, strpos(present.key, '/') + 1),
        before -> present.key, present.value
    FROM jsonb_each(smp.about_column(the_client, the_table, the_column)) AS present
    WHERE the_action IS NOT NULL AND before -> present.key IS DISTINCT FROM present.value
$$;

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
        SELECT FROM standing_actions
        WHERE tenant_id = item.tenant_id AND client = item.client AND item_id = item.id
            AND actor = person.login AND standing_actions.decision = is_repeated.decision ->> 'kind'
            AND state_after = 'awaiting_second' AND item_version >= last_action.item_version
    ) THEN
        RAISE EXCEPTION 'Item % has the approval of %; it needs that of another person.', item.id, person.login
            USING ERRCODE = 'SMP03';
    END IF;
    RETURN false;
END $$;

-- The state an item comes to by a decision. The safe answers need one person, the others as many as it says; so does
-- mending a mapping whose check failed, because what is made of it is put to the test like everything else.
CREATE OR REPLACE FUNCTION smp.state_after(
    item smp.review_items, decision jsonb, the_entity text, the_field text, person smp.users
) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    kind text := decision ->> 'kind';
    people integer;
BEGIN
    IF kind IN ('approve', 'override', 'include') AND item.required_approvals > 1
        AND NOT (item.kind = 'validation' AND kind = 'override') THEN
        SELECT count(DISTINCT actor) INTO people FROM (
            SELECT actor FROM standing_actions
            WHERE tenant_id = item.tenant_id AND client = item.client AND item_id = item.id
                AND standing_actions.decision = kind AND state_after = 'awaiting_second'
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
            WHEN 'awaiting_second' THEN 'another steward or admin than ' || (
                SELECT string_agg(DISTINCT actions.actor, ', ') FROM standing_actions AS actions
                WHERE actions.tenant_id = items.tenant_id AND actions.client = items.client
                    AND actions.item_id = items.id)
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
        UPDATE review_items SET state = new_state
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

-- One decision, with what it changed kept beside it.
CREATE FUNCTION smp.decide_and_keep(the_client text, decision jsonb, person smp.users) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    item smp.review_items;
    before jsonb;
    outcome jsonb;
BEGIN
    SELECT * INTO item FROM review_items
    WHERE tenant_id = smp.current_tenant() AND client = the_client AND id = decision ->> 'item_id';
    before := smp.about_column(the_client, item.source_table, item.source_column);
    outcome := smp.decide_one(the_client, decision, person);
    PERFORM smp.keep_effects(
        (outcome ->> 'action_id')::bigint, the_client, item.source_table, item.source_column, before);
    RETURN outcome - 'action_id';
END $$;

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
        outcomes := outcomes || smp.decide_and_keep(the_client, decision, person);
    END LOOP;
    PERFORM smp.after_decisions(the_client);
    RETURN to_jsonb(outcomes);
END $$;

-- Takes a column in again that was left out, or leaves one out; see column_use.sql.
CREATE OR REPLACE FUNCTION smp.decide_use(
    the_client text, the_table text, the_column text, is_used boolean, the_hash text, the_reason text
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users := smp.deciding_person(the_client);
    the_kind text := CASE WHEN is_used THEN 'include' ELSE 'exclude' END;
    mapping smp.field_mappings;
    asked text;
    before jsonb;
    outcome jsonb;
BEGIN
    PERFORM smp.enter_law(the_client);
    before := smp.about_column(the_client, the_table, the_column);
    SELECT * INTO mapping FROM field_mappings
    WHERE tenant_id = smp.current_tenant() AND client = the_client AND source_table = the_table
        AND source_field = the_column AND status <> 'deprecated' FOR UPDATE;
    IF mapping.id IS NULL THEN
        RAISE EXCEPTION 'There is no column % among those proposed for client %.',
            the_table || '.' || the_column, the_client USING ERRCODE = 'SMP04';
    ELSIF coalesce(btrim(the_reason), '') = '' THEN
        RAISE EXCEPTION 'Say why: this decision needs a reason.' USING ERRCODE = 'SMP04';
    ELSIF smp.objection_to_use(mapping, is_used) IS NOT NULL THEN
        RAISE EXCEPTION '%', smp.objection_to_use(mapping, is_used) USING ERRCODE = 'SMP04';
    ELSIF coalesce(the_hash, '') = '' THEN
        RAISE EXCEPTION 'The decision is bound to nothing.' USING ERRCODE = 'SMP04';
    END IF;

    SELECT id INTO asked FROM review_items
    WHERE tenant_id = mapping.tenant_id AND client = the_client AND source_table = the_table
        AND source_column = the_column AND kind = 'quality' AND state IN ('open', 'awaiting_second')
        AND approval_hash = mapping.approval_hash;
    IF asked IS NULL THEN
        UPDATE field_mappings SET approval_hash = the_hash WHERE id = mapping.id AND approval_hash <> the_hash;
        INSERT INTO review_items (tenant_id, client, id, kind, source_table, source_column, risk_class, reason, needed,
            had, approval_hash)
        SELECT mapping.tenant_id, the_client,
            left(encode(sha256(convert_to(concat_ws('/', 'use', the_client, the_table, the_column, the_hash, count(*)),
                'UTF8')), 'hex'), 32),
            'quality', the_table, the_column, 'critical',
            coalesce(nullif(mapping.explanation ->> 'reason', ''), 'nobody asked about its quality'), 1, 0, the_hash
        FROM review_actions AS earlier WHERE earlier.tenant_id = mapping.tenant_id AND earlier.client = the_client
        RETURNING id INTO asked;
    END IF;
    outcome := smp.decide_one(
        the_client, jsonb_build_object('item_id', asked, 'kind', the_kind, 'reason', the_reason), person);
    PERFORM smp.withdraw_others(mapping, asked);
    PERFORM smp.keep_effects((outcome ->> 'action_id')::bigint, the_client, the_table, the_column, before);
    PERFORM smp.after_decisions(the_client);
    RETURN outcome - 'action_id';
END $$;

-- Gives a column a field that nobody suggested for it: what a person says who was not asked. Where the column waits,
-- its own question is answered; else ``the_hash`` binds the word to the column as it is now. What a person mapped
-- is taken back before it fills another field; by another rule it fills the same one at once.
CREATE OR REPLACE FUNCTION smp.map_column(
    the_client text, the_table text, the_column text, the_entity text, the_field text, the_rule jsonb, the_hash text,
    the_reason text
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users := smp.deciding_person(the_client);
    mapping smp.field_mappings;
    earlier smp.review_items;
    asked text;
    before jsonb;
    outcome jsonb;
BEGIN
    PERFORM smp.enter_law(the_client);
    before := smp.about_column(the_client, the_table, the_column);
    SELECT * INTO mapping FROM field_mappings
    WHERE tenant_id = smp.current_tenant() AND client = the_client AND source_table = the_table
        AND source_field = the_column AND status <> 'deprecated' FOR UPDATE;
    IF mapping.id IS NULL THEN
        RAISE EXCEPTION 'There is no column % among those proposed for client %.',
            the_table || '.' || the_column, the_client USING ERRCODE = 'SMP04';
    ELSIF coalesce(btrim(the_reason), '') = '' THEN
        RAISE EXCEPTION 'Say why: this decision needs a reason.' USING ERRCODE = 'SMP04';
    ELSIF coalesce(the_hash, '') = '' THEN
        RAISE EXCEPTION 'The decision is bound to nothing.' USING ERRCODE = 'SMP04';
    ELSIF smp.objection_to_map(mapping, the_entity, the_field) IS NOT NULL THEN
        RAISE EXCEPTION '%', smp.objection_to_map(mapping, the_entity, the_field) USING ERRCODE = 'SMP04';
    END IF;

    IF mapping.disposition = 'approved' AND smp.decision_stands(mapping) THEN
        SELECT items.* INTO earlier FROM review_items AS items JOIN item_approvals AS approvals
            ON approvals.tenant_id = items.tenant_id AND approvals.client = items.client AND approvals.item_id = items.id
        WHERE items.tenant_id = mapping.tenant_id AND items.client = the_client
            AND approvals.source_table = the_table AND approvals.source_column = the_column
            AND approvals.approval_hash = mapping.approval_hash AND approvals.revoked_at IS NULL
            AND (approvals.entity, approvals.field) = (mapping.canonical_entity, mapping.canonical_field)
        ORDER BY approvals.decided_at DESC LIMIT 1;
        IF mapping.decided_by = person.login
            AND (mapping.canonical_entity, mapping.canonical_field) = (the_entity, the_field)
            AND mapping.transformation_rule IS NOT DISTINCT FROM nullif(the_rule, 'null') THEN
            RETURN jsonb_build_object(
                'item_id', earlier.id, 'state', earlier.state, 'row_version', earlier.row_version);
        END IF;
        IF (mapping.canonical_entity, mapping.canonical_field) IS DISTINCT FROM (the_entity, the_field)
            OR mapping.transformation_rule IS NOT DISTINCT FROM nullif(the_rule, 'null') THEN
            RAISE EXCEPTION 'Column % was decided already: % says it fills %.%. To decide otherwise: %',
                smp.named(the_table, the_column), mapping.decided_by, mapping.canonical_entity, mapping.canonical_field,
                smp.way_back(earlier) USING ERRCODE = 'SMP02';
        END IF;
    END IF;

    SELECT id INTO asked FROM review_items
    WHERE tenant_id = mapping.tenant_id AND client = the_client AND source_table = the_table
        AND source_column = the_column AND kind <> 'validation' AND state IN ('open', 'awaiting_second')
        AND approval_hash = mapping.approval_hash ORDER BY id LIMIT 1;
    IF asked IS NULL THEN
        asked := smp.open_question(mapping, the_entity, the_hash);
    END IF;
    outcome := smp.decide_one(
        the_client,
        jsonb_build_object('item_id', asked, 'kind', 'override', 'reason', the_reason, 'rule', the_rule,
            'target', jsonb_build_object('entity', the_entity, 'field', the_field)),
        person);
    PERFORM smp.withdraw_others(mapping, asked);
    PERFORM smp.keep_effects((outcome ->> 'action_id')::bigint, the_client, the_table, the_column, before);
    PERFORM smp.after_decisions(the_client);
    RETURN outcome - 'action_id';
END $$;

-- The last thing that people said about an item and nobody took back.
CREATE FUNCTION smp.last_word(item smp.review_items) RETURNS smp.standing_actions
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT words FROM standing_actions AS words
    WHERE words.tenant_id = item.tenant_id AND words.client = item.client AND words.item_id = item.id
    ORDER BY words.id DESC LIMIT 1
$$;

-- What stands in the way of taking a decision back, a line each: nothing published and no later word may rest on it,
-- and what it made is as it made it.
CREATE FUNCTION smp.objections_to_undo(said smp.standing_actions) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    item smp.review_items;
    mapping smp.field_mappings;
    earlier smp.field_mappings;
    present jsonb;
    otherwise text;
BEGIN
    SELECT * INTO item FROM review_items
    WHERE tenant_id = said.tenant_id AND client = said.client AND id = said.item_id;
    otherwise := coalesce(' To decide otherwise: ' || smp.way_back(item), '');
    IF said.published_version IS NULL THEN
        RETURN NEXT format('It was decided before decisions could be taken back.%s', otherwise);
        RETURN;
    END IF;
    RETURN QUERY
    SELECT format('Version %s was published with it.%s', max(version), otherwise) FROM publications
    WHERE tenant_id = said.tenant_id AND client = said.client HAVING max(version) > said.published_version;

    SELECT mappings.* INTO mapping FROM field_mappings AS mappings
    WHERE tenant_id = said.tenant_id AND client = said.client AND source_table = item.source_table
        AND source_field = item.source_column;
    SELECT restored.* INTO earlier FROM decision_effects AS effects, jsonb_populate_record(mapping, effects.was) AS restored
    WHERE effects.tenant_id = said.tenant_id AND effects.action_id = said.id AND effects.subject = 'mapping';

    RETURN QUERY
    SELECT format('%s said %s about item %s later, and that is taken back first: smp review undo %s',
        later.actor, later.decision, left(others.id, 10), left(others.id, 10))
    FROM review_items AS others
    JOIN standing_actions AS later
        ON later.tenant_id = others.tenant_id AND later.client = others.client AND later.item_id = others.id
    WHERE others.tenant_id = said.tenant_id AND others.client = said.client AND later.id > said.id
        AND (others.id = item.id
            OR item.source_column <> '' AND others.source_table = item.source_table
                AND others.source_column = item.source_column
            -- Somebody lived with it that the field was without this column.
            OR others.expectation_id = 'required_field:' || earlier.canonical_entity || '.' || earlier.canonical_field)
    ORDER BY later.id DESC;
    IF FOUND THEN
        RETURN;
    END IF;

    present := smp.about_column(said.client, item.source_table, item.source_column);
    RETURN QUERY
    SELECT DISTINCT CASE effects.subject
        WHEN 'item' THEN format('Item %s is %s now: its column or its target changed since.', left(effects.key, 10),
            present -> ('item/' || effects.key) ->> 'state')
        ELSE format('Column %s was proposed anew since.', smp.named(item.source_table, item.source_column))
    END
    FROM decision_effects AS effects
    WHERE effects.tenant_id = said.tenant_id AND effects.action_id = said.id AND effects.subject <> 'request'
        AND present -> (effects.subject || '/' || effects.key) IS DISTINCT FROM effects.became;

    IF earlier.disposition = 'auto_accepted' AND earlier.confidence_score < (
        SELECT effective_threshold FROM entity_policies
        WHERE tenant_id = said.tenant_id AND client = said.client AND entity = earlier.canonical_entity) THEN
        RETURN NEXT format('Column %s was accepted with less confidence than %s needs now.',
            smp.named(item.source_table, item.source_column), earlier.canonical_entity);
    ELSIF earlier.disposition IN ('auto_accepted', 'approved') AND EXISTS (
        SELECT FROM field_mappings AS rivals
        WHERE rivals.tenant_id = said.tenant_id AND rivals.client = said.client AND rivals.source_table = item.source_table
            AND rivals.source_field <> item.source_column AND rivals.disposition IN ('auto_accepted', 'approved')
            AND rivals.status <> 'deprecated'
            AND (rivals.canonical_entity, rivals.canonical_field) = (earlier.canonical_entity, earlier.canonical_field)
    ) THEN
        RETURN QUERY
        SELECT objection FROM smp.objection_to_map(
            jsonb_populate_record(earlier, '{"disposition": "unmapped"}'),
            earlier.canonical_entity, earlier.canonical_field) AS objection
        WHERE objection IS NOT NULL;
    END IF;
END $$;

-- Puts back what a decision changed, and notes who took it back.
CREATE FUNCTION smp.undo_action(said smp.standing_actions, person smp.users, why text, the_batch uuid) RETURNS void
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
        item.state, coalesce(effects.was ->> 'state', 'withdrawn'), item.row_version, the_batch, said.id
    FROM decision_effects AS effects
    WHERE effects.tenant_id = said.tenant_id AND effects.action_id = said.id
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

-- Passes for who made the decision, and for an administrator.
CREATE FUNCTION smp.require_author(said smp.standing_actions, person smp.users) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
BEGIN
    IF said.actor <> person.login AND person.role <> 'admin' THEN
        RAISE EXCEPTION '% decided about item %; that is taken back by % or an admin, not by % (%).',
            said.actor, said.item_id, said.actor, person.login, person.role USING ERRCODE = 'SMP03';
    END IF;
END $$;

-- Takes back the last word about an item; saying so again changes nothing.
CREATE FUNCTION smp.undo_item(
    the_client text, the_item text, the_reason text, expected_row_version integer
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users := smp.deciding_person(the_client);
    item smp.review_items;
    said smp.standing_actions;
    newest smp.review_actions;
    blocking text[];
BEGIN
    PERFORM smp.enter_law(the_client);
    SELECT * INTO item FROM review_items
    WHERE tenant_id = smp.current_tenant() AND client = the_client AND id = the_item FOR UPDATE;
    IF item.id IS NULL THEN
        RAISE EXCEPTION 'There is no item % in the queue of client %.', quote_nullable(the_item), the_client
            USING ERRCODE = 'SMP04';
    END IF;
    SELECT * INTO newest FROM review_actions AS actions
    WHERE actions.tenant_id = item.tenant_id AND actions.client = the_client AND actions.item_id = item.id
    ORDER BY actions.id DESC LIMIT 1;
    IF newest.decision = 'undo' AND newest.actor = person.login AND item.state = newest.state_after
        AND coalesce(expected_row_version, newest.item_version) = newest.item_version THEN
        RETURN jsonb_build_object('item_id', item.id, 'state', item.state, 'row_version', item.row_version);
    END IF;

    said := smp.last_word(item);
    IF said.id IS NULL THEN
        RAISE EXCEPTION 'Item % is %, and there is no decision to take back.%', item.id, item.state,
            CASE WHEN newest.decision = 'undo' THEN format(' %s took it back at %s.', newest.actor,
                to_char(newest.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')) ELSE '' END
            USING ERRCODE = 'SMP02';
    ELSIF expected_row_version <> item.row_version THEN
        RAISE EXCEPTION 'Item % changed since it was shown (version % is now %). Look at it again.',
            item.id, expected_row_version, item.row_version USING ERRCODE = 'SMP02';
    END IF;
    PERFORM smp.require_author(said, person);
    blocking := ARRAY(SELECT smp.objections_to_undo(said));
    IF cardinality(blocking) > 0 THEN
        RAISE EXCEPTION 'What % decided about item % cannot be taken back. %', said.actor, item.id,
            array_to_string(blocking, ' ') USING ERRCODE = 'SMP02', DETAIL = to_jsonb(blocking)::text;
    END IF;
    PERFORM smp.undo_action(said, person, the_reason, NULL);
    PERFORM smp.after_decisions(the_client);
    RETURN (
        SELECT jsonb_build_object('item_id', items.id, 'state', items.state, 'row_version', items.row_version)
        FROM review_items AS items
        WHERE items.tenant_id = item.tenant_id AND items.client = the_client AND items.id = item.id);
END $$;

-- Enters the law of each client that decisions made as one are about, by name; the clients.
CREATE FUNCTION smp.enter_batch(the_batch uuid) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    the_client text;
BEGIN
    FOR the_client IN
        SELECT DISTINCT client FROM review_actions
        WHERE tenant_id = smp.current_tenant() AND batch_id = the_batch ORDER BY client
    LOOP
        PERFORM smp.deciding_person(the_client);
        PERFORM smp.enter_law(the_client);
        RETURN NEXT the_client;
    END LOOP;
    IF the_client IS NULL THEN
        RAISE EXCEPTION 'No decisions were made together under the id %.', the_batch USING ERRCODE = 'SMP04';
    END IF;
END $$;

-- Refuses what is blocked of decisions made as one; each line names an item.
CREATE FUNCTION smp.refuse_blocked(what text, blocking text[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
    IF cardinality(blocking) > 0 THEN
        RAISE EXCEPTION '% % item(s) stand in the way; nothing was changed. %', what, cardinality(blocking),
            array_to_string(blocking[:20], ' ') USING ERRCODE = 'SMP02', DETAIL = to_jsonb(blocking)::text;
    END IF;
END $$;

-- Takes back decisions that were made as one, all or none; those that were taken back already stay so.
CREATE FUNCTION smp.undo_batch(the_batch uuid, the_reason text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp SET enable_seqscan = off
    SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    clients text[] := ARRAY(SELECT smp.enter_batch(the_batch));
    person smp.users := smp.acting_person();
    said smp.standing_actions;
    objections text[];
    blocking text[] := '{}';
    undone text[] := '{}';
BEGIN
    FOR said IN
        SELECT words.* FROM standing_actions AS words
        WHERE words.tenant_id = smp.current_tenant() AND words.batch_id = the_batch ORDER BY words.id DESC
    LOOP
        PERFORM smp.require_author(said, person);
        objections := ARRAY(SELECT smp.objections_to_undo(said));
        IF cardinality(objections) > 0 THEN
            blocking := blocking || format('Item %s: %s', said.item_id, array_to_string(objections, ' '));
        ELSE
            PERFORM smp.undo_action(said, person, the_reason, the_batch);
            undone := said.item_id || undone;
        END IF;
    END LOOP;
    PERFORM smp.refuse_blocked('These decisions cannot be taken back together:', blocking);
    IF undone <> '{}' THEN
        PERFORM smp.after_decisions(each) FROM unnest(clients) AS each;
    END IF;
    RETURN to_jsonb(undone);
END $$;

-- Makes decisions anew that were made, and taken back, as one; all or none. Where they stand, nothing changes.
CREATE FUNCTION smp.redo_batch(the_batch uuid, the_reason text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp SET enable_seqscan = off
    SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    clients text[] := ARRAY(SELECT smp.enter_batch(the_batch));
    person smp.users := smp.acting_person();
    said record;
    blocking text[] := '{}';
    decisions jsonb[] := '{}';
    decision jsonb;
BEGIN
    IF EXISTS (
        SELECT FROM standing_actions AS words
        WHERE words.tenant_id = smp.current_tenant() AND words.batch_id = the_batch
    ) THEN
        RETURN '[]';
    END IF;
    FOR said IN
        SELECT words.*, items.state, items.row_version, undone.item_version + 1 AS version_left
        FROM review_actions AS undone
        JOIN review_actions AS words ON words.tenant_id = undone.tenant_id AND words.id = undone.undoes
        JOIN review_items AS items
            ON items.tenant_id = words.tenant_id AND items.client = words.client AND items.id = words.item_id
        WHERE undone.tenant_id = smp.current_tenant() AND undone.batch_id = the_batch AND undone.decision = 'undo'
            AND undone.decided_at = (
                SELECT max(newest.decided_at) FROM review_actions AS newest
                WHERE newest.tenant_id = undone.tenant_id AND newest.batch_id = the_batch AND newest.decision = 'undo')
        ORDER BY words.id
    LOOP
        IF said.row_version <> said.version_left THEN
            blocking := blocking || format('Item %s changed since and is %s.', said.item_id, said.state);
        END IF;
        decisions := decisions || jsonb_build_object(
            'client', said.client, 'item_id', said.item_id, 'kind', said.decision, 'rule', said.rule,
            'target', CASE WHEN said.field IS NOT NULL THEN
                jsonb_build_object('entity', said.entity, 'field', said.field) END,
            'reason', coalesce(nullif(btrim(the_reason), ''), said.reason), 'batch_id', the_batch);
    END LOOP;
    PERFORM smp.refuse_blocked('These decisions cannot be made again together:', blocking);
    FOREACH decision IN ARRAY decisions LOOP
        PERFORM smp.decide_and_keep(decision ->> 'client', decision, person);
    END LOOP;
    PERFORM smp.after_decisions(each) FROM unnest(clients) AS each;
    RETURN to_jsonb(ARRAY(SELECT each ->> 'item_id' FROM unnest(decisions) AS each));
END $$;

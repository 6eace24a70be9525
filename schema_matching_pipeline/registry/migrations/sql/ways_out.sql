-- Whoever comes after a decision is told how it is taken back, and by whom.

CREATE FUNCTION smp.way_to_undo(item smp.review_items) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT format('%s or an admin takes that back, while nothing published rests on it: smp review undo %s.',
        item.decided_by, left(item.id, 10))
    WHERE item.tenant_id = smp.current_tenant()
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
        RAISE EXCEPTION 'Item % was decided already: % said % at %. %', item.id, item.decided_by,
            last_action.decision, to_char(item.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
            concat_ws(' ', smp.way_to_undo(item), 'To decide otherwise: ' || smp.way_back(item))
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

-- Maps a column to a field that nobody suggested for it, in the name of whoever acts.
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
            RAISE EXCEPTION 'Column % was decided already: % says it fills %.%. % To decide otherwise: %',
                smp.named(the_table, the_column), mapping.decided_by, mapping.canonical_entity, mapping.canonical_field,
                smp.way_to_undo(earlier), smp.way_back(earlier) USING ERRCODE = 'SMP02';
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

-- Who is to decide unaware of others is told by nobody who they were, also where what they said is taken back.

-- Whether what people said of an item since it was opened is not told to somebody: while it waits for as many as it
-- takes, to who is not among them; taken back or not.
CREATE FUNCTION smp.is_withheld(the_client text, the_item text, who text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT coalesce(bool_or(CASE items.state
        WHEN 'awaiting_second' THEN
            NOT smp.is_disputed(items.client, items.id, items.opened_at)
            AND NOT EXISTS (
                SELECT FROM smp.words_on(items.client, items.id, items.opened_at) AS said WHERE said.actor = who)
        WHEN 'open' THEN
            items.required_approvals > 1
            AND EXISTS (
                SELECT FROM review_actions AS said
                WHERE said.tenant_id = items.tenant_id AND said.client = items.client AND said.item_id = items.id
                    AND said.decided_at >= items.opened_at AND said.decision <> 'undo' AND said.actor <> who)
            AND NOT EXISTS (
                SELECT FROM review_actions AS said
                WHERE said.tenant_id = items.tenant_id AND said.client = items.client AND said.item_id = items.id
                    AND said.decided_at >= items.opened_at AND said.decision <> 'undo' AND said.actor = who)
    END), false)
    FROM review_items AS items
    WHERE items.tenant_id = smp.current_tenant() AND items.client = the_client AND items.id = the_item
$$;

CREATE OR REPLACE FUNCTION smp.require_author(said smp.standing_actions, person smp.users) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
BEGIN
    IF said.actor <> person.login AND person.role <> 'admin' THEN
        IF smp.is_withheld(said.client, said.item_id, person.login) THEN
            RAISE EXCEPTION 'Item % waits for another person''s decision. What was said of it is taken back by who said it or an admin, not by % (%).',
                said.item_id, person.login, person.role USING ERRCODE = 'SMP03';
        END IF;
        RAISE EXCEPTION '% decided about item %; that is taken back by % or an admin, not by % (%).',
            said.actor, said.item_id, said.actor, person.login, person.role USING ERRCODE = 'SMP03';
    END IF;
END $$;

-- What stands in the way of taking a decision back, a line each: nothing published and no later word may rest on it,
-- and what it made is as it made it.
CREATE OR REPLACE FUNCTION smp.objections_to_undo(said smp.standing_actions) RETURNS SETOF text
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
    SELECT format('%s about item %s later, and that is taken back first: smp review undo %s',
        CASE
            WHEN smp.is_withheld(said.client, others.id, smp.current_actor()) THEN 'Somebody decided'
            ELSE format('%s said %s', later.actor, later.decision)
        END, left(others.id, 10), left(others.id, 10))
    FROM (
        SELECT same.id FROM review_items AS same
        WHERE same.tenant_id = said.tenant_id AND same.client = said.client AND same.source_table = item.source_table
            AND same.source_column = item.source_column AND (item.source_column <> '' OR same.id = item.id)
        UNION
        -- Somebody lived with it that the field was without this column.
        SELECT gaps.id FROM review_items AS gaps
        WHERE gaps.tenant_id = said.tenant_id AND gaps.client = said.client AND gaps.source_column = ''
            AND gaps.expectation_id = 'required_field:' || earlier.canonical_entity || '.' || earlier.canonical_field
    ) AS others
    JOIN standing_actions AS later
        ON later.tenant_id = said.tenant_id AND later.client = said.client AND later.item_id = others.id
    WHERE later.id > said.id
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

-- Takes back the last word about an item; saying so again changes nothing.
CREATE OR REPLACE FUNCTION smp.undo_item(
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
            CASE WHEN newest.decision = 'undo' THEN format(' %s took it back at %s.',
                CASE
                    WHEN smp.is_withheld(item.client, item.id, person.login) THEN 'Somebody'
                    ELSE newest.actor
                END, to_char(newest.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')) ELSE '' END
            USING ERRCODE = 'SMP02';
    ELSIF expected_row_version <> item.row_version THEN
        RAISE EXCEPTION 'Item % changed since it was shown (version % is now %). Look at it again.',
            item.id, expected_row_version, item.row_version USING ERRCODE = 'SMP02';
    END IF;
    PERFORM smp.require_author(said, person);
    blocking := ARRAY(SELECT smp.objections_to_undo(said));
    IF cardinality(blocking) > 0 THEN
        RAISE EXCEPTION 'What % decided about item % cannot be taken back. %',
            CASE WHEN smp.is_withheld(item.client, item.id, person.login) THEN 'somebody' ELSE said.actor END, item.id,
            array_to_string(blocking, ' ') USING ERRCODE = 'SMP02', DETAIL = to_jsonb(blocking)::text;
    END IF;
    PERFORM smp.undo_action(said, person, the_reason, NULL);
    PERFORM smp.after_decisions(the_client);
    RETURN (
        SELECT jsonb_build_object('item_id', items.id, 'state', items.state, 'row_version', items.row_version)
        FROM review_items AS items
        WHERE items.tenant_id = item.tenant_id AND items.client = the_client AND items.id = item.id);
END $$;

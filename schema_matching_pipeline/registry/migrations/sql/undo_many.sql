-- Taking a decision back finds what it changed by keys: a key that is read from another table before row-level security
-- is through was compared with every row of the tenant.

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
    SELECT format('%s said %s about item %s later, and that is taken back first: smp review undo %s',
        later.actor, later.decision, left(others.id, 10), left(others.id, 10))
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
                WHERE requests.tenant_id = said.tenant_id AND requests.id = the_row AND requests.state = 'open';
        END CASE;
    END LOOP;

    -- One of several words was taken back: the item waits as before, and is another version.
    UPDATE review_items AS items SET updated_at = clock_timestamp()
    WHERE items.tenant_id = said.tenant_id AND items.client = said.client AND items.id = said.item_id
        AND items.row_version = item.row_version;
END $$;

-- A column that the matcher missed is mapped by a person, and who meets a decision is told how to take it back.

-- A column as a command names it.
CREATE FUNCTION smp.named(the_table text, the_column text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN the_table || '.' || the_column ~ '^[A-Za-z0-9_.-]+$' THEN the_table || '.' || the_column
    ELSE quote_literal(the_table || '.' || the_column)
END;

-- The commands that lead back from the decision about an item; null where it is open.
CREATE FUNCTION smp.way_back(item smp.review_items) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT CASE
        WHEN item.state NOT IN ('approved', 'rejected', 'overridden') THEN NULL
        WHEN item.source_column = '' AND item.field IS NOT NULL THEN format(
            'smp review include %s TABLE.COLUMN --to %s.%s --reason WHY', item.client, item.entity, item.field)
        ELSE (
            SELECT CASE
                WHEN mappings.disposition = 'excluded' THEN format('smp review include %s --reason WHY', named.it)
                WHEN mappings.disposition IN ('unmapped', 'rejected') THEN format(
                    'smp review include %s --to ENTITY.FIELD --reason WHY', named.it)
                ELSE format('smp review exclude %1$s --reason WHY, then smp review include %1$s --reason WHY', named.it)
            END
            FROM field_mappings AS mappings,
                LATERAL (SELECT item.client || ' ' || smp.named(item.source_table, item.source_column)) AS named (it)
            WHERE mappings.tenant_id = item.tenant_id AND mappings.client = item.client
                AND mappings.source_table = item.source_table AND mappings.source_field = item.source_column
                AND mappings.status <> 'deprecated')
    END
    WHERE item.tenant_id = smp.current_tenant()
$$;

-- Whether this person said exactly this before; if somebody else spoke, or the item is another now, an error.
CREATE OR REPLACE FUNCTION smp.is_repeated(item smp.review_items, decision jsonb, person smp.users) RETURNS boolean
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

-- After decisions: while others wait, gaps are asked about at once; with nothing left, the version is settled.
CREATE FUNCTION smp.after_decisions(the_client text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
BEGIN
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
END $$;

-- Why a column cannot be left out, or taken in; null where it can.
CREATE FUNCTION smp.objection_to_use(mapping smp.field_mappings, is_used boolean) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
RETURN CASE
    WHEN is_used <> (mapping.disposition <> 'excluded') THEN NULL
    WHEN NOT is_used THEN format('Column %s is left out already. To use it: smp review include %s %s --reason WHY',
        smp.named(mapping.source_table, mapping.source_field), mapping.client,
        smp.named(mapping.source_table, mapping.source_field))
    ELSE format('Column %s is used (%s) and cannot be included once more. To map it: '
        || 'smp review include %s %s --to ENTITY.FIELD --reason WHY',
        smp.named(mapping.source_table, mapping.source_field), mapping.disposition, mapping.client,
        smp.named(mapping.source_table, mapping.source_field))
END;

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
    outcome jsonb;
BEGIN
    PERFORM smp.enter_law(the_client);
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
    PERFORM smp.after_decisions(the_client);
    RETURN outcome;
END $$;

-- A word about a whole column takes back what was said of its field; asked again, the question is a new one to everybody.
CREATE FUNCTION smp.withdraw_others(mapping smp.field_mappings, asked text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    UPDATE review_items SET state = 'withdrawn', opened_at = clock_timestamp()
    WHERE tenant_id = mapping.tenant_id AND client = mapping.client AND source_table = mapping.source_table
        AND source_column = mapping.source_field AND id <> asked
        AND (state IN ('open', 'awaiting_second')
            OR state IN ('approved', 'overridden') AND kind IN ('mapping', 'classification'));
$$;

-- Why a column may not be given a field; null where it may.
CREATE FUNCTION smp.objection_to_map(mapping smp.field_mappings, the_entity text, the_field text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    place text := mapping.client || ' ' || smp.named(mapping.source_table, mapping.source_field);
    definition smp.canonical_fields := smp.definition_of(mapping.client, the_entity, the_field);
    rival smp.field_mappings;
    waiting text;
BEGIN
    IF definition.id IS NULL THEN
        RETURN format('There is no field %s.%s in the canonical model of client %s.',
            the_entity, the_field, mapping.client);
    ELSIF mapping.disposition = 'excluded' THEN
        RETURN format('Column %s is left out. Take it in first: smp review include %s --reason WHY',
            smp.named(mapping.source_table, mapping.source_field), place);
    END IF;

    SELECT * INTO rival FROM field_mappings
    WHERE tenant_id = mapping.tenant_id AND client = mapping.client AND source_table = mapping.source_table
        AND source_field <> mapping.source_field AND (canonical_entity, canonical_field) = (the_entity, the_field)
        AND disposition IN ('auto_accepted', 'approved', 'pending_review') AND status <> 'deprecated'
    ORDER BY disposition, source_field LIMIT 1;
    IF rival.id IS NULL OR EXISTS (
        SELECT FROM entity_schemas AS schemas, jsonb_array_elements(schemas.schema_definition -> 'fields') AS fields (it)
        WHERE schemas.tenant_id = definition.tenant_id AND schemas.id = definition.entity_schema_id
            AND it ->> 'name' = the_field AND it -> 'one_source' = 'false'
    ) THEN
        RETURN NULL;
    END IF;
    SELECT left(id, 10) INTO waiting FROM review_items
    WHERE tenant_id = rival.tenant_id AND client = rival.client AND source_table = rival.source_table
        AND source_column = rival.source_field AND kind <> 'validation' AND state IN ('open', 'awaiting_second')
    ORDER BY id LIMIT 1;
    RETURN format(
        'Field %s.%s is taken in this table: column %s %s. %s', the_entity, the_field,
        smp.named(rival.source_table, rival.source_field),
        CASE WHEN waiting IS NULL THEN 'fills it' ELSE 'waits for a decision about it' END,
        CASE
            WHEN waiting IS NULL THEN format('Leave that one out first: smp review exclude %s %s --reason WHY',
                rival.client, smp.named(rival.source_table, rival.source_field))
            ELSE format('Decide that first: smp review override %s --nothing --reason WHY', waiting)
        END);
END $$;

-- Gives a column a field that nobody suggested for it: what a person says who was not asked. Where the column waits,
-- its own question is answered; else ``the_hash`` binds the word to the column as it is now. What a person mapped
-- is taken back before it is mapped otherwise.
CREATE FUNCTION smp.map_column(
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
    outcome jsonb;
BEGIN
    PERFORM smp.enter_law(the_client);
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
        RAISE EXCEPTION 'Column % was decided already: % says it fills %.%. To decide otherwise: %',
            smp.named(the_table, the_column), mapping.decided_by, mapping.canonical_entity, mapping.canonical_field,
            smp.way_back(earlier) USING ERRCODE = 'SMP02';
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
    PERFORM smp.after_decisions(the_client);
    RETURN outcome;
END $$;

-- The question that a person answers about a column nobody asked about: its id. What was accepted without a person
-- counts as a suggestion; a column that fills nothing has none.
CREATE FUNCTION smp.open_question(mapping smp.field_mappings, the_entity text, the_hash text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    suggested boolean := mapping.disposition = 'auto_accepted';
    question text;
BEGIN
    UPDATE field_mappings SET approval_hash = the_hash WHERE id = mapping.id AND approval_hash <> the_hash;
    INSERT INTO review_items (tenant_id, client, id, kind, source_table, source_column, entity, field, risk_class, reason,
        needed, had, approval_hash)
    SELECT mapping.tenant_id, mapping.client,
        left(encode(sha256(convert_to(concat_ws('/', 'map', mapping.client, mapping.source_table, mapping.source_field,
            the_hash, count(*)), 'UTF8')), 'hex'), 32),
        CASE WHEN suggested THEN 'mapping' ELSE 'classification' END, mapping.source_table, mapping.source_field,
        CASE WHEN suggested THEN mapping.canonical_entity END, CASE WHEN suggested THEN mapping.canonical_field END,
        coalesce((SELECT policies.risk_class FROM entity_policies AS policies
            WHERE policies.tenant_id = mapping.tenant_id AND policies.client = mapping.client
                AND policies.entity = the_entity), 'critical'),
        'nobody asked about it' || coalesce(': ' || nullif(mapping.explanation ->> 'reason', ''), ''),
        mapping.required_threshold, coalesce(mapping.proposed_confidence, 0), the_hash
    FROM review_actions AS earlier
    WHERE earlier.tenant_id = mapping.tenant_id AND earlier.client = mapping.client
    RETURNING id INTO question;
    RETURN question;
END $$;

-- How a column fills its field is changed without taking back that it does.

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
    PERFORM smp.after_decisions(the_client);
    RETURN outcome;
END $$;

-- The question that a person answers about a column nobody asked about: its id. What it fills
-- counts as a suggestion; a column that fills nothing has none.
CREATE OR REPLACE FUNCTION smp.open_question(mapping smp.field_mappings, the_entity text, the_hash text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    suggested boolean := mapping.disposition IN ('auto_accepted', 'approved');
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

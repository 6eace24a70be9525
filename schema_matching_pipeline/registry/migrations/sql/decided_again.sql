-- What was said is taken back whole: a column's field is asked about again, and another rule is another word.

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
    ELSIF coalesce(the_hash, '') = '' OR is_used = (mapping.disposition <> 'excluded') THEN
        RAISE EXCEPTION 'Column % is % and cannot be %d.', the_table || '.' || the_column, mapping.disposition, the_kind
            USING ERRCODE = 'SMP04';
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

    -- The word takes back what was said of the column's field; asked again, the question is a new one to everybody.
    UPDATE review_items SET state = 'withdrawn', opened_at = clock_timestamp()
    WHERE tenant_id = mapping.tenant_id AND client = the_client AND source_table = the_table
        AND source_column = the_column AND id <> asked
        AND (state IN ('open', 'awaiting_second')
            OR state IN ('approved', 'overridden') AND kind IN ('mapping', 'classification'));
    IF NOT EXISTS (
        SELECT FROM review_items
        WHERE tenant_id = mapping.tenant_id AND client = the_client AND state IN ('open', 'awaiting_second')
    ) THEN
        PERFORM smp.settle_version(the_client);
    END IF;
    RETURN outcome;
END $$;

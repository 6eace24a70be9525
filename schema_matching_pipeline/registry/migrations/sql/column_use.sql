-- Whether a column is used at all, decided by a person without being asked.

-- Takes a column in again that was left out, or leaves one out. ``the_hash`` binds the word to the column's
-- quality as it is now: it holds while the column does. The word is a decided item of kind quality, so that it
-- is shown, kept and carried over like every other.
CREATE FUNCTION smp.decide_use(
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

    UPDATE review_items SET state = 'withdrawn'
    WHERE tenant_id = mapping.tenant_id AND client = the_client AND source_table = the_table
        AND source_column = the_column AND state IN ('open', 'awaiting_second');
    IF NOT EXISTS (
        SELECT FROM review_items
        WHERE tenant_id = mapping.tenant_id AND client = the_client AND state IN ('open', 'awaiting_second')
    ) THEN
        PERFORM smp.settle_version(the_client);
    END IF;
    RETURN outcome;
END $$;

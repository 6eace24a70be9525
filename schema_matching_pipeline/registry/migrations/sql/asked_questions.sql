-- What people agreed to is what they were shown.

CREATE OR REPLACE FUNCTION smp.guard_item() RETURNS trigger
LANGUAGE plpgsql SET search_path = smp, pg_temp
AS $$
DECLARE
    by_law boolean := smp.acts_for_the_law();
BEGIN
    -- A demanded check of a critical entity is waived by two people, whatever class the question names; a gap by one.
    IF NEW.kind = 'validation' AND coalesce(NEW.expectation_id, '') NOT LIKE 'required\_field:%'
        AND (NEW.risk_class = 'critical' OR NEW.entity IS NOT NULL AND coalesce(
            (SELECT policies.risk_class FROM entity_policies AS policies
             WHERE policies.tenant_id = NEW.tenant_id AND policies.client = NEW.client
                AND policies.entity = NEW.entity), 'critical') = 'critical') THEN
        NEW.required_approvals := greatest(NEW.required_approvals, 2);
    END IF;
    IF TG_OP = 'INSERT' THEN
        NEW.row_version := 1;
        IF NOT by_law AND (NEW.state <> 'open' OR num_nonnulls(NEW.decided_by, NEW.decided_at) > 0) THEN
            RAISE EXCEPTION 'A review item begins open.' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;

    IF (NEW.tenant_id, NEW.client, NEW.id, NEW.kind, NEW.source_table, NEW.source_column)
        IS DISTINCT FROM (OLD.tenant_id, OLD.client, OLD.id, OLD.kind, OLD.source_table, OLD.source_column) THEN
        RAISE EXCEPTION 'A review item stays with its column.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT by_law THEN
        IF (NEW.entity, NEW.field, NEW.expectation_id, NEW.approval_hash)
            IS DISTINCT FROM (OLD.entity, OLD.field, OLD.expectation_id, OLD.approval_hash) THEN
            RAISE EXCEPTION 'A review item keeps its question; another question is another item.'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        -- What the first of two people agreed to was not this bad.
        IF NEW.state = 'awaiting_second' AND NEW.had < OLD.had THEN
            NEW.state := 'open';
            NEW.opened_at := clock_timestamp();
        ELSIF NEW.opened_at < OLD.opened_at THEN
            NEW.opened_at := OLD.opened_at;
        END IF;
        NEW.required_approvals := greatest(NEW.required_approvals, OLD.required_approvals);
        IF OLD.state IN ('approved', 'rejected', 'overridden')
            AND (NEW.state <> 'withdrawn'
                OR to_jsonb(NEW) - '{state,updated_at}'::text[] <> to_jsonb(OLD) - '{state,updated_at}'::text[]) THEN
            RAISE EXCEPTION 'Item % was decided by %; it can only be withdrawn.', OLD.id, OLD.decided_by
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF NEW.state <> OLD.state AND NEW.state NOT IN ('open', 'withdrawn') THEN
            RAISE EXCEPTION 'Only a person''s decision closes item %; see smp.decide_item.', OLD.id
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF NEW.state = 'open' AND OLD.state = 'withdrawn' THEN
            NEW.decided_by := NULL;
            NEW.decided_at := NULL;
        ELSIF (NEW.decided_by, NEW.decided_at) IS DISTINCT FROM (OLD.decided_by, OLD.decided_at) THEN
            RAISE EXCEPTION 'Only a person''s decision closes item %; see smp.decide_item.', OLD.id
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    NEW.row_version := OLD.row_version + 1;
    RETURN NEW;
END $$;

-- The share of rows that fail by what the item shows; null where it asks about no share.
CREATE FUNCTION smp.shown_share(item smp.review_items) RETURNS double precision
LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN item.kind = 'validation' AND coalesce(item.expectation_id, '') NOT LIKE 'required\_field:%'
        THEN 1 - item.had
END;

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
    RETURN jsonb_build_object('item_id', item.id, 'state', new_state, 'row_version', item.row_version);
END $$;

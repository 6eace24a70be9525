-- Some of what was accepted without anybody looking at it alone comes back to people, who are not told what was accepted.

-- A spot check is a state of its own: no gate asks for it and no count of what waits has it, but the queue shows it.
ALTER TABLE smp.review_items
    DROP CONSTRAINT review_items_state_check,
    ADD CONSTRAINT review_items_state_check
        CHECK (state IN ('open', 'awaiting_second', 'spot_check', 'approved', 'rejected', 'overridden', 'withdrawn'));

DROP INDEX smp.review_items_value_idx, smp.review_items_risk_idx, smp.review_items_age_idx,
    smp.review_items_confidence_idx, smp.review_items_rows_idx, smp.review_items_waiting_idx;
CREATE INDEX review_items_value_idx ON smp.review_items (tenant_id, value_of_information DESC, client, id)
    WHERE state IN ('open', 'awaiting_second', 'spot_check');
CREATE INDEX review_items_risk_idx ON smp.review_items
    (tenant_id, array_position(ARRAY['critical', 'important', 'optional'], risk_class), had)
    WHERE state IN ('open', 'awaiting_second', 'spot_check');
CREATE INDEX review_items_age_idx ON smp.review_items (tenant_id, opened_at)
    WHERE state IN ('open', 'awaiting_second', 'spot_check');
CREATE INDEX review_items_confidence_idx ON smp.review_items (tenant_id, had DESC)
    WHERE state IN ('open', 'awaiting_second', 'spot_check');
CREATE INDEX review_items_rows_idx ON smp.review_items (tenant_id, rows_affected DESC)
    WHERE state IN ('open', 'awaiting_second', 'spot_check');
CREATE INDEX review_items_waiting_idx ON smp.review_items (tenant_id, client)
    INCLUDE (state, kind, risk_class, entity, had, opened_at)
    WHERE state IN ('open', 'awaiting_second', 'spot_check');

-- What was accepted, for the items that ask about it blind; an item says it itself once it is answered.
CREATE TABLE smp.spot_checks (
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    item_id TEXT NOT NULL,
    checked_item TEXT,
    entity TEXT NOT NULL,
    field TEXT NOT NULL,
    risk_class TEXT NOT NULL,
    reason TEXT NOT NULL,
    needed DOUBLE PRECISION NOT NULL,
    had DOUBLE PRECISION NOT NULL,
    item JSONB DEFAULT '{}' NOT NULL,
    drawn_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT spot_checks_pkey PRIMARY KEY (tenant_id, client, item_id),
    CONSTRAINT spot_checks_tenant_id_client_item_id_fkey FOREIGN KEY(tenant_id, client, item_id) REFERENCES smp.review_items (tenant_id, client, id),
    CONSTRAINT spot_checks_risk_class_check CHECK (risk_class IN ('critical', 'important', 'optional'))
);

CREATE INDEX spot_checks_checked_idx ON smp.spot_checks (tenant_id, client, checked_item) WHERE checked_item IS NOT NULL;

COMMENT ON TABLE smp.spot_checks IS 'closed: what was accepted of items that ask blind; checked_item is the question that people had answered together with others';

ALTER TABLE smp.spot_checks ENABLE ROW LEVEL SECURITY;
ALTER TABLE smp.spot_checks FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON smp.spot_checks
    USING (tenant_id = smp.current_tenant()) WITH CHECK (tenant_id = smp.current_tenant());

-- Asks blind about what was drawn and about nothing else; how many questions that opened. What was answered stays. Each
-- drawn one has the keys id, source_table, source_column, approval_hash, choices, and of what was accepted either
-- checked_item or entity, field, risk_class, reason, needed, had and item.
CREATE FUNCTION smp.draw_spot_checks(the_client text, drawn jsonb) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    opened integer;
BEGIN
    PERFORM smp.enter_law(the_client);
    UPDATE review_items SET state = 'withdrawn'
    WHERE tenant_id = smp.current_tenant() AND client = the_client AND state = 'spot_check'
        AND id <> ALL (SELECT given ->> 'id' FROM jsonb_array_elements(drawn) AS given);

    INSERT INTO review_items AS items (tenant_id, client, id, kind, source_table, source_column, risk_class, reason, needed,
        had, item, approval_hash, state)
    SELECT smp.current_tenant(), the_client, given ->> 'id', 'mapping', given ->> 'source_table', given ->> 'source_column',
        'optional', 'a spot check: what it was accepted for is told when this is answered', 1, 0,
        jsonb_build_object('spot_check', true, 'choices', given -> 'choices'), given ->> 'approval_hash', 'spot_check'
    FROM jsonb_array_elements(drawn) AS given
    ON CONFLICT (tenant_id, client, id) DO UPDATE SET state = 'spot_check', item = EXCLUDED.item
    WHERE items.state IN ('withdrawn', 'spot_check') AND items.decided_at IS NULL;
    GET DIAGNOSTICS opened = ROW_COUNT;

    INSERT INTO spot_checks AS sealed
        (tenant_id, client, item_id, checked_item, entity, field, risk_class, reason, needed, had, item)
    SELECT smp.current_tenant(), the_client, given ->> 'id', asked.id, coalesce(asked.entity, given ->> 'entity'),
        coalesce(asked.field, given ->> 'field'), coalesce(asked.risk_class, given ->> 'risk_class'),
        coalesce(asked.reason, given ->> 'reason'), coalesce(asked.needed, (given ->> 'needed')::double precision),
        coalesce(asked.had, (given ->> 'had')::double precision), coalesce(asked.item, given -> 'item')
    FROM jsonb_array_elements(drawn) AS given
    LEFT JOIN review_items AS asked
        ON asked.tenant_id = smp.current_tenant() AND asked.client = the_client AND asked.id = given ->> 'checked_item'
    JOIN review_items AS items
        ON items.tenant_id = smp.current_tenant() AND items.client = the_client AND items.id = given ->> 'id'
        AND items.state = 'spot_check'
    ON CONFLICT (tenant_id, client, item_id) DO UPDATE SET
        (checked_item, entity, field, risk_class, reason, needed, had, item) = (EXCLUDED.checked_item, EXCLUDED.entity,
            EXCLUDED.field, EXCLUDED.risk_class, EXCLUDED.reason, EXCLUDED.needed, EXCLUDED.had, EXCLUDED.item);
    RETURN opened;
END $$;

-- The answer to a spot check as a decision about what was accepted, of which the item speaks from here on. Whoever names
-- the field that was accepted approves it. Nothing that is refused here depends on what that is.
CREATE FUNCTION smp.opened_spot_check(item smp.review_items, sealed smp.spot_checks, decision jsonb, person smp.users)
RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    kind text := decision ->> 'kind';
    entity text := decision -> 'target' ->> 'entity';
    field text := decision -> 'target' ->> 'field';
    complaint text;
BEGIN
    IF item.state = 'spot_check' THEN
        PERFORM smp.is_repeated(item, decision, person);
        complaint := CASE
            WHEN coalesce(kind NOT IN ('override', 'unmap'), true) THEN
                'A spot check is answered with the field that the column fills (override), or with that it fills none (unmap).'
            WHEN kind = 'override' AND (entity IS NULL OR field IS NULL) THEN
                'Name the entity and the field that the column fills.'
            WHEN kind = 'unmap' AND entity IS NOT NULL THEN 'A column that fills no field is given none.'
            WHEN kind = 'override' AND (smp.definition_of(item.client, entity, field)).id IS NULL THEN
                format('There is no field %s.%s in the canonical model of client %s.', entity, field, item.client)
        END;
        IF complaint IS NOT NULL THEN
            RAISE EXCEPTION 'Item %: %', item.id, complaint USING ERRCODE = 'SMP04';
        END IF;
        UPDATE review_items AS items SET state = 'open', entity = sealed.entity, field = sealed.field,
            risk_class = sealed.risk_class, reason = 'a spot check of what was accepted: ' || sealed.reason,
            needed = sealed.needed, had = sealed.had,
            item = sealed.item || '{"spot_check": true}'
        WHERE items.tenant_id = sealed.tenant_id AND items.client = sealed.client AND items.id = sealed.item_id;
    END IF;
    RETURN decision - 'expected_row_version' || jsonb_build_object(
        'kind', CASE
            WHEN (entity, field) = (sealed.entity, sealed.field) AND coalesce(
                nullif(decision -> 'rule', 'null') = coalesce(nullif(sealed.item -> 'rule', 'null'), '{}'), true)
                THEN 'approve'
            ELSE kind
        END,
        'reason', coalesce(nullif(btrim(decision ->> 'reason'), ''), 'said blind, when asked by a spot check'));
END $$;

CREATE OR REPLACE FUNCTION smp.decide_and_keep(the_client text, decision jsonb, person smp.users) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    item smp.review_items;
    sealed smp.spot_checks;
    before jsonb;
    outcome jsonb;
BEGIN
    SELECT * INTO item FROM review_items
    WHERE tenant_id = smp.current_tenant() AND client = the_client AND id = decision ->> 'item_id' FOR UPDATE;
    SELECT * INTO sealed FROM spot_checks
    WHERE tenant_id = item.tenant_id AND client = item.client AND item_id = item.id;
    before := smp.about_column(the_client, item.source_table, item.source_column);
    IF sealed.item_id IS NOT NULL THEN
        decision := smp.opened_spot_check(item, sealed, decision, person);
    END IF;
    outcome := smp.decide_one(the_client, decision, person);
    PERFORM smp.keep_effects(
        (outcome ->> 'action_id')::bigint, the_client, item.source_table, item.source_column, before);
    RETURN outcome - 'action_id';
END $$;

-- Nobody answers blind who has seen the answer.
CREATE OR REPLACE FUNCTION smp.require_author(said smp.standing_actions, person smp.users) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    checked smp.review_items;
BEGIN
    SELECT items.* INTO checked FROM spot_checks AS checks
    JOIN review_items AS items
        ON items.tenant_id = checks.tenant_id AND items.client = checks.client AND items.id = checks.item_id
    WHERE checks.tenant_id = said.tenant_id AND checks.client = said.client AND checks.item_id = said.item_id;
    IF checked.id IS NOT NULL THEN
        RAISE EXCEPTION 'Item % was a spot check, and its answer is not taken back: what was accepted is known since it was given.%',
            said.item_id, coalesce(' To decide otherwise: ' || smp.way_back(checked), '') USING ERRCODE = 'SMP03';
    ELSIF said.actor <> person.login AND person.role <> 'admin' THEN
        IF smp.is_withheld(said.client, said.item_id, person.login) THEN
            RAISE EXCEPTION 'Item % waits for another person''s decision. What was said of it is taken back by who said it or an admin, not by % (%).',
                said.item_id, person.login, person.role USING ERRCODE = 'SMP03';
        END IF;
        RAISE EXCEPTION '% decided about item %; that is taken back by % or an admin, not by % (%).',
            said.actor, said.item_id, said.actor, person.login, person.role USING ERRCODE = 'SMP03';
    END IF;
END $$;

-- A spot check of what is no longer so asks about nothing. One that is being answered is open by then.
CREATE FUNCTION smp.withdraw_moot_spot_checks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
BEGIN
    UPDATE review_items SET state = 'withdrawn'
    WHERE tenant_id = OLD.tenant_id AND client = OLD.client AND source_table = OLD.source_table
        AND source_column = OLD.source_field AND state = 'spot_check';
    RETURN NULL;
END $$;

CREATE TRIGGER withdraw_moot_spot_checks
    AFTER UPDATE OF disposition, canonical_entity, canonical_field, approval_hash ON smp.field_mappings
    FOR EACH ROW
    WHEN ((OLD.disposition, OLD.canonical_entity, OLD.canonical_field, OLD.approval_hash)
        IS DISTINCT FROM (NEW.disposition, NEW.canonical_entity, NEW.canonical_field, NEW.approval_hash))
    EXECUTE FUNCTION smp.withdraw_moot_spot_checks();

-- A suggestion is judged once: where a spot check was answered, by that alone.
CREATE OR REPLACE VIEW smp.judged_suggestions WITH (security_invoker = true) AS
SELECT i.tenant_id, i.client, i.id AS item_id, i.entity, i.field, i.had, i.item, i.decided_at,
    i.state = 'approved' OR (i.state = 'overridden' AND EXISTS (
        SELECT FROM smp.standing_actions AS said
        WHERE (said.tenant_id, said.client, said.item_id, said.state_after) = (i.tenant_id, i.client, i.id, i.state)
            AND (said.entity, said.field) = (i.entity, i.field))) AS is_right
FROM smp.review_items AS i
WHERE i.kind = 'mapping' AND i.field IS NOT NULL AND i.state IN ('approved', 'rejected', 'overridden')
    AND i.item -> 'rule' -> 'computed' IS NULL
    AND NOT EXISTS (
        SELECT FROM smp.spot_checks AS checks
        JOIN smp.review_items AS answered
            ON (answered.tenant_id, answered.client, answered.id) = (checks.tenant_id, checks.client, checks.item_id)
        WHERE (checks.tenant_id, checks.client, checks.checked_item) = (i.tenant_id, i.client, i.id)
            AND answered.state IN ('approved', 'rejected', 'overridden'));

-- How many come back is a client's own; that fewer do than before is a person's word, like that nobody approves.
ALTER TABLE smp.clients
    ADD COLUMN spot_check_share DOUBLE PRECISION,
    ADD CONSTRAINT clients_spot_check_share_check CHECK (spot_check_share >= 0 AND spot_check_share <= 1);

CREATE OR REPLACE FUNCTION smp.guard_client() RETURNS trigger
LANGUAGE plpgsql SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users := smp.acting_person();
    unchecked boolean := CASE TG_OP
        WHEN 'UPDATE' THEN NEW.spot_check_share IS DISTINCT FROM OLD.spot_check_share
        ELSE NEW.spot_check_share IS NOT NULL
    END;
BEGIN
    IF smp.acts_for_the_law()
        OR (person.active AND person.role IN ('engineer', 'admin')
            AND (person.clients IS NULL OR coalesce(NEW.slug = ANY (person.clients), false))) THEN
        RETURN NEW;
    ELSIF unchecked THEN
        RAISE EXCEPTION '% may not say how much of what client % accepts is checked. An engineer or an admin may.',
            smp.current_actor(), NEW.slug USING ERRCODE = 'SMP03';
    ELSIF coalesce(NEW.review_required_before_production, true)
        OR (TG_OP = 'UPDATE' AND NOT coalesce(OLD.review_required_before_production, true)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% may not say that nobody approves the production of client %. An engineer or an admin may.',
        smp.current_actor(), NEW.slug USING ERRCODE = 'SMP03';
END $$;

DROP TRIGGER guard ON smp.clients;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OF review_required_before_production, spot_check_share ON smp.clients
    FOR EACH ROW EXECUTE FUNCTION smp.guard_client();

-- The desk: in which order items are asked about, whose they are, what people noted and said about them.

-- Rows that a decision about a column, or about a table, is for: those that are filled, by the newest profile.
CREATE FUNCTION smp.rows_of(the_client text, the_table text, the_column text) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = smp, pg_temp
AS $$
DECLARE
    newest uuid := (
        SELECT profiles.snapshot_id FROM table_profiles AS profiles
        WHERE profiles.client = the_client ORDER BY profiles.id DESC LIMIT 1);
BEGIN
    RETURN coalesce(
        (SELECT profiles.row_count - profiles.null_count FROM column_profiles AS profiles
         WHERE profiles.snapshot_id = newest AND profiles.table_name = the_table AND profiles.column_name = the_column
         LIMIT 1),
        (SELECT profiles.row_count FROM table_profiles AS profiles
         WHERE profiles.snapshot_id = newest AND profiles.table_name = the_table LIMIT 1),
        0);
END $$;

-- What an answer is worth: the rows it is for, times the weight of the risk, times how open the question is. A suggestion
-- of confidence one half is as open as can be, and no question is closed before it is answered; a check that failed says
-- nothing of what people think of it.
CREATE FUNCTION smp.value_of_information(kind text, risk_class text, had double precision, rows_affected bigint)
RETURNS double precision
LANGUAGE sql IMMUTABLE
RETURN greatest(rows_affected, 1)
    * CASE risk_class WHEN 'critical' THEN 9 WHEN 'important' THEN 3 ELSE 1 END
    * CASE kind WHEN 'validation' THEN 1 ELSE greatest(4 * had * (1 - had), 0.05) END;

ALTER TABLE smp.review_items
    ADD COLUMN rows_affected BIGINT DEFAULT 0 NOT NULL,
    ADD COLUMN value_of_information DOUBLE PRECISION DEFAULT 0 NOT NULL;

CREATE INDEX review_items_value_idx ON smp.review_items (tenant_id, value_of_information DESC, client, id)
    WHERE state IN ('open', 'awaiting_second');

COMMENT ON TABLE smp.review_items IS 'a decided item is closed but for being withdrawn; item holds candidates and facts; value_of_information orders the queue';

CREATE OR REPLACE FUNCTION smp.guard_item() RETURNS trigger
LANGUAGE plpgsql SET search_path = smp, pg_temp
AS $$
DECLARE
    by_law boolean := smp.acts_for_the_law();
BEGIN
    -- A demanded check of a critical entity is waived by two people, whatever class the question names; a gap by one.
    IF NEW.kind = 'validation' AND NOT smp.is_gap(NEW.expectation_id)
        AND (NEW.risk_class = 'critical' OR NEW.entity IS NOT NULL AND coalesce(
            (SELECT policies.risk_class FROM entity_policies AS policies
             WHERE policies.tenant_id = NEW.tenant_id AND policies.client = NEW.client
                AND policies.entity = NEW.entity), 'critical') = 'critical') THEN
        NEW.required_approvals := greatest(NEW.required_approvals, 2);
    END IF;
    IF TG_OP = 'INSERT' THEN
        NEW.row_version := 1;
        IF NEW.rows_affected = 0 THEN
            NEW.rows_affected := smp.rows_of(NEW.client, NEW.source_table, NEW.source_column);
        END IF;
        NEW.run_id := coalesce(NEW.run_id, (
            SELECT runs.id FROM pipeline_runs AS runs
            WHERE runs.tenant_id = NEW.tenant_id AND runs.client = NEW.client ORDER BY runs.started_at DESC LIMIT 1));
        NEW.value_of_information
            := smp.value_of_information(NEW.kind, NEW.risk_class, NEW.had, NEW.rows_affected);
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
    NEW.value_of_information := smp.value_of_information(NEW.kind, NEW.risk_class, NEW.had, NEW.rows_affected);
    NEW.row_version := OLD.row_version + 1;
    RETURN NEW;
END $$;

ALTER TABLE smp.review_items NO FORCE ROW LEVEL SECURITY;
ALTER TABLE smp.review_items DISABLE TRIGGER USER;
ALTER TABLE smp.table_profiles NO FORCE ROW LEVEL SECURITY;
ALTER TABLE smp.column_profiles NO FORCE ROW LEVEL SECURITY;
UPDATE smp.review_items SET rows_affected = smp.rows_of(client, source_table, source_column);
UPDATE smp.review_items SET value_of_information = smp.value_of_information(kind, risk_class, had, rows_affected);
ALTER TABLE smp.column_profiles FORCE ROW LEVEL SECURITY;
ALTER TABLE smp.table_profiles FORCE ROW LEVEL SECURITY;
ALTER TABLE smp.review_items ENABLE TRIGGER USER;
ALTER TABLE smp.review_items FORCE ROW LEVEL SECURITY;

CREATE TABLE smp.item_comments (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    item_id TEXT NOT NULL,
    body TEXT NOT NULL,
    actor TEXT NOT NULL,
    user_id UUID NOT NULL,
    said_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT item_comments_pkey PRIMARY KEY (id),
    CONSTRAINT item_comments_tenant_id_client_item_id_fkey FOREIGN KEY(tenant_id, client, item_id) REFERENCES smp.review_items (tenant_id, client, id),
    CONSTRAINT item_comments_tenant_id_user_id_fkey FOREIGN KEY(tenant_id, user_id) REFERENCES smp.users (tenant_id, id),
    CONSTRAINT item_comments_body_check CHECK (length(body) BETWEEN 1 AND 10000)
);

CREATE INDEX item_comments_item_idx ON smp.item_comments (item_id, client, tenant_id, id);

COMMENT ON TABLE smp.item_comments IS 'closed, append-only';

CREATE TABLE smp.item_marks (
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    item_id TEXT NOT NULL,
    flag TEXT,
    flagged_by TEXT,
    flagged_at TIMESTAMP WITH TIME ZONE,
    assignee TEXT,
    assigned_by TEXT,
    assigned_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT item_marks_pkey PRIMARY KEY (tenant_id, client, item_id),
    CONSTRAINT item_marks_tenant_id_client_item_id_fkey FOREIGN KEY(tenant_id, client, item_id) REFERENCES smp.review_items (tenant_id, client, id)
);

CREATE INDEX item_marks_assignee_idx ON smp.item_marks (assignee, tenant_id) WHERE assignee IS NOT NULL;

COMMENT ON TABLE smp.item_marks IS 'closed: whose an item is, and why somebody flagged it; the audit keeps what it was before';

DO $$
DECLARE
    fresh text;
BEGIN
    FOREACH fresh IN ARRAY ARRAY['item_comments', 'item_marks'] LOOP
        EXECUTE format('ALTER TABLE smp.%I ENABLE ROW LEVEL SECURITY', fresh);
        EXECUTE format('ALTER TABLE smp.%I FORCE ROW LEVEL SECURITY', fresh);
        EXECUTE format(
            'CREATE POLICY tenant_isolation ON smp.%I'
            ' USING (tenant_id = smp.current_tenant()) WITH CHECK (tenant_id = smp.current_tenant())', fresh);
        EXECUTE format(
            'CREATE TRIGGER audit_created AFTER INSERT ON smp.%I REFERENCING NEW TABLE AS new_rows'
            ' FOR EACH STATEMENT EXECUTE FUNCTION smp.audit_created(client, item_id)', fresh);
        EXECUTE format(
            'CREATE TRIGGER audit_updated AFTER UPDATE ON smp.%I REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows'
            ' FOR EACH STATEMENT EXECUTE FUNCTION smp.audit_updated(client, item_id)', fresh);
    END LOOP;
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON smp.item_comments
    FOR EACH STATEMENT EXECUTE FUNCTION smp.refuse_change();
CREATE TRIGGER a_unchanged BEFORE UPDATE ON smp.item_marks
    FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();

-- The item of a client, for somebody who may decide about it.
CREATE FUNCTION smp.item_on_the_desk(the_client text, the_item text) RETURNS smp.review_items
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    item smp.review_items;
BEGIN
    PERFORM smp.deciding_person(the_client);
    SELECT * INTO item FROM review_items
    WHERE tenant_id = smp.current_tenant() AND client = the_client AND id = the_item;
    IF item.id IS NULL THEN
        RAISE EXCEPTION 'There is no item % in the queue of client %.', quote_nullable(the_item), the_client
            USING ERRCODE = 'SMP04';
    END IF;
    RETURN item;
END $$;

CREATE FUNCTION smp.comment_item(the_client text, the_item text, the_body text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    item smp.review_items := smp.item_on_the_desk(the_client, the_item);
    person smp.users := smp.acting_person();
BEGIN
    IF coalesce(btrim(the_body), '') = '' OR length(the_body) > 10000 THEN
        RAISE EXCEPTION 'A comment has 1 to 10000 characters.' USING ERRCODE = 'SMP04';
    END IF;
    INSERT INTO item_comments (client, item_id, body, actor, user_id)
    VALUES (item.client, item.id, the_body, person.login, person.id);
END $$;

-- Flags an item with the reason, or takes the flag away where none is given.
CREATE FUNCTION smp.flag_item(the_client text, the_item text, the_reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    item smp.review_items := smp.item_on_the_desk(the_client, the_item);
    why text := nullif(btrim(the_reason), '');
BEGIN
    INSERT INTO item_marks AS marks (client, item_id, flag, flagged_by, flagged_at)
    VALUES (item.client, item.id, why, smp.current_actor(), now())
    ON CONFLICT (tenant_id, client, item_id) DO UPDATE
    SET flag = excluded.flag, flagged_by = excluded.flagged_by, flagged_at = excluded.flagged_at
    WHERE marks.flag IS DISTINCT FROM excluded.flag;
END $$;

-- Gives an item to a person who may decide about it, or to nobody.
CREATE FUNCTION smp.assign_item(the_client text, the_item text, the_login text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    item smp.review_items := smp.item_on_the_desk(the_client, the_item);
    deciding text := (
        SELECT string_agg(login, ', ' ORDER BY login) FROM users
        WHERE tenant_id = smp.current_tenant() AND active AND role IN ('steward', 'admin')
            AND (clients IS NULL OR the_client = ANY (clients)));
BEGIN
    IF the_login IS NOT NULL AND NOT the_login = ANY (string_to_array(deciding, ', ')) THEN
        RAISE EXCEPTION '% may not decide about client %. These may: %.', quote_literal(the_login), the_client, deciding
            USING ERRCODE = 'SMP04';
    END IF;
    INSERT INTO item_marks AS marks (client, item_id, assignee, assigned_by, assigned_at)
    VALUES (item.client, item.id, the_login, smp.current_actor(), now())
    ON CONFLICT (tenant_id, client, item_id) DO UPDATE
    SET assignee = excluded.assignee, assigned_by = excluded.assigned_by, assigned_at = excluded.assigned_at
    WHERE marks.assignee IS DISTINCT FROM excluded.assignee;
END $$;

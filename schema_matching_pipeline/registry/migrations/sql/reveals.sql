-- Who looked at values of a client's column as they are: whose item it was about, why, and how many there were. The
-- values themselves stand nowhere.

CREATE TABLE smp.reveals (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    item_id TEXT NOT NULL,
    source_table TEXT NOT NULL,
    source_column TEXT NOT NULL,
    reason TEXT NOT NULL,
    values_shown INTEGER NOT NULL,
    actor TEXT NOT NULL,
    user_id UUID NOT NULL,
    revealed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT reveals_pkey PRIMARY KEY (id),
    CONSTRAINT reveals_tenant_id_client_item_id_fkey FOREIGN KEY(tenant_id, client, item_id) REFERENCES smp.review_items (tenant_id, client, id),
    CONSTRAINT reveals_tenant_id_user_id_fkey FOREIGN KEY(tenant_id, user_id) REFERENCES smp.users (tenant_id, id),
    CONSTRAINT reveals_reason_check CHECK (length(reason) BETWEEN 1 AND 2000),
    CONSTRAINT reveals_values_shown_check CHECK (values_shown >= 0)
);

CREATE INDEX reveals_item_idx ON smp.reveals (item_id, client, tenant_id, id);

COMMENT ON TABLE smp.reveals IS 'closed, append-only; who looked at values as they are, never the values';

ALTER TABLE smp.reveals ENABLE ROW LEVEL SECURITY;
ALTER TABLE smp.reveals FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON smp.reveals
    USING (tenant_id = smp.current_tenant()) WITH CHECK (tenant_id = smp.current_tenant());
CREATE TRIGGER audit_created AFTER INSERT ON smp.reveals REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION smp.audit_created(client, item_id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON smp.reveals
    FOR EACH STATEMENT EXECUTE FUNCTION smp.refuse_change();

-- Writes down that the person who acts is shown so many values of an item's column, and why; before they are shown.
CREATE FUNCTION smp.note_reveal(the_client text, the_item text, the_reason text, shown integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    item smp.review_items := smp.item_on_the_desk(the_client, the_item);
    person smp.users := smp.acting_person();
    why text := btrim(coalesce(the_reason, ''), E' \t\r\n');
BEGIN
    IF smp.shown_scope() <> 'all' THEN
        RAISE EXCEPTION 'A key of scope % shows no values as they are; they are for a person who is logged in.', smp.shown_scope()
            USING ERRCODE = 'SMP03';
    ELSIF item.source_column = '' THEN
        RAISE EXCEPTION 'Item % is about no column that values could be shown of.', item.id USING ERRCODE = 'SMP04';
    ELSIF length(why) NOT BETWEEN 1 AND 2000 THEN
        RAISE EXCEPTION 'Say in 1 to 2000 characters why the values are needed.' USING ERRCODE = 'SMP04';
    END IF;
    INSERT INTO reveals (client, item_id, source_table, source_column, reason, values_shown, actor, user_id)
    VALUES (item.client, item.id, item.source_table, item.source_column, why, shown, person.login, person.id);
END $$;

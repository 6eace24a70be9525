-- Requests to erase what is held about a client or a person of staff: who asked, when, and what was done. They outlive what
-- they are about.

CREATE TABLE IF NOT EXISTS smp.erasure_requests (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    tenant_id UUID NOT NULL DEFAULT smp.current_tenant(),
    about TEXT NOT NULL,
    name TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_on DATE NOT NULL,
    entered_by TEXT NOT NULL,
    entered_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    done TEXT,
    closed_by TEXT,
    closed_at TIMESTAMPTZ,
    CONSTRAINT erasure_requests_pkey PRIMARY KEY (id),
    CONSTRAINT erasure_requests_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES smp.tenants (id),
    CONSTRAINT erasure_requests_about_check CHECK (about IN ('client', 'person')),
    CONSTRAINT erasure_requests_closed_is_whole_check
        CHECK ((done IS NULL) = (closed_at IS NULL) AND (closed_by IS NULL) = (closed_at IS NULL))
);
COMMENT ON TABLE smp.erasure_requests IS 'closed; who asked to erase what is held about a client or person, and what was done; never removed';

ALTER TABLE smp.erasure_requests ENABLE ROW LEVEL SECURITY;
ALTER TABLE smp.erasure_requests FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant_isolation ON smp.erasure_requests;
CREATE POLICY tenant_isolation ON smp.erasure_requests
    USING (tenant_id = smp.current_tenant()) WITH CHECK (tenant_id = smp.current_tenant());
CREATE OR REPLACE TRIGGER kept BEFORE DELETE OR TRUNCATE ON smp.erasure_requests
    FOR EACH STATEMENT EXECUTE FUNCTION smp.refuse_change();
CREATE OR REPLACE TRIGGER audit_created AFTER INSERT ON smp.erasure_requests REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION smp.audit_created('about', 'name', 'id');
CREATE OR REPLACE TRIGGER audit_updated AFTER UPDATE ON smp.erasure_requests
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION smp.audit_updated('about', 'name', 'id');

-- Enters a request; null where there never was such a client or person, by the audit, which forgets none.
CREATE FUNCTION smp.enter_erasure(the_about text, the_name text, the_asked_by text, the_asked_on date) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    entered uuid;
BEGIN
    PERFORM smp.require_administrator();
    IF EXISTS (
        SELECT FROM audit_log
        WHERE tenant_id = smp.current_tenant() AND subject_key = the_name
            AND subject = CASE the_about WHEN 'client' THEN 'clients' ELSE 'users' END
    ) THEN
        INSERT INTO erasure_requests (about, name, asked_by, asked_on, entered_by)
        VALUES (the_about, the_name, the_asked_by, the_asked_on, smp.current_actor()) RETURNING id INTO entered;
    END IF;
    RETURN entered;
END $$;

-- Closes a request with what was done, once.
CREATE FUNCTION smp.close_erasure(the_id uuid, what_was_done text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
BEGIN
    PERFORM smp.require_administrator();
    UPDATE erasure_requests SET done = what_was_done, closed_by = smp.current_actor(), closed_at = clock_timestamp()
    WHERE tenant_id = smp.current_tenant() AND id = the_id AND closed_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Request % is closed, and what was done stands. Enter another one for what is asked anew.', the_id
            USING ERRCODE = 'SMP04';
    END IF;
END $$;

-- The audit, which all who may read are shown, tells that somebody asked, and not who: he may well be no one of the staff.
CREATE OR REPLACE FUNCTION smp.redacted(the_row jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN the_row || coalesce((
    SELECT jsonb_object_agg(name, '[redacted]')
    FROM unnest(ARRAY['config_encrypted', 'options_encrypted', 'api_key_hash', 'key_hash', 'password_salt', 'password_hash',
        'access_hash', 'refresh_hash', 'asked_by']) AS name
    WHERE the_row ->> name IS NOT NULL), '{}');

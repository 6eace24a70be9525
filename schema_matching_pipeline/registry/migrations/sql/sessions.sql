-- People log in: a password that is stretched to a key before it gets here, and sessions whose tokens prove a login
-- as a key does, until they end. Of every secret the registry keeps the hash alone.

ALTER TABLE smp.users ADD COLUMN password_salt TEXT, ADD COLUMN password_hash TEXT;

COMMENT ON TABLE smp.users IS 'closed; api_key_hash and password_hash prove a person, clients are those he is confined to (null: all of the tenant)';

CREATE TABLE smp.sessions (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    tenant_id UUID NOT NULL DEFAULT smp.current_tenant(),
    user_id UUID NOT NULL,
    family UUID NOT NULL,
    access_hash TEXT NOT NULL,
    refresh_hash TEXT,
    access_until TIMESTAMPTZ NOT NULL,
    refresh_until TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    refreshed_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    address TEXT,
    agent TEXT,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES smp.tenants (id),
    CONSTRAINT sessions_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES smp.users (tenant_id, id),
    CONSTRAINT sessions_access_hash_key UNIQUE (access_hash),
    CONSTRAINT sessions_refresh_hash_key UNIQUE (refresh_hash)
);
CREATE INDEX sessions_user_id_idx ON smp.sessions (user_id);
COMMENT ON TABLE smp.sessions IS 'closed; one login each, its tokens as hashes; those refreshed from one another are a family';

CREATE TABLE smp.failed_logins (
    tenant_id UUID NOT NULL DEFAULT smp.current_tenant(),
    login TEXT NOT NULL,
    failures INTEGER NOT NULL,
    last_at TIMESTAMPTZ NOT NULL,
    locked_until TIMESTAMPTZ,
    CONSTRAINT failed_logins_pkey PRIMARY KEY (tenant_id, login),
    CONSTRAINT failed_logins_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES smp.tenants (id)
);
COMMENT ON TABLE smp.failed_logins IS 'closed; failures in a row, by what was typed as a login, whether there is one or not';

DO $$
DECLARE
    tenant_table regclass;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY['smp.sessions', 'smp.failed_logins']::regclass[] LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format(
            'CREATE POLICY tenant_isolation ON %s'
            ' USING (tenant_id = smp.current_tenant()) WITH CHECK (tenant_id = smp.current_tenant())',
            tenant_table
        );
    END LOOP;
END $$;

-- The person who acts, where the key shown is his: the API key, the stretched password, or the token of a session
-- that has not ended. Null for the machinery, a stranger, or a name without its key.
CREATE OR REPLACE FUNCTION smp.acting_person() RETURNS smp.users
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT people FROM users AS people
    WHERE tenant_id = smp.current_tenant() AND login = smp.current_actor()
        AND (smp.shown_key() IN (api_key_hash, password_hash) OR EXISTS (
            SELECT FROM sessions
            WHERE sessions.tenant_id = people.tenant_id AND user_id = people.id
                AND access_hash = smp.shown_key() AND ended_at IS NULL AND access_until > clock_timestamp()))
$$;

-- What a password of that login is stretched with; null where there is none to be stretched for.
CREATE FUNCTION smp.password_salt(the_login text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
RETURN (SELECT password_salt FROM smp.users
    WHERE tenant_id = smp.current_tenant() AND login = the_login AND active);

-- Writes down how a login by that name went; 'locked' where too many went wrong in a row, else 'open'. It locks for
-- a minute after five failures and twice as long after every further one, at most for an hour.
CREATE FUNCTION smp.note_login(the_login text, went_well boolean) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    known failed_logins;
    moment timestamptz := clock_timestamp();
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(smp.current_tenant() || '/' || the_login, 7));
    SELECT * INTO known FROM failed_logins WHERE tenant_id = smp.current_tenant() AND login = the_login;
    IF known.locked_until > moment THEN
        RETURN 'locked';
    ELSIF went_well THEN
        DELETE FROM failed_logins WHERE tenant_id = smp.current_tenant() AND login = the_login;
        RETURN 'open';
    END IF;
    known.failures := CASE WHEN known.last_at > moment - interval '1 day' THEN known.failures ELSE 0 END + 1;
    known.locked_until := CASE WHEN known.failures >= 5
        THEN moment + least(interval '1 minute' * power(2, least(known.failures - 5, 6)), interval '1 hour') END;
    INSERT INTO failed_logins (login, failures, last_at, locked_until)
    VALUES (the_login, known.failures, moment, known.locked_until)
    ON CONFLICT (tenant_id, login) DO UPDATE
    SET failures = EXCLUDED.failures, last_at = EXCLUDED.last_at, locked_until = EXCLUDED.locked_until;
    RETURN 'open';
END $$;

-- Begins a session of the person who acts, proven by his key; tokens come as hashes, times in minutes.
CREATE FUNCTION smp.begin_session(
    the_access_hash text, access_minutes integer, the_refresh_hash text, refresh_minutes integer, the_agent text
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users := smp.acting_person();
    begun uuid := gen_random_uuid();
    moment timestamptz := clock_timestamp();
BEGIN
    IF person.active IS NOT TRUE THEN
        RAISE EXCEPTION 'Login and key do not fit together.' USING ERRCODE = 'SMP03';
    END IF;
    INSERT INTO sessions (
        id, user_id, family, access_hash, refresh_hash, access_until, refresh_until, created_at, address, agent
    ) VALUES (
        begun, person.id, begun, the_access_hash, the_refresh_hash, moment + interval '1 minute' * access_minutes,
        moment + interval '1 minute' * refresh_minutes, moment,
        nullif(current_setting('smp.address', true), ''), the_agent
    );
    RETURN begun;
END $$;

-- The login whose session a refresh token continues, with a new one in the place of the old. A token that was used
-- before was stolen, or its answer was lost: the whole family ends, and the login is null.
CREATE FUNCTION smp.refresh_session(
    shown_hash text, the_access_hash text, access_minutes integer, the_refresh_hash text, the_agent text
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    old sessions;
    person smp.users;
    moment timestamptz := clock_timestamp();
BEGIN
    SELECT * INTO old FROM sessions
    WHERE tenant_id = smp.current_tenant() AND refresh_hash = shown_hash FOR UPDATE;
    IF old.id IS NULL THEN
        RETURN NULL;
    ELSIF old.refreshed_at IS NOT NULL THEN
        UPDATE sessions SET ended_at = moment
        WHERE tenant_id = smp.current_tenant() AND family = old.family AND ended_at IS NULL;
        RETURN NULL;
    END IF;
    SELECT * INTO person FROM users WHERE tenant_id = smp.current_tenant() AND id = old.user_id;
    IF old.ended_at IS NOT NULL OR old.refresh_until <= moment OR NOT person.active THEN
        RETURN NULL;
    END IF;
    UPDATE sessions SET refreshed_at = moment, ended_at = moment
    WHERE tenant_id = smp.current_tenant() AND id = old.id;
    INSERT INTO sessions (
        user_id, family, access_hash, refresh_hash, access_until, refresh_until, created_at, address, agent
    ) VALUES (
        old.user_id, old.family, the_access_hash, the_refresh_hash,
        moment + interval '1 minute' * access_minutes, old.refresh_until, moment,
        nullif(current_setting('smp.address', true), ''), the_agent
    );
    RETURN person.login;
END $$;

-- Ends the session whose token is shown, with its family; how many that were. Nothing for another proof.
CREATE FUNCTION smp.end_session() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    ended integer;
BEGIN
    UPDATE sessions SET ended_at = clock_timestamp()
    WHERE tenant_id = smp.current_tenant() AND ended_at IS NULL AND family IN (
        SELECT family FROM sessions WHERE tenant_id = smp.current_tenant() AND access_hash = smp.shown_key());
    GET DIAGNOSTICS ended = ROW_COUNT;
    RETURN ended;
END $$;

-- Ends all sessions of a person but the one that says so: his own, or anybody's for an administrator.
CREATE FUNCTION smp.end_sessions_of(the_login text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    ended integer;
BEGIN
    IF the_login <> smp.current_actor() OR (smp.acting_person()).id IS NULL THEN
        PERFORM smp.require_administrator();
    END IF;
    UPDATE sessions SET ended_at = clock_timestamp()
    WHERE tenant_id = smp.current_tenant() AND ended_at IS NULL AND access_hash IS DISTINCT FROM smp.shown_key()
        AND user_id = (SELECT id FROM users WHERE tenant_id = smp.current_tenant() AND login = the_login);
    GET DIAGNOSTICS ended = ROW_COUNT;
    RETURN ended;
END $$;

-- Gives a person another password, as salt and hash of what it is stretched to; his own, or anybody's for an
-- administrator. His sessions end but the one that says so. False where there is no such person.
CREATE FUNCTION smp.set_password(the_login text, the_salt text, the_hash text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    changed uuid;
BEGIN
    IF the_login <> smp.current_actor() OR (smp.acting_person()).active IS NOT TRUE THEN
        PERFORM smp.require_administrator();
    END IF;
    UPDATE users SET password_salt = the_salt, password_hash = the_hash
    WHERE tenant_id = smp.current_tenant() AND login = the_login RETURNING id INTO changed;
    UPDATE sessions SET ended_at = clock_timestamp()
    WHERE tenant_id = smp.current_tenant() AND user_id = changed AND ended_at IS NULL
        AND access_hash IS DISTINCT FROM smp.shown_key();
    DELETE FROM failed_logins WHERE tenant_id = smp.current_tenant() AND login = the_login;
    RETURN changed IS NOT NULL;
END $$;

-- What the audit keeps of a row: everything but secrets.
CREATE OR REPLACE FUNCTION smp.redacted(the_row jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN the_row || coalesce((
    SELECT jsonb_object_agg(name, '[redacted]')
    FROM unnest(ARRAY['config_encrypted', 'api_key_hash', 'password_salt', 'password_hash', 'access_hash', 'refresh_hash']) AS name
    WHERE the_row ->> name IS NOT NULL), '{}');

-- Logins are part of the audit. Whoever logs in waits for nobody who holds the end of the chain: what happened is kept here by
-- the login's own transaction, and carried into the chain by another one, which takes it away from here.

CREATE TABLE smp.login_events (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID NOT NULL DEFAULT smp.current_tenant(),
    event TEXT NOT NULL,
    login TEXT,
    times INTEGER NOT NULL DEFAULT 1,
    at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    last_at TIMESTAMPTZ,
    due_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    actor TEXT NOT NULL,
    address TEXT,
    agent TEXT,
    trace_id TEXT,
    CONSTRAINT login_events_pkey PRIMARY KEY (id),
    CONSTRAINT login_events_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES smp.tenants (id),
    CONSTRAINT login_events_event_check CHECK (event IN ('login', 'failed', 'locked', 'logout', 'reused'))
);
COMMENT ON TABLE smp.login_events IS 'closed; what the audit does not have yet of logins, without the name where nobody has it; due_at is when it may';

ALTER TABLE smp.login_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE smp.login_events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON smp.login_events
    USING (tenant_id = smp.current_tenant()) WITH CHECK (tenant_id = smp.current_tenant());
-- The owner alone may read them across tenants: who carries them must know whose there are.
CREATE POLICY owner_finds_the_tenant ON smp.login_events FOR SELECT TO CURRENT_USER USING (true);

CREATE FUNCTION smp.keep_login(the_event text, the_login text, the_actor text) RETURNS void
LANGUAGE sql SET search_path = smp, pg_temp
AS $$
    INSERT INTO login_events (event, login, actor, address, agent, trace_id)
    VALUES (
        the_event, the_login, the_actor, nullif(current_setting('smp.address', true), ''),
        nullif(current_setting('smp.agent', true), ''), nullif(current_setting('smp.trace_id', true), ''))
$$;

-- A login by a name that nobody has: counted by the hour and the address, and without the name, which may well be a
-- password. Of a hundred addresses an hour, then of all others together: a stranger with many does not fill the audit.
CREATE FUNCTION smp.keep_strangers_login() RETURNS void
LANGUAGE plpgsql SET search_path = smp, pg_temp
AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    the_address text := nullif(current_setting('smp.address', true), '');
    the_agent text := nullif(current_setting('smp.agent', true), '');
    addresses CONSTANT integer := 100;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('smp.strangers/' || smp.current_tenant(), 7));
    IF NOT EXISTS (
        SELECT FROM login_events WHERE tenant_id = smp.current_tenant() AND login IS NULL AND due_at > moment AND address = the_address
    ) AND addresses <= (
        SELECT count(*) FROM login_events
        WHERE tenant_id = smp.current_tenant() AND login IS NULL AND due_at > moment AND address IS NOT NULL
    ) THEN
        the_address := NULL;
        the_agent := NULL;
    END IF;
    UPDATE login_events SET times = times + 1, last_at = moment
    WHERE tenant_id = smp.current_tenant() AND login IS NULL AND due_at > moment AND address IS NOT DISTINCT FROM the_address;
    IF NOT FOUND THEN
        INSERT INTO login_events (event, actor, address, agent, at, due_at)
        VALUES ('failed', 'system:login', the_address, the_agent, moment, date_trunc('hour', moment) + interval '1 hour');
    END IF;
END $$;

-- The tenants of which the audit does not have all yet that is due.
CREATE FUNCTION smp.uncarried_logins() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$ SELECT DISTINCT tenant_id FROM login_events WHERE due_at <= clock_timestamp() $$;

-- Carries what is due into the chain, the earliest first, and takes it away from here in the same transaction; how many
-- there were. The end of the chain is waited for first, and not yet taken, as who takes it goes on from the last row there
-- is: one carries at a time, and sees what the one before has left. Who holds that end for longer than ten seconds leaves
-- it to the next.
CREATE FUNCTION smp.carry_logins() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp SET lock_timeout = '10s'
AS $$
DECLARE
    due login_events[];
    told login_events;
    acting CONSTANT jsonb := (
        SELECT jsonb_object_agg(name, coalesce(current_setting('smp.' || name, true), ''))
        FROM unnest('{actor,address,agent,trace_id}'::text[]) AS name);
BEGIN
    IF NOT EXISTS (
        SELECT FROM login_events WHERE tenant_id = smp.current_tenant() AND due_at <= clock_timestamp()
    ) THEN
        RETURN 0;
    END IF;
    PERFORM FROM audit_heads WHERE tenant_id = smp.current_tenant() FOR UPDATE;
    WITH gone AS (
        DELETE FROM login_events WHERE id IN (
            SELECT id FROM login_events WHERE tenant_id = smp.current_tenant() AND due_at <= clock_timestamp()
            ORDER BY id LIMIT 1000)
        RETURNING login_events
    )
    SELECT coalesce(array_agg(gone.login_events ORDER BY (gone.login_events).id), '{}') INTO due FROM gone;
    FOREACH told IN ARRAY due LOOP
        PERFORM set_config('smp.actor', told.actor, true), set_config('smp.address', coalesce(told.address, ''), true),
            set_config('smp.agent', coalesce(told.agent, ''), true), set_config('smp.trace_id', coalesce(told.trace_id, ''), true);
        PERFORM smp.append_audit('logins', 'INSERT', '{event,login}', ARRAY[jsonb_build_object('new', jsonb_strip_nulls(
            to_jsonb(told) - '{due_at,actor,address,agent,trace_id}'::text[]))]);
    END LOOP;
    PERFORM set_config('smp.' || key, value, true) FROM jsonb_each_text(acting);
    RETURN cardinality(due);
END $$;

-- Writes down how a login by that name went; 'locked' where too many went wrong in a row, else 'open'. It locks for
-- a minute after five failures and twice as long after every further one, at most for an hour.
CREATE OR REPLACE FUNCTION smp.note_login(the_login text, went_well boolean) RETURNS text
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
    -- A name that is locked fills nothing: what is tried meanwhile does not get here.
    IF EXISTS (SELECT FROM users WHERE tenant_id = smp.current_tenant() AND login = the_login) THEN
        PERFORM smp.keep_login(CASE WHEN known.locked_until IS NULL THEN 'failed' ELSE 'locked' END, the_login, 'system:login');
    ELSE
        PERFORM smp.keep_strangers_login();
    END IF;
    RETURN 'open';
END $$;

-- Begins a session of the person who acts, proven by his key; tokens come as hashes, times in minutes. It is good for
-- what the proof is good for, and no longer.
CREATE OR REPLACE FUNCTION smp.begin_session(
    the_access_hash text, access_minutes integer, the_refresh_hash text, refresh_minutes integer, the_agent text
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users := smp.acting_person();
    begun uuid := gen_random_uuid();
    moment timestamptz := clock_timestamp();
    key smp.api_keys := smp.shown_api_key();
BEGIN
    IF person.active IS NOT TRUE THEN
        RAISE EXCEPTION 'Login and key do not fit together.' USING ERRCODE = 'SMP03';
    END IF;
    INSERT INTO sessions (
        id, user_id, family, access_hash, refresh_hash, access_until, refresh_until, created_at, address, agent, scope,
        api_key_id
    ) VALUES (
        begun, person.id, begun, the_access_hash, the_refresh_hash,
        least(moment + interval '1 minute' * access_minutes, key.expires_at),
        CASE WHEN refresh_minutes IS NOT NULL
            THEN least(moment + interval '1 minute' * refresh_minutes, key.expires_at) END,
        moment, nullif(current_setting('smp.address', true), ''), the_agent, smp.shown_scope(), key.id
    );
    PERFORM smp.keep_login('login', person.login, person.login);
    RETURN begun;
END $$;

-- The login whose session a refresh token continues, with a new one in the place of the old. A token that was used
-- before was stolen, or its answer was lost: the whole family ends, and the login is null.
CREATE OR REPLACE FUNCTION smp.refresh_session(
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
        IF FOUND THEN
            PERFORM smp.keep_login('reused', login, 'system:refresh') FROM users
            WHERE tenant_id = smp.current_tenant() AND id = old.user_id;
        END IF;
        RETURN NULL;
    END IF;
    SELECT * INTO person FROM users WHERE tenant_id = smp.current_tenant() AND id = old.user_id;
    IF old.ended_at IS NOT NULL OR old.refresh_until <= moment OR NOT person.active OR NOT smp.is_proven(person) THEN
        RETURN NULL;
    END IF;
    UPDATE sessions SET refreshed_at = moment, ended_at = moment
    WHERE tenant_id = smp.current_tenant() AND id = old.id;
    INSERT INTO sessions (
        user_id, family, access_hash, refresh_hash, access_until, refresh_until, created_at, address, agent, scope,
        api_key_id
    ) VALUES (
        old.user_id, old.family, the_access_hash, the_refresh_hash,
        least(moment + interval '1 minute' * access_minutes, old.refresh_until), old.refresh_until, moment,
        nullif(current_setting('smp.address', true), ''), the_agent, old.scope, old.api_key_id
    );
    RETURN person.login;
END $$;

-- Ends the session whose token is shown, with its family; how many that were. Nothing for another proof.
CREATE OR REPLACE FUNCTION smp.end_session() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    ended integer;
    whose text;
BEGIN
    WITH over AS (
        UPDATE sessions SET ended_at = clock_timestamp()
        WHERE tenant_id = smp.current_tenant() AND ended_at IS NULL AND family IN (
            SELECT family FROM sessions WHERE tenant_id = smp.current_tenant() AND access_hash = smp.shown_key())
        RETURNING user_id
    )
    SELECT count(*), min(login) INTO ended, whose FROM over
    JOIN users ON users.tenant_id = smp.current_tenant() AND users.id = over.user_id;
    IF ended > 0 THEN
        PERFORM smp.keep_login('logout', whose, whose);
    END IF;
    RETURN ended;
END $$;

-- Ends all sessions of a person but the one that says so: his own, or anybody's for an administrator.
CREATE OR REPLACE FUNCTION smp.end_sessions_of(the_login text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    ended integer;
BEGIN
    PERFORM smp.require_self_or_administrator(the_login);
    UPDATE sessions SET ended_at = clock_timestamp()
    WHERE tenant_id = smp.current_tenant() AND ended_at IS NULL AND access_hash IS DISTINCT FROM smp.shown_key()
        AND user_id = (SELECT id FROM users WHERE tenant_id = smp.current_tenant() AND login = the_login);
    GET DIAGNOSTICS ended = ROW_COUNT;
    IF ended > 0 THEN
        PERFORM smp.keep_login('logout', the_login, smp.current_actor());
    END IF;
    RETURN ended;
END $$;

-- Keys of people: as many as they have uses for, each with a name, what it is good for, and an end. Of a key the
-- registry keeps the hash and the few letters by which people know it. A person is known outside by an e-mail.

CREATE TABLE smp.api_keys (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    tenant_id UUID NOT NULL DEFAULT smp.current_tenant(),
    user_id UUID NOT NULL,
    name TEXT NOT NULL,
    prefix TEXT,
    key_hash TEXT NOT NULL,
    scope TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    expires_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    CONSTRAINT api_keys_pkey PRIMARY KEY (id),
    CONSTRAINT api_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES smp.tenants (id),
    CONSTRAINT api_keys_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES smp.users (tenant_id, id),
    CONSTRAINT api_keys_id_tenant_id_key UNIQUE (id, tenant_id),
    CONSTRAINT api_keys_user_id_key_hash_key UNIQUE (user_id, key_hash),
    CONSTRAINT api_keys_scope_check CHECK (scope IN ('all', 'read', 'run', 'decide', 'metrics'))
);
COMMENT ON TABLE smp.api_keys IS 'closed; what proves a person, as hashes; without a prefix it follows from the secret of the installation, or is of the time when everybody had one';

ALTER TABLE smp.users NO FORCE ROW LEVEL SECURITY;
INSERT INTO smp.api_keys (tenant_id, user_id, name, key_hash, scope, created_at)
SELECT tenant_id, id, 'installation', api_key_hash, 'all', created_at FROM smp.users WHERE api_key_hash IS NOT NULL;
ALTER TABLE smp.users FORCE ROW LEVEL SECURITY;

CREATE TABLE smp.api_key_uses (
    tenant_id UUID NOT NULL DEFAULT smp.current_tenant(),
    api_key_id UUID NOT NULL,
    last_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT api_key_uses_pkey PRIMARY KEY (tenant_id, api_key_id),
    CONSTRAINT api_key_uses_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES smp.tenants (id),
    CONSTRAINT api_key_uses_tenant_id_api_key_id_fkey FOREIGN KEY (tenant_id, api_key_id) REFERENCES smp.api_keys (tenant_id, id)
);
COMMENT ON TABLE smp.api_key_uses IS 'closed; when each key was used last, to the minute';

ALTER TABLE smp.sessions ADD COLUMN scope TEXT NOT NULL DEFAULT 'all', ADD COLUMN api_key_id UUID,
    ADD CONSTRAINT sessions_scope_check CHECK (scope IN ('all', 'read', 'run', 'decide', 'metrics')),
    ADD CONSTRAINT sessions_tenant_id_api_key_id_fkey FOREIGN KEY (tenant_id, api_key_id) REFERENCES smp.api_keys (tenant_id, id);

CREATE UNIQUE INDEX users_tenant_id_lower_idx ON smp.users (tenant_id, lower(email));

DO $$
DECLARE
    tenant_table regclass;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY['smp.api_keys', 'smp.api_key_uses']::regclass[] LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format(
            'CREATE POLICY tenant_isolation ON %s'
            ' USING (tenant_id = smp.current_tenant()) WITH CHECK (tenant_id = smp.current_tenant())',
            tenant_table
        );
    END LOOP;
END $$;

CREATE TRIGGER audit_created AFTER INSERT ON smp.api_keys REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION smp.audit_created('id');
CREATE TRIGGER audit_updated AFTER UPDATE ON smp.api_keys REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION smp.audit_updated('id');

-- What the audit keeps of a row: everything but secrets.
CREATE OR REPLACE FUNCTION smp.redacted(the_row jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN the_row || coalesce((
    SELECT jsonb_object_agg(name, '[redacted]')
    FROM unnest(ARRAY['config_encrypted', 'options_encrypted', 'api_key_hash', 'key_hash', 'password_salt', 'password_hash',
        'access_hash', 'refresh_hash']) AS name
    WHERE the_row ->> name IS NOT NULL), '{}');

-- The key of the acting login that the transaction shows, while it counts; null for another proof.
CREATE FUNCTION smp.shown_api_key() RETURNS smp.api_keys
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT keys FROM api_keys AS keys
    JOIN users AS people ON people.tenant_id = keys.tenant_id AND people.id = keys.user_id
    WHERE keys.tenant_id = smp.current_tenant() AND login = smp.current_actor() AND key_hash = smp.shown_key()
        AND revoked_at IS NULL AND coalesce(expires_at > clock_timestamp(), true)
$$;

-- What the proof that the transaction shows is good for: all that the person may, or less. Null where it proves nobody.
CREATE FUNCTION smp.shown_scope() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT CASE WHEN password_hash = smp.shown_key() THEN 'all' ELSE coalesce((smp.shown_api_key()).scope, (
        SELECT scope FROM sessions
        WHERE sessions.tenant_id = people.tenant_id AND user_id = people.id
            AND access_hash = smp.shown_key() AND ended_at IS NULL AND access_until > clock_timestamp())) END
    FROM users AS people
    WHERE tenant_id = smp.current_tenant() AND login = smp.current_actor()
$$;

-- The role a person has by a proof of that scope: never more than the scope is for, nor than the role allows.
CREATE FUNCTION smp.role_within(the_role text, the_scope text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN the_scope = 'all' THEN the_role
    WHEN the_scope = 'run' AND the_role IN ('engineer', 'admin') THEN 'engineer'
    WHEN the_scope = 'decide' AND the_role IN ('steward', 'admin') THEN 'steward'
    ELSE 'viewer'
END;

-- The person who acts, where what is shown is his: an API key, the stretched password, or the token of a session that
-- has not ended; in the role that the proof leaves him. Null for the machinery, a stranger, or a name without its key.
CREATE OR REPLACE FUNCTION smp.acting_person() RETURNS smp.users
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users;
    scope text := smp.shown_scope();
BEGIN
    IF scope IS NOT NULL THEN
        SELECT * INTO person FROM users WHERE tenant_id = smp.current_tenant() AND login = smp.current_actor();
        person.role := smp.role_within(person.role, scope);
    END IF;
    RETURN person;
END $$;

-- The person who acts, if he may decide about the client; the machinery and strangers may not.
CREATE OR REPLACE FUNCTION smp.deciding_person(the_client text) RETURNS smp.users
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users;
    acting smp.users := smp.acting_person();
BEGIN
    SELECT * INTO person FROM users WHERE tenant_id = smp.current_tenant() AND login = smp.current_actor();
    IF person.id IS NULL THEN
        RAISE EXCEPTION '% is not a person of this tenant and may not decide. A steward or an admin may.',
            smp.current_actor() USING ERRCODE = 'SMP03';
    ELSIF NOT person.active OR person.role NOT IN ('steward', 'admin') THEN
        RAISE EXCEPTION '% (%) may not decide. A steward or an admin may.',
            person.login, CASE WHEN person.active THEN person.role ELSE 'no longer active' END
            USING ERRCODE = 'SMP03';
    ELSIF acting.id IS NULL THEN
        RAISE EXCEPTION '% may decide, but the key shown is not the one of that login.', person.login
            USING ERRCODE = 'SMP03';
    ELSIF acting.role NOT IN ('steward', 'admin') THEN
        RAISE EXCEPTION '% may decide, but not by a key of scope %.', person.login, smp.shown_scope()
            USING ERRCODE = 'SMP03';
    ELSIF NOT (person.clients IS NULL OR coalesce(the_client = ANY (person.clients), false)) THEN
        RAISE EXCEPTION '% may not decide about client %, but about %.',
            person.login, the_client, array_to_string(person.clients, ', ') USING ERRCODE = 'SMP03';
    END IF;
    RETURN acting;
END $$;

-- Passes for the person himself, by a proof that is good for all he may, and for whoever manages people.
CREATE FUNCTION smp.require_self_or_administrator(the_login text) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
BEGIN
    IF the_login <> smp.current_actor() OR (smp.acting_person()).active IS NOT TRUE OR smp.shown_scope() <> 'all' THEN
        PERFORM smp.require_administrator();
    END IF;
END $$;

DROP FUNCTION smp.add_person(text, text, text, text[]);

-- Adds a person with the hash of his first key; false where the login is taken. Without the letters by which people
-- know it, the key follows from the secret of the installation.
CREATE FUNCTION smp.add_person(the_login text, the_role text, the_key_hash text, the_clients text[], the_prefix text DEFAULT NULL)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users;
BEGIN
    PERFORM smp.require_administrator();
    person.login := the_login;
    person.clients := the_clients;
    PERFORM smp.check_person(person);
    INSERT INTO users (login, role, clients) VALUES (the_login, the_role, the_clients)
    ON CONFLICT (tenant_id, login) DO NOTHING RETURNING * INTO person;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO api_keys (user_id, name, prefix, key_hash, scope)
    VALUES (person.id, CASE WHEN the_prefix IS NULL THEN 'installation' ELSE 'first' END, the_prefix, the_key_hash, 'all');
    RETURN true;
END $$;

-- Changes what ``change`` names of role, active, email and clients; false where there is no such person.
-- An administrator does not take the last one's rights away: the administrators are held while that is asked, so
-- that two do not take each other's away at the same moment.
CREATE OR REPLACE FUNCTION smp.change_person(the_login text, change jsonb) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users;
BEGIN
    PERFORM FROM users WHERE tenant_id = smp.current_tenant() AND role = 'admin' ORDER BY id FOR UPDATE;
    PERFORM smp.require_administrator();
    SELECT * INTO person FROM users WHERE tenant_id = smp.current_tenant() AND login = the_login FOR UPDATE;
    IF person.id IS NULL THEN
        RETURN false;
    END IF;
    person := jsonb_populate_record(person, change);
    PERFORM smp.check_person(person);
    IF person.email !~ '^[!-?A-~]{1,64}@[!-?A-~]{1,255}$' THEN
        RAISE EXCEPTION 'An e-mail address has the form NAME@HOST.' USING ERRCODE = 'SMP04';
    ELSIF EXISTS (
        SELECT FROM users WHERE tenant_id = smp.current_tenant() AND lower(email) = lower(person.email) AND id <> person.id
    ) THEN
        RAISE EXCEPTION 'Another person has that e-mail address.' USING ERRCODE = 'SMP04';
    ELSIF (person.active AND person.role = 'admin' AND person.clients IS NULL) IS NOT TRUE AND NOT EXISTS (
        SELECT FROM users
        WHERE tenant_id = smp.current_tenant() AND id <> person.id
            AND active AND role = 'admin' AND clients IS NULL
    ) AND (smp.acting_person()).id IS NOT NULL THEN
        RAISE EXCEPTION '% is the last administrator. Make another one first.', the_login USING ERRCODE = 'SMP04';
    END IF;
    UPDATE users SET role = person.role, active = person.active, email = person.email, clients = person.clients
    WHERE tenant_id = smp.current_tenant() AND id = person.id;
    RETURN true;
END $$;

-- Another key of a person, his own or by an administrator anybody's; null where there is no such person.
CREATE FUNCTION smp.add_key(
    the_login text, the_name text, the_prefix text, the_key_hash text, the_scope text, until timestamptz
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    most CONSTANT integer := 50;
    owner_id uuid;
    made uuid;
BEGIN
    PERFORM smp.require_self_or_administrator(the_login);
    SELECT id INTO owner_id FROM users
    WHERE tenant_id = smp.current_tenant() AND login = the_login FOR UPDATE;
    IF owner_id IS NULL THEN
        RETURN NULL;
    ELSIF until <= clock_timestamp() THEN
        RAISE EXCEPTION 'A key ends in the future, or never.' USING ERRCODE = 'SMP04';
    ELSIF (SELECT count(*) FROM api_keys WHERE tenant_id = smp.current_tenant() AND user_id = owner_id
            AND revoked_at IS NULL AND coalesce(expires_at > clock_timestamp(), true)) >= most THEN
        RAISE EXCEPTION '% has % keys. Revoke one first.', the_login, most USING ERRCODE = 'SMP04';
    END IF;
    INSERT INTO api_keys (user_id, name, prefix, key_hash, scope, expires_at)
    VALUES (owner_id, the_name, the_prefix, the_key_hash, the_scope, until) RETURNING id INTO made;
    RETURN made;
END $$;

-- Ends a key with the sessions that were begun with it; false where the person has none of that id.
CREATE FUNCTION smp.revoke_key(the_login text, the_key uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    found_key uuid;
BEGIN
    PERFORM smp.require_self_or_administrator(the_login);
    SELECT keys.id INTO found_key FROM api_keys AS keys
    JOIN users AS people ON people.tenant_id = keys.tenant_id AND people.id = keys.user_id
    WHERE keys.tenant_id = smp.current_tenant() AND login = the_login AND keys.id = the_key FOR UPDATE OF keys;
    UPDATE api_keys SET revoked_at = clock_timestamp()
    WHERE tenant_id = smp.current_tenant() AND id = found_key AND revoked_at IS NULL;
    UPDATE sessions SET ended_at = clock_timestamp()
    WHERE tenant_id = smp.current_tenant() AND api_key_id = found_key AND ended_at IS NULL;
    RETURN found_key IS NOT NULL;
END $$;

-- The one key of that name which follows from the secret of the installation; those before it end, and with no hash
-- that is all. False where there is no such person.
CREATE FUNCTION smp.vouch_for(the_login text, the_name text, the_key_hash text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    owner_id uuid;
BEGIN
    PERFORM smp.require_administrator();
    SELECT id INTO owner_id FROM users
    WHERE tenant_id = smp.current_tenant() AND login = the_login FOR UPDATE;
    IF owner_id IS NULL THEN
        RETURN false;
    END IF;
    PERFORM smp.revoke_key(the_login, id) FROM api_keys
    WHERE tenant_id = smp.current_tenant() AND user_id = owner_id AND name = the_name AND prefix IS NULL
        AND revoked_at IS NULL AND key_hash IS DISTINCT FROM the_key_hash;
    IF the_key_hash IS NOT NULL THEN
        INSERT INTO api_keys (user_id, name, key_hash, scope) VALUES (owner_id, the_name, the_key_hash, 'all')
        ON CONFLICT (user_id, key_hash) DO UPDATE SET revoked_at = NULL;
    END IF;
    RETURN true;
END $$;

-- Writes down that the key shown was used, once a minute at most; nothing for another proof.
CREATE FUNCTION smp.note_key_use() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    INSERT INTO api_key_uses AS uses (api_key_id, last_at)
    SELECT id, clock_timestamp() FROM smp.shown_api_key() WHERE id IS NOT NULL
    ON CONFLICT (tenant_id, api_key_id) DO UPDATE SET last_at = EXCLUDED.last_at
    WHERE uses.last_at < EXCLUDED.last_at - interval '1 minute'
$$;

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
        RETURN NULL;
    END IF;
    SELECT * INTO person FROM users WHERE tenant_id = smp.current_tenant() AND id = old.user_id;
    IF old.ended_at IS NOT NULL OR old.refresh_until <= moment OR NOT person.active THEN
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
    RETURN ended;
END $$;

-- Gives a person another password, as salt and hash of what it is stretched to; his own, or anybody's for an
-- administrator. His sessions end but the one that says so. False where there is no such person.
CREATE OR REPLACE FUNCTION smp.set_password(the_login text, the_salt text, the_hash text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    changed uuid;
BEGIN
    PERFORM smp.require_self_or_administrator(the_login);
    UPDATE users SET password_salt = the_salt, password_hash = the_hash
    WHERE tenant_id = smp.current_tenant() AND login = the_login RETURNING id INTO changed;
    UPDATE sessions SET ended_at = clock_timestamp()
    WHERE tenant_id = smp.current_tenant() AND user_id = changed AND ended_at IS NULL
        AND access_hash IS DISTINCT FROM smp.shown_key();
    DELETE FROM failed_logins WHERE tenant_id = smp.current_tenant() AND login = the_login;
    RETURN changed IS NOT NULL;
END $$;

ALTER TABLE smp.users DROP COLUMN api_key_hash;
COMMENT ON TABLE smp.users IS 'closed; password_hash and the hashes of keys prove a person, clients are those he is confined to (null: all of the tenant)';

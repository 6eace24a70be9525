-- Whom the groups of an identity provider let in is somebody here for as long as that has proven him: his keys, his
-- password and his sessions count until then, and again once it proves him anew.

ALTER TABLE smp.users ADD COLUMN proven_until TIMESTAMPTZ;
COMMENT ON TABLE smp.users IS 'closed; password_hash and the hashes of keys prove a person, clients are those he is confined to (null: all of the tenant), proven_until is how long groups of an identity provider let him in (null: an administrator did)';

-- Whoever was let in before has as long to be proven anew as a session by the provider's word lasts, if nothing else is set.
ALTER TABLE smp.users NO FORCE ROW LEVEL SECURITY;
UPDATE smp.users SET proven_until = clock_timestamp() + interval '1 hour' WHERE login LIKE 'oidc:%';
ALTER TABLE smp.users FORCE ROW LEVEL SECURITY;

-- Whether the person counts at this moment, as far as an identity provider has a say in it.
CREATE FUNCTION smp.is_proven(person smp.users) RETURNS boolean
LANGUAGE sql STABLE
RETURN coalesce((person).proven_until > clock_timestamp(), true);

-- The key of the acting login that the transaction shows, while it counts; null for another proof. What follows from the
-- secret of the installation counts also for whom the provider is just proving by it.
CREATE OR REPLACE FUNCTION smp.shown_api_key() RETURNS smp.api_keys
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT keys FROM api_keys AS keys
    JOIN users AS people ON people.tenant_id = keys.tenant_id AND people.id = keys.user_id
    WHERE keys.tenant_id = smp.current_tenant() AND login = smp.current_actor() AND key_hash = smp.shown_key()
        AND revoked_at IS NULL AND coalesce(expires_at > clock_timestamp(), true)
        AND (prefix IS NULL OR smp.is_proven(people))
$$;

-- What the proof that the transaction shows is good for: all that the person may, or less. Null where it proves nobody.
CREATE OR REPLACE FUNCTION smp.shown_scope() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT coalesce(
        CASE WHEN password_hash = smp.shown_key() AND smp.is_proven(people) THEN 'all' END,
        (smp.shown_api_key()).scope,
        (SELECT scope FROM sessions
            WHERE sessions.tenant_id = people.tenant_id AND user_id = people.id AND smp.is_proven(people)
                AND access_hash = smp.shown_key() AND ended_at IS NULL AND access_until > clock_timestamp()))
    FROM users AS people
    WHERE tenant_id = smp.current_tenant() AND login = smp.current_actor()
$$;

-- Since when what the transaction shows counts no more because the identity provider did not prove its person again; null
-- where it counts, or would not count then either.
CREATE FUNCTION smp.unproven_since() RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT proven_until FROM users AS people
    WHERE tenant_id = smp.current_tenant() AND login = smp.current_actor() AND active AND NOT smp.is_proven(people)
        AND (password_hash = smp.shown_key()
            OR EXISTS (SELECT FROM api_keys AS keys
                WHERE keys.tenant_id = people.tenant_id AND user_id = people.id AND key_hash = smp.shown_key()
                    AND revoked_at IS NULL AND coalesce(expires_at > clock_timestamp(), true))
            OR EXISTS (SELECT FROM sessions
                WHERE sessions.tenant_id = people.tenant_id AND user_id = people.id AND access_hash = smp.shown_key()
                    AND ended_at IS NULL AND access_until > clock_timestamp()))
$$;

-- How long the person counts from now on, in minutes; with none it ends at once, with his sessions, where it had not ended
-- before. False where there is no such person.
CREATE FUNCTION smp.prove_person(the_login text, minutes integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users;
    moment timestamptz := clock_timestamp();
BEGIN
    PERFORM smp.require_administrator();
    SELECT * INTO person FROM users WHERE tenant_id = smp.current_tenant() AND login = the_login FOR UPDATE;
    UPDATE users SET proven_until = moment + interval '1 minute' * minutes
    WHERE tenant_id = person.tenant_id AND id = person.id AND (minutes > 0 OR smp.is_proven(person));
    IF minutes = 0 THEN
        UPDATE sessions SET ended_at = moment
        WHERE tenant_id = person.tenant_id AND user_id = person.id AND ended_at IS NULL;
    END IF;
    RETURN person.id IS NOT NULL;
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

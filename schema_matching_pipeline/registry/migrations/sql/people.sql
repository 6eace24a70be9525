-- Who acts, proven by a key. A name alone is a claim: whoever has the application role's password can make it.

ALTER TABLE smp.users ADD COLUMN clients TEXT[];

COMMENT ON TABLE smp.users IS 'closed; api_key_hash proves a person, clients are those he is confined to (null: all of the tenant)';

-- The hash of the key that the transaction shows.
CREATE FUNCTION smp.shown_key() RETURNS text
LANGUAGE sql STABLE
RETURN encode(sha256(convert_to(nullif(current_setting('smp.key', true), ''), 'UTF8')), 'hex');

-- The person who acts, where the key shown is his; null for the machinery, a stranger, or a name without its key.
CREATE FUNCTION smp.acting_person() RETURNS smp.users
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT people FROM users AS people
    WHERE tenant_id = smp.current_tenant() AND login = smp.current_actor() AND api_key_hash = smp.shown_key()
$$;

-- The person who acts, if he may decide about the client; the machinery and strangers may not.
CREATE FUNCTION smp.deciding_person(the_client text) RETURNS smp.users
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users;
BEGIN
    SELECT * INTO person FROM users WHERE tenant_id = smp.current_tenant() AND login = smp.current_actor();
    IF person.id IS NULL THEN
        RAISE EXCEPTION '% is not a person of this tenant and may not decide. A steward or an admin may.',
            smp.current_actor() USING ERRCODE = 'SMP03';
    ELSIF NOT person.active OR person.role NOT IN ('steward', 'admin') THEN
        RAISE EXCEPTION '% (%) may not decide. A steward or an admin may.',
            person.login, CASE WHEN person.active THEN person.role ELSE 'no longer active' END
            USING ERRCODE = 'SMP03';
    ELSIF (smp.acting_person()).id IS NULL THEN
        RAISE EXCEPTION '% may decide, but the key shown is not the one of that login.', person.login
            USING ERRCODE = 'SMP03';
    ELSIF NOT coalesce(the_client = ANY (person.clients), true) THEN
        RAISE EXCEPTION '% may not decide about client %, but about %.',
            person.login, the_client, array_to_string(person.clients, ', ') USING ERRCODE = 'SMP03';
    END IF;
    RETURN person;
END $$;

-- Passes for an active administrator with his key, and for the owner of the schema, who installs the first one.
CREATE FUNCTION smp.require_administrator() RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users := smp.acting_person();
BEGIN
    IF session_user = (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'smp')
        OR (person.active AND person.role = 'admin' AND person.clients IS NULL) THEN
        RETURN;
    END IF;
    RAISE EXCEPTION '% may not manage people. An administrator of the whole tenant may, with the key of his login.',
        smp.current_actor() USING ERRCODE = 'SMP03';
END $$;

-- Refuses a person whose name could be taken for another's, and clients that are not there.
CREATE FUNCTION smp.check_person(person smp.users) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    unknown text := (
        SELECT string_agg(named, ', ') FROM unnest(person.clients) AS named
        WHERE NOT EXISTS (SELECT FROM clients WHERE tenant_id = smp.current_tenant() AND slug = named));
BEGIN
    IF person.login !~ '^[!-~]{1,100}$' THEN
        RAISE EXCEPTION 'A login has 1 to 100 letters, digits and signs of ASCII, and no spaces.'
            USING ERRCODE = 'SMP04';
    ELSIF EXISTS (
        SELECT FROM users
        WHERE tenant_id = smp.current_tenant() AND lower(login) = lower(person.login) AND login <> person.login
    ) THEN
        RAISE EXCEPTION 'There is a person who is called % but for capital letters.', person.login
            USING ERRCODE = 'SMP04';
    ELSIF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'There is no client named %.', unknown USING ERRCODE = 'SMP04';
    ELSIF cardinality(person.clients) = 0 THEN
        RAISE EXCEPTION 'Name a client, or none for all clients of the tenant.' USING ERRCODE = 'SMP04';
    END IF;
END $$;

-- Adds a person with the hash of his key; false where the login is taken.
CREATE FUNCTION smp.add_person(the_login text, the_role text, the_key_hash text, the_clients text[]) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users;
BEGIN
    PERFORM smp.require_administrator();
    person.login := the_login;
    person.clients := the_clients;
    PERFORM smp.check_person(person);
    INSERT INTO users (login, role, api_key_hash, clients) VALUES (the_login, the_role, the_key_hash, the_clients)
    ON CONFLICT (tenant_id, login) DO NOTHING;
    RETURN FOUND;
END $$;

-- Changes what ``change`` names of role, active, api_key_hash and clients; false where there is no such person.
-- An administrator does not take the last one's rights away.
CREATE FUNCTION smp.change_person(the_login text, change jsonb) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users;
BEGIN
    PERFORM smp.require_administrator();
    SELECT * INTO person FROM users WHERE tenant_id = smp.current_tenant() AND login = the_login FOR UPDATE;
    IF person.id IS NULL THEN
        RETURN false;
    END IF;
    person := jsonb_populate_record(person, change);
    PERFORM smp.check_person(person);
    UPDATE users SET role = person.role, active = person.active, api_key_hash = person.api_key_hash,
        clients = person.clients
    WHERE tenant_id = smp.current_tenant() AND id = person.id;
    IF NOT EXISTS (
        SELECT FROM users
        WHERE tenant_id = smp.current_tenant() AND active AND role = 'admin' AND clients IS NULL
    ) AND (smp.acting_person()).id IS NOT NULL THEN
        RAISE EXCEPTION '% is the last administrator. Make another one first.', the_login USING ERRCODE = 'SMP04';
    END IF;
    RETURN true;
END $$;

-- What the audit keeps of a row: everything but secrets.
CREATE OR REPLACE FUNCTION smp.redacted(the_row jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN the_row ? 'config_encrypted' THEN the_row || '{"config_encrypted": "[redacted]"}'::jsonb
    WHEN the_row ->> 'api_key_hash' IS NOT NULL THEN the_row || '{"api_key_hash": "[redacted]"}'::jsonb
    ELSE the_row
END;

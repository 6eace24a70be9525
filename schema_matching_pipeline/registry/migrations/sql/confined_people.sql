-- A person confined to clients is confined to those named; no gap among them stands for all.

CREATE OR REPLACE FUNCTION smp.deciding_person(the_client text) RETURNS smp.users
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
    ELSIF NOT (person.clients IS NULL OR coalesce(the_client = ANY (person.clients), false)) THEN
        RAISE EXCEPTION '% may not decide about client %, but about %.',
            person.login, the_client, array_to_string(person.clients, ', ') USING ERRCODE = 'SMP03';
    END IF;
    RETURN person;
END $$;

CREATE OR REPLACE FUNCTION smp.check_person(person smp.users) RETURNS void
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
    ELSIF cardinality(person.clients) = 0 OR array_position(person.clients, NULL) IS NOT NULL THEN
        RAISE EXCEPTION 'Name a client, or none for all clients of the tenant.' USING ERRCODE = 'SMP04';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION smp.guard_client() RETURNS trigger
LANGUAGE plpgsql SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users := smp.acting_person();
BEGIN
    IF coalesce(NEW.review_required_before_production, true)
        OR (TG_OP = 'UPDATE' AND NOT coalesce(OLD.review_required_before_production, true))
        OR smp.acts_for_the_law()
        OR (person.active AND person.role IN ('engineer', 'admin')
            AND (person.clients IS NULL OR coalesce(NEW.slug = ANY (person.clients), false))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% may not say that nobody approves the production of client %. An engineer or an admin may.',
        smp.current_actor(), NEW.slug USING ERRCODE = 'SMP03';
END $$;

-- Changes what ``change`` names of role, active, api_key_hash and clients; false where there is no such person.
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
    IF (person.active AND person.role = 'admin' AND person.clients IS NULL) IS NOT TRUE AND NOT EXISTS (
        SELECT FROM users
        WHERE tenant_id = smp.current_tenant() AND id <> person.id
            AND active AND role = 'admin' AND clients IS NULL
    ) AND (smp.acting_person()).id IS NOT NULL THEN
        RAISE EXCEPTION '% is the last administrator. Make another one first.', the_login USING ERRCODE = 'SMP04';
    END IF;
    UPDATE users SET role = person.role, active = person.active, api_key_hash = person.api_key_hash,
        clients = person.clients
    WHERE tenant_id = smp.current_tenant() AND id = person.id;
    RETURN true;
END $$;

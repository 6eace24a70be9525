-- What every table leans on.

-- The tenant the transaction is open for; null where none was set, and then no row is visible.
CREATE FUNCTION smp.current_tenant() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('smp.tenant_id', true), '')::uuid;

-- Who acts, in the words of the audit: a login, or the machinery under a name of its own.
CREATE FUNCTION smp.current_actor() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(nullif(current_setting('smp.actor', true), ''), 'database:' || session_user);

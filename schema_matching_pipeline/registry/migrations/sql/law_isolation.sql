-- The law waits until it is alone with a client, and must then see what came before it: a transaction that sees the registry
-- as it was when it began would publish what was refused meanwhile.

CREATE OR REPLACE FUNCTION smp.enter_law(the_client text) RETURNS smp.clients
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    found_client smp.clients;
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'Under % a decision would not see what others decided while it waited. Begin the transaction with ISOLATION LEVEL READ COMMITTED.',
            upper(current_setting('transaction_isolation')) USING ERRCODE = 'SMP04';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('smp.law/' || the_client, 0));
    SELECT * INTO found_client FROM clients WHERE tenant_id = smp.current_tenant() AND slug = the_client;
    IF found_client.slug IS NULL THEN
        RAISE EXCEPTION 'There is no client named %.', quote_nullable(the_client) USING ERRCODE = 'SMP04';
    END IF;
    RETURN found_client;
END $$;

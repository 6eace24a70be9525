-- Runs that failed before anything was made keep no client: they go with it, their requests and the news of them, too. What
-- is on its way keeps it.
-- Removes the client and gives an empty object; or gives how many rows of which tables hold it, and changes nothing.
CREATE OR REPLACE FUNCTION smp.remove_client(the_client text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users := smp.acting_person();
    the_connection uuid;
    holder record;
    held bigint;
    holding jsonb := '{}';
BEGIN
    IF NOT coalesce(person.active AND person.role IN ('engineer', 'steward', 'admin') AND person.clients IS NULL, false) THEN
        RAISE EXCEPTION '% may not remove clients. An engineer of the whole tenant may, with the key of his login.',
            smp.current_actor() USING ERRCODE = 'SMP03';
    END IF;
    SELECT connection_id INTO the_connection FROM clients
    WHERE tenant_id = smp.current_tenant() AND slug = the_client FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    -- No run goes on from here until it is decided whether there is one.
    PERFORM FROM pipeline_runs WHERE tenant_id = smp.current_tenant() AND client = the_client FOR UPDATE;
    PERFORM FROM run_requests WHERE tenant_id = smp.current_tenant() AND client = the_client FOR UPDATE;
    FOR holder IN
        SELECT kept.relname AS named, columns.attname AS by_column
        FROM pg_constraint AS link
        JOIN pg_class AS kept ON kept.oid = link.conrelid
        JOIN pg_attribute AS key ON key.attrelid = link.confrelid AND key.attname = 'slug'
        JOIN pg_attribute AS columns
            ON columns.attrelid = link.conrelid
            AND columns.attnum = link.conkey[array_position(link.confkey, key.attnum)]
        WHERE link.contype = 'f' AND link.confrelid = 'smp.clients'::regclass AND kept.relname <> 'llm_policies'
        ORDER BY kept.relname
    LOOP
        EXECUTE format('SELECT count(*) FROM smp.%I WHERE tenant_id = $1 AND %I = $2', holder.named, holder.by_column)
            || CASE holder.named
                WHEN 'pipeline_runs' THEN $and$ AND state <> 'failed'$and$
                WHEN 'run_requests' THEN $and$ AND state = 'running'$and$
                WHEN 'news' THEN $and$ AND topic <> 'pipeline_failed'$and$
                ELSE '' END
            INTO held USING smp.current_tenant(), the_client;
        IF held > 0 THEN
            holding := holding || jsonb_build_object(holder.named, held);
        END IF;
    END LOOP;
    IF holding = '{}' THEN
        DELETE FROM llm_policies WHERE tenant_id = smp.current_tenant() AND client = the_client;
        DELETE FROM run_requests WHERE tenant_id = smp.current_tenant() AND client = the_client;
        DELETE FROM pipeline_runs WHERE tenant_id = smp.current_tenant() AND client = the_client;
        DELETE FROM deliveries USING news
        WHERE deliveries.tenant_id = smp.current_tenant() AND news.tenant_id = deliveries.tenant_id
            AND news.id = deliveries.news_id AND news.client = the_client;
        DELETE FROM news WHERE tenant_id = smp.current_tenant() AND client = the_client;
        DELETE FROM clients WHERE tenant_id = smp.current_tenant() AND slug = the_client;
        DELETE FROM connections AS unused
        WHERE tenant_id = smp.current_tenant() AND id = the_connection
            AND NOT EXISTS (SELECT FROM clients WHERE connection_id = unused.id);
    END IF;
    RETURN holding;
END $$;

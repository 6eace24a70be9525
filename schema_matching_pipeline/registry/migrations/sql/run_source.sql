-- What a failed run has made holds for the source it read: the run keeps a digest of the sealed address.

ALTER TABLE smp.pipeline_runs ADD COLUMN source_digest TEXT;

-- What the newest sealed address of a client's connection comes to; another key gives another digest.
CREATE FUNCTION smp.source_digest(the_client text) RETURNS text
LANGUAGE sql STABLE SET search_path = smp, pg_temp
AS $$
    SELECT encode(sha256(connections.config_encrypted), 'hex')
    FROM clients JOIN connections
        ON connections.tenant_id = clients.tenant_id AND connections.id = clients.connection_id
    WHERE clients.tenant_id = smp.current_tenant() AND clients.slug = the_client
$$;

CREATE OR REPLACE FUNCTION smp.record_terms() RETURNS trigger
LANGUAGE plpgsql SET search_path = smp, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' OR NEW.state = 'profiling' THEN
        NEW.review_required_before_production := coalesce(
            (SELECT review_required_before_production FROM clients
             WHERE tenant_id = NEW.tenant_id AND slug = NEW.client), true);
        NEW.source_digest := smp.source_digest(NEW.client);
    ELSE
        NEW.review_required_before_production := OLD.review_required_before_production;
        NEW.source_digest := OLD.source_digest;
    END IF;
    RETURN NEW;
END $$;

COMMENT ON TABLE smp.pipeline_runs IS 'review_required_before_production and source_digest are the client''s when profiling began; a trigger writes them';

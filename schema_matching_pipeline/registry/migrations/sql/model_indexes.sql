-- One index for each model of embeddings. One for all would lead a search through the vectors of every model, and
-- their directions mean nothing to one another.

-- Makes the index of a model, where there is none. Asked before a transaction writes vectors: an index is made under
-- a lock that waits for every writer, and two writers that waited for each other's end would both wait for ever.
CREATE FUNCTION smp.index_embeddings(the_model text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    the_index CONSTANT text :=
        'mapping_embeddings_' || left(encode(sha256(convert_to(the_model, 'UTF8')), 'hex'), 16) || '_idx';
BEGIN
    IF to_regclass('smp.' || the_index) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('smp.index_embeddings', 0));
    EXECUTE format(
        'CREATE INDEX IF NOT EXISTS %I ON smp.mapping_embeddings'
        ' USING hnsw (embedding_vector public.vector_cosine_ops) WHERE embedding_model = %L', the_index, the_model);
    EXECUTE format('COMMENT ON INDEX smp.%I IS %L', the_index, the_model);
END $$;

COMMENT ON TABLE smp.mapping_embeddings IS 'each model''s vectors have an index of their own, made by smp.index_embeddings';

-- The models of vectors that are there. Row-level security holds for the owner too: he looks at one tenant at a time.
DO $$
DECLARE
    each_tenant uuid;
    each_model text;
    tenant_before CONSTANT text := coalesce(current_setting('smp.tenant_id', true), '');
BEGIN
    DROP INDEX smp.mapping_embeddings_vector_idx;
    FOR each_tenant IN SELECT id FROM smp.tenants LOOP
        PERFORM set_config('smp.tenant_id', each_tenant::text, true);
        FOREACH each_model IN ARRAY ARRAY(SELECT DISTINCT embedding_model FROM smp.mapping_embeddings) LOOP
            PERFORM smp.index_embeddings(each_model);
        END LOOP;
    END LOOP;
    PERFORM set_config('smp.tenant_id', tenant_before, true);
END $$;

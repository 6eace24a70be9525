-- One index for the vectors of all models, as it was before each model had its own.

DO $$
DECLARE
    of_a_model text;
BEGIN
    FOR of_a_model IN
        SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
        WHERE indrelid = 'smp.mapping_embeddings'::regclass
            AND relam = (SELECT oid FROM pg_am WHERE amname = 'hnsw')
    LOOP
        EXECUTE 'DROP INDEX ' || of_a_model;
    END LOOP;
END $$;

CREATE INDEX mapping_embeddings_vector_idx ON smp.mapping_embeddings USING hnsw (embedding_vector vector_cosine_ops);

COMMENT ON TABLE smp.mapping_embeddings IS NULL;

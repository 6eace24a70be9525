-- Takes the history of mappings back, and the triggers that note the time of a change; rows stay.

DROP ROUTINE smp.touch, smp.keep_mapping_history CASCADE;

DO $$
DECLARE
    found regclass;
BEGIN
    FOR found IN
        SELECT tgrelid FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE relnamespace = 'smp'::regnamespace AND tgname = 'a_unchanged'
    LOOP
        EXECUTE format('DROP TRIGGER a_unchanged ON %s', found);
    END LOOP;
END $$;

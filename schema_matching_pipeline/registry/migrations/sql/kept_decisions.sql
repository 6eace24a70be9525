-- What a person decided is not undone by taking its row away and writing another.

CREATE FUNCTION smp.guard_removal() RETURNS trigger
LANGUAGE plpgsql SET search_path = smp, pg_temp
AS $$
BEGIN
    IF OLD.decided_by IS NOT NULL AND NOT smp.acts_for_the_law() THEN
        RAISE EXCEPTION 'Column %.% was decided by % and stays; a column that is gone is deprecated.',
            OLD.source_table, OLD.source_field, OLD.decided_by USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER guard_removal BEFORE DELETE ON smp.field_mappings
    FOR EACH ROW EXECUTE FUNCTION smp.guard_removal();

-- That no person approves the production of a client is itself a person's word.

CREATE FUNCTION smp.guard_client() RETURNS trigger
LANGUAGE plpgsql SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users := smp.acting_person();
BEGIN
    IF coalesce(NEW.review_required_before_production, true)
        OR (TG_OP = 'UPDATE' AND NOT coalesce(OLD.review_required_before_production, true))
        OR smp.acts_for_the_law()
        OR (person.active AND person.role IN ('engineer', 'admin')
            AND coalesce(NEW.slug = ANY (person.clients), true)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% may not say that nobody approves the production of client %. An engineer or an admin may.',
        smp.current_actor(), NEW.slug USING ERRCODE = 'SMP03';
END $$;

CREATE TRIGGER guard BEFORE INSERT OR UPDATE OF review_required_before_production ON smp.clients
    FOR EACH ROW EXECUTE FUNCTION smp.guard_client();

COMMENT ON TABLE smp.clients IS 'review_required_before_production is false only where a person put the client under a profile that asks for nobody';

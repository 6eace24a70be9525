-- Thresholds follow what people decide: they rise by themselves where suggestions are wrong too often, and fall when an
-- administrator says so.

-- Suggestions of mappings that people decided on, and whether they were right. Who overrides one with its own field changes
-- the rule alone. A derived field has no confidence that decisions could be held against.
CREATE VIEW smp.judged_suggestions WITH (security_invoker = true) AS
SELECT i.tenant_id, i.client, i.id AS item_id, i.entity, i.field, i.had, i.item, i.decided_at,
    i.state = 'approved' OR (i.state = 'overridden' AND EXISTS (
        SELECT FROM smp.standing_actions AS said
        WHERE (said.tenant_id, said.client, said.item_id, said.state_after) = (i.tenant_id, i.client, i.id, i.state)
            AND (said.entity, said.field) = (i.entity, i.field))) AS is_right
FROM smp.review_items AS i
WHERE i.kind = 'mapping' AND i.field IS NOT NULL AND i.state IN ('approved', 'rejected', 'overridden')
    AND i.item -> 'rule' -> 'computed' IS NULL;

CREATE TABLE smp.trust_adjustments (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID DEFAULT smp.current_tenant() NOT NULL,
    client TEXT NOT NULL,
    entity TEXT NOT NULL,
    kind TEXT NOT NULL,
    threshold_before DOUBLE PRECISION NOT NULL,
    threshold DOUBLE PRECISION NOT NULL,
    decided INTEGER NOT NULL,
    wrong INTEGER NOT NULL,
    bound DOUBLE PRECISION NOT NULL,
    reason TEXT,
    made_by TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT trust_adjustments_pkey PRIMARY KEY (id),
    CONSTRAINT trust_adjustments_tenant_id_client_fkey FOREIGN KEY(tenant_id, client) REFERENCES smp.clients (tenant_id, slug),
    CONSTRAINT trust_adjustments_kind_check CHECK (kind IN ('tightened', 'suggested', 'relaxed', 'declined')),
    CONSTRAINT trust_adjustments_threshold_check CHECK (threshold >= 0 AND threshold <= 1)
);

CREATE INDEX trust_adjustments_entity_idx ON smp.trust_adjustments (client, entity, tenant_id, id DESC);

COMMENT ON TABLE smp.trust_adjustments IS 'closed, append-only: thresholds that rose by evidence, and what people said to letting them fall; the newest counts';

ALTER TABLE smp.trust_adjustments ENABLE ROW LEVEL SECURITY;
ALTER TABLE smp.trust_adjustments FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON smp.trust_adjustments
    USING (tenant_id = smp.current_tenant()) WITH CHECK (tenant_id = smp.current_tenant());
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON smp.trust_adjustments
    FOR EACH STATEMENT EXECUTE FUNCTION smp.refuse_change();
CREATE TRIGGER audit_created AFTER INSERT ON smp.trust_adjustments REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION smp.audit_created(client, entity);

-- A bound of a share, at 95 % on both sides: Wilson (1927), without correction for continuity.
CREATE FUNCTION smp.wilson_bound(hits bigint, tries bigint, is_upper boolean) RETURNS double precision
LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN tries = 0 THEN CASE WHEN is_upper THEN 1 ELSE 0 END
    ELSE (hits::float8 / tries + 3.8416 / (2 * tries) + CASE WHEN is_upper THEN 1.96 ELSE -1.96 END
        * sqrt(hits::float8 / tries * (1 - hits::float8 / tries) / tries + 3.8416 / (4 * tries::float8 * tries)))
        / (1 + 3.8416 / tries)
END;

-- The newest adjustment of an entity's threshold that counts; null where none does.
CREATE FUNCTION smp.adjustment_in_force(the_client text, the_entity text, at_moment timestamptz) RETURNS smp.trust_adjustments
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT adjustments FROM trust_adjustments AS adjustments
    WHERE adjustments.tenant_id = smp.current_tenant() AND adjustments.client = the_client
        AND adjustments.entity = the_entity AND adjustments.kind IN ('tightened', 'relaxed')
        AND adjustments.made_at <= at_moment
    ORDER BY adjustments.id DESC LIMIT 1
$$;

-- Holds the decisions about a client's suggestions against what its entities need by configuration: ``configured`` is a
-- list of entity and effective_threshold. Only decisions since the last adjustment count, and only those about suggestions
-- that were nearly sure enough. Twenty are the fewest. Where the share of wrong ones is surely above what the threshold
-- allows, the threshold goes halfway to 1; where it is surely within what the configuration allows again, that is
-- suggested to the administrators, once. Nothing is lowered here.
CREATE FUNCTION smp.adapt_trust(the_client text, configured jsonb) RETURNS SETOF smp.trust_adjustments
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    fewest CONSTANT integer := 20;
    nearly CONSTANT double precision := 0.1;
    highest CONSTANT double precision := 0.995;
    given record;
    standing smp.trust_adjustments;
    present double precision;
    decided bigint;
    wrong bigint;
    made smp.trust_adjustments;
BEGIN
    PERFORM smp.enter_law(the_client);
    FOR given IN SELECT * FROM jsonb_to_recordset(configured) AS listed (entity text, effective_threshold double precision) LOOP
        standing := smp.adjustment_in_force(the_client, given.entity, 'infinity');
        present := greatest(given.effective_threshold, standing.threshold);
        SELECT count(*), count(*) FILTER (WHERE NOT judged.is_right) INTO decided, wrong
        FROM judged_suggestions AS judged
        WHERE judged.tenant_id = smp.current_tenant() AND judged.client = the_client AND judged.entity = given.entity
            AND judged.had >= present - nearly AND judged.decided_at > coalesce(standing.made_at, '-infinity');
        made := NULL;
        IF decided < fewest THEN
            CONTINUE;
        ELSIF present < highest AND smp.wilson_bound(wrong, decided, false) > 1 - present THEN
            INSERT INTO trust_adjustments (client, entity, kind, threshold_before, threshold, decided, wrong, bound, made_by)
            VALUES (the_client, given.entity, 'tightened', present, least((1 + present) / 2, highest), decided, wrong,
                smp.wilson_bound(wrong, decided, false), smp.current_actor())
            RETURNING * INTO made;
        ELSIF present > given.effective_threshold
            AND smp.wilson_bound(wrong, decided, true) <= 1 - given.effective_threshold
            AND NOT EXISTS (
                SELECT FROM trust_adjustments AS later
                WHERE later.tenant_id = smp.current_tenant() AND later.client = the_client
                    AND later.entity = given.entity AND later.id > standing.id)
        THEN
            INSERT INTO trust_adjustments (client, entity, kind, threshold_before, threshold, decided, wrong, bound, made_by)
            VALUES (the_client, given.entity, 'suggested', present, given.effective_threshold, decided, wrong,
                smp.wilson_bound(wrong, decided, true), smp.current_actor())
            RETURNING * INTO made;
        END IF;
        IF made.id IS NOT NULL THEN
            RETURN NEXT made;
        END IF;
    END LOOP;
END $$;

-- What an administrator says to a threshold that may fall.
CREATE FUNCTION smp.answer_relaxation(the_client text, the_entity text, is_accepted boolean, the_reason text)
RETURNS smp.trust_adjustments
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users := smp.deciding_person(the_client);
    suggested smp.trust_adjustments;
    made smp.trust_adjustments;
BEGIN
    PERFORM smp.enter_law(the_client);
    IF person.role <> 'admin' THEN
        RAISE EXCEPTION '% (%) may not let a threshold fall. An admin may.', person.login, person.role
            USING ERRCODE = 'SMP03';
    ELSIF coalesce(btrim(the_reason), '') = '' THEN
        RAISE EXCEPTION 'Say why: a threshold falls, or does not, for a reason.' USING ERRCODE = 'SMP04';
    END IF;
    SELECT * INTO suggested FROM trust_adjustments AS adjustments
    WHERE adjustments.tenant_id = smp.current_tenant() AND adjustments.client = the_client
        AND adjustments.entity = the_entity ORDER BY adjustments.id DESC LIMIT 1;
    IF suggested.kind IS DISTINCT FROM 'suggested' THEN
        RAISE EXCEPTION 'Nothing suggests that the threshold of % of client % may fall.',
            quote_nullable(the_entity), the_client USING ERRCODE = 'SMP02';
    END IF;
    INSERT INTO trust_adjustments
        (client, entity, kind, threshold_before, threshold, decided, wrong, bound, reason, made_by)
    VALUES (the_client, the_entity, CASE WHEN is_accepted THEN 'relaxed' ELSE 'declined' END, suggested.threshold_before,
        CASE WHEN is_accepted THEN suggested.threshold ELSE suggested.threshold_before END, suggested.decided,
        suggested.wrong, suggested.bound, btrim(the_reason), person.login)
    RETURNING * INTO made;
    RETURN made;
END $$;

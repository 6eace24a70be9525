-- A failed check is about one mapping: with the mapping it goes, and who mends the mapping needs no second person.

-- Demanded checks that failed on the mapping as it stands. Whether a check is demanded follows from the entity's
-- policy, not from what the answer says of itself; what a column was suggested for and is not any more holds nothing.
CREATE OR REPLACE FUNCTION smp.failed_demands(the_client text, the_digest text) RETURNS SETOF smp.mapping_validation_results
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT results.*
    FROM mapping_validation_results AS results
    LEFT JOIN entity_policies AS policies
        ON policies.tenant_id = results.tenant_id AND policies.client = results.client
        AND policies.entity = results.canonical_entity
    WHERE results.tenant_id = smp.current_tenant() AND results.client = the_client
        AND results.digest = the_digest AND results.validation_status = 'failed'
        AND (results.demanded OR coalesce(policies.validation_required, true))
        AND EXISTS (
            SELECT FROM field_mappings AS mappings
            WHERE mappings.tenant_id = results.tenant_id AND mappings.client = results.client
                AND mappings.source_table = results.source_table AND mappings.source_field = results.source_field
                AND (mappings.canonical_entity, mappings.canonical_field)
                    = (results.canonical_entity, results.canonical_field)
                AND mappings.disposition IN ('auto_accepted', 'approved', 'pending_review')
                AND mappings.status <> 'deprecated')
    ORDER BY results.source_table, results.source_field, results.expectation_id
$$;

-- Withdraws what failed of a mapping that is another now, or none. Asked again, it is a new question to everybody.
CREATE FUNCTION smp.withdraw_moot_failures() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
BEGIN
    UPDATE review_items SET state = 'withdrawn', opened_at = clock_timestamp()
    WHERE tenant_id = OLD.tenant_id AND client = OLD.client AND source_table = OLD.source_table
        AND source_column = OLD.source_field AND kind = 'validation' AND NOT smp.is_gap(expectation_id)
        AND state IN ('open', 'awaiting_second');
    RETURN NULL;
END $$;

CREATE TRIGGER withdraw_moot_failures
    AFTER UPDATE OF disposition, canonical_entity, canonical_field, transformation_rule ON smp.field_mappings
    FOR EACH ROW
    WHEN ((OLD.canonical_entity, OLD.canonical_field, OLD.transformation_rule)
            IS DISTINCT FROM (NEW.canonical_entity, NEW.canonical_field, NEW.transformation_rule)
        OR NEW.disposition NOT IN ('auto_accepted', 'approved', 'pending_review'))
    EXECUTE FUNCTION smp.withdraw_moot_failures();

-- Checks that a decision makes sense for an item. A decision has the keys item_id, kind, target (entity and
-- field, or null), rule, reason and expected_row_version.
CREATE OR REPLACE FUNCTION smp.check_decision(item smp.review_items, decision jsonb) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    kind text := decision ->> 'kind';
    entity text := decision -> 'target' ->> 'entity';
    field text := decision -> 'target' ->> 'field';
    allowed text[] := CASE item.kind
        WHEN 'quality' THEN '{approve,exclude,include,override,unmap}'
        WHEN 'mapping' THEN '{approve,reject,override,unmap,exclude}'
        WHEN 'classification' THEN '{approve,reject,override,unmap}'
        ELSE CASE WHEN item.source_column = '' THEN '{approve}' ELSE '{approve,reject,override,unmap}' END
    END;
    complaint text;
BEGIN
    complaint := CASE
        WHEN kind IS NULL OR NOT kind = ANY (allowed) THEN format(
            'A %s item cannot be decided with %s; say one of %s.', item.kind, coalesce(kind, 'nothing'),
            array_to_string(allowed, ', '))
        WHEN (kind IN ('reject', 'override', 'unmap') OR (item.kind = 'validation' AND kind = 'approve'))
            AND coalesce(btrim(decision ->> 'reason'), '') = '' THEN 'Say why: this decision needs a reason.'
        WHEN kind = 'override' AND (entity IS NULL OR field IS NULL) THEN
            'Name the entity and the field that the column fills.'
        WHEN kind NOT IN ('override', 'include') AND entity IS NOT NULL
            AND (entity, field) IS DISTINCT FROM (item.entity, item.field) THEN
            'Only an override names another field than the suggested one.'
        WHEN kind IN ('approve', 'override', 'include') AND coalesce(entity, item.entity) IS NOT NULL
            AND (smp.definition_of(item.client, coalesce(entity, item.entity), coalesce(field, item.field))).id IS NULL THEN
            format('There is no field %s.%s in the canonical model of client %s.',
                coalesce(entity, item.entity), coalesce(field, item.field), item.client)
        WHEN item.kind = 'validation' AND kind = 'override' AND EXISTS (
            SELECT FROM field_mappings AS mappings
            WHERE mappings.tenant_id = item.tenant_id AND mappings.client = item.client
                AND mappings.source_table = item.source_table AND mappings.source_field = item.source_column
                AND mappings.disposition IN ('auto_accepted', 'approved')
                AND (mappings.canonical_entity, mappings.canonical_field) = (entity, field)
                AND mappings.transformation_rule IS NOT DISTINCT FROM nullif(decision -> 'rule', 'null')) THEN
            format('The column fills %s.%s so already, and that is what failed. Approve the item to live with it, or '
                'name another field or another rule.', entity, field)
    END;
    IF complaint IS NOT NULL THEN
        RAISE EXCEPTION 'Item %: %', item.id, complaint USING ERRCODE = 'SMP04';
    END IF;
END $$;

-- The state an item comes to by a decision. The safe answers need one person, the others as many as it says; so does
-- mending a mapping whose check failed, because what is made of it is put to the test like everything else.
CREATE OR REPLACE FUNCTION smp.state_after(
    item smp.review_items, decision jsonb, the_entity text, the_field text, person smp.users
) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    kind text := decision ->> 'kind';
    people integer;
BEGIN
    IF kind IN ('approve', 'override', 'include') AND item.required_approvals > 1
        AND NOT (item.kind = 'validation' AND kind = 'override') THEN
        SELECT count(DISTINCT actor) INTO people FROM (
            SELECT actor FROM review_actions
            WHERE tenant_id = item.tenant_id AND client = item.client AND item_id = item.id
                AND review_actions.decision = kind AND state_after = 'awaiting_second'
                AND decided_at >= item.opened_at
                AND entity IS NOT DISTINCT FROM the_entity AND field IS NOT DISTINCT FROM the_field
            UNION SELECT person.login
        ) AS agreeing;
        IF people < item.required_approvals THEN
            RETURN 'awaiting_second';
        END IF;
    END IF;
    RETURN CASE
        WHEN kind = 'reject' THEN 'rejected'
        WHEN kind = 'approve' OR (kind = 'exclude' AND item.kind = 'quality') THEN 'approved'
        ELSE 'overridden'
    END;
END $$;

-- Notes that every check was asked about the mapping as it stands, and opens an item for each demanded one
-- that failed, is not waived and was not asked about. A failure that was mended once and is back is asked about anew.
CREATE OR REPLACE FUNCTION smp.mark_validated(the_client text) RETURNS TABLE (version integer, digest text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    settled record;
BEGIN
    SELECT * INTO settled FROM smp.settle_version(the_client);
    UPDATE mapping_versions AS versions SET validated_digest = settled.digest, validated_at = now()
    WHERE versions.tenant_id = smp.current_tenant() AND versions.client = the_client
        AND versions.version = settled.version AND versions.validated_digest IS DISTINCT FROM settled.digest;

    INSERT INTO review_items (tenant_id, client, id, kind, source_table, source_column, entity, field,
        risk_class, reason, needed, had, expectation_id, approval_hash)
    SELECT failed.tenant_id, the_client,
        left(encode(sha256(convert_to('failed/' || the_client || '/' || failed.failure_hash, 'UTF8')), 'hex'), 32),
        'validation', failed.source_table, failed.source_field, failed.canonical_entity, failed.canonical_field,
        coalesce(policies.risk_class, 'critical'),
        coalesce(failed.error_message, failed.validation_type || ' failed'), 1,
        failed.pass_count::float8 / greatest(failed.test_count, 1), failed.expectation_id, failed.failure_hash
    FROM (
        SELECT *, encode(sha256(convert_to(concat_ws('/', demands.expectation_id,
            round(demands.fail_count::numeric / greatest(demands.test_count, 1), 2)), 'UTF8')), 'hex') AS failure_hash
        FROM smp.failed_demands(the_client, settled.digest) AS demands
    ) AS failed
    LEFT JOIN entity_policies AS policies
        ON policies.tenant_id = failed.tenant_id AND policies.client = the_client
        AND policies.entity = failed.canonical_entity
    WHERE NOT smp.is_waived(the_client, failed.expectation_id) AND NOT EXISTS (
        SELECT FROM review_items AS items
        WHERE items.tenant_id = failed.tenant_id AND items.client = the_client AND items.kind = 'validation'
            AND items.expectation_id = failed.expectation_id AND items.state IN ('open', 'awaiting_second')
    )
    ON CONFLICT (tenant_id, client, id) DO UPDATE SET
        state = 'open', decided_by = NULL, decided_at = NULL,
        opened_at = CASE review_items.state WHEN 'withdrawn' THEN review_items.opened_at ELSE clock_timestamp() END
    WHERE review_items.state IN ('withdrawn', 'rejected', 'overridden');
    RETURN QUERY SELECT settled.version, settled.digest;
END $$;

-- What a version of a mapping is, and what keeps the gates closed.

-- Opens the law for one client: he must be of the present tenant, and only one such transaction runs at a time.
CREATE FUNCTION smp.enter_law(the_client text) RETURNS smp.clients
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    found_client smp.clients;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('smp.law/' || the_client, 0));
    SELECT * INTO found_client FROM clients WHERE tenant_id = smp.current_tenant() AND slug = the_client;
    IF found_client.slug IS NULL THEN
        RAISE EXCEPTION 'There is no client named %.', quote_nullable(the_client) USING ERRCODE = 'SMP04';
    END IF;
    RETURN found_client;
END $$;

-- The digest of what is accepted at this moment: columns, targets, rules, and the canonical model they mean.
CREATE FUNCTION smp.mapping_digest(the_client text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
RETURN encode(sha256(convert_to(concat_ws(
    E'\n',
    (SELECT models.digest FROM smp.clients JOIN smp.canonical_models AS models
        ON models.tenant_id = clients.tenant_id AND models.name = clients.canonical_model AND models.is_current
     WHERE clients.tenant_id = smp.current_tenant() AND clients.slug = the_client),
    (SELECT string_agg(
        jsonb_build_array(source_table, source_field, canonical_entity, canonical_field, mapping_type,
            transformation_rule, coercion_function)::text,
        E'\n' ORDER BY source_table COLLATE "C", source_field COLLATE "C")
     FROM smp.field_mappings
     WHERE tenant_id = smp.current_tenant() AND client = the_client
        AND disposition IN ('auto_accepted', 'approved') AND status = 'active')
), 'UTF8')), 'hex');

-- Required fields that nothing fills, of the entities this client maps. A suggestion that waits still counts
-- as filling: it holds the gate itself.
CREATE FUNCTION smp.uncovered_fields(the_client text)
RETURNS TABLE (entity text, field text, risk_class text, definition_hash text, source_table text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    WITH mapped AS (
        SELECT canonical_entity, mode() WITHIN GROUP (ORDER BY mappings.source_table) AS main_table
        FROM field_mappings AS mappings
        WHERE tenant_id = smp.current_tenant() AND client = the_client
            AND disposition IN ('auto_accepted', 'approved') AND status = 'active'
        GROUP BY canonical_entity
    )
    SELECT fields.entity, fields.field, fields.risk_class, fields.definition_hash, mapped.main_table
    FROM clients
    JOIN canonical_models AS models
        ON models.tenant_id = clients.tenant_id AND models.name = clients.canonical_model AND models.is_current
    JOIN canonical_fields AS fields ON fields.tenant_id = models.tenant_id AND fields.model_id = models.id
    JOIN mapped ON mapped.canonical_entity = fields.entity
    WHERE clients.tenant_id = smp.current_tenant() AND clients.slug = the_client AND fields.required
        AND NOT EXISTS (
            SELECT FROM field_mappings AS mappings
            WHERE mappings.tenant_id = smp.current_tenant() AND mappings.client = the_client
                AND mappings.canonical_entity = fields.entity AND mappings.canonical_field = fields.field
                AND mappings.disposition IN ('auto_accepted', 'approved', 'pending_review')
                AND mappings.status <> 'deprecated'
        )
    ORDER BY fields.entity, fields.position
$$;

-- Demanded checks that failed on the accepted mapping as it stands. Whether a check is demanded follows from
-- the entity's policy, not from what the answer says of itself.
CREATE FUNCTION smp.failed_demands(the_client text, the_digest text) RETURNS SETOF smp.mapping_validation_results
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
    ORDER BY results.source_table, results.source_field, results.expectation_id
$$;

-- The share of rows that fail a check, by its newest answer; null where it was never asked.
CREATE FUNCTION smp.failed_share(the_client text, the_expectation text) RETURNS double precision
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
RETURN (
    SELECT fail_count::float8 / greatest(test_count, 1) FROM smp.mapping_validation_results
    WHERE tenant_id = smp.current_tenant() AND client = the_client AND expectation_id = the_expectation
    ORDER BY validated_at DESC LIMIT 1
);

-- Whether people approved living with something: an item of this question was approved and still stands, and
-- no more rows fail than they saw, give or take one in a hundred.
CREATE FUNCTION smp.is_waived(the_client text, the_expectation text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
RETURN EXISTS (
    SELECT FROM smp.item_approvals AS approvals
    JOIN smp.review_items AS items
        ON items.tenant_id = approvals.tenant_id AND items.client = approvals.client
        AND items.id = approvals.item_id
    WHERE approvals.tenant_id = smp.current_tenant() AND approvals.client = the_client
        AND approvals.kind = 'validation' AND approvals.decision = 'approve'
        AND approvals.revoked_at IS NULL AND approvals.expectation_id = the_expectation
        AND items.state = 'approved' AND items.approval_hash = approvals.approval_hash
        AND coalesce(smp.failed_share(the_client, the_expectation) <= approvals.failed_share + 0.01, true)
);

-- Opens an item where something must be waived or mended and nobody asked yet; withdraws what is mended.
CREATE FUNCTION smp.ask_about_gaps(the_client text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
BEGIN
    INSERT INTO review_items (tenant_id, client, id, kind, source_table, source_column, entity, field,
        risk_class, reason, needed, had, expectation_id, approval_hash)
    SELECT smp.current_tenant(), the_client,
        left(encode(sha256(convert_to(concat_ws('/', 'gap', the_client, definition_hash), 'UTF8')), 'hex'), 32),
        'validation', source_table, '', entity, field, risk_class,
        format('%s.%s is required and no column fills it.', entity, field), 1, 0,
        'required_field:' || entity || '.' || field, definition_hash
    FROM smp.uncovered_fields(the_client)
    ON CONFLICT (tenant_id, client, id) DO UPDATE SET state = 'open', decided_by = NULL, decided_at = NULL
    WHERE review_items.state = 'withdrawn';

    UPDATE review_items SET state = 'withdrawn'
    WHERE tenant_id = smp.current_tenant() AND client = the_client AND kind = 'validation'
        AND expectation_id LIKE 'required\_field:%' AND state IN ('open', 'awaiting_second')
        AND (entity, field) NOT IN (SELECT gaps.entity, gaps.field FROM smp.uncovered_fields(the_client) AS gaps);
END $$;

CREATE FUNCTION smp.settle_version(the_client text) RETURNS TABLE (version integer, digest text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    present_digest text;
    newest smp.mapping_versions;
BEGIN
    PERFORM smp.enter_law(the_client);
    PERFORM smp.ask_about_gaps(the_client);
    present_digest := smp.mapping_digest(the_client);
    SELECT * INTO newest FROM mapping_versions AS versions
    WHERE versions.tenant_id = smp.current_tenant() AND versions.client = the_client
    ORDER BY versions.version DESC LIMIT 1;
    IF newest.digest IS DISTINCT FROM present_digest THEN
        INSERT INTO mapping_versions AS versions (client, version, digest, canonical_digest, mappings, created_by)
        SELECT the_client, coalesce(newest.version, 0) + 1, present_digest,
            (SELECT models.digest FROM clients JOIN canonical_models AS models
                ON models.tenant_id = clients.tenant_id AND models.name = clients.canonical_model
                AND models.is_current
             WHERE clients.tenant_id = smp.current_tenant() AND clients.slug = the_client),
            (SELECT count(*) FROM field_mappings
             WHERE tenant_id = smp.current_tenant() AND client = the_client
                AND disposition IN ('auto_accepted', 'approved') AND status = 'active'),
            smp.current_actor()
        RETURNING versions.* INTO newest;
    END IF;
    RETURN QUERY SELECT newest.version, newest.digest;
END $$;

-- Notes that every check was asked about the mapping as it stands, and opens an item for each demanded one
-- that failed, is not waived and was not asked about.
CREATE FUNCTION smp.mark_validated(the_client text) RETURNS TABLE (version integer, digest text)
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
    ON CONFLICT (tenant_id, client, id) DO UPDATE SET state = 'open', decided_by = NULL, decided_at = NULL
    WHERE review_items.state = 'withdrawn';
    RETURN QUERY SELECT settled.version, settled.digest;
END $$;

CREATE FUNCTION smp.holder(kind text, what text, needed text, who text, item_id text DEFAULT NULL) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN jsonb_build_object('kind', kind, 'what', what, 'needed', needed, 'who', who, 'item_id', item_id);

-- What keeps the review gate closed, beside a missing version.
CREATE FUNCTION smp.holding_review(the_client text, newest smp.mapping_versions) RETURNS SETOF jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT smp.holder(
        'version', format('the mapping changed since version %s', newest.version),
        'a new version', 'the pipeline, by validating again')
    WHERE newest.digest <> smp.mapping_digest(the_client)
    UNION ALL
    (SELECT smp.holder(
        items.kind,
        format('%s%s (has %s)', concat_ws('.', items.source_table, nullif(items.source_column, '')),
            coalesce(' to ' || items.entity || '.' || items.field, ''), round(items.had::numeric, 2)),
        CASE
            WHEN items.required_approvals > 1 THEN format('%s people''s decision', items.required_approvals)
            ELSE format('a decision, or %s', round(items.needed::numeric, 2))
        END,
        CASE items.state
            WHEN 'awaiting_second' THEN 'another steward or admin than ' || (
                SELECT string_agg(DISTINCT actions.actor, ', ') FROM review_actions AS actions
                WHERE actions.tenant_id = items.tenant_id AND actions.client = items.client
                    AND actions.item_id = items.id)
            ELSE 'a steward or an admin'
        END,
        items.id)
    FROM review_items AS items
    WHERE items.tenant_id = smp.current_tenant() AND items.client = the_client
        AND items.state IN ('open', 'awaiting_second')
    ORDER BY items.kind, items.source_table, items.source_column)
    UNION ALL
    (SELECT smp.holder(
        'mapping', format('%s.%s%s', mappings.source_table, mappings.source_field,
            coalesce(' to ' || mappings.canonical_entity || '.' || mappings.canonical_field, '')),
        CASE
            WHEN mappings.disposition = 'pending_review' THEN 'a review item'
            ELSE 'another look: its target changed or is gone'
        END,
        'the pipeline, by proposing again')
    FROM field_mappings AS mappings
    WHERE mappings.tenant_id = smp.current_tenant() AND mappings.client = the_client
        AND mappings.status <> 'deprecated'
        AND (
            (mappings.disposition = 'pending_review' AND NOT EXISTS (
                SELECT FROM review_items AS items
                WHERE items.tenant_id = mappings.tenant_id AND items.client = mappings.client
                    AND items.source_table = mappings.source_table
                    AND items.source_column = mappings.source_field
                    AND items.state IN ('open', 'awaiting_second')))
            OR (mappings.disposition = 'approved' AND NOT smp.decision_stands(mappings))
            OR (mappings.disposition = 'auto_accepted' AND (smp.definition_of(
                mappings.client, mappings.canonical_entity, mappings.canonical_field)).id IS NULL)
        )
    ORDER BY mappings.source_table, mappings.source_field)
    UNION ALL
    SELECT smp.holder(
        'coverage', format('%s.%s is required and no column fills it', gaps.entity, gaps.field),
        'a column, or a waiver', 'the pipeline, by settling the version')
    FROM smp.uncovered_fields(the_client) AS gaps
    WHERE NOT smp.is_waived(the_client, 'required_field:' || gaps.entity || '.' || gaps.field)
        AND NOT EXISTS (
            SELECT FROM review_items AS items
            WHERE items.tenant_id = smp.current_tenant() AND items.client = the_client
                AND items.expectation_id = 'required_field:' || gaps.entity || '.' || gaps.field
                AND items.state IN ('open', 'awaiting_second'))
    UNION ALL
    SELECT smp.holder(
        'validation', format('%s.%s to %s.%s: %s of %s rows fail', failed.source_table, failed.source_field,
            failed.canonical_entity, failed.canonical_field, failed.fail_count, failed.test_count),
        'a check that passes, or a waiver', 'the pipeline, by validating again')
    FROM smp.failed_demands(the_client, newest.digest) AS failed
    WHERE NOT smp.is_waived(the_client, failed.expectation_id)
        AND NOT EXISTS (
            SELECT FROM review_items AS items
            WHERE items.tenant_id = smp.current_tenant() AND items.client = the_client
                AND items.expectation_id = failed.expectation_id AND items.state IN ('open', 'awaiting_second'))
$$;

-- The answer that counts for a version: the newest one given about this very digest.
CREATE FUNCTION smp.final_answer(newest smp.mapping_versions) RETURNS smp.final_approvals
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT answers FROM final_approvals AS answers
    WHERE answers.tenant_id = newest.tenant_id AND answers.client = newest.client
        AND answers.version = newest.version AND answers.digest = newest.digest
    ORDER BY answers.decided_at DESC, answers.approved LIMIT 1
$$;

-- What keeps the final gate closed, beside what keeps the review gate closed.
CREATE FUNCTION smp.holding_final(the_client text, newest smp.mapping_versions) RETURNS SETOF jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    answer smp.final_approvals := smp.final_answer(newest);
BEGIN
    IF newest.validated_digest IS DISTINCT FROM newest.digest THEN
        RETURN NEXT smp.holder(
            'validation', format('version %s was not validated as it stands', newest.version),
            'a validation', 'the pipeline, by validating');
    END IF;
    IF answer.id IS NULL THEN
        RETURN NEXT smp.holder(
            'approval', format('version %s is not approved for production', newest.version),
            'a final approval', 'a steward or an admin');
    ELSIF NOT answer.approved THEN
        RETURN NEXT smp.holder(
            'approval', format('version %s was refused by %s: %s', newest.version, answer.decided_by, answer.reason),
            'a final approval', 'a steward or an admin');
    END IF;
END $$;

CREATE FUNCTION smp.newest_version(the_client text) RETURNS smp.mapping_versions
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT versions FROM mapping_versions AS versions
    WHERE versions.tenant_id = smp.current_tenant() AND versions.client = the_client
    ORDER BY versions.version DESC LIMIT 1
$$;

-- Both gates of a client, in the shape of the model's GateState.
CREATE FUNCTION smp.gate(the_client text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    newest smp.mapping_versions := smp.newest_version(the_client);
    review jsonb;
    final jsonb;
BEGIN
    IF newest.id IS NULL THEN
        review := jsonb_build_array(smp.holder(
            'proposal', 'nothing was proposed yet', 'a proposal', 'the pipeline, by onboarding'));
        final := '[]';
    ELSE
        SELECT coalesce(jsonb_agg(held), '[]') INTO review FROM smp.holding_review(the_client, newest) AS held;
        SELECT coalesce(jsonb_agg(held), '[]') INTO final FROM smp.holding_final(the_client, newest) AS held;
    END IF;
    RETURN jsonb_build_object(
        'client', the_client,
        'version', newest.version,
        'digest', newest.digest,
        'validated', coalesce(newest.validated_digest = newest.digest, false),
        'approved', coalesce((smp.final_answer(newest)).approved, false),
        'published_version', (
            SELECT max(version) FROM publications
            WHERE tenant_id = smp.current_tenant() AND client = the_client),
        'holding_review', review,
        'holding_final', final
    );
END $$;

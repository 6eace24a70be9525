-- The final word and the publication.

-- Refuses when the review gate is closed, or the version or digest is not the newest.
CREATE FUNCTION smp.check_final(the_client text, the_version integer, the_digest text) RETURNS smp.mapping_versions
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    newest smp.mapping_versions := smp.newest_version(the_client);
    gate jsonb := smp.gate(the_client);
BEGIN
    IF newest.id IS NOT NULL AND (newest.version, newest.digest) IS DISTINCT FROM (the_version, the_digest) THEN
        RAISE EXCEPTION 'Version % of client % is not the newest one as it stands; that is version %. Look at it again.',
            the_version, the_client, newest.version USING ERRCODE = 'SMP02';
    END IF;
    IF gate -> 'holding_review' <> '[]' OR NOT (gate ->> 'validated')::boolean THEN
        RAISE EXCEPTION 'Client % cannot be approved for production yet.', the_client
            USING ERRCODE = 'SMP01', DETAIL = gate::text;
    END IF;
    RETURN newest;
END $$;

CREATE FUNCTION smp.answer_final(newest smp.mapping_versions, yes boolean, who text, is_policy boolean, why text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    answer smp.final_approvals := smp.final_answer(newest);
BEGIN
    IF answer.approved IS DISTINCT FROM yes THEN
        INSERT INTO final_approvals (tenant_id, client, version, digest, approved, decided_by, by_policy, reason, decided_at)
        VALUES (newest.tenant_id, newest.client, newest.version, newest.digest, yes, who, is_policy, why, clock_timestamp());
    END IF;
END $$;

CREATE FUNCTION smp.approve_final(the_client text, the_version integer, the_digest text, the_reason text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users := smp.deciding_person();
BEGIN
    PERFORM smp.enter_law(the_client);
    PERFORM smp.answer_final(
        smp.check_final(the_client, the_version, the_digest), true, person.login, false, nullif(btrim(the_reason), ''));
    RETURN smp.gate(the_client);
END $$;

CREATE FUNCTION smp.refuse_final(the_client text, the_version integer, the_digest text, the_reason text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    person smp.users := smp.deciding_person();
    newest smp.mapping_versions;
BEGIN
    PERFORM smp.enter_law(the_client);
    newest := smp.newest_version(the_client);
    IF coalesce(btrim(the_reason), '') = '' THEN
        RAISE EXCEPTION 'Say why: a refusal needs a reason.' USING ERRCODE = 'SMP04';
    ELSIF (newest.version, newest.digest) IS DISTINCT FROM (the_version, the_digest) THEN
        RAISE EXCEPTION 'Version % of client % is not the newest one as it stands. Look at it again.',
            the_version, the_client USING ERRCODE = 'SMP02';
    END IF;
    PERFORM smp.answer_final(newest, false, person.login, false, btrim(the_reason));
    RETURN smp.gate(the_client);
END $$;

-- Approves in the name of the trust profile where it asks for no person and no demanded check failed, waived
-- or not; whether it did.
CREATE FUNCTION smp.approve_by_policy(the_client text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    the_row smp.clients := smp.enter_law(the_client);
    newest smp.mapping_versions := smp.newest_version(the_client);
    gate jsonb := smp.gate(the_client);
    answer smp.final_approvals := smp.final_answer(newest);
BEGIN
    IF coalesce(the_row.review_required_before_production, true) OR newest.id IS NULL
        OR gate -> 'holding_review' <> '[]' OR NOT (gate ->> 'validated')::boolean
        OR answer.id IS NOT NULL
        OR EXISTS (SELECT FROM smp.failed_demands(the_client, newest.digest))
        OR EXISTS (SELECT FROM smp.uncovered_fields(the_client))
    THEN
        RETURN coalesce(answer.approved AND answer.by_policy, false);
    END IF;
    PERFORM smp.answer_final(
        newest, true, 'policy:' || coalesce(the_row.trust_profile, 'default'), true, 'the trust profile asks for no person');
    RETURN true;
END $$;

-- Publishes the newest version: one statement that inserts only what is approved in it, at its digest. The
-- receipt is that of the model's Publication.
CREATE FUNCTION smp.publish(the_client text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    gate jsonb;
    receipt jsonb;
    published smp.publications;
BEGIN
    PERFORM smp.enter_law(the_client);
    gate := smp.gate(the_client);
    IF gate -> 'holding_review' <> '[]' OR gate -> 'holding_final' <> '[]' THEN
        RAISE EXCEPTION 'The gate of client % is closed; nothing was published.', the_client
            USING ERRCODE = 'SMP01', DETAIL = gate::text;
    END IF;

    WITH newest AS (
        SELECT versions.*, answers.decided_by
        FROM mapping_versions AS versions
        CROSS JOIN LATERAL smp.final_answer(versions) AS answers
        WHERE versions.tenant_id = smp.current_tenant() AND versions.client = the_client
            AND versions.version = (gate ->> 'version')::integer
            AND versions.digest = smp.mapping_digest(the_client)
            AND versions.validated_digest = versions.digest
            AND answers.approved AND answers.digest = versions.digest
            AND NOT EXISTS (
                SELECT FROM review_items AS items
                WHERE items.tenant_id = versions.tenant_id AND items.client = the_client
                    AND items.state IN ('open', 'awaiting_second'))
            AND NOT EXISTS (
                SELECT FROM publications AS earlier
                WHERE earlier.tenant_id = versions.tenant_id AND earlier.client = the_client
                    AND earlier.version = versions.version)
    ), publication AS (
        INSERT INTO publications (tenant_id, client, version, digest, mappings, approved_by, published_by)
        SELECT tenant_id, client, version, digest, mappings, decided_by, smp.current_actor() FROM newest
        RETURNING *
    ), copied AS (
        INSERT INTO published_mappings (tenant_id, publication_id, client, version, field_mapping_id, source_table,
            source_field, source_data_type, canonical_entity, canonical_field, canonical_data_type, mapping_type,
            transformation_rule, coercion_function, confidence_score, disposition, decided_by)
        SELECT publication.tenant_id, publication.id, publication.client, publication.version, mappings.id,
            mappings.source_table, mappings.source_field, mappings.source_data_type, mappings.canonical_entity,
            mappings.canonical_field, mappings.canonical_data_type, mappings.mapping_type,
            mappings.transformation_rule, mappings.coercion_function, mappings.confidence_score,
            mappings.disposition, mappings.decided_by
        FROM publication
        JOIN field_mappings AS mappings
            ON mappings.tenant_id = publication.tenant_id AND mappings.client = publication.client
        WHERE mappings.disposition IN ('auto_accepted', 'approved') AND mappings.status = 'active'
        RETURNING 1
    )
    SELECT jsonb_build_object('rows', (SELECT count(*) FROM copied)) INTO receipt FROM publication;

    SELECT * INTO published FROM publications
    WHERE tenant_id = smp.current_tenant() AND client = the_client AND version = (gate ->> 'version')::integer;
    IF published.id IS NULL OR (receipt ->> 'rows')::integer <> published.mappings THEN
        RAISE EXCEPTION 'The mapping of client % changed while it was being published; nothing was published.', the_client
            USING ERRCODE = 'SMP01', DETAIL = gate::text;
    END IF;
    RETURN jsonb_build_object(
        'client', published.client, 'version', published.version, 'digest', published.digest,
        'mappings', published.mappings, 'approved_by', published.approved_by,
        'published_at', to_char(published.published_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'repeated', receipt IS NULL
    );
END $$;

-- A version that is what stands in production is not asked about once more.

-- What people, or the policy, said about the version as it stands. Where nobody did, and it is what is in production, a
-- person's word about that counts: it was about the same content. What the policy said is asked of the policy again.
CREATE OR REPLACE FUNCTION smp.final_answer(newest smp.mapping_versions) RETURNS smp.final_approvals
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
    SELECT answers FROM final_approvals AS answers
    WHERE answers.tenant_id = newest.tenant_id AND answers.client = newest.client AND answers.digest = newest.digest
        AND (answers.version = newest.version OR (answers.approved AND NOT answers.by_policy AND answers.version = (
            SELECT version FROM publications AS production
            WHERE production.tenant_id = newest.tenant_id AND production.client = newest.client
            ORDER BY version DESC LIMIT 1)))
    ORDER BY answers.version DESC, answers.decided_at DESC, answers.approved LIMIT 1
$$;

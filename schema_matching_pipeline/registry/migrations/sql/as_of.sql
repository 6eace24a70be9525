-- The registry as it stood at any time: its rows again, out of the audit.

-- Merges what each change told of a row into its state; a removal tells nothing.
CREATE AGGREGATE smp.merged(jsonb) (SFUNC = jsonb_concat, STYPE = jsonb);

-- Rows of one kind as they stood. By their keys, but for what is said of one thing several times and never edited, whose rows
-- go by their id. When and by whom a row was last touched is no part of it: the audit does not count that as a change.
CREATE FUNCTION smp.as_of(the_time timestamptz, the_subject text, the_client text)
RETURNS TABLE (subject_key text, state jsonb)
LANGUAGE sql STABLE SET search_path = smp, pg_temp
AS $$
    SELECT told.subject_key, told.state - 'updated_at' - 'updated_by'
    FROM (
        SELECT log.subject_key,
            smp.merged(log.new_value ORDER BY log.seq) AS state,
            min(log.seq) AS first,
            (array_agg(log.new_value IS NULL ORDER BY log.seq DESC))[1] AS is_gone
        FROM audit_log AS log
        WHERE log.tenant_id = smp.current_tenant() AND log.subject = the_subject AND log.created_at <= the_time
        GROUP BY log.subject_key,
            CASE WHEN the_subject IN (
                'review_actions', 'item_comments', 'final_approvals', 'reveals', 'exports', 'trust_adjustments'
            ) THEN coalesce(log.new_value, log.old_value) ->> 'id' END
    ) AS told
    WHERE NOT told.is_gone
        AND (the_client IS NULL OR told.state ->> CASE the_subject WHEN 'clients' THEN 'slug' ELSE 'client' END = the_client)
    ORDER BY told.subject_key COLLATE "C", told.first
$$;

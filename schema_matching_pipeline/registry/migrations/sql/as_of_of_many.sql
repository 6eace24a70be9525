-- The registry as it stood, of many rows: most of a row is told once, when it was made, and is copied once for that.

-- Rows of one kind as they stood. By their keys, but for what is said of one thing several times and never edited, whose rows
-- go by their id. When and by whom a row was last touched is no part of it: the audit does not count that as a change.
-- Where keys begin with the client, other clients' rows are not even merged.
CREATE OR REPLACE FUNCTION smp.as_of(the_time timestamptz, the_subject text, the_client text)
RETURNS TABLE (subject_key text, state jsonb)
LANGUAGE sql STABLE SET search_path = smp, pg_temp
AS $$
    WITH keyed AS (
        SELECT coalesce(bool_or(split_part(encode(tgargs, 'escape'), '\000', 1) = 'client'), false) AS by_client
        FROM pg_trigger WHERE tgrelid = to_regclass('smp.' || quote_ident(the_subject)) AND tgname = 'audit_created'
    ), known AS (
        SELECT log.subject_key, log.seq, log.new_value, log.old_value IS NULL AS is_whole,
            CASE WHEN the_subject IN (
                'review_actions', 'item_comments', 'final_approvals', 'reveals', 'exports', 'trust_adjustments'
            ) THEN coalesce(log.new_value, log.old_value) ->> 'id' END AS one
        FROM audit_log AS log
        WHERE log.tenant_id = smp.current_tenant() AND log.subject = the_subject AND log.created_at <= the_time
            AND coalesce(log.old_value, log.new_value) IS NOT NULL  -- else it was touched only
            AND (the_client IS NULL OR starts_with(log.subject_key, the_client || '/') OR NOT (SELECT by_client FROM keyed))
    ), since AS (
        SELECT known.*, max(seq) FILTER (WHERE is_whole) OVER of_row AS made, max(seq) OVER of_row AS last, min(seq) OVER of_row AS first
        FROM known WINDOW of_row AS (PARTITION BY known.subject_key, known.one)
    ), told AS (
        SELECT since.subject_key, min(first) AS first,
            smp.merged(new_value ORDER BY seq) FILTER (WHERE seq = made)
            || coalesce(smp.merged(new_value ORDER BY seq) FILTER (WHERE seq > made), '{}') AS state
        FROM since WHERE seq >= made
        GROUP BY since.subject_key, since.one
        HAVING NOT bool_or(new_value IS NULL AND seq = last)
    )
    SELECT told.subject_key, told.state - '{updated_at,updated_by}'::text[]
    FROM told
    WHERE the_client IS NULL OR told.state ->> CASE the_subject WHEN 'clients' THEN 'slug' ELSE 'client' END = the_client
    ORDER BY told.subject_key COLLATE "C", told.first
$$;

-- What changed in an update. The two transition tables list the same rows in the same order, so they are put side
-- by side as arrays: a join of them would be planned as if each had one row, and take minutes for thousands.
CREATE OR REPLACE FUNCTION smp.audit_updated() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = smp, pg_temp
AS $$
DECLARE
    changes jsonb[];
BEGIN
    FOR changes IN
        SELECT array_agg(jsonb_build_object('old', old_state, 'new', new_state) ORDER BY position)
        FROM unnest(
            (SELECT array_agg(to_jsonb(old_rows)) FROM old_rows),
            (SELECT array_agg(to_jsonb(new_rows)) FROM new_rows)
        ) WITH ORDINALITY AS pairs (old_state, new_state, position)
        WHERE old_state <> new_state
        GROUP BY new_state ->> 'tenant_id'
    LOOP
        PERFORM smp.append_audit(TG_TABLE_NAME, TG_OP, TG_ARGV::text[], changes);
    END LOOP;
    RETURN NULL;
END $$;

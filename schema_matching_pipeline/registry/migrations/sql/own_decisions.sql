-- What a person decided last, one by one, from an index.
CREATE INDEX review_actions_actor_idx ON smp.review_actions (tenant_id, actor, id DESC)
    WHERE batch_id IS NULL AND undoes IS NULL;

-- Every order of the queue, and every count of it, from an index. What stands behind the first column of an order is put
-- in order page by page: few items are equal in it.
CREATE INDEX review_items_risk_idx ON smp.review_items
    (tenant_id, array_position(ARRAY['critical', 'important', 'optional'], risk_class), had)
    WHERE state IN ('open', 'awaiting_second');
CREATE INDEX review_items_age_idx ON smp.review_items (tenant_id, opened_at) WHERE state IN ('open', 'awaiting_second');
CREATE INDEX review_items_confidence_idx ON smp.review_items (tenant_id, had DESC) WHERE state IN ('open', 'awaiting_second');
CREATE INDEX review_items_rows_idx ON smp.review_items (tenant_id, rows_affected DESC)
    WHERE state IN ('open', 'awaiting_second');
CREATE INDEX review_items_decided_idx ON smp.review_items (tenant_id, value_of_information DESC, client, id)
    WHERE state IN ('approved', 'rejected', 'overridden');

-- What counts and filters look at, so that they need not read the items themselves.
CREATE INDEX review_items_waiting_idx ON smp.review_items (tenant_id, client)
    INCLUDE (state, kind, risk_class, entity, had, opened_at)
    WHERE state IN ('open', 'awaiting_second');

-- An item is found by its id, or the beginning of it, without its client.
CREATE INDEX review_items_id_idx ON smp.review_items (tenant_id, id);

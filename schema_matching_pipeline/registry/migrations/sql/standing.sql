-- How clients stand, counted from indexes alone, in the order in which they are held against each other.
CREATE INDEX field_mappings_standing_idx ON smp.field_mappings (tenant_id, client, source_table, source_field)
    INCLUDE (status, disposition, canonical_field);
CREATE INDEX column_profiles_filled_idx ON smp.column_profiles (tenant_id, snapshot_id, table_name, column_name)
    INCLUDE (row_count, null_count);
CREATE INDEX review_items_asked_idx ON smp.review_items (tenant_id, client, source_table, source_column)
    INCLUDE (kind) WHERE state IN ('open', 'awaiting_second');

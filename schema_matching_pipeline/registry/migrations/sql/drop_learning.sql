DROP TABLE smp.field_sketches, smp.learned_sketches, smp.mapping_proposals;
ALTER TABLE smp.users DROP COLUMN api_key_hash;
ALTER TABLE smp.column_anchors DROP COLUMN sketch_hashes, DROP COLUMN word_hashes;
ALTER TABLE smp.column_profiles DROP COLUMN sketch_hashes, DROP COLUMN word_hashes;

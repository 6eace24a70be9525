-- What the application role may do; the rest is closed. {application} is its name. Run after every upgrade.

REVOKE ALL ON SCHEMA smp FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA smp FROM PUBLIC, {application};
REVOKE ALL ON ALL ROUTINES IN SCHEMA smp FROM PUBLIC, {application};
GRANT USAGE ON SCHEMA smp TO {application};

-- Closed: read only; the law functions and triggers alone write here.
GRANT SELECT ON
    smp.alembic_version, smp.pipeline_transitions, smp.mapping_versions, smp.field_mapping_versions,
    smp.review_actions, smp.standing_actions, smp.decision_effects, smp.item_comments, smp.item_marks, smp.reveals, smp.trust_adjustments, smp.judged_suggestions, smp.spot_checks, smp.item_approvals, smp.rejected_pairs, smp.final_approvals,
    smp.publications, smp.published_mappings, smp.audit_log, smp.audit_heads, smp.users,
    smp.api_keys, smp.api_key_uses, smp.sessions, smp.failed_logins, smp.login_events, smp.erasure_requests, smp.request_buckets, smp.client_figures, smp.client_changes
TO {application};

-- Written once, never changed.
GRANT SELECT, INSERT ON smp.installation, smp.llm_calls, smp.news, smp.exports TO {application};

-- Changed, never deleted: others refer to them. A client that nothing refers to goes by smp.remove_client.
GRANT SELECT, INSERT, UPDATE ON
    smp.connector_definitions, smp.connections, smp.clients, smp.review_items, smp.pipeline_runs, smp.run_requests,
    smp.llm_policies, smp.deliveries, smp.heartbeats
TO {application};

-- A definition that approvals are bound to is never changed under them; a new version is added beside it.
GRANT SELECT, INSERT ON smp.canonical_models, smp.entity_schemas, smp.canonical_fields TO {application};
GRANT UPDATE (is_current) ON smp.canonical_models TO {application};

-- Opened and closed by people, whom a trigger asks for; the machinery notes how the last attempt went.
GRANT SELECT, INSERT, DELETE, UPDATE (failed, options_encrypted, key_id) ON smp.notification_channels TO {application};

-- What the phases make, and may make again.
GRANT SELECT, INSERT, UPDATE, DELETE ON
    smp.source_snapshots, smp.table_profiles, smp.column_profiles,
    smp.column_anchors, smp.quality_labels, smp.classifications, smp.classification_runs, smp.classification_cache,
    smp.mapping_candidates, smp.mapping_proposals, smp.proposed_tables, smp.entity_policies, smp.field_mappings, smp.mapping_embeddings,
    smp.mapping_validation_results, smp.value_bank_entries, smp.value_bank_sightings, smp.column_variants,
    smp.learned_sketches, smp.field_sketches,
    smp.check_results, smp.cache_entries
TO {application};
GRANT SELECT ON smp.current_table_profiles, smp.current_column_profiles TO {application};

GRANT EXECUTE ON FUNCTION
    smp.current_tenant(), smp.current_actor(), smp.tenant_of_client(text), smp.tenant_by_name(text),
    smp.ensure_tenant(text), smp.all_clients(), smp.work_queue(),
    smp.audit_hash(text, smp.audit_log), smp.verify_audit(), smp.merged(jsonb), smp.as_of(timestamptz, text, text),
    smp.acts_for_the_law(), smp.definition_of(text, text, text), smp.decision_stands(smp.field_mappings),
    smp.mapping_digest(text), smp.settle_version(text), smp.mark_validated(text), smp.gate(text), smp.gate_in_short(text, bigint), smp.count_standing(text[]),
    smp.is_waived(text, text), smp.is_gap(text), smp.unread_tables(text), smp.index_embeddings(text),
    smp.decide_item(text, text, text, text, text, jsonb, text, integer), smp.decide_items(text, jsonb),
    smp.decide_use(text, text, text, boolean, text, text),
    smp.taken_by(text, text, text, text, text),
    smp.rows_of(text, text, text), smp.value_of_information(text, text, double precision, bigint),
    smp.comment_item(text, text, text), smp.flag_item(text, text, text), smp.assign_item(text, text, text),
    smp.note_reveal(text, text, text, integer),
    smp.draw_spot_checks(text, jsonb),
    smp.adapt_trust(text, jsonb), smp.answer_relaxation(text, text, boolean, text),
    smp.adjustment_in_force(text, text, timestamptz), smp.wilson_bound(bigint, bigint, boolean),
    smp.is_disputed(text, text, timestamptz), smp.is_withheld(text, text, text), smp.undo_item(text, text, text, integer), smp.undo_batch(uuid, text), smp.redo_batch(uuid, text),
    smp.map_column(text, text, text, text, text, jsonb, text, text), smp.way_back(smp.review_items),
    smp.source_digest(text), smp.shown_key(), smp.acting_person(),
    smp.remove_client(text), smp.add_person(text, text, text, text[], text), smp.change_person(text, jsonb),
    smp.add_key(text, text, text, text, text, timestamptz), smp.revoke_key(text, uuid), smp.vouch_for(text, text, text),
    smp.shown_scope(), smp.note_key_use(), smp.unproven_since(), smp.prove_person(text, integer),
    smp.password_salt(text), smp.note_login(text, boolean), smp.uncarried_logins(), smp.carry_logins(), smp.enter_erasure(text, text, text, date), smp.close_erasure(uuid, text),
    smp.begin_session(text, integer, text, integer, text), smp.refresh_session(text, text, integer, text, text),
    smp.take_token(text, double precision, double precision), smp.end_session(), smp.end_sessions_of(text), smp.set_password(text, text, text),
    smp.carry_over(text), smp.approve_final(text, integer, text, text),
    smp.refuse_final(text, integer, text, text), smp.approve_by_policy(text), smp.publish(text)
TO {application};

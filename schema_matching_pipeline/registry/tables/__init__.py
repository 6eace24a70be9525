"""Every table of the registry, as it stands after the newest migration; a test holds the two together."""

from __future__ import annotations

from schema_matching_pipeline.registry.tables.canonical import (
    canonical_fields,
    canonical_models,
    entity_schemas,
)
from schema_matching_pipeline.registry.tables.columns import METADATA, SCHEMA
from schema_matching_pipeline.registry.tables.decisions import (
    audit_heads,
    audit_log,
    final_approvals,
    item_approvals,
    publications,
    published_mappings,
    rejected_pairs,
    review_actions,
    review_items,
)
from schema_matching_pipeline.registry.tables.findings import (
    cache_entries,
    check_results,
    classification_cache,
    classifications,
    column_anchors,
    column_profiles,
    column_variants,
    mapping_candidates,
    quality_labels,
    source_snapshots,
    table_profiles,
    value_bank_entries,
    value_bank_sightings,
)
from schema_matching_pipeline.registry.tables.mappings import (
    EMBEDDING_DIMENSIONS,
    entity_policies,
    field_mapping_versions,
    field_mappings,
    mapping_embeddings,
    mapping_validation_results,
    mapping_versions,
)
from schema_matching_pipeline.registry.tables.parties import (
    clients,
    connections,
    connector_definitions,
    installation,
    tenants,
    users,
)
from schema_matching_pipeline.registry.tables.pipeline import (
    pipeline_runs,
    pipeline_transitions,
    run_requests,
)

__all__ = [
    "EMBEDDING_DIMENSIONS",
    "METADATA",
    "SCHEMA",
    "audit_heads",
    "audit_log",
    "cache_entries",
    "canonical_fields",
    "canonical_models",
    "check_results",
    "classification_cache",
    "classifications",
    "clients",
    "column_anchors",
    "column_profiles",
    "column_variants",
    "connections",
    "connector_definitions",
    "entity_policies",
    "entity_schemas",
    "field_mapping_versions",
    "field_mappings",
    "final_approvals",
    "installation",
    "item_approvals",
    "mapping_candidates",
    "mapping_embeddings",
    "mapping_validation_results",
    "mapping_versions",
    "pipeline_runs",
    "pipeline_transitions",
    "publications",
    "published_mappings",
    "quality_labels",
    "rejected_pairs",
    "review_actions",
    "review_items",
    "run_requests",
    "source_snapshots",
    "table_profiles",
    "tenants",
    "users",
    "value_bank_entries",
    "value_bank_sightings",
]

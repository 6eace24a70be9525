"""All table profiles of one look at a source, with the references between its tables."""

from __future__ import annotations

from collections.abc import Sequence

from schema_matching_pipeline.model.measurement import ProfilePlan, TableMeasurement
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.model.source import SourceSnapshot, TableKind, TableTrouble
from schema_matching_pipeline.profiling.read import read_profile
from schema_matching_pipeline.profiling.references import discover_references


def profile_source(
    snapshot: SourceSnapshot,
    measured: Sequence[tuple[ProfilePlan, TableMeasurement]],
    troubles: Sequence[TableTrouble],
    policy: ProfilePolicy,
) -> SourceProfile:
    """The profile of every measured table that the snapshot lists, and the troubles with the others."""
    listed = {table.name: table for table in snapshot.tables}
    tables = tuple(
        read_profile(plan, listed[plan.table], measurement, policy)
        for plan, measurement in measured
        if plan.table in listed
    )
    views = {table.name for table in snapshot.tables if table.kind is TableKind.VIEW}
    found = discover_references(tables, policy, views)
    return SourceProfile(
        snapshot_fingerprint=snapshot.fingerprint(),
        tables=tuple(
            table.but(foreign_keys=(*table.foreign_keys, *found[table.name])) if found[table.name] else table
            for table in tables
        ),
        troubles=tuple(troubles),
    )

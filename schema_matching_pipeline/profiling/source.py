"""All table profiles of one look at a source, with the references between its tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from schema_matching_pipeline.model.measurement import ProfilePlan, TableMeasurement
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import SourceProfile, TableProfile
from schema_matching_pipeline.model.source import SourceSnapshot, TableKind, TableTrouble
from schema_matching_pipeline.profiling.read import TableReader
from schema_matching_pipeline.profiling.references import discover_references
from schema_matching_pipeline.profiling.seldom_collected import seldom_collected


def profile_source(
    snapshot: SourceSnapshot,
    measured: Iterable[tuple[ProfilePlan, TableMeasurement | TableProfile]],
    troubles: Sequence[TableTrouble],
    policy: ProfilePolicy,
    kept: Sequence[TableProfile] = (),
) -> SourceProfile:
    """The profile of every measured table that the snapshot lists, and the troubles with the others.

    The tables are read one by one, so that only one of them need be held; some may be read already. ``troubles`` may
    come up meanwhile. ``kept`` are profiles of tables that have not changed since; references are looked for among all.
    """
    listed = {table.name: table for table in snapshot.tables}
    profiles = {table.name: _without_discoveries(table) for table in kept}
    read = TableReader(listed.values(), policy)
    with seldom_collected():
        for plan, found in measured:
            if plan.table in listed:
                profiles[plan.table] = found if isinstance(found, TableProfile) else read(plan, found)
        tables = tuple(profiles[name] for name in listed if name in profiles)
        views = {table.name for table in snapshot.tables if table.kind is TableKind.VIEW}
        discovered = discover_references(tables, policy, views)
    return SourceProfile(
        snapshot_fingerprint=snapshot.fingerprint(),
        tables=tuple(
            table.but(foreign_keys=(*table.foreign_keys, *discovered[table.name]))
            if discovered[table.name]
            else table
            for table in tables
        ),
        troubles=tuple(troubles),
    )


def _without_discoveries(table: TableProfile) -> TableProfile:
    declared = tuple(key for key in table.foreign_keys if key.declared)
    return table.model_copy(update={"foreign_keys": declared})

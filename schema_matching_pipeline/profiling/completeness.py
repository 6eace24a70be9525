"""Whether a profile tells of everything the source lists, and how old what it tells is."""

from __future__ import annotations

from datetime import datetime

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.model.source import SourceSnapshot


class Completeness(Frozen):
    """Figures of the check that a profile is complete and fresh; ``missing`` names the tables left out."""

    tables_listed: int
    tables_profiled: int
    columns_listed: int
    columns_profiled: int
    estimated_columns: int
    missing: tuple[str, ...] = ()
    age_days: float = 0.0
    complete: bool
    fresh: bool


def completeness(
    profile: SourceProfile,
    snapshot: SourceSnapshot,
    *,
    profiled_at: datetime,
    now: datetime,
    policy: ProfilePolicy,
) -> Completeness:
    """How much of the snapshot the profile covers, tables in trouble included among the listed, and its age."""
    profiled = {table.name: len(table.columns) for table in profile.tables}
    listed = {table.name: len(table.columns) for table in snapshot.tables}
    troubled = [trouble.table for trouble in profile.troubles]
    missing = [name for name, count in listed.items() if profiled.get(name, -1) < count]
    age_days = (now - profiled_at).total_seconds() / 86_400
    return Completeness(
        tables_listed=len({*listed, *troubled}),
        tables_profiled=len(profiled),
        columns_listed=sum(listed.values()),
        columns_profiled=sum(profiled.values()),
        estimated_columns=sum(column.estimated for column in profile.columns),
        missing=tuple(dict.fromkeys((*missing, *troubled))),
        age_days=age_days,
        complete=not missing and not troubled,
        fresh=age_days <= policy.fresh_days,
    )

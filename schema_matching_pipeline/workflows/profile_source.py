"""Measures every table of a client's source and stores the profile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from schema_matching_pipeline.catalog import diff, in_words
from schema_matching_pipeline.errors import SourceEmptyError, SourceError
from schema_matching_pipeline.model.measurement import ProfilePlan, TableMeasurement
from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import ColumnProfile, SourceProfile
from schema_matching_pipeline.model.source import (
    ChangeKind,
    ColumnRef,
    SourceChange,
    SourceSnapshot,
    TableKind,
    TableTrouble,
)
from schema_matching_pipeline.model.summary import PhaseSummary, SummaryTable
from schema_matching_pipeline.ports import SourceConnector
from schema_matching_pipeline.profiling import content_fingerprint, drift, plan_profile, profile_source
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.workflows.run_state import RunStamp, open_client, phase
from schema_matching_pipeline.workflows.world import Progress, World, silent

ROWS_SHOWN = 50
GONE = frozenset({"CONNECTION_LOST", "CLOSED_PORT", "UNKNOWN_HOST"})  # reasons that concern the whole source


def profile_columns(world: World, client: str, *, run: RunStamp, progress: Progress = silent) -> PhaseSummary:
    """Profiles every column of the client's source; tables that cannot be read are listed, the others go on.

    Raises:
        SourceError: the source cannot be opened, or no table of it can be read.
        ClientBusyError: another run holds the client.
    """
    started = world.clock.now()
    with phase(world, client, Phase.COLUMN_PROFILES, run):
        with open_client(world, client, run) as unit:
            address = unit.sources.address(unit.clients.get(client).connection_id)
        with world.sources.open(address) as source:
            snapshot = source.snapshot()
            profile = measure_source(source, snapshot, world.policies.profile, progress)
        if not profile.tables:
            raise _nothing_readable(client, profile.troubles)
        with open_client(world, client, run) as unit:
            changes = _store(unit, client, snapshot, profile, world.policies.profile)
    return _summary(client, profile, changes, (world.clock.now() - started).total_seconds())


def measure_source(
    source: SourceConnector, snapshot: SourceSnapshot, policy: ProfilePolicy, progress: Progress = silent
) -> SourceProfile:
    """The profile of an open source; no registry needed.

    Raises:
        SourceUnreachableError: several tables running could not be reached: the source is gone.
    """
    measured: list[tuple[ProfilePlan, TableMeasurement]] = []
    troubles, unreached = list(snapshot.troubles), 0
    for done, table in enumerate(snapshot.tables):
        progress(f"profiling {table.name}", done, len(snapshot.tables))
        plan = plan_profile(table, policy, is_file=table.kind is TableKind.FILE)
        try:
            measured.append((plan, source.measure(plan)))
            unreached = 0
        except SourceError as error:
            unreached = unreached + 1 if error.reason in GONE else 0
            if unreached == policy.unreached_tables:
                raise
            troubles.append(TableTrouble(table=table.name, code=error.code, message=str(error)))
    progress("profiling", len(snapshot.tables), len(snapshot.tables))
    return profile_source(snapshot, tuple(measured), tuple(troubles), policy)


def fingerprints(
    profile: SourceProfile,
    anchors: Mapping[ColumnRef, tuple[ColumnProfile, str]],
    policy: ProfilePolicy,
) -> tuple[dict[ColumnRef, str], dict[ColumnRef, tuple[str, ...]]]:
    """The content fingerprint of every column, and why some changed.

    A column that has not drifted from the profile its approvals stand on keeps that fingerprint.
    """
    prints: dict[ColumnRef, str] = {}
    drifted: dict[ColumnRef, tuple[str, ...]] = {}
    for column in profile.columns:
        ref = ColumnRef(table=column.table, column=column.column)
        anchor = anchors.get(ref)
        reasons = drift(anchor[0], column, policy) if anchor else ()
        if anchor and not reasons:
            prints[ref] = anchor[1]
            continue
        prints[ref] = content_fingerprint(column)
        if reasons:
            drifted[ref] = reasons
    return prints, drifted


def source_changes(
    before: SourceSnapshot | None, now: SourceSnapshot, drifted: Mapping[ColumnRef, tuple[str, ...]]
) -> tuple[SourceChange, ...]:
    """What a person wants to hear of: changes of the schema since the last look, and columns that drifted.

    A changed type is a reason for drift already.
    """
    schema = diff(before, now).changes if before else ()
    return (
        *(
            SourceChange(table=change.table, column=change.column, what=in_words(change))
            for change in schema
            if change.kind is not ChangeKind.COLUMN_RETYPED
        ),
        *(
            SourceChange(table=ref.table, column=ref.column, what="; ".join(reasons))
            for ref, reasons in drifted.items()
        ),
    )


def _store(
    unit: UnitOfWork, client: str, snapshot: SourceSnapshot, profile: SourceProfile, policy: ProfilePolicy
) -> tuple[SourceChange, ...]:
    prints, drifted = fingerprints(profile, unit.profiles.anchors(client), policy)
    changes = source_changes(unit.profiles.latest_snapshot(client), snapshot, drifted)
    unit.profiles.store_snapshot(client, snapshot)
    unit.profiles.store(client, unit.runs.latest(client).id, profile, prints, changes)
    return changes


def _nothing_readable(client: str, troubles: tuple[TableTrouble, ...]) -> SourceError:
    if not troubles:
        return SourceEmptyError(
            f"The source of client {client!r} has no table. Check the schema name or the folder.",
            source=client,
        )
    listed = "; ".join(f"{trouble.table}: {trouble.message}" for trouble in troubles[:5])
    return SourceError(f"No table of client {client!r} could be read. {listed}", source=client)


def _summary(
    client: str, profile: SourceProfile, changes: tuple[SourceChange, ...], seconds: float
) -> PhaseSummary:
    columns = profile.columns
    largest = sorted(profile.tables, key=lambda table: (-table.row_count, table.name))[:ROWS_SHOWN]
    types = Counter(str(column.value_type) for column in columns)
    return PhaseSummary(
        phase=Phase.COLUMN_PROFILES,
        client=client,
        counts=(
            ("tables_profiled", len(profile.tables)),
            ("columns_profiled", len(columns)),
            ("rows", sum(table.row_count for table in profile.tables)),
            ("estimated_columns", sum(column.estimated for column in columns)),
            ("tables_in_trouble", len(profile.troubles)),
            ("changes", len(changes)),
        ),
        tables=(
            SummaryTable(
                title="Largest tables",
                header=("table", "rows", "columns", "measured"),
                rows=tuple((t.name, f"{t.row_count:,}", str(len(t.columns)), str(t.plan)) for t in largest),
            ),
            SummaryTable(
                title="Column types",
                header=("type", "columns"),
                rows=tuple((name, str(count)) for name, count in types.most_common()),
            ),
            SummaryTable(
                title="Tables that could not be read",
                header=("table", "why"),
                rows=tuple((t.table, t.message) for t in profile.troubles[:ROWS_SHOWN]),
            ),
            SummaryTable(
                title="Changed since the last profile",
                header=("table", "column", "what changed"),
                rows=tuple((one.table, one.column or "", one.what) for one in changes[:ROWS_SHOWN]),
            ),
        ),
        version=profile.snapshot_fingerprint,
        seconds=seconds,
    )

"""Measures every table of a client's source and stores the profile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count

from schema_matching_pipeline import __version__
from schema_matching_pipeline.catalog import diff, in_words, unchanged_tables
from schema_matching_pipeline.errors import SourceEmptyError, SourceError
from schema_matching_pipeline.model.ids import content_id
from schema_matching_pipeline.model.measurement import ProfilePlan, ReadsMeasurement, TableMeasurement
from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import ColumnProfile, SourceProfile, TableProfile
from schema_matching_pipeline.model.source import (
    ChangeKind,
    ColumnRef,
    SchemaDiff,
    SourceChange,
    SourceSnapshot,
    TableKind,
    TableTrouble,
)
from schema_matching_pipeline.model.summary import PhaseSummary
from schema_matching_pipeline.ports import KnownByContent, MeasuresMany, SourceConnector
from schema_matching_pipeline.profiling import (
    TableReader,
    content_fingerprint,
    drift,
    plan_profile,
    profile_source,
    with_renames,
)
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.workflows.adapt_trust import adapt_trust
from schema_matching_pipeline.workflows.profile_summary import PROFILES_SHOWN, summarize_profile
from schema_matching_pipeline.workflows.run_state import RunStamp, open_client, phase
from schema_matching_pipeline.workflows.world import Progress, World, silent

GONE = frozenset({"CONNECTION_LOST", "CLOSED_PORT", "UNKNOWN_HOST"})  # reasons that concern the whole source


def profile_columns(
    world: World, client: str, *, run: RunStamp, whole: bool = True, progress: Progress = silent
) -> PhaseSummary:
    """Profiles every column of the client's source; tables that cannot be read are listed, the others go on.

    Unless the ``whole`` source is wanted, a table whose content is known to be what it was keeps its profile.

    Raises:
        SourceError: the source cannot be opened, or no table of it can be read.
        ClientBusyError: another run holds the client.
    """
    started = world.clock.now()
    adapt_trust(world, client, run=run)
    with phase(world, client, Phase.COLUMN_PROFILES, run):
        with open_client(world, client, run) as unit:
            address = unit.sources.address(unit.clients.get(client).connection_id)
        policy = world.policies.profile
        progress("reading the catalogue", 0, 1)
        with world.sources.open(address) as source:
            snapshot = _marked(source, source.snapshot())
            with open_client(world, client, run) as unit:
                before = unit.profiles.row_counts(client)
                kept = () if whole or address.data_stays else _unchanged(unit, client, snapshot, policy)
            profile = measure_source(source, snapshot, policy, progress, kept, data_stays=address.data_stays)
        if not profile.tables:
            raise _nothing_readable(client, profile.troubles)
        with open_client(world, client, run) as unit:
            changes = _store(unit, client, snapshot, profile, policy)
            history = unit.profiles.history(client, PROFILES_SHOWN)
    return summarize_profile(
        client, profile, changes, (before, history), len(kept), (world.clock.now() - started).total_seconds()
    )


def measure_source(
    source: SourceConnector,
    snapshot: SourceSnapshot,
    policy: ProfilePolicy,
    progress: Progress = silent,
    kept: Sequence[TableProfile] = (),
    *,
    data_stays: bool = False,
) -> SourceProfile:
    """The profile of an open source; no registry needed. Tables whose profile is ``kept`` are not measured.

    Where its ``data_stays``, it is measured without a row of it leaving.

    Raises:
        SourceUnreachableError: several tables running could not be reached: the source is gone.
    """
    troubles = list(snapshot.troubles)
    known = {table.name for table in kept}
    wanted = [table for table in snapshot.tables if table.name not in known]

    def measured() -> Iterator[tuple[ProfilePlan, TableMeasurement | TableProfile]]:
        unreached, begun = 0, count()
        plans = [
            plan_profile(table, policy, is_file=table.kind is TableKind.FILE, data_stays=data_stays)
            for table in wanted
        ]
        each = source.measure_each if isinstance(source, MeasuresMany) else partial(_one_by_one, source)
        for plan, found in each(
            plans,
            lambda plan: progress(f"profiling {plan.table}", next(begun), len(wanted)),
            TableReader(wanted, policy),
        ):
            if isinstance(found, SourceError):
                unreached = unreached + 1 if found.reason in GONE else 0
                if unreached == policy.unreached_tables:
                    raise found
                troubles.append(TableTrouble(table=plan.table, code=found.code, message=str(found)))
                continue
            unreached = 0
            if isinstance(found, TableMeasurement) and found.trouble:
                troubles.append(found.trouble)
            yield plan, found
        progress("profiling", len(wanted), len(wanted))

    return profile_source(snapshot, measured(), troubles, policy, kept)


def _one_by_one(
    source: SourceConnector,
    plans: Sequence[ProfilePlan],
    begins: Callable[[ProfilePlan], None],
    _read: ReadsMeasurement,
) -> Iterator[tuple[ProfilePlan, TableMeasurement | SourceError]]:
    for plan in plans:
        begins(plan)
        try:
            yield plan, source.measure(plan)
        except SourceError as error:
            yield plan, error


def fingerprints(
    profile: SourceProfile,
    anchors: Mapping[ColumnRef, tuple[ColumnProfile, str]],
    policy: ProfilePolicy,
) -> tuple[dict[ColumnRef, str], dict[ColumnRef, tuple[str, ...]]]:
    """The content fingerprint of every column, and why some changed.

    A column that has not drifted from the profile its approvals stand on keeps that fingerprint; one that has gets
    another, even where its content is of the same kind, so that the approvals end and the drift is told once.
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
        found = content_fingerprint(column)
        prints[ref] = content_id(found, *reasons) if anchor and found == anchor[1] else found
        if reasons:
            drifted[ref] = reasons
    return prints, drifted


def source_changes(
    schema: SchemaDiff, drifted: Mapping[ColumnRef, tuple[str, ...]]
) -> tuple[SourceChange, ...]:
    """What a person wants to hear of: changes of the schema since the last look, and columns that drifted.

    A changed type is a reason for drift already.
    """
    breaking = {(change.table, change.column) for change in schema.breaking}
    return (
        *(
            SourceChange(
                table=change.table, column=change.column, what=in_words(change), breaking=change.breaking
            )
            for change in schema.changes
            if change.kind is not ChangeKind.COLUMN_RETYPED
            or ColumnRef(table=change.table, column=str(change.column)) not in drifted
        ),
        *(
            SourceChange(
                table=ref.table,
                column=ref.column,
                what="; ".join(reasons),
                breaking=(ref.table, ref.column) in breaking,
            )
            for ref, reasons in drifted.items()
        ),
    )


def _marked(source: SourceConnector, snapshot: SourceSnapshot) -> SourceSnapshot:
    marks = source.content_marks() if isinstance(source, KnownByContent) else {}
    tables = (table.model_copy(update={"content_mark": marks.get(table.name)}) for table in snapshot.tables)
    return snapshot.model_copy(update={"tables": tuple(tables)})


def _unchanged(
    unit: UnitOfWork, client: str, now: SourceSnapshot, policy: ProfilePolicy
) -> tuple[TableProfile, ...]:
    """The profiles that still hold: of the same content, measured by the same product under the same policy."""
    before = unit.profiles.last_measured(client, _measured_with(policy))
    names = unchanged_tables(before, now) if before else frozenset[str]()
    current = unit.profiles.current(client) if names else None
    return tuple(table for table in current.tables if table.name in names) if current else ()


def _measured_with(policy: ProfilePolicy) -> str:
    return content_id(__version__, policy.fingerprint())


def _store(
    unit: UnitOfWork, client: str, snapshot: SourceSnapshot, profile: SourceProfile, policy: ProfilePolicy
) -> tuple[SourceChange, ...]:
    anchors, before = unit.profiles.anchors(client), unit.profiles.latest_snapshot(client)
    prints, drifted = fingerprints(profile, anchors, policy)
    columns = {ref: column for ref, (column, _) in anchors.items()}
    schema = diff(before, snapshot) if before else SchemaDiff()
    if before:
        schema = with_renames(schema, (before, snapshot), (columns, profile.by_ref()), policy)
    changes = source_changes(schema, drifted)
    unit.profiles.store_snapshot(client, snapshot, _measured_with(policy))
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

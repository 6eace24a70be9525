"""Matches two schemas without a registry: the matcher alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from schema_matching_pipeline.catalog import with_declared
from schema_matching_pipeline.classification import classify_by_rules
from schema_matching_pipeline.matching import TaskPrediction, rank_task, task_questions, with_choices
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.llm import ColumnAnswer, ColumnQuestion, Told
from schema_matching_pipeline.model.measurement import ColumnMeasurement, TableMeasurement
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.model.source import (
    SourceAddress,
    SourceSnapshot,
    SourceTable,
    TableKind,
    TableTrouble,
)
from schema_matching_pipeline.ports import SourceOpener
from schema_matching_pipeline.profiling import plan_profile, profile_source
from schema_matching_pipeline.workflows.profile_source import measure_source
from schema_matching_pipeline.workflows.world import Policies, Progress, silent


class AsksAboutColumns(Protocol):
    """Somebody who may be told something of columns, and answers."""

    @property
    def told(self) -> Collection[Told]:
        """What may be told."""
        ...

    def answers(self, questions: Sequence[ColumnQuestion]) -> Sequence[ColumnAnswer]:
        """One answer for each question, or why there is none."""
        ...


class SchemaMatch(Frozen):
    """Ranked candidates for every source column, best first, and the tables of each side whose rows were not read."""

    predictions: tuple[TaskPrediction, ...]
    source_troubles: tuple[TableTrouble, ...]
    target_troubles: tuple[TableTrouble, ...]


def match_schemas(
    sources: SourceOpener,
    source: tuple[SourceAddress, SourceSnapshot],
    target: tuple[SourceAddress, SourceSnapshot],
    policies: Policies,
    progress: Progress = silent,
    *,
    ask: AsksAboutColumns | None = None,
) -> SchemaMatch:
    """The columns of one side matched to those of another; each side is an address and what is declared of it.

    Doubtful columns are asked about where there is somebody to ``ask``.

    Raises:
        SourceError: a side cannot be opened.
    """
    profiles = [
        measure_declared(sources, address, declared, policies.profile, progress)
        for address, declared in (source, target)
    ]
    progress("matching", 0, 1)
    classes = [classify_by_rules(profile, frozenset()) for profile in profiles]
    ranked = rank_task(profiles[0], profiles[1], classes[0], classes[1], policies.match)
    if ask is not None:
        questions = task_questions(ranked, profiles[0], ask.told, policies.match)
        ranked = with_choices(ranked, questions, ask.answers(questions), policies.match)
    return SchemaMatch(
        predictions=ranked.predictions,
        source_troubles=profiles[0].troubles,
        target_troubles=profiles[1].troubles,
    )


def measure_declared(
    sources: SourceOpener,
    address: SourceAddress,
    declared: SourceSnapshot,
    policy: ProfilePolicy,
    progress: Progress = silent,
) -> SourceProfile:
    """The profile of the declared tables; those whose rows are not there, or unreadable, are known by name and description."""
    with sources.open(address) as connector:
        found = connector.snapshot()
        whole = with_declared(found, declared)
        here = {table.name for table in found.tables}
        readable = whole.but(tables=tuple(table for table in whole.tables if table.name in here))
        profile = measure_source(connector, readable, policy, progress, data_stays=address.data_stays)
    measured = {table.name for table in profile.tables}
    without_rows = with_declared(SourceSnapshot(), declared)
    bare = without_rows.but(
        tables=tuple(table for table in without_rows.tables if table.name not in measured)
    )
    return _with_bare_tables(profile, bare, policy)


def _with_bare_tables(profile: SourceProfile, bare: SourceSnapshot, policy: ProfilePolicy) -> SourceProfile:
    if not bare.tables:
        return profile
    measured = [
        (plan_profile(table, policy, is_file=table.kind is TableKind.FILE), _nothing_measured(table))
        for table in bare.tables
    ]
    extra = profile_source(bare, tuple(measured), (), policy)
    return profile.but(tables=(*profile.tables, *extra.tables))


def _nothing_measured(table: SourceTable) -> TableMeasurement:
    columns = tuple(
        ColumnMeasurement(
            name=column.name,
            row_count=0,
            null_count=0,
            blank_count=0,
            distinct_count=0,
            texts=(),
            counts=(),
            values_complete=True,
            sketch_hashes=(),
        )
        for column in table.columns
    )
    return TableMeasurement(name=table.name, row_count=0, columns=columns)

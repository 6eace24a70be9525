"""Labels the quality of every profiled column."""

from __future__ import annotations

from collections.abc import Mapping

from schema_matching_pipeline.errors import UsageError
from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.model.quality import QualityLabel, QualityReport
from schema_matching_pipeline.model.review import DecisionKind
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.summary import PhaseSummary
from schema_matching_pipeline.model.tally import LabelGroup
from schema_matching_pipeline.quality import assess_quality, group_of
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.review import standing_decisions
from schema_matching_pipeline.workflows.label_summary import summarize_labels
from schema_matching_pipeline.workflows.run_state import RunStamp, open_client, phase
from schema_matching_pipeline.workflows.world import World


def label_columns(world: World, client: str, *, run: RunStamp) -> PhaseSummary:
    """Labels every column of the client's newest profile: good, empty, abandoned, misused or test-only.

    Raises:
        UsageError: the client was never profiled.
    """
    started = world.clock.now()
    with phase(world, client, Phase.QUALITY_LABELS, run), open_client(world, client, run) as unit:
        report = assess_quality(current_profile(unit, client), world.policies.quality)
        before = labels_as_decided(unit, client)
        unit.quality.store(client, unit.runs.latest(client).id, report)
        labelled = current_report(unit, client)
    return summarize_labels(client, labelled, before, (world.clock.now() - started).total_seconds())


def current_profile(unit: UnitOfWork, client: str) -> SourceProfile:
    """The client's newest profile.

    Raises:
        UsageError: there is none yet.
    """
    profile = unit.profiles.current(client)
    if profile is None:
        raise UsageError(f"Client {client!r} has not been profiled yet. Run `smp onboard {client}` first.")
    return profile


def labels_as_decided(unit: UnitOfWork, client: str) -> QualityReport | None:
    """The client's newest labels, those overruled that a person decided otherwise about; None where there are none."""
    report = unit.quality.current(client)
    return None if report is None else _as_decided(unit, client, report)


def labels_counted(unit: UnitOfWork, client: str) -> tuple[LabelGroup, ...]:
    """The same labels counted by table, those that people decided about one by one; empty where there are none."""
    decided = QualityReport(labels=unit.tallies.decided_labels(client))
    return (*unit.tallies.labels(client), *map(group_of, _as_decided(unit, client, decided).labels))


def _as_decided(unit: UnitOfWork, client: str, report: QualityReport) -> QualityReport:
    decided = standing_decisions(report, unit.reviews.quality_decisions(client))
    return report.but(
        labels=tuple(
            label
            if label.overruled is (is_overruled := _is_overruled(label, decided))
            else label.but(overruled=is_overruled)
            for label in report.labels
        )
    )


def _is_overruled(label: QualityLabel, decided: Mapping[ColumnRef, DecisionKind]) -> bool:
    return label.flagged and decided.get(label.ref) is DecisionKind.INCLUDE


def current_report(unit: UnitOfWork, client: str) -> QualityReport:
    """The client's newest quality labels, with what people decided about them.

    Raises:
        UsageError: there are none yet.
    """
    report = labels_as_decided(unit, client)
    if report is None:
        raise not_labelled(client)
    return report


def not_labelled(client: str) -> UsageError:
    """The fault that the client's columns have no labels yet."""
    return UsageError(
        f"The columns of client {client!r} have no quality labels yet. Run `smp onboard {client}` first."
    )

"""Labels the quality of every profiled column."""

from __future__ import annotations

from collections import Counter

from schema_matching_pipeline.errors import UsageError
from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.model.quality import LabelName, QualityReport
from schema_matching_pipeline.model.summary import PhaseSummary, SummaryTable
from schema_matching_pipeline.quality import assess_quality, score_tables
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.workflows.run_state import RunStamp, open_client, phase
from schema_matching_pipeline.workflows.world import World

ROWS_SHOWN = 50


def label_columns(world: World, client: str, *, run: RunStamp) -> PhaseSummary:
    """Labels every column of the client's newest profile: good, empty, abandoned, misused or test-only.

    Raises:
        UsageError: the client was never profiled.
    """
    started = world.clock.now()
    with phase(world, client, Phase.QUALITY_LABELS, run), open_client(world, client, run) as unit:
        report = assess_quality(current_profile(unit, client), world.policies.quality)
        unit.quality.store(client, unit.runs.latest(client).id, report)
    return _summary(client, report, (world.clock.now() - started).total_seconds())


def current_profile(unit: UnitOfWork, client: str) -> SourceProfile:
    """The client's newest profile.

    Raises:
        UsageError: there is none yet.
    """
    profile = unit.profiles.current(client)
    if profile is None:
        raise UsageError(f"Client {client!r} has not been profiled yet. Run `smp onboard {client}` first.")
    return profile


def current_report(unit: UnitOfWork, client: str) -> QualityReport:
    """The client's newest quality labels.

    Raises:
        UsageError: there are none yet.
    """
    report = unit.quality.current(client)
    if report is None:
        raise UsageError(
            f"The columns of client {client!r} have no quality labels yet. Run `smp onboard {client}` first."
        )
    return report


def _summary(client: str, report: QualityReport, seconds: float) -> PhaseSummary:
    labels = Counter(label.label for label in report.labels)
    scores = score_tables(report)
    flagged = [label for label in report.labels if label.flagged]
    return PhaseSummary(
        phase=Phase.QUALITY_LABELS,
        client=client,
        counts=(
            ("columns_labelled", len(report.labels)),
            *((f"columns_{name}", labels[name]) for name in LabelName),
            ("lowest_table_score", min(scores.values(), default=0.0)),
        ),
        tables=(
            SummaryTable(
                title="Score by table",
                header=("table", "score of 100"),
                rows=tuple((table, f"{score:g}") for table, score in list(scores.items())[:ROWS_SHOWN]),
            ),
            SummaryTable(
                title="Flagged columns",
                header=("column", "label", "why"),
                rows=tuple(
                    (str(label.ref), str(label.label), label.reason) for label in flagged[:ROWS_SHOWN]
                ),
            ),
        ),
        seconds=seconds,
    )

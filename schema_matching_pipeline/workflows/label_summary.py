"""What quality labels tell people who follow them over time: scores, counts, the worst tables and columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.model.quality import LabelName, QualityLabel, QualityReport
from schema_matching_pipeline.model.summary import PhaseSummary, SummaryTable
from schema_matching_pipeline.quality import FAULTS, score_all, score_tables

ROWS_SHOWN = 50


def summarize_labels(
    client: str, report: QualityReport, before: QualityReport | None, seconds: float
) -> PhaseSummary:
    """Scores and counts that are plotted over time, and the worst tables and columns; ``before`` are the labels before."""
    labels = Counter(label.label for label in report.labels)
    scores = score_tables(report)
    return PhaseSummary(
        phase=Phase.QUALITY_LABELS,
        client=client,
        counts=(
            ("score", score_all(report)),
            ("lowest_table_score", min(scores.values(), default=100.0)),
            ("columns_labelled", len(report.labels)),
            ("columns_flagged", sum(label.stays_flagged for label in report.labels)),
            *((f"columns_{name}", labels[name]) for name in LabelName),
            ("columns_overruled", sum(label.overruled for label in report.labels)),
            ("columns_noted", sum(bool(_faults(label)) for label in report.labels)),
        ),
        tables=(_by_table(report, scores, before), _worst(report), _found(report)),
        seconds=seconds,
    )


def _by_table(
    report: QualityReport, scores: Mapping[str, float], before: QualityReport | None
) -> SummaryTable:
    """The lowest scores first, each beside what it was when the columns were last labelled."""
    was = score_tables(before) if before else {}
    flagged = Counter(label.ref.table for label in report.labels if label.stays_flagged)
    columns = Counter(label.ref.table for label in report.labels)
    rows = (
        (
            table,
            f"{score:g}",
            f"{was[table]:g}" if table in was else "",
            str(flagged[table]),
            str(columns[table]),
        )
        for table, score in list(scores.items())[:ROWS_SHOWN]
    )
    return SummaryTable(
        title="Score by table",
        header=("table", "score of 100", "before", "flagged", "columns"),
        rows=tuple(rows),
        left_out=max(0, len(scores) - ROWS_SHOWN),
    )


def _worst(report: QualityReport) -> SummaryTable:
    """Flagged columns, the surest first; then good ones with lesser faults, those with most first."""
    open_flags = (one for one in report.labels if one.stays_flagged)
    flagged = sorted(open_flags, key=lambda one: -one.confidence)
    noted = sorted(
        (one for one in report.labels if not one.flagged and _faults(one)), key=lambda one: -len(_faults(one))
    )
    worst = (*flagged, *noted)
    return SummaryTable(
        title="Worst columns",
        header=("column", "label", "notes", "confidence", "why"),
        rows=tuple(
            (str(one.ref), str(one.label), ", ".join(_faults(one)), f"{one.confidence:.2f}", one.reason)
            for one in worst[:ROWS_SHOWN]
        ),
        left_out=max(0, len(worst) - ROWS_SHOWN),
    )


def _found(report: QualityReport) -> SummaryTable:
    """How many columns have each label or note, and one of them."""
    names = [(name, label.ref) for label in report.labels for name in (str(label.label), *label.notes)]
    counted, first = Counter(name for name, _ in names), dict(reversed(names))
    return SummaryTable(
        title="Labels and notes",
        header=("label or note", "columns", "such as"),
        rows=tuple((name, f"{count:,}", str(first[name])) for name, count in counted.most_common(ROWS_SHOWN)),
    )


def _faults(label: QualityLabel) -> tuple[str, ...]:
    return tuple(note for note in label.notes if note in FAULTS)

"""One figure a table: how much of it is fit for use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from math import fsum
from statistics import fmean

from schema_matching_pipeline.model.quality import QualityLabel, QualityReport
from schema_matching_pipeline.model.tally import LabelGroup

FAULTS = frozenset(
    (
        "constant",
        "lost_letters",
        "mixed_formats",
        "mixed_types",
        "outliers",
        "partly_misused",
        "sentinel_values",
        "test_rows",
        "truncated",
    )
)
_FAULT_COSTS = 0.1
FORMULA = (
    "Score of a table: the mean of its columns, where a good one counts 100, less 10 for each lesser fault, and a"
    " flagged one 0 unless a person overruled the label."
)


def score_tables(report: QualityReport) -> dict[str, float]:
    """The score of every table between 0 and 100: the mean of its columns' scores, the worst table first.

    A flagged column (empty, abandoned, misused, test-only) scores 0; a good one 100, less 10 for each lesser
    fault noted of it, as does one whose label a person overruled. Personal data is no fault.
    """
    return score_groups(map(group_of, report.labels))


def score_groups(groups: Iterable[LabelGroup]) -> dict[str, float]:
    """The same scores, of columns that were counted by their labels."""
    tables: defaultdict[str, list[LabelGroup]] = defaultdict(list)
    for group in groups:
        tables[group.table].append(group)
    scored = {
        table: round(
            100 * fsum(_score(one) * one.columns for one in theirs) / sum(one.columns for one in theirs), 1
        )
        for table, theirs in tables.items()
    }
    return dict(sorted(scored.items(), key=lambda item: (item[1], item[0])))


def group_of(label: QualityLabel) -> LabelGroup:
    """A label as the group of one column."""
    return LabelGroup(
        table=label.ref.table,
        flagged=label.flagged,
        notes=label.notes,
        columns=1,
        overruled=label.overruled,
    )


def score_all(report: QualityReport) -> float:
    """The score of a whole source: the mean of all its columns' scores, between 0 and 100; 100 without a column."""
    return round(100 * fmean(_score(label) for label in report.labels), 1) if report.labels else 100.0


def _score(label: QualityLabel | LabelGroup) -> float:
    return 0.0 if label.stays_flagged else 1.0 - _FAULT_COSTS * len(FAULTS.intersection(label.notes))

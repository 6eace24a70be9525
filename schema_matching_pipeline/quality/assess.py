"""Runs every label rule on every column and settles on one main label each."""

from __future__ import annotations

from schema_matching_pipeline.model.policy import QualityPolicy
from schema_matching_pipeline.model.profile import ColumnProfile, SourceProfile
from schema_matching_pipeline.model.quality import LabelName, QualityLabel, QualityReport
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.quality.label import LABELS, Case, Verdict, filled_fact, percent

# What is not there cannot be misused; what is made up is no use even where it is recent; what was put to
# another use was not abandoned but taken over.
PRECEDENCE = (LabelName.EMPTY, LabelName.TEST_ONLY, LabelName.MISUSED, LabelName.ABANDONED)
_DEFAULT = QualityPolicy()


def assess_quality(profile: SourceProfile, policy: QualityPolicy = _DEFAULT) -> QualityReport:
    """One label for every profiled column, in the profile's order."""
    return QualityReport(
        labels=tuple(
            _label(Case(column, table, profile, policy))
            for table in profile.tables
            for column in table.columns
        )
    )


def _label(case: Case) -> QualityLabel:
    verdicts = [verdict for name in LABELS if (verdict := LABELS[name](case)) is not None]
    flags = sorted(
        (verdict for verdict in verdicts if verdict.label is not None),
        key=lambda verdict: PRECEDENCE.index(verdict.label) if verdict.label else len(PRECEDENCE),
    )
    lesser = (
        *(flag.note for flag in flags[1:]),
        *(verdict.note for verdict in verdicts if not verdict.label),
    )
    if not flags:
        return _good(case.column, verdicts, tuple(sorted(set(lesser))))
    main = flags[0]
    return QualityLabel(
        ref=ColumnRef(table=case.column.table, column=case.column.column),
        label=main.label or LabelName.GOOD,
        confidence=round(main.confidence, 3),
        reason=main.reason,
        facts=main.facts,
        notes=tuple(sorted(set(lesser) - {main.note})),
    )


def _good(column: ColumnProfile, notes: list[Verdict], names: tuple[str, ...]) -> QualityLabel:
    """What is noted of a good column stands in the place of the praise; a sentence begins with a capital."""
    filled = f"Filled in {percent(column.filled_share)} of {column.row_count:,} rows"
    told = " ".join(verdict.reason[:1].upper() + verdict.reason[1:] for verdict in notes)
    return QualityLabel(
        ref=ColumnRef(table=column.table, column=column.column),
        label=LabelName.GOOD,
        confidence=1.0,
        reason=f"{filled}. {told}" if told else f"{filled}; nothing speaks against it.",
        facts=(filled_fact(column), *(fact for verdict in notes for fact in verdict.facts)),
        notes=names,
    )

"""What a label rule is, and the catalog of all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from schema_matching_pipeline.canon.name_kinds import NameKind, kind_of_name
from schema_matching_pipeline.model.policy import QualityPolicy
from schema_matching_pipeline.model.profile import ColumnProfile, SourceProfile, TableProfile
from schema_matching_pipeline.model.quality import EvidenceFact, LabelName
from schema_matching_pipeline.model.source import ForeignKey
from schema_matching_pipeline.plugins import Catalog


@dataclass(frozen=True)
class Case:
    """One column with all that may be said for or against it."""

    column: ColumnProfile
    table: TableProfile
    source: SourceProfile
    policy: QualityPolicy

    @cached_property
    def announced(self) -> NameKind | None:
        """What the column's name says its values are."""
        return kind_of_name(self.column.column)

    @cached_property
    def reference(self) -> ForeignKey | None:
        """The table this column alone refers to, declared or discovered."""
        keys = (key for key in self.table.foreign_keys if key.columns == (self.column.column,))
        return next(keys, None)


@dataclass(frozen=True)
class Verdict:
    """What one rule found: a label that flags the column, or only a note of that name."""

    label: LabelName | None
    note: str
    reason: str
    confidence: float = 1.0
    facts: tuple[EvidenceFact, ...] = ()


LabelRule = Callable[[Case], Verdict | None]
LABELS: Catalog[LabelRule] = Catalog("schema_matching_pipeline.quality.labels")


def fact(name: str, value: object) -> EvidenceFact:
    """One figure behind a judgement."""
    return EvidenceFact(name=name, value=str(value))


def filled_fact(column: ColumnProfile) -> EvidenceFact:
    """How many rows have a value, in words."""
    return fact("filled", f"{column.filled_count:,} of {column.row_count:,}")


def percent(share: float) -> str:
    """A share in whole per cent; never rounded up to all or down to none.

    >>> percent(0.9996), percent(0.25)
    ('over 99 %', '25 %')
    """
    if 0.995 <= share < 1:
        return "over 99 %"
    if 0 < share < 0.005:
        return "under 1 %"
    return f"{share:.0%}".replace("%", " %")


def rounded(number: float) -> str:
    """A number of three digits, so that no single value is told.

    >>> rounded(160903123), rounded(0.12345), rounded(12), rounded(-1234.5)
    ('161,000,000', '0.123', '12', '-1,230')
    """
    return f"{float(f'{number:.3g}'):,.12g}"

"""What a validator is, what it is told, and the catalog of all of them.

A validator looks at one promise of a mapping. It plans questions to the data as values, and puts the answers
into words; it never sees a row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Protocol, TypeVar

from schema_matching_pipeline.canon.names import name_tokens
from schema_matching_pipeline.model.canonical import CanonicalField, CanonicalSchema, FieldRef, FieldType
from schema_matching_pipeline.model.ids import content_id
from schema_matching_pipeline.model.matching import TransformRule
from schema_matching_pipeline.model.policy import ValidationPolicy
from schema_matching_pipeline.model.profile import ColumnProfile, SourceProfile, TableProfile
from schema_matching_pipeline.model.rule import Computed, ToDate, Transformed
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.validation import (
    Expectation,
    ExpectationKind,
    ExpectationResult,
    Parameter,
    Severity,
)
from schema_matching_pipeline.plugins import Catalog

Key = TypeVar("Key")

DATE_TYPES = frozenset({FieldType.DATE, FieldType.DATETIME})
_ISO_DAY = "%Y-%m-%d"  # how a day that a step made is written


def date_format_of(rule: TransformRule | None, profile: ColumnProfile | None) -> str | None:
    """How dates are written in a column: as the rule says or leaves them, else as the profile found."""
    if rule and rule.steps:
        return _ISO_DAY if isinstance(rule.steps[-1], ToDate) else None
    if rule and rule.date_format:
        return rule.date_format
    return profile.dates.format if profile and profile.dates else None


@dataclass(frozen=True)
class Pair:
    """One column and the field it fills, with what is known of both."""

    ref: ColumnRef
    target: FieldRef
    field: CanonicalField
    profile: ColumnProfile | None = None
    rule: TransformRule | None = None

    @property
    def date_format(self) -> str | None:
        """How dates are written in the column: as the rule says or leaves them, else as the profile found."""
        return date_format_of(self.rule, self.profile)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words of the field's name."""
        return name_tokens(self.target.field)


@dataclass(frozen=True)
class Case:
    """A client's mapping as validators see it; ``today`` is the last day that has happened."""

    pairs: tuple[Pair, ...]
    profile: SourceProfile
    canonical: CanonicalSchema
    policy: ValidationPolicy
    today: date

    @cached_property
    def tables(self) -> dict[str, TableProfile]:
        """Table profiles by name."""
        return {table.name: table for table in self.profile.tables}

    @cached_property
    def rules(self) -> dict[ColumnRef, Transformed]:
        """The chains of steps that columns go through."""
        chains = ((pair.ref, pair.rule.chain if pair.rule else None) for pair in self.pairs)
        return {ref: chain for ref, chain in chains if chain}

    @cached_property
    def computed(self) -> dict[ColumnRef, Computed]:
        """What derived columns are computed from."""
        return {pair.ref: pair.rule.computed for pair in self.pairs if pair.rule and pair.rule.computed}

    @cached_property
    def by_target(self) -> dict[FieldRef, tuple[Pair, ...]]:
        """All columns that fill a field."""
        return _grouped((pair.target, pair) for pair in self.pairs)

    @cached_property
    def by_entity(self) -> dict[tuple[str, str], tuple[Pair, ...]]:
        """The columns of one source table that fill one entity, by table and entity."""
        return _grouped(((pair.ref.table, pair.target.entity), pair) for pair in self.pairs)


class Validator(Protocol):
    """Plans questions about one promise, and puts the answers into words.

    ``code`` is the stable reason code of its findings.
    """

    code: str

    def plan(self, case: Case) -> Iterable[Expectation]:
        """What to ask of the data; nothing where the promise does not apply."""
        ...

    def message(self, expectation: Expectation, result: ExpectationResult) -> str:
        """What a failed or doubtful answer means, for the steward."""
        ...


VALIDATORS: Catalog[Validator] = Catalog("schema_matching_pipeline.validation.validators")


MOVING = frozenset({"latest"})
"""Parameters that follow the calendar."""


def expect(
    kind: ExpectationKind,
    pair: Pair,
    *,
    severity: Severity = Severity.ERROR,
    mostly: float = 1.0,
    **parameters: tuple[str, ...] | str | None,
) -> Expectation:
    """A question about one pair; its id comes from what is asked, so that it is the same tomorrow.

    A parameter that moves with the calendar is no part of the id: a failure that people approved living with
    would be asked about anew every night.
    """
    given = tuple(
        Parameter(name=name, values=(value,) if isinstance(value, str) else value)
        for name, value in parameters.items()
        if value
    )
    asked = (f"{parameter.name}={parameter.values!r}" for parameter in given if parameter.name not in MOVING)
    return Expectation(
        id=content_id("expectation", kind, pair.ref.table, pair.ref.column, pair.target, *asked),
        kind=kind,
        ref=pair.ref,
        target=pair.target,
        severity=severity,
        mostly=mostly,
        parameters=given,
    )


def of_tested(result: ExpectationResult) -> str:
    """How many failed, of how many.

    >>> of_tested(ExpectationResult(expectation_id="x", tested=3400, failed=12))
    '12 of 3,400 values'
    """
    sample = " in a sample" if result.sampled else ""
    return f"{result.failed:,} of {result.tested:,} values{sample}"


def _grouped(entries: Iterable[tuple[Key, Pair]]) -> dict[Key, tuple[Pair, ...]]:
    groups: dict[Key, list[Pair]] = defaultdict(list)
    for key, pair in entries:
        groups[key].append(pair)
    return {key: tuple(pairs) for key, pairs in groups.items()}

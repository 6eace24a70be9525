"""References name rows that exist."""

from __future__ import annotations

from collections.abc import Iterator

from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.validation import Expectation, ExpectationKind, ExpectationResult
from schema_matching_pipeline.validation.validator import VALIDATORS, Case, Pair, expect, of_tested


class ForeignKeys:
    """Asks whether every value of a reference exists in the column that fills the field referred to.

    Asked where both sides are mapped. Of several columns that fill the field, the one that the source itself
    refers to is asked, else the unique one of the table that fills most of the entity.
    """

    code = "REFERENCE_BROKEN"

    def plan(self, case: Case) -> Iterator[Expectation]:
        """One question for every mapped reference whose other side is mapped too."""
        for pair in case.pairs:
            referred = _referred(case, pair)
            if referred is not None:
                yield expect(
                    ExpectationKind.FOREIGN_KEY,
                    pair,
                    referred_table=referred.table,
                    referred_column=referred.column,
                )

    def message(self, expectation: Expectation, result: ExpectationResult) -> str:
        """How many references lead nowhere."""
        table, column = (
            expectation.parameter("referred_table")[0],
            expectation.parameter("referred_column")[0],
        )
        return f"{of_tested(result)} do not exist in {table}.{column}"


def _referred(case: Case, pair: Pair) -> ColumnRef | None:
    if pair.field.references is None:
        return None
    others = tuple(other for other in case.by_target.get(pair.field.references, ()) if other.ref != pair.ref)
    refs = {other.ref for other in others}
    declared = next((ref for ref in _referred_by_source(case, pair.ref) if ref in refs), None)
    if declared is not None or not others:
        return declared
    return min(others, key=lambda other: _preference(case, other)).ref


def _referred_by_source(case: Case, ref: ColumnRef) -> Iterator[ColumnRef]:
    table = case.tables.get(ref.table)
    for key in table.foreign_keys if table else ():
        for column, referred in zip(key.columns, key.referred_columns, strict=False):
            if column == ref.column:
                yield ColumnRef(table=key.referred_table, column=referred)


def _preference(case: Case, other: Pair) -> tuple[bool, int, str, str]:
    is_unique = other.profile is not None and other.profile.is_unique
    filled = len(case.by_entity[other.ref.table, other.target.entity])
    return (not is_unique, -filled, other.ref.table, other.ref.column)


VALIDATORS.register("foreign_keys")(ForeignKeys())

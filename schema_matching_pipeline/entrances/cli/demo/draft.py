"""Tables of a client while they are written: columns of values with their meaning, then spoiled on purpose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Generic, Protocol, TypeAlias, TypeVar

from schema_matching_pipeline.entrances.cli.demo.client import (
    DemoAnswers,
    FaultName,
    Grade,
    PlantedFault,
    QualityTruthRow,
    TruthRow,
)
from schema_matching_pipeline.entrances.cli.demo.practice import Dice
from schema_matching_pipeline.model.quality import LabelName

Cell: TypeAlias = str | int | float | Decimal | bool | date | datetime | time | None
Record = TypeVar("Record")


@dataclass
class Column:
    """One column: its values and what is known about it.

    ``means`` is the one field it belongs to (``patient.first_name``), ``also`` names fields that may be
    accepted; with neither, the column has no target on purpose.
    """

    name: str
    values: list[Cell]
    means: str | None
    also: tuple[str, ...]
    label: LabelName
    until: date | None
    comment: str | None
    sql_type: str | None
    references: str | None


class Sheet(Protocol):
    """A written table, whatever kind of record it was written from."""

    name: str
    columns: list[Column]
    planted: list[PlantedFault]


class Draft(Generic[Record]):
    """A table being written from records of one kind; its first column is its key."""

    def __init__(self, name: str, records: Sequence[Record], dice: Dice) -> None:
        self.name = name
        self.columns: list[Column] = []
        self.planted: list[PlantedFault] = []
        self._records = records
        self.dice = dice
        self._clean = list(range(len(records)))
        dice.random.shuffle(self._clean)

    def column(
        self,
        name: str,
        value: Callable[[Record], Cell],
        means: str | None = None,
        *,
        also: tuple[str, ...] = (),
        label: LabelName = LabelName.GOOD,
        until: date | None = None,
        comment: str | None = None,
        sql_type: str | None = None,
        references: str | None = None,
    ) -> None:
        """Add a column that holds this value of every record."""
        values = [value(record) for record in self._records]
        self.columns.append(Column(name, values, means, also, label, until, comment, sql_type, references))

    def spoil(self, name: str, fault: FaultName, count: int, worse: Callable[[int], Cell]) -> None:
        """Replace filled values in that many rows that nothing else spoiled; ``worse`` gets the row's number."""
        values = named(self, name).values
        rows = [row for row in self._clean if values[row] is not None][:count]
        for row in rows:
            values[row] = worse(row)
        self._note(name, fault, rows)

    def fill_wrongly(self, name: str, fault: FaultName, count: int, worse: Callable[[int], Cell]) -> None:
        """Put a wrong value into that many rows that nothing else spoiled, filled or not."""
        rows = self._clean[:count]
        for row in rows:
            named(self, name).values[row] = worse(row)
        self._note(name, fault, rows)

    def repeat_rows(self, count: int) -> None:
        """Append copies of that many unspoiled rows, so that their keys repeat."""
        rows = self._clean[:count]
        for column in self.columns:
            column.values.extend([column.values[row] for row in rows])
        self._note(self.columns[0].name, FaultName.REPEATED_KEY, rows)

    def _note(self, name: str, fault: FaultName, rows: list[int]) -> None:
        taken = set(rows)
        self._clean = [row for row in self._clean if row not in taken]
        self.planted.append(
            PlantedFault(source_table=self.name, source_column=name, fault=fault, count=len(rows))
        )


def named(sheet: Sheet, name: str) -> Column:
    """The column of that name."""
    return next(column for column in sheet.columns if column.name == name)


def rows_of(sheet: Sheet) -> list[tuple[Cell, ...]]:
    """All rows of a table, in order."""
    return list(zip(*(column.values for column in sheet.columns), strict=True))


def answers_of(sheets: Sequence[Sheet]) -> DemoAnswers:
    """What the makers of these tables know: meanings, labels and planted faults."""
    return DemoAnswers(
        truth=tuple(
            row for sheet in sheets for column in sheet.columns for row in _truth(sheet.name, column)
        ),
        quality_truth=tuple(
            QualityTruthRow(
                source_table=sheet.name, source_column=column.name, label=column.label, until=column.until
            )
            for sheet in sheets
            for column in sheet.columns
        ),
        planted=tuple(fault for sheet in sheets for fault in sheet.planted),
    )


def _truth(table: str, column: Column) -> list[TruthRow]:
    exact = [(column.means, Grade.EXACT)] if column.means else []
    graded = [*exact, *((target, Grade.ALTERNATIVE) for target in column.also)]
    return [
        TruthRow(
            source_table=table,
            source_column=column.name,
            canonical_entity=target.partition(".")[0],
            canonical_field=target.partition(".")[2],
            grade=grade,
        )
        for target, grade in graded
    ]

"""What an executor measured: raw values, in memory only, between a source and the profiling phase.

These values are never stored, logged or serialised; they are plain frozen dataclasses on purpose, so that
no JSON form of them exists.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, overload

import numpy as np
import numpy.typing as npt

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.profile import LengthSummary, NumberSummary, PlanKind, TableProfile
from schema_matching_pipeline.model.source import TableTrouble


class ProfilePlan(Frozen):
    """How one table is to be measured: the executor, the slices of columns, and what to keep.

    ``activity_column`` is the best guess by name and type; ``activity_candidates`` lists it and its
    runners-up. An executor that can tell takes the first candidate filled in at least
    ``activity_filled_share`` of the rows, else the best filled one, and says so in the measurement. Where
    ``sample_rows`` is zero no row may leave the source, and of ``hidden_columns`` no value at all.
    """

    table: str
    kind: PlanKind
    slices: tuple[tuple[str, ...], ...]
    top_values: int = 10
    sketch_size: int = 1024
    distinct_sample: int = 2_000
    word_sample: int = 10_000
    sample_rows: int | None = None
    activity_column: str | None = None
    activity_candidates: tuple[str, ...] = ()
    activity_filled_share: float = 0.9
    hidden_columns: tuple[str, ...] = ()

    @property
    def data_stays(self) -> bool:
        """Whether statistics are all that may leave the source."""
        return self.sample_rows == 0


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class NumberedTexts(Sequence[str]):
    """Some texts of a collection, by their numbers in it: a text is touched only where it is asked for.

    Who knows something of a collection by number need not look its texts up. It grows, and no number ever changes.

    >>> texts = NumberedTexts(["a", "b", "c"], np.array([2, 0]))
    >>> list(texts), texts[0], list(texts[1:])
    (['c', 'a'], 'c', ['a'])
    """

    collection: list[str]
    numbers: npt.NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.numbers)

    def __eq__(self, other: object) -> bool:
        """Whether the other texts are the same, wherever they are kept."""
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __iter__(self) -> Iterator[str]:
        return map(self.collection.__getitem__, self.numbers.tolist())

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice | npt.NDArray[np.intp]) -> NumberedTexts: ...

    def __getitem__(self, place: int | slice | npt.NDArray[np.intp]) -> str | NumberedTexts:
        """One text, or some of them."""
        if isinstance(place, slice | np.ndarray):
            return NumberedTexts(self.collection, self.numbers[place])
        return self.collection[int(self.numbers[place])]


@dataclass(frozen=True, slots=True, repr=False)
class ColumnMeasurement:
    """Raw figures of one column.

    ``texts`` are distinct values in canonical text, and ``counts`` how many rows hold each: the most frequent ones first and,
    where there are more than the plan's ``distinct_sample``, a sample chosen by hash order after them.
    ``values_complete`` says that all distinct values are there, ``values_ranked`` that equally frequent ones stand by their text. ``sketch_hashes`` are the smallest keyed
    hashes over all distinct values, ascending. ``word_hashes`` are the smallest keyed hashes of the distinct
    words (runs of letters and digits, in lower case) of at most ``word_sample`` values, ``word_count`` how many
    there are. ``distinct_is_exact`` says that the distinct values of an estimated column were counted all the same.
    ``meant_to`` is the last day on which a row held another than the most frequent value, where that one stands for none.
    """

    name: str
    row_count: int
    null_count: int
    blank_count: int
    distinct_count: int
    texts: Sequence[str]
    counts: Sequence[int]
    values_complete: bool
    sketch_hashes: Sequence[int]
    numbers: NumberSummary | None = None
    lengths: LengthSummary | None = None
    first_date: date | None = None
    last_date: date | None = None
    active_from: date | None = None
    active_to: date | None = None
    meant_to: date | None = None
    word_hashes: Sequence[int] = ()
    word_count: int = 0
    estimated: bool = False
    distinct_is_exact: bool = False
    values_ranked: bool = False

    @property
    def values(self) -> tuple[tuple[str, int], ...]:
        """The texts with their counts, in pairs."""
        return tuple(zip(self.texts, self.counts, strict=True))


@dataclass(frozen=True, slots=True, repr=False)
class TableMeasurement:
    """Raw figures of one table; ``activity_column`` where the executor chose another than the plan's first.

    ``trouble`` says which rows could not be read though the table could.
    """

    name: str
    row_count: int
    columns: tuple[ColumnMeasurement, ...]
    last_activity: date | None = None
    activity_column: str | None = None
    estimated: bool = False
    trouble: TableTrouble | None = None
    seconds: float = field(default=0.0, compare=False)


class ReadsMeasurement(Protocol):
    """Tells what the figures of a table mean. It can be pickled, to do so in another process."""

    def __call__(self, plan: ProfilePlan, measurement: TableMeasurement) -> TableProfile:
        """The profile of the table."""
        ...

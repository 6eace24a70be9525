"""A table of any engine that Ibis speaks, as a place: Spark first, the warehouses after it.

What a cluster can count it counts: a column of up to a million distinct values comes value by value and is exact in
everything. Of one with more the distinct and the most frequent values are counted all the same, so that keys are
found; the rest of its picture is the sample's. Rows travel as text that the engine writes, so that no number is
bent on its way through another library's types.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ibis.expr import types as ir
from ibis.expr.datatypes import DataType

from schema_matching_pipeline.adapters.connectors.canonical_text import Kind, canonical_text
from schema_matching_pipeline.adapters.connectors.executors.in_place import Distinct, Total
from schema_matching_pipeline.adapters.connectors.executors.tally import Tally
from schema_matching_pipeline.adapters.connectors.executors.value_text import WHITE_SPACE
from schema_matching_pipeline.model.measurement import ColumnMeasurement
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import LengthSummary

DAYS = (Kind.DATE, Kind.MOMENT)
# A little more is drawn than wanted, since chance may give less.
_MORE = 1.1
# Estimators of distinct values err by a few per cent.
_DOUBT = 1.2
_MARGINS = f"^[{WHITE_SPACE}]+|[{WHITE_SPACE}]+$"
_KINDS: tuple[tuple[Callable[[DataType], bool], Kind], ...] = (
    (DataType.is_boolean, Kind.BOOLEAN),
    (DataType.is_integer, Kind.INTEGER),
    (DataType.is_floating, Kind.NUMBER),
    (DataType.is_decimal, Kind.NUMBER),
    (DataType.is_timestamp, Kind.MOMENT),
    (DataType.is_date, Kind.DATE),
    (DataType.is_time, Kind.TIME),
    (DataType.is_binary, Kind.BINARY),
    (DataType.is_json, Kind.NESTED),
    (DataType.is_nested, Kind.NESTED),
)

_NO_GROUPS = pa.table({"text": pa.array([], pa.string()), "rows": pa.array([], pa.int64())})
_NUMBERS = ("least", "most", "mean", "spread")
_FIGURES = (
    "nulls", "filled", "distinct", *_NUMBERS, "first", "last", "active_from", "active_to", "shortest", "longest", "length",
)  # fmt: skip

# Answers one expression with all of its rows.
Ask = Callable[[ir.Table], pa.Table]


@ibis.udf.scalar.builtin(name="hex")  # type: ignore[untyped-decorator]  # Ibis is not checked here
def _hexadecimal(value: bytes) -> str:  # type: ignore[empty-body]  # the engine has it
    """The digits of bytes, as Spark, DuckDB and most others call it."""


def kind_of(data_type: DataType) -> Kind:
    """The kind that a type of Ibis declares."""
    return next((kind for is_of, kind in _KINDS if is_of(data_type)), Kind.TEXT)


class IbisPlace:
    """A table of an engine; ``zoned`` columns hold moments in UTC, and ``has_nan`` says whether numbers may be none."""

    def __init__(
        self, table: ir.Table, ask: Ask, policy: ProfilePolicy, zoned: frozenset[str], *, has_nan: bool
    ) -> None:
        self._table, self._ask, self._policy, self._zoned, self._has_nan = table, ask, policy, zoned, has_nan
        self._types: Mapping[str, DataType] = table.schema()
        self.kinds = {name: kind_of(data_type) for name, data_type in self._types.items()}

    def row_count(self) -> int:
        """How many rows there are."""
        return _whole(self._row(self._table, {"rows": self._table.count()})["rows"])

    def sample(self, names: Sequence[str], rows: int, limit: int) -> pa.Table:
        """Rows in canonical text; each has the same chance to be among them."""
        table = self._table
        if rows > limit:
            table = table.filter(ibis.random() < min(1.0, _MORE * limit / rows))
        found = self._ask(
            table.select(**{f"c{place}": self._written(name) for place, name in enumerate(names)})
        )
        texts = [self._texts(column, name) for column, name in zip(found.columns, names, strict=True)]
        return pa.Table.from_arrays(texts, names=list(names))

    def holds_days(self, name: str) -> bool:
        """Whether the column is of a type of days or moments."""
        return self.kinds[name] in DAYS

    def totals(self, names: Sequence[str], activity: str | None) -> Iterator[tuple[str, Total]]:
        """Exact figures of a slice of columns, by one question."""
        looked_at = {f"v{place}": self._value(name) for place, name in enumerate(names)}
        looked_at |= {f"n{place}": self._table[name].isnull() for place, name in enumerate(names)}
        if activity is not None:
            looked_at["day"] = self._plausible(activity)
        rows = self._table.select(**looked_at)
        asked = {
            f"{figure}{place}": expression
            for place, name in enumerate(names)
            for figure, expression in self._figures(rows, place, name).items()
        }
        answer = self._row(rows, asked)
        for place, name in enumerate(names):
            yield name, _total(answer, place)

    def last_day(self, activity: str) -> date | None:
        """The latest plausible day."""
        return _day(self._row(self._table, {"last": _last(self._plausible(activity))})["last"])

    def all_values(self, column: ColumnMeasurement, total: Total, rows: int) -> Tally | None:
        """Every value with its count, where the engine finds no more than can be gathered."""
        name, most = column.name, self._policy.gathered_values
        if column.distinct_count > most or (total.distinct or 0) > _DOUBT * most:
            return None
        found = self._ask(self._groups(name).limit(most + 1)) if total.filled else _NO_GROUPS
        if found.num_rows > most:
            return None
        merged = pa.table({"text": self._texts(found.column("text"), name), "rows": found.column("rows")})
        merged = merged.filter(pc.is_valid(merged.column("text")))
        merged = merged.group_by("text", use_threads=False).aggregate([("rows", "sum")])
        counts = np.asarray(merged.column("rows_sum"), dtype=np.int64)
        return Tally(
            name=name,
            row_count=rows,
            null_count=total.nulls,
            blank_count=rows - total.nulls - int(counts.sum()),
            values=merged.column("text").combine_chunks().cast(pa.string()),
            counts=counts,
        )

    def distinct(self, column: ColumnMeasurement, total: Total) -> Distinct:
        """Counted, as are the most frequent values unless each row has one of its own."""
        name = column.name
        values = self._values(name)
        count = _whole(self._row(values, {"distinct": values["value"].nunique()})["distinct"])
        if count == total.filled:
            return Distinct(count, is_exact=True, most_rows=1)
        groups = self._groups(name).order_by(ibis.desc("rows"), "text").limit(self._policy.top_values)
        found = self._ask(groups)
        counts = found.column("rows").to_pylist()
        frequent = zip(self._texts(found.column("text"), name).to_pylist(), counts, strict=True)
        # One less than the least of them: a guess must not be ranked before what was counted.
        return Distinct(
            count, is_exact=True, frequent=tuple(frequent), most_rows=max(1, min(counts, default=1) - 1)
        )

    def _values(self, name: str) -> ir.Table:
        return self._table.select(value=self._value(name))

    def _groups(self, name: str) -> ir.Table:
        """Filled values in writing, and the rows that hold them."""
        values = self._values(name)
        filled = values.filter(values["value"].notnull())
        counted = filled.group_by("value").aggregate(rows=filled.count())
        text = _in_writing(counted["value"], self.kinds[name])
        return counted.select(text=text, rows=counted["rows"])

    def _figures(self, rows: ir.Table, place: int, name: str) -> dict[str, ir.Scalar]:
        """The figures that make sense for a column's type."""
        value, kind = rows[f"v{place}"], self.kinds[name]
        nulls = rows[f"n{place}"] if kind is Kind.TEXT else value.isnull()
        asked: dict[str, ir.Scalar] = {
            "nulls": nulls.sum(),
            "filled": value.notnull().sum(),
            "distinct": value.approx_nunique(),
        }
        if kind in {Kind.INTEGER, Kind.NUMBER}:
            number = value.cast("float64")
            asked |= {
                "least": number.min(),
                "most": number.max(),
                "mean": number.mean(),
                "spread": number.std(how="pop"),
            }
        if kind in DAYS:
            asked |= {"first": _first(_as_day(value)), "last": _last(_as_day(value))}
        if kind is Kind.TEXT:
            length = value.length()
            asked |= {
                "shortest": length.min(),
                "longest": length.max(),
                "length": length.cast("float64").mean(),
            }
        if "day" in rows.columns:
            day = value.notnull().ifelse(rows["day"], ibis.null("date"))
            asked |= {"active_from": _first(day), "active_to": _last(day)}
        return asked

    def _value(self, name: str) -> ir.Value:
        """What a row holds: null where it is blank or no figure; in writing where it could not be grouped."""
        column, kind = self._table[name], self.kinds[name]
        if kind in {Kind.BINARY, Kind.NESTED}:
            return self._written(name)
        if kind is Kind.TEXT:
            return self._written(name).re_replace(_MARGINS, "").nullif("")
        if self._types[name].is_floating() and self._has_nan:
            return (column.isnan() | column.isinf()).ifelse(ibis.null(self._types[name]), column)
        return column

    def _written(self, name: str) -> ir.StringValue:
        """A column as text, as the engine writes it."""
        column, kind = self._table[name], self.kinds[name]
        if kind is Kind.BINARY:
            return self._digits(column)
        return _in_writing(column, kind)

    def _digits(self, column: ir.BinaryValue) -> ir.StringValue:
        """The first bytes in hexadecimal digits, and how many there are in all where there are more."""
        digits, most = _hexadecimal(column).lower(), 2 * self._policy.binary_bytes
        size = (digits.length() / 2).cast("int64").cast("string")
        head = ibis.literal("0x") + digits.substr(0, most)
        return (digits.length() > most).ifelse(head + "+" + size, head)

    def _plausible(self, activity: str) -> ir.DateValue:
        """The days of a column of days, null where they stand for "never" or "for ever"."""
        first = ibis.date(date(self._policy.activity_first_year, 1, 1))
        last = ibis.date(date(self._policy.activity_last_year, 12, 31))
        day = _as_day(self._table[activity])
        return day.between(first, last).ifelse(day, ibis.null("date"))

    def _texts(self, column: pa.ChunkedArray, name: str) -> pa.Array:
        """What the engine wrote as canonical text."""
        texts, kind = column.combine_chunks().cast(pa.string()), self.kinds[name]
        if self._types[name].is_floating():
            single = self._types[name].nbytes <= pa.float32().byte_width
            return canonical_text(texts.cast(pa.float32() if single else pa.float64()), kind)
        found = canonical_text(texts, kind)
        if name not in self._zoned:
            return found
        return pc.if_else(pc.ends_with(found, "Z"), found, pc.binary_join_element_wise(found, "Z", ""))

    def _row(self, rows: ir.Table, asked: Mapping[str, ir.Scalar]) -> Mapping[str, object]:
        """The one row of an aggregate."""
        [row] = self._ask(rows.aggregate(**asked)).to_pylist()
        return dict(row)


def _in_writing(column: ir.Value, kind: Kind) -> ir.StringValue:
    if column.type().is_string():
        return column
    return (column.cast("json") if kind is Kind.NESTED else column).cast("string")


def _as_day(value: ir.Value) -> ir.DateValue:
    return value if value.type().is_date() else value.date()


def _first(day: ir.DateValue) -> ir.StringScalar:
    """As text: a driver may refuse days that Python does not know."""
    return day.min().cast("string")


def _last(day: ir.DateValue) -> ir.StringScalar:
    return day.max().cast("string")


def _total(row: Mapping[str, object], place: int) -> Total:
    """The figures of one column; those that make no sense for its type were not asked for."""
    found = {figure: row.get(f"{figure}{place}") for figure in _FIGURES}
    numbers = [float(str(found[figure])) for figure in _NUMBERS if found[figure] is not None]
    is_finite = len(numbers) == len(_NUMBERS) and all(math.isfinite(number) for number in numbers)
    return Total(
        nulls=_whole(found["nulls"]),
        filled=_whole(found["filled"]),
        numbers=(numbers[0], numbers[1], numbers[2], numbers[3]) if is_finite else None,
        days=_span(found["first"], found["last"]),
        active=_span(found["active_from"], found["active_to"]),
        lengths=_lengths(found),
        distinct=_whole(found["distinct"]),
    )


def _lengths(found: Mapping[str, object]) -> LengthSummary | None:
    if found["shortest"] is None:
        return None
    return LengthSummary(
        minimum=_whole(found["shortest"]),
        maximum=_whole(found["longest"]),
        mean=float(str(found["length"])),
    )


def _span(first: object, last: object) -> tuple[date, date] | None:
    days = _day(first), _day(last)
    return None if days[0] is None or days[1] is None else (days[0], days[1])


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def _whole(figure: object) -> int:
    return int(str(figure or 0))

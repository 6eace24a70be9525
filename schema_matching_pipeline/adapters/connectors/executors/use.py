"""Which column tells when rows were made, and between which days each column was in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schema_matching_pipeline.adapters.connectors.arrow_views import numbers_of
from schema_matching_pipeline.adapters.connectors.days import TIME_TAIL, read_days
from schema_matching_pipeline.adapters.connectors.executors.arrow_kernels import (
    activity_candidates,
    plausible_days,
)
from schema_matching_pipeline.adapters.connectors.executors.filler import filler_of
from schema_matching_pipeline.adapters.connectors.executors.relation import Relation
from schema_matching_pipeline.adapters.connectors.executors.tally import Measuring
from schema_matching_pipeline.adapters.connectors.executors.value_text import is_blank, trimmed
from schema_matching_pipeline.adapters.connectors.typed_select import literal, quoted
from schema_matching_pipeline.canon.absent import is_zero
from schema_matching_pipeline.model.measurement import ColumnMeasurement
from schema_matching_pipeline.model.policy import ProfilePolicy

_GLANCE_ROWS = 2_000
_WRITTEN = "written_days"
_COLUMNS_AT_ONCE = 25
_Span = tuple[date | None, date | None]
_Asked = tuple[str, bool]  # a column, and whether its filler counts for nothing


@dataclass(frozen=True, slots=True)
class RowDays:
    """The day each row was made: a SQL expression, what must be joined for it, and what it spans.

    ``written`` says which day each text of the column means; a cursor must know it by its name before it joins.
    """

    column: str
    day: str
    joined: str
    written: pa.Table | None
    filled: int
    first: date
    last: date


def choose_activity(
    cursor: duckdb.DuckDBPyConnection, relation: Relation, rows: int, measuring: Measuring
) -> RowDays | None:
    """The first candidate that is filled well enough, else the best filled one."""
    best: RowDays | None = None
    for name in activity_candidates(measuring):
        days = _row_days(cursor, relation, name, measuring.policy)
        if days is None:
            continue
        if days.filled >= measuring.plan.activity_filled_share * rows:
            return days
        if best is None or days.filled > best.filled:
            best = days
    return best


def with_use(
    cursor: duckdb.DuckDBPyConnection,
    relation: Relation,
    columns: Sequence[ColumnMeasurement],
    activity: RowDays,
) -> tuple[ColumnMeasurement, ...]:
    """The columns with the first and last day on which they were filled."""
    if activity.written is not None:
        cursor.register(_WRITTEN, activity.written)
    partly = [column for column in columns if 0 < _filled_rows(column) < column.row_count]
    fillers = {column.name: filler_of(column) for column in columns if column.name != activity.column}
    padded = [column for column in columns if fillers.get(column.name)]
    conditions = {
        **{(column.name, False): _is_filled(relation, column) for column in partly},
        **{(column.name, True): _is_meant(relation, column, fillers[column.name] or "") for column in padded},
    }
    spans = dict[_Asked, _Span]()
    for start in range(0, len(conditions), _COLUMNS_AT_ONCE):
        asked = dict(list(conditions.items())[start : start + _COLUMNS_AT_ONCE])
        whole = _whole_spans(cursor, relation, asked, activity)
        rest = {name: condition for name, condition in asked.items() if name not in whole}
        spans |= whole | (_spans(cursor, relation, rest, activity) if rest else {})
    return tuple(_used(column, spans, activity) for column in columns)


def _used(column: ColumnMeasurement, spans: Mapping[_Asked, _Span], activity: RowDays) -> ColumnMeasurement:
    if not _filled_rows(column):
        return column
    first, last = spans.get((column.name, False), (activity.first, activity.last))
    _, meant_to = spans.get((column.name, True), (None, None))
    return replace(column, active_from=first, active_to=last, meant_to=meant_to)


def _filled_rows(column: ColumnMeasurement) -> int:
    return column.row_count - column.null_count - column.blank_count


def _whole_spans(
    cursor: duckdb.DuckDBPyConnection, relation: Relation, conditions: Mapping[_Asked, str], activity: RowDays
) -> dict[_Asked, _Span]:
    """What rows of the first and of the last day satisfy spans all days; it is asked about no other rows then."""
    asked = ", ".join(f"bool_or({condition})" for condition in conditions.values())
    ends = cursor.execute(
        f"SELECT {activity.day} AS day_of_row, {asked} FROM {relation.name} {activity.joined}"
        f" WHERE day_of_row IN ($first, $last) GROUP BY 1",
        {"first": activity.first, "last": activity.last},
    ).fetchall()
    span = activity.first, activity.last
    return {name: span for place, name in enumerate(conditions, start=1) if all(row[place] for row in ends)}


def _spans(
    cursor: duckdb.DuckDBPyConnection, relation: Relation, conditions: Mapping[_Asked, str], activity: RowDays
) -> dict[_Asked, _Span]:
    """First and last day of the rows that satisfy each condition, under what was asked."""
    asked = ", ".join(
        f"{figure}({activity.day}) FILTER ({condition})"
        for condition in conditions.values()
        for figure in ("min", "max")
    )
    [row] = cursor.execute(f"SELECT {asked} FROM {relation.name} {activity.joined}").fetchall()
    return {name: (row[2 * place], row[2 * place + 1]) for place, name in enumerate(conditions)}


def _is_filled(relation: Relation, column: ColumnMeasurement) -> str:
    value = quoted(relation.columns[column.name].name)
    return f"NOT {is_blank(f'{value}::VARCHAR')}" if column.blank_count else f"{value} IS NOT NULL"


def _is_meant(relation: Relation, column: ColumnMeasurement, filler: str) -> str:
    """Whether a row holds a value that is not the filler; zero is written in as many ways as there are decimals."""
    value = f"{quoted(relation.columns[column.name].name)}::VARCHAR"
    other = (
        f"coalesce(TRY_CAST({value} AS DOUBLE), 1) <> 0"
        if is_zero(filler)
        else f"{trimmed(value)} <> {literal(filler)}"
    )
    return f"NOT {is_blank(value)} AND {other}"


def _row_days(
    cursor: duckdb.DuckDBPyConnection, relation: Relation, name: str, policy: ProfilePolicy
) -> RowDays | None:
    column, known = relation.columns[name], None
    if column.data_type.upper().startswith(("DATE", "TIMESTAMP")):
        first, last = f"{policy.activity_first_year:04d}-01-01", f"{policy.activity_last_year:04d}-12-31"
        value = f"{quoted(column.name)}::DATE"
        day, joined = f"CASE WHEN {value} BETWEEN DATE '{first}' AND DATE '{last}' THEN {value} END", ""
    else:
        part = f"regexp_replace({quoted(column.name)}::VARCHAR, '{TIME_TAIL}', '')"
        known = _days_written(cursor, relation, part, policy)
        if known is None:
            return None
        cursor.register(_WRITTEN, known)
        day, joined = f"{_WRITTEN}.day", f"LEFT JOIN {_WRITTEN} ON {_WRITTEN}.part = {part}"
    [(filled, first_day, last_day)] = cursor.execute(
        f"SELECT count({day}), min({day}), max({day}) FROM {relation.name} {joined}"
    ).fetchall()
    return RowDays(name, day, joined, known, int(filled), first_day, last_day) if filled else None


def _days_written(
    cursor: duckdb.DuckDBPyConnection, relation: Relation, part: str, policy: ProfilePolicy
) -> pa.Table | None:
    """What each text for a day means, where the column holds days at all."""
    glance = f"(SELECT * FROM {relation.name} LIMIT {_GLANCE_ROWS})"
    if _parts_read(cursor, glance, part, policy.type_share / 2) is None:
        return None
    known = _parts_read(cursor, relation.name, part, policy.type_share)
    return known and pa.table({"part": known[0], "day": plausible_days(known[1], policy)})


def _parts_read(
    cursor: duckdb.DuckDBPyConnection, rows: str, part: str, least_share: float
) -> tuple[pa.Array, pa.Array] | None:
    counted = cursor.sql(
        f"SELECT {part} AS part, count(*) AS n FROM {rows} WHERE {part} <> '' GROUP BY 1"
    ).to_arrow_table()
    parts, rows_of_each = (counted.column(name).combine_chunks() for name in ("part", "n"))
    weights = numbers_of(rows_of_each, np.int64)
    days = read_days(pc.utf8_trim_whitespace(parts), least_share=least_share, weights=weights)
    return None if days is None else (parts, days)

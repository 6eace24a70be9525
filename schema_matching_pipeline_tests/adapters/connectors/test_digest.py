"""A column of many values, measured by statements, has the figures that a tally of its values gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import duckdb
import pytest

from schema_matching_pipeline.adapters.connectors.executors.duckdb_columns import measure_relation
from schema_matching_pipeline.adapters.connectors.executors.relation import Relation
from schema_matching_pipeline.adapters.connectors.executors.tally import Measuring
from schema_matching_pipeline.adapters.connectors.typed_select import described
from schema_matching_pipeline.adapters.connectors.value_hash import ValueHashes
from schema_matching_pipeline.model.measurement import ColumnMeasurement, ProfilePlan, TableMeasurement
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import PlanKind

ROWS = 600
COLUMNS = {
    "whole": "i - 300",
    "big": "i * 9007199254740993",
    "money": "(i * 1.37)::DECIMAL(12, 2)",
    "round_money": "(i * 10)::DECIMAL(12, 0)",
    "real": "i / 8.0",
    "tiny": "i * 1e-9",
    "huge": "i * 1e17",
    "single": "(i / 3)::FLOAT",
    "broken": "CASE i % 50 WHEN 0 THEN 'nan'::DOUBLE WHEN 1 THEN 'inf'::DOUBLE ELSE i / 7 END",
    "day": "DATE '1890-05-31' + i::INTEGER * 80",
    "far_day": "CASE i WHEN 5 THEN DATE '20000-01-01' ELSE DATE '2020-01-01' + i::INTEGER END",
    "moment": "TIMESTAMP '2021-01-01 00:00:00' + to_milliseconds(i * 86400500)",
    "zoned": "(TIMESTAMP '2021-01-01 00:00:00' + to_hours(i))::TIMESTAMPTZ",
    "clock": "TIME '00:00:00' + to_seconds(i * 61)",
    "truth": "i % 3 = 0",
    "id": "md5(i::VARCHAR)::UUID",
    "word": "'Müller ' || i || ' Größe'",
    "padded": "CASE i % 3 WHEN 0 THEN ' ' || i WHEN 1 THEN i || chr(160) ELSE i::VARCHAR END",
    "zeros": "lpad(i::VARCHAR, 6, '0')",
    "comma": "(i * 1000)::VARCHAR || ',5'",
    "thousands": "format('{:,}', i * 1000)",
    "german_day": "strftime(DATE '2001-01-01' + i::INTEGER, '%d.%m.%Y')",
    "written_moment": "strftime(TIMESTAMP '2001-01-01 10:00:00' + to_hours(i), '%Y-%m-%d %H:%M:%S')",
    "compact_day": "strftime(DATE '2001-01-01' + i::INTEGER, '%Y%m%d')::INTEGER",
    "emoji": "chr(128512 + (i % 60)::INTEGER) || i",
    "sparse": "CASE WHEN i % 4 = 0 THEN NULL WHEN i % 4 = 1 THEN '  ' ELSE 'x' || i END",
    "gappy": "CASE WHEN i % 7 <> 3 THEN i END",
    "blanks": "repeat(' ', i::INTEGER)",
    "repeated": "'v' || (i % 90)",
    "listed": "[i, i + 1]",
    "nothing": "NULL::VARCHAR",
}


@pytest.fixture(scope="module")
def relation() -> Iterator[Relation]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        asked = ", ".join(f"{value} AS {name}" for name, value in COLUMNS.items())
        connection.execute(f"CREATE TABLE t AS SELECT {asked} FROM range({ROWS}) AS r(i)")
        columns = {column.name: column for column in described(connection, "t")}
        yield Relation(connection, "t", columns)


def _measured(relation: Relation, *, tallied: int, activity: str | None = None) -> TableMeasurement:
    plan = ProfilePlan(
        table="t",
        kind=PlanKind.MEDIUM,
        slices=(tuple(COLUMNS),),
        sketch_size=32,
        distinct_sample=20,
        word_sample=40,
        top_values=5,
        activity_candidates=(activity,) if activity else (),
    )
    return measure_relation(
        relation, Measuring(plan, ProfilePolicy(tallied_values=tallied), ValueHashes(b"key"))
    )


@pytest.fixture(scope="module")
def both(relation: Relation) -> tuple[TableMeasurement, TableMeasurement]:
    return _measured(relation, tallied=ROWS), _measured(relation, tallied=0)


@pytest.mark.parametrize("name", COLUMNS)
def test_statements_and_a_tally_give_the_same_figures(
    name: str, both: tuple[TableMeasurement, TableMeasurement]
) -> None:
    place = list(COLUMNS).index(name)
    tallied, digested = (table.columns[place] for table in both)
    assert replace(digested, numbers=None) == replace(tallied, numbers=None)
    assert _figures(digested) == pytest.approx(_figures(tallied), nan_ok=True)


def _figures(column: ColumnMeasurement) -> list[float]:
    numbers = column.numbers
    if numbers is None:
        return []
    return [numbers.minimum, numbers.maximum, numbers.mean, numbers.stddev, *numbers.quantiles]


@pytest.mark.parametrize("name", ["sparse", "gappy"])
@pytest.mark.parametrize("activity", ["moment", "written_moment", "german_day", "day"])
def test_days_of_use_are_those_of_the_rows_that_are_filled(
    name: str, activity: str, relation: Relation
) -> None:
    found = _measured(relation, tallied=0, activity=activity)
    column = next(one for one in found.columns if one.name == name)
    day = {
        "moment": "moment::DATE",
        "written_moment": "written_moment[:10]::DATE",
        "german_day": "strptime(german_day, '%d.%m.%Y')::DATE",
        "day": "CASE WHEN day >= DATE '1900-01-01' THEN day END",
    }[activity]
    filled = f"trim({name}::VARCHAR) <> ''"
    [(first, last, newest)] = relation.connection.execute(
        f"SELECT min({day}) FILTER ({filled}), max({day}) FILTER ({filled}), max({day}) FROM t"
    ).fetchall()
    assert (found.activity_column, column.active_from, column.active_to) == (activity, first, last)
    assert found.last_activity == newest


def test_a_copied_slice_gives_what_the_whole_relation_gives(relation: Relation) -> None:
    wide = ", ".join(f"i + {place} AS c{place}" for place in range(120))
    relation.connection.execute(f"CREATE OR REPLACE TABLE wide AS SELECT {wide} FROM range(50) AS r(i)")
    columns = {column.name: column for column in described(relation.connection, "wide")}
    plan = ProfilePlan(table="wide", kind=PlanKind.MEDIUM, slices=(tuple(columns)[:60], tuple(columns)[60:]))
    measuring = Measuring(plan, ProfilePolicy(), ValueHashes(b"key"))
    whole = Relation(relation.connection, "wide", columns)
    assert (
        measure_relation(replace(whole, copied_columns=50), measuring).columns
        == measure_relation(whole, measuring).columns
    )

"""Statements for databases that no test can start, in the words of the dialect each is reached through.

Every statement is compiled by the dialect that would send it and read back by the grammar of its database. No
server is asked, and the documentation says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec

import pytest
import sqlalchemy as sa
import sqlglot
from sqlalchemy.dialects import mssql, registry

from schema_matching_pipeline.adapters.connectors.canonical_text import Kind, kind_of_sql
from schema_matching_pipeline.adapters.connectors.executors import distinct_values, totals
from schema_matching_pipeline.adapters.connectors.row_estimates import ESTIMATES
from schema_matching_pipeline.adapters.connectors.row_reader import _readable
from schema_matching_pipeline.adapters.connectors.row_sample import a_sample_of
from schema_matching_pipeline.adapters.connectors.spoken_sql import day_in_writing
from schema_matching_pipeline.model.policy import ProfilePolicy

POLICY = ProfilePolicy()
GRAMMARS = {
    "mssql": "tsql",
    "oracle": "oracle",
    "snowflake": "snowflake",
    "bigquery": "bigquery",
    "trino": "trino",
}
_PACKAGES = {"snowflake": "snowflake", "bigquery": "sqlalchemy_bigquery", "trino": "trino"}
_SQL_SERVER_2022 = (16, 0)
RELATION = sa.table(
    "visits",
    sa.column("id", sa.Integer()),
    sa.column("code", sa.String(10)),
    sa.column("note", sa.Text()),
    sa.column("charge", sa.Numeric(10, 2)),
    sa.column("seen", sa.DateTime()),
    sa.column("scan", sa.LargeBinary()),
    schema="practice",
)
KINDS = {column.name: kind_of_sql(column.type) for column in RELATION.c}


@dataclass(frozen=True)
class Unconnected:
    """What a statement is written for, where there is no server."""

    dialect: sa.Dialect


@pytest.fixture(params=GRAMMARS)
def dialect(request: pytest.FixtureRequest) -> sa.Dialect:
    return spoken(str(request.param))


def spoken(name: str) -> sa.Dialect:
    package = _PACKAGES.get(name)
    if package and find_spec(package) is None:
        pytest.skip(f"The extra {name!r} is not installed here")
    found: sa.Dialect = registry.load(name)()
    if isinstance(found, mssql.dialect):
        found.server_version_info = _SQL_SERVER_2022  # type: ignore[assignment]  # as a server would tell
        found._setup_version_attributes()
    return found


def statements(dialect: sa.Dialect) -> Iterator[tuple[str, sa.Select[*tuple[object, ...]]]]:
    """All that is asked of a large table."""
    target = totals.Target(Unconnected(dialect), RELATION, KINDS, is_view=False)  # type: ignore[arg-type]  # only its dialect is asked
    active = totals.plausible_days(target, "seen", POLICY)
    for name, kind in KINDS.items():
        figures = totals._expressions(target, name, active)
        yield f"totals of {name}", sa.select(*figures).select_from(RELATION)
        if kind is not Kind.BINARY:
            asked, _ = distinct_values.distinct_statement(RELATION, name, kind, dialect.name)
            yield f"distinct values of {name}", asked
            grouped = distinct_values._groups(RELATION, name, kind).limit(10).subquery()
            yield f"groups of {name}", sa.select(grouped)
    for is_view in (False, True):
        drawn = a_sample_of(RELATION, 10_000_000, 100_000, dialect.name, is_view=is_view)
        columns = [_readable(drawn.c[name], kind, dialect.name, POLICY) for name, kind in KINDS.items()]
        yield f"sample, {is_view=}", sa.select(*columns).select_from(drawn)


def written(statement: sa.ClauseElement, dialect: sa.Dialect) -> str:
    compiled = statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    return " ".join(str(compiled).split())


def test_every_statement_is_read_by_the_grammar_of_its_database(dialect: sa.Dialect) -> None:
    asked = {name: written(statement, dialect) for name, statement in statements(dialect)}
    assert len(asked) == 18
    read = {name: sqlglot.parse_one(text, read=GRAMMARS[dialect.name]) for name, text in asked.items()}
    assert {type(tree) for tree in read.values()} == {sqlglot.exp.Select}


def test_a_sample_is_drawn_row_by_row_rather_than_taken_from_the_beginning(dialect: sa.Dialect) -> None:
    drawn = written(sa.select(a_sample_of(RELATION, 1_000, 100, dialect.name, is_view=False)), dialect)
    condition = {
        "mssql": "WHERE abs(cast(checksum(newid()) AS bigint)) % 1000000 < 110000",
        "oracle": "WHERE dbms_random.value < 0.11",
        "snowflake": "WHERE uniform(0::float, 1::float, random(1)) < 0.11",
        "bigquery": "WHERE rand() < 0.11",
        "trino": "WHERE rand() < 0.11",
    }[dialect.name]
    assert condition in drawn.replace("0.11000000000000001", "0.11")
    assert not [word for word in ("LIMIT", "TOP", "FETCH") if word in drawn]


def test_long_text_is_trimmed_measured_and_grouped_in_a_type_that_allows_it() -> None:
    sql_server, oracle = spoken("mssql"), spoken("oracle")
    for name, statement in statements(sql_server):
        assert " AS TEXT)" not in written(statement, sql_server), name
    for name, statement in statements(oracle):
        assert "AS CLOB" not in written(statement, oracle), name
        assert "!= ''" not in written(statement, oracle), f"{name}: to Oracle an empty text is null"
    note = distinct_values._groups(RELATION, "note", Kind.TEXT)
    assert "GROUP BY CAST(practice.visits.note AS NVARCHAR(max))" in written(note, sql_server)
    assert "GROUP BY dbms_lob.substr(practice.visits.note, 2000, 1)" in written(note, oracle)


def test_bytes_are_written_in_hexadecimal_digits_by_the_function_each_database_has(
    dialect: sa.Dialect,
) -> None:
    digits = {
        "mssql": "lower(convert(varchar(max), substring(t.scan, 1, 1024), 2))",
        "oracle": "lower(rawtohex(dbms_lob.substr(t.scan, 1024, 1)))",
        "snowflake": "lower(hex_encode(substr(t.scan, 1, 1024)))",
        "bigquery": "lower(to_hex(substr(`t`.`scan`, 1, 1024)))",
        "trino": "lower(to_hex(substr(t.scan, 1, 1024)))",
    }[dialect.name]
    bare = sa.table("t", sa.column("scan", sa.LargeBinary())).c["scan"]
    assert digits in written(_readable(bare, Kind.BINARY, dialect.name, POLICY), dialect)


def test_days_are_written_with_the_year_first_whatever_the_session_prefers() -> None:
    days = written(day_in_writing(sa.func.min(sa.column("seen"))), spoken("oracle"))
    assert days == "to_char(min(seen), 'YYYY-MM-DD')"


@pytest.mark.parametrize("name", ["mssql", "oracle", "snowflake"])
def test_estimates_of_rows_are_asked_in_a_statement_that_can_be_read(name: str) -> None:
    tree = sqlglot.parse_one(ESTIMATES[name], read=GRAMMARS[name])
    assert isinstance(tree, sqlglot.exp.Select)
    assert len(tree.selects) == 2

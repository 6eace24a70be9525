"""Every type of PostgreSQL has one text, from every executor."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.model.profile import PlanKind
from schema_matching_pipeline_tests.adapters.connectors.measuring import a_plan, address

# A type, what is written into it, and the text it is known by.
_VALUES: tuple[tuple[str, str, str | None], ...] = (
    ("smallint", "-32768", "-32768"),
    ("bigint", "9223372036854775807", "9223372036854775807"),
    ("numeric", "123456789012345678901234567890.123456789012345678900", "123456789012345678901234567890.1234567890123456789"),
    ("numeric(20,2)", "10.00", "10"),
    ("numeric", "-1.50", "-1.5"),
    ("numeric", "NaN", None),
    ("numeric", "Infinity", None),
    ("real", "1.1", "1.1"),
    ("double precision", "1e30", "1" + "0" * 30),
    ("double precision", "1e-7", "0.0000001"),
    ("double precision", "-0", "0"),
    ("double precision", "-Infinity", None),
    ("share", "0.50", "0.5"),
    ("boolean", "yes", "true"),
    ("text", r"\N", r"\N"),
    ("text", r"\.", r"\."),
    ("text", "", ""),
    ("text", "NULL", "NULL"),
    ("text", 'a,"b"\nc', 'a,"b"\nc'),
    ("varchar(10)", "007", "007"),
    ("char(5)", "ab", "ab"),
    ('"char"', "x", "x"),
    ("name", "n", "n"),
    ("word", "  hi ", "hi"),
    ("bytea", r"\x00ff", "0x00ff"),
    ("bytea", "", "0x"),
    ("date", "2024-05-31", "2024-05-31"),
    ("date", "infinity", "infinity"),
    ("date", "0044-03-15 BC", "0044-03-15 BC"),
    ("date", "12024-01-01", "12024-01-01"),
    ("timestamp", "2024-05-31 08:15:00.500", "2024-05-31 08:15:00.5"),
    ("timestamp", "-infinity", "-infinity"),
    ("timestamptz", "2024-05-31 08:15:00+02", "2024-05-31 06:15:00Z"),
    ("time", "24:00", "24:00:00"),
    ("timetz", "08:15+02", "08:15:00+02"),
    ("interval", "1 year 2 days 03:04:05", "1 year 2 days 03:04:05"),
    ("uuid", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    ("json", '{"b": 1.0,  "a":null}', '{"b": 1.0,  "a":null}'),
    ("jsonb", '{"b": 1.0,  "a":null}', '{"a": null, "b": 1.0}'),
    ("jsonpath", "$.a", '$."a"'),
    ("inet", "10.0.0.1/8", "10.0.0.1/8"),
    ("cidr", "10.0.0.0/8", "10.0.0.0/8"),
    ("macaddr", "08:00:2b:01:02:03", "08:00:2b:01:02:03"),
    ("int[]", "{{1,NULL},{3,4}}", "{{1,NULL},{3,4}}"),
    ("text[]", '{"a b",NULL,"NULL",""}', '{"a b",NULL,"NULL",""}'),
    ("mood", "sad", "sad"),
    ("mood[]", "{sad,ok}", "{sad,ok}"),
    ("pair", '(1,"x y")', '(1,"x y")'),
    ("int4range", "[1,5)", "[1,5)"),
    ("int4multirange", "{[1,2),[5,9)}", "{[1,2),[5,9)}"),
    ("bit(3)", "101", "101"),
    ("money", "12.30", "$12.30"),
    ("point", "(1,2)", "(1,2)"),
    ("circle", "<(0,0),1>", "<(0,0),1>"),
    ("tsvector", "a b", "'a' 'b'"),
    ("oid", "26", "26"),
    ("regclass", "pg_class", "pg_class"),
    ("pg_lsn", "16/B374D848", "16/B374D848"),
    ("pg_snapshot", "10:20:10,14", "10:20:10,14"),
)  # fmt: skip
_TYPES = (
    "CREATE TYPE mood AS ENUM ('sad', 'ok')",
    "CREATE TYPE pair AS (a INTEGER, b TEXT)",
    "CREATE DOMAIN share AS NUMERIC(5, 2)",
    "CREATE DOMAIN word AS TEXT",
)


@pytest.fixture
def every_type(empty_database: str) -> Iterator[str]:
    """The address of a table of four rows: three times the same values, and one of nulls."""
    engine = sa.create_engine(empty_database, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in _TYPES:
            connection.exec_driver_sql(statement)
        columns = ", ".join(f"c{place} {data_type}" for place, (data_type, _, _) in enumerate(_VALUES))
        values = ", ".join("'" + text.replace("'", "''") + "'" for _, text, _ in _VALUES)
        connection.exec_driver_sql(f"CREATE TABLE every_type ({columns})")
        connection.exec_driver_sql(f"INSERT INTO every_type VALUES {', '.join([f'({values})'] * 3)}")
        connection.exec_driver_sql("INSERT INTO every_type DEFAULT VALUES")
    yield empty_database
    engine.dispose()


def test_every_type_has_its_one_text_and_null_stays_null(sources: Sources, every_type: str) -> None:
    with sources.open(address(every_type)) as source:
        (table,) = source.snapshot().tables
        texts, _ = source.texts(table.name, [column.name for column in table.columns], 10)
    found = {
        (data_type, written): texts.column(place).to_pylist()
        for place, (data_type, written, _) in enumerate(_VALUES)
    }
    assert found == {(data_type, written): [text] * 3 + [None] for data_type, written, text in _VALUES}


@pytest.mark.parametrize(
    ("plan", "rows"),
    [(PlanKind.MEDIUM, 10), (PlanKind.LARGE, 10), (PlanKind.LARGE, 1)],
    ids=["staged", "in place, whole", "in place, sampled"],
)
def test_every_type_is_counted_alike_by_every_executor(
    plan: PlanKind, rows: int, sources: Sources, every_type: str
) -> None:
    with sources.open(address(every_type)) as source:
        (table,) = source.snapshot().tables
        found = source.measure(a_plan(table, plan, sample_rows=rows))
        expected = source.measure(a_plan(table))
    counted = [
        (column.name, column.null_count, column.blank_count, column.distinct_count, column.values)
        for column in expected.columns
    ]
    assert counted == [
        (column.name, column.null_count, column.blank_count, column.distinct_count, column.values)
        for column in found.columns
    ]

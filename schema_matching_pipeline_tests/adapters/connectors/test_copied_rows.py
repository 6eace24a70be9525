"""Rows that PostgreSQL sends in several chunks: all of them in order, and no half a table where it fails."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
import sqlalchemy as sa

from schema_matching_pipeline.adapters.connectors.copied_rows import copied_rows

ROWS = 60_000  # of four hundred bytes: three chunks


def _rows(first: str) -> sa.Select[*tuple[object, ...]]:
    return sa.select(sa.literal_column(first), sa.literal_column("repeat('x', 400)")).select_from(
        sa.text(f"generate_series(1, {ROWS}) AS n")
    )


@pytest.fixture
def connection(empty_database: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(empty_database)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def test_all_rows_come_in_their_order(connection):
    read = [columns[0].to_pylist() for columns in copied_rows(connection, _rows("n"), 2)]

    assert len(read) > 2
    assert [number for part in read for number in part] == [str(number) for number in range(1, ROWS + 1)]


def test_no_rows_are_nothing(connection):
    assert list(copied_rows(connection, _rows("n").where(sa.false()), 2)) == []


def test_what_fails_in_a_late_row_is_told_and_the_connection_is_good_again(connection):
    failing = _rows(f"1 / (n - {ROWS})")

    with pytest.raises(psycopg.errors.DivisionByZero):
        list(copied_rows(connection, failing, 2))

    connection.connection.rollback()
    assert connection.scalar(sa.text("select 1")) == 1


def test_who_wants_no_more_rows_gets_the_connection_back(connection):
    rows = copied_rows(connection, _rows("n"), 2)
    next(rows)
    del rows

    connection.connection.rollback()
    assert connection.scalar(sa.text("select 1")) == 1


def test_a_server_that_goes_away_is_told_once(connection, caplog):
    engine = connection.engine
    process = connection.scalar(sa.text("select pg_backend_pid()"))
    rows = copied_rows(connection, _rows("n"), 2)
    next(rows)
    with engine.connect() as other:
        other.execute(sa.text("select pg_terminate_backend(:process)"), {"process": process})

    with pytest.raises(psycopg.OperationalError):
        list(rows)
    connection.close()

    assert not caplog.records
    with engine.connect() as another:
        assert another.scalar(sa.text("select 1")) == 1

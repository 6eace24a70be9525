"""How long the catalogue of 12,000 columns takes beside SQLAlchemy's bulk reflection, and what a profile asks.

Makes 300 tables of 40 columns in an embedded PostgreSQL, with keys, references and comments.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import psycopg
import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.engine.reflection import ObjectKind

from schema_matching_pipeline.adapters.connectors.engine import make_engine
from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.source import SourceAddress
from schema_matching_pipeline.registry.embedded import EmbeddedServer
from schema_matching_pipeline.workflows.profile_source import measure_source

RATIO = 2.0  # of the time of bulk reflection
SPARE_STATEMENTS = 10  # beside one a table
TYPES = ("integer", "text", "varchar(40)", "numeric(12,2)", "date", "timestamp", "boolean", "bigint")


def main(arguments: Sequence[str]) -> int:
    """Prints both figures and tells whether they reach the bars."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=300)
    parser.add_argument("--columns", type=int, default=40)
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args(arguments)
    with TemporaryDirectory() as home:
        server = EmbeddedServer(Path(home), durable=False)
        server.ensure_running()
        try:
            url = server.create_database("catalogue")
            _fill(url, options.tables, options.columns, options.rows)
            return 0 if all([_reflection(url, options.runs), _statements(url, options.tables)]) else 1
        finally:
            server.destroy()


def _fill(url: str, tables: int, columns: int, rows: int) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for number in range(tables):
            kinds = [f"c{place} {TYPES[(place - 2) % len(TYPES)]}" for place in range(2, columns)]
            parent = f"parent_id integer REFERENCES t{number - 1}" if number % 2 else "parent_id integer"
            connection.exec_driver_sql(
                f"CREATE TABLE t{number} (id integer PRIMARY KEY, {parent}, {', '.join(kinds)})"
            )
            connection.exec_driver_sql(f"COMMENT ON TABLE t{number} IS 'table {number}'")
            connection.exec_driver_sql(f"COMMENT ON COLUMN t{number}.c2 IS 'a number'")
            connection.exec_driver_sql(
                f"INSERT INTO t{number} (id, parent_id, c2, c3) "
                f"SELECT i, i, mod(i, 7), 'value ' || i FROM generate_series(1, {rows}) i"
            )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


def _reflection(url: str, runs: int) -> bool:
    policy = ProfilePolicy()
    address = SourceAddress(location=SecretStr(url))
    engine = make_engine(url, policy)
    wall, cpu = list[tuple[float, float]](), list[tuple[float, float]]()
    with Sources(b"bench", policy).open(address) as source:
        for run in range(runs + 1):
            alone = _timed(lambda: _bulk_reflection(engine))
            ours = _timed(source.snapshot)
            if run:  # the first warms both up
                wall.append((ours[0], alone[0]))
                cpu.append((ours[1], alone[1]))
    engine.dispose()
    ratios = [[mine / theirs for mine, theirs in pairs] for pairs in (wall, cpu)]
    print(f"bulk reflection alone {median(theirs for _, theirs in wall):.3f} s")
    print(f"catalogue             {median(mine for mine, _ in wall):.3f} s")
    print(
        f"ratio of wall time {median(ratios[0]):.2f}, of own CPU time {median(ratios[1]):.2f} (bar {RATIO}, {runs} runs)"
    )
    return median(ratios[0]) <= RATIO


def _timed(action: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = perf_counter(), process_time()
    action()
    return perf_counter() - wall, process_time() - cpu


def _bulk_reflection(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        kind = ObjectKind.ANY
        inspector.get_multi_columns(kind=kind)
        inspector.get_multi_pk_constraint(kind=kind)
        inspector.get_multi_foreign_keys(kind=kind)
        inspector.get_multi_unique_constraints(kind=kind)
        inspector.get_multi_indexes(kind=kind)
        inspector.get_multi_table_comment(kind=kind)


def _statements(url: str, tables: int) -> bool:
    """Counts every statement that a whole profile sends, COPY included."""
    sent = list[str]()

    class Counting(psycopg.Cursor[tuple[object, ...]]):
        def execute(self, query: Any, *rest: Any, **options: Any) -> Counting:
            sent.append("execute")
            return super().execute(query, *rest, **options)

        def copy(self, statement: Any, *rest: Any, **options: Any) -> Any:
            sent.append("copy")
            return super().copy(statement, *rest, **options)

    def count(connection: psycopg.Connection, _: object) -> None:
        connection.cursor_factory = Counting

    sa.event.listen(sa.pool.Pool, "connect", count)
    policy = ProfilePolicy()
    try:
        with Sources(b"bench", policy).open(SourceAddress(location=SecretStr(url))) as source:
            started = perf_counter()
            snapshot = source.snapshot()
            listed = len(sent)
            profile = measure_source(source, snapshot, policy)
            seconds = perf_counter() - started
    finally:
        sa.event.remove(sa.pool.Pool, "connect", count)
    print(
        f"profile of {len(profile.tables)} tables, {len(profile.columns)} columns: {seconds:.1f} s, "
        f"{len(sent)} statements, {listed} of them for session and catalogue (bar {tables + SPARE_STATEMENTS})"
    )
    return len(sent) <= tables + SPARE_STATEMENTS


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

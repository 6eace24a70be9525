"""How near the figures come that a database estimates of a table too large to fetch.

Makes one table in an embedded PostgreSQL and compares its estimated figures with those counted by hand.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import sqlalchemy as sa
from pydantic import SecretStr

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.model.measurement import TableMeasurement
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.source import SourceAddress
from schema_matching_pipeline.profiling import plan_profile
from schema_matching_pipeline.registry.embedded import EmbeddedServer

BAR = 0.05
# Kinds of columns, by how their values are spread over the rows.
COLUMNS = {
    "key": "i",
    "word_key": "md5(i::text)",
    "pairs": "i / 2",
    "in_order": "i / 40",
    "scattered": "(hashint4(i) & 1048575) % 50000",
    "names": "'name ' || floor(exp(10 * random()))::int",
    "skewed": "CASE WHEN random() < 0.95 THEN 0 ELSE floor(random() * 200000)::int END",
    "rare": "CASE WHEN i % 500 = 0 THEN 'note ' || i END",
    "codes": "'c' || (i % 700)",
    "flag": "(i % 3 = 0)",
    "amount": "round((random() * 9000)::numeric, 2)",
    "day": "date '2015-01-01' + (i % 3500)",
}


def main(arguments: Sequence[str]) -> int:
    """Prints each column's figures and tells whether all estimates keep to the bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000)
    options = parser.parse_args(arguments)
    with TemporaryDirectory() as home:
        server = EmbeddedServer(Path(home), durable=False)
        server.ensure_running()
        try:
            url = server.create_database("large")
            engine = sa.create_engine(url)
            columns = ", ".join(f"{expression} AS {name}" for name, expression in COLUMNS.items())
            with engine.begin() as connection:
                connection.exec_driver_sql(
                    f"CREATE TABLE large AS SELECT {columns} FROM generate_series(1, {options.rows}) i".replace(
                        "%", "%%"
                    )
                )
            started = perf_counter()
            found = _measured(url)
            print(f"{options.rows:,} rows, {len(COLUMNS)} columns: {perf_counter() - started:.1f} s")
            return 0 if _compared(engine, found) else 1
        finally:
            engine.dispose()
            server.destroy()


def _measured(url: str) -> TableMeasurement:
    policy = ProfilePolicy(large_rows=1)
    with Sources(b"bench", policy).open(SourceAddress(location=SecretStr(url))) as source:
        (table,) = source.snapshot().tables
        return source.measure(plan_profile(table, policy, is_file=False))


def _compared(engine: sa.Engine, found: TableMeasurement) -> bool:
    worst = 0.0
    print(
        f"{'column':12s} {'marked':>9s} {'distinct':>10s} {'counted':>10s} {'off':>7s} {'top value off':>14s} {'median off':>11s}"
    )
    with engine.connect() as connection:
        for column in found.columns:
            name = column.name
            counted = connection.exec_driver_sql(f"SELECT count(DISTINCT {name}) FROM large").scalar_one()
            off = abs(column.distinct_count - counted) / counted
            text, count = column.values[0]
            true = connection.execute(
                sa.text(f"SELECT count(*) FROM large WHERE {name}::text = :text"), {"text": text}
            ).scalar_one()
            top = abs(count - true) / true if true > 0.01 * found.row_count else None
            median = _median_off(connection, name, column.numbers.quantiles[2]) if column.numbers else None
            worst = max(worst, off, top or 0.0, median or 0.0)
            print(
                f"{name:12s} {'estimated' if column.estimated else 'exact':>9s} {column.distinct_count:10,d} "
                f"{counted:10,d} {off:7.2%} {_share(top):>14s} {_share(median):>11s}"
            )
    print(f"worst {worst:.2%} (bar {BAR:.0%})")
    return worst <= BAR


def _median_off(connection: sa.Connection, name: str, found: float) -> float:
    """How far the median is off, as a share of the spread of the column."""
    true, low, high = connection.exec_driver_sql(
        f"SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY {name}), min({name}), max({name}) FROM large"
    ).one()
    return abs(found - float(true)) / max(1e-9, float(high) - float(low))


def _share(off: float | None) -> str:
    return "-" if off is None else f"{off:.2%}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

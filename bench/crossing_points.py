"""From how many rows on another way to measure a table of a database is cheaper.

    python -m bench.crossing_points [--rows 2000 10000 ...] [--runs 3]

Makes tables of 12 kinds of columns in an embedded PostgreSQL and measures each in three ways, in turns, each time in a
process of its own: fetched whole and tallied in memory, staged on local disk, and by the database itself with a sample.
CPU is that of the process and of the server together, since one of them waits for the other; memory is the highest of
the process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time, sleep
from typing import NamedTuple

import sqlalchemy as sa
from pydantic import SecretStr

from bench.push_down import COLUMNS
from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import PlanKind
from schema_matching_pipeline.model.source import SourceAddress
from schema_matching_pipeline.profiling import plan_profile
from schema_matching_pipeline.registry.embedded import EmbeddedServer

_ANY = 10**12
# Limits under which a table of any size gets the plan.
POLICIES = {
    PlanKind.SMALL: ProfilePolicy(small_rows=_ANY, large_rows=_ANY, fetched_bytes=_ANY),
    PlanKind.MEDIUM: ProfilePolicy(small_rows=0, large_rows=_ANY),
    PlanKind.LARGE: ProfilePolicy(small_rows=0, large_rows=0),
}
_ROWS = (2_000, 10_000, 50_000, 200_000, 1_000_000, 4_000_000)
_TICKS = os.sysconf("SC_CLK_TCK")


class Figures(NamedTuple):
    """What one measurement took."""

    wall: float
    cpu: float
    megabytes: float


def main(arguments: Sequence[str]) -> int:
    """Prints a line for each size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=_ROWS)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args(arguments)
    print(f"{'rows':>10s}" + "".join(f"{kind:>10s} CPU s  wall s    MB" for kind in PlanKind))
    with TemporaryDirectory() as home:
        server = EmbeddedServer(Path(home), durable=False)
        server.ensure_running()
        process = server.status().pid
        if process is None:
            raise SystemExit("The embedded PostgreSQL does not run.")
        try:
            for rows in options.rows:
                url = server.create_database(f"rows_{rows}")
                _fill(url, rows)
                _print(rows, _compared(url, process, options.runs))
                server.drop_database(f"rows_{rows}")
        finally:
            server.destroy()
    return 0


def _fill(url: str, rows: int) -> None:
    columns = ", ".join(f"{expression} AS {name}" for name, expression in COLUMNS.items())
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        made = f"CREATE TABLE measured AS SELECT {columns} FROM generate_series(1, {rows}) i"
        connection.exec_driver_sql(made.replace("%", "%%"))
        connection.exec_driver_sql("VACUUM ANALYZE measured")
    engine.dispose()


def _compared(url: str, server: int, runs: int) -> dict[PlanKind, Figures]:
    taken: dict[PlanKind, list[Figures]] = {kind: [] for kind in PlanKind}
    for _ in range(runs):
        for kind, figures in taken.items():
            figures.append(_in_a_process(url, kind, server))
    return {
        kind: Figures(*(median(column) for column in zip(*figures, strict=True)))
        for kind, figures in taken.items()
    }


def _print(rows: int, found: dict[PlanKind, Figures]) -> None:
    each = "".join(f"{one.cpu:16.2f}{one.wall:8.2f}{one.megabytes:6.0f}" for one in found.values())
    print(f"{rows:10,d}{each}", flush=True)


def _in_a_process(url: str, kind: PlanKind, server: int) -> Figures:
    before = _served(server)
    done = subprocess.run(
        [sys.executable, "-m", "bench.crossing_points", "--measure", url, kind],
        capture_output=True,
        text=True,
        check=True,
    )
    sleep(0.2)  # until the server has taken leave of the session
    wall, cpu, megabytes = json.loads(done.stdout.splitlines()[-1])
    return Figures(wall, cpu + _served(server) - before, megabytes)


def _served(server: int) -> float:
    """CPU seconds of all sessions that have ended, as Linux counts those of a server's children."""
    counted = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()
    return (int(counted[13]) + int(counted[14])) / _TICKS


def _measure(url: str, kind: PlanKind) -> None:
    policy = POLICIES[kind]
    with Sources(b"bench", policy).open(SourceAddress(location=SecretStr(url))) as source:
        (table,) = source.snapshot().tables
        plan = plan_profile(table, policy, is_file=False)
        wall, cpu = perf_counter(), process_time()
        source.measure(plan)
        figures = (perf_counter() - wall, process_time() - cpu)
    print(json.dumps([*figures, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        _measure(sys.argv[2], PlanKind(sys.argv[3]))
    else:
        sys.exit(main(sys.argv[1:]))

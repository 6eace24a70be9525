"""How long a full profile takes and how much memory, beside what one would take instead; ratios in one run.

Makes its data from a seed, runs every contender in a process of its own, one after the other in turns, and prints
medians. Times are of the work alone, without the start of Python and without the libraries that each loads when it
first works: a contender has worked on the first rows of a file before, or on a small database of another kind. Memory is the highest of the whole process, as
Linux tells it. Processes that a contender starts are counted with it.

    python -m bench.profile_speed FOLDER [--runs 5] [--only NAME] [--ydata PYTHON]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import NamedTuple

import pyarrow as pa

from bench.profile_data import patient_tables, small_tables, write_patients, write_wide

MILLION = 1_000_000
_FIRST_ROWS = 1_000


class Bar(NamedTuple):
    """What a ratio of our figure to another's must reach, and what it should."""

    must: float
    aim: float


class Task(NamedTuple):
    """One thing to profile, the contenders beside us, and the bars of wall time and memory for each."""

    name: str
    source: str
    others: dict[str, Bar]
    memory: Bar | None = None


def main(arguments: Sequence[str]) -> int:
    """Prints the table; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", help="names of tasks, with commas between")
    parser.add_argument("--ydata", help="the Python of an environment that has ydata-profiling")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    wanted = options.only.split(",") if options.only else None
    reached = True
    with _tasks(options.folder, wanted, ydata=options.ydata) as tasks:
        for task in tasks:
            if wanted is None or task.name in wanted:
                reached &= _compare(task, options.runs, options.ydata)
    return 0 if reached else 1


@contextmanager
def _tasks(folder: Path, wanted: list[str] | None, *, ydata: str | None) -> Iterator[list[Task]]:
    parquet, delimited = write_patients(folder, MILLION)
    speed, memory = Bar(2.2, 1.6), Bar(2.0, 1.5)
    slower = {"pandas": Bar(1 / 3, 1 / 6)} | ({"ydata": Bar(1 / 15, 1 / 30)} if ydata else {})
    tasks = [
        Task("parquet", str(parquet), {"summarize": speed, **slower}, memory),
        Task("csv", str(delimited), {"summarize": speed}, memory),
        Task("wide", str(write_wide(folder)), {"summarize": Bar(1.0, 0.6)}, memory),
    ]
    if wanted is None or "ten" in wanted:
        ten, _ = write_patients(folder, 10 * MILLION)
        tasks.append(Task("ten", str(ten), {"summarize": speed}))
    in_databases = {
        "table": (patient_tables(MILLION), Bar(1 / 3, 1 / 6)),
        "tables": (small_tables(), Bar(0.4, 0.25)),
    }
    with ExitStack() as open_servers:
        for name, (rows, bar) in in_databases.items():
            if wanted is None or name in wanted:
                url = open_servers.enter_context(_database(folder / name, rows))
                tasks.append(Task(name, url, {"pandas": bar}))
        yield tasks


@contextmanager
def _database(folder: Path, tables: Iterable[tuple[str, pa.Table]]) -> Iterator[str]:
    """A PostgreSQL with these tables; one that comes several times is there once, with the rows of all."""
    import pyarrow.csv
    import sqlalchemy as sa

    from schema_matching_pipeline.registry.embedded import EmbeddedServer

    server = EmbeddedServer(folder, durable=False)
    server.ensure_running()
    try:
        url = server.create_database("tables")
        engine, made = sa.create_engine(url), set[str]()
        for name, table in tables:
            if name not in made:
                table.slice(0, 0).to_pandas().to_sql(name, engine, index=False)
                made.add(name)
            rows = pa.BufferOutputStream()
            pyarrow.csv.write_csv(table, rows)
            with (
                engine.begin() as connection,
                connection.connection.cursor() as cursor,
                cursor.copy(f"COPY {name} FROM STDIN (FORMAT csv, HEADER)") as copying,
            ):
                copying.write(rows.getvalue().to_pybytes())
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
        engine.dispose()
        yield url
    finally:
        server.destroy()


class _Figures(NamedTuple):
    wall: float
    cpu: float
    megabytes: float


def _compare(task: Task, runs: int, ydata: str | None) -> bool:
    taken: dict[str, list[_Figures]] = {name: [] for name in ("ours", *task.others)}
    for _ in range(runs):
        for name, figures in taken.items():
            python = ydata if name == "ydata" and ydata else sys.executable
            figures.append(_in_a_process(python, name, task.source))
    middle = {
        name: _Figures(*(median(column) for column in zip(*figures, strict=True)))
        for name, figures in taken.items()
    }
    print(f"\n{task.name}: {runs} runs each, in turns; medians")
    for name, figures in middle.items():
        print(f"  {name:10} {figures.wall:8.2f} s wall {figures.cpu:8.2f} s CPU {figures.megabytes:8.0f} MB")
    judged = [_judged(task, name, bar, middle, taken) for name, bar in task.others.items()]
    return all(judged)


def _judged(
    task: Task, name: str, bar: Bar, middle: dict[str, _Figures], taken: dict[str, list[_Figures]]
) -> bool:
    """Prints ours over the other's, the median over the turns, and tells whether the bars are reached."""
    pairs = list(zip(taken["ours"], taken[name], strict=True))
    wall, cpu = (median(getattr(a, what) / getattr(b, what) for a, b in pairs) for what in ("wall", "cpu"))
    print(
        f"  ours / {name}: wall {wall:.2f}, CPU {cpu:.2f} (must {bar.must:.2f}, aim {bar.aim:.2f})",
        _word(wall, bar),
    )
    if task.memory is None or name != "summarize":
        return wall <= bar.must
    share = middle["ours"].megabytes / middle[name].megabytes
    print(
        f"  memory: {share:.2f} (must {task.memory.must}, aim {task.memory.aim})", _word(share, task.memory)
    )
    return wall <= bar.must and share <= task.memory.must


def _word(ratio: float, bar: Bar) -> str:
    if ratio <= bar.aim:
        return "reaches the aim"
    return "holds" if ratio <= bar.must else "MISSED"


def _in_a_process(python: str, name: str, source: str) -> _Figures:
    done = subprocess.run(
        [python, "-m", "bench.profile_speed", "--contender", name, source],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{name} failed on {source}:\n{done.stderr[-2_000:]}")
    return _Figures(*json.loads(done.stdout.splitlines()[-1]))


def _ours(source: str) -> Callable[[], object]:
    from pydantic import SecretStr

    from schema_matching_pipeline.adapters.connectors.opener import Sources
    from schema_matching_pipeline.model.policy import ProfilePolicy
    from schema_matching_pipeline.model.source import SourceAddress
    from schema_matching_pipeline.workflows.profile_source import measure_source

    policy = ProfilePolicy()

    def profile() -> object:
        with Sources(b"bench", policy).open(SourceAddress(location=SecretStr(source))) as opened:
            return measure_source(opened, opened.snapshot(), policy)

    return profile


def _summarize(source: str) -> Callable[[], object]:
    import duckdb

    return lambda: duckdb.execute("SUMMARIZE FROM '" + source.replace("'", "''") + "'").fetchall()


def _pandas(source: str) -> Callable[[], object]:
    """What one writes by hand: describe, and value counts column by column."""
    import pandas as pd

    def described(table: pd.DataFrame) -> object:
        return table.describe(include="all"), [table[name].value_counts().head(10) for name in table]

    if "://" not in source:
        return lambda: described(pd.read_parquet(source))

    import sqlalchemy as sa

    engine = sa.create_engine(source)
    return lambda: [
        described(pd.read_sql(sa.text(f'SELECT * FROM "{name}"'), engine))
        for name in sa.inspect(engine).get_table_names()
    ]


def _ydata(source: str) -> Callable[[], object]:
    import pandas as pd
    from ydata_profiling import ProfileReport  # type: ignore[import-not-found,unused-ignore]

    return lambda: ProfileReport(pd.read_parquet(source), minimal=True, progress_bar=False).description_set


CONTENDERS = {"ours": _ours, "summarize": _summarize, "pandas": _pandas, "ydata": _ydata}


def _contend(name: str, source: str) -> None:
    work = CONTENDERS[name](source)
    with TemporaryDirectory() as folder:
        CONTENDERS[name](_warm_up(source, Path(folder)))()
    wall, cpu = perf_counter(), _cpu_seconds()
    work()
    figures = (perf_counter() - wall, _cpu_seconds() - cpu)
    print(json.dumps([*figures, _peak_megabytes()]))


def _warm_up(source: str, folder: Path) -> str:
    """A file with the first rows of another; in place of a database a SQLite file with one small table."""
    import duckdb

    if "://" in source:
        import sqlalchemy as sa

        small = f"sqlite:///{folder / 'small.sqlite'}"
        [(name, rows)] = islice(small_tables(), 1)
        rows.to_pandas().to_sql(name, sa.create_engine(small), index=False)
        return small
    head = folder / Path(source).name
    form = "parquet" if head.suffix == ".parquet" else "csv"
    duckdb.execute(f"COPY (FROM '{source}' LIMIT {_FIRST_ROWS}) TO '{head}' (FORMAT {form})")
    return str(head)


def _cpu_seconds() -> float:
    helped = resource.getrusage(resource.RUSAGE_CHILDREN)
    return process_time() + helped.ru_utime + helped.ru_stime


def _peak_megabytes() -> float:
    """What this process held at most since its program began, and the largest of those it started.

    The latter's figure is at least what this process held when it started them: too much rather than too little.
    The usage of resources has the same fault for this process, whose starter may have made gigabytes of data.
    """
    told = Path("/proc/self/status").read_text(encoding="ascii")
    [own] = [line.split()[1] for line in told.splitlines() if line.startswith("VmHWM:")]
    return (int(own) + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


if __name__ == "__main__":
    if sys.argv[1] == "--contender":
        _contend(*sys.argv[2:4])
    else:
        sys.exit(main(sys.argv[1:]))

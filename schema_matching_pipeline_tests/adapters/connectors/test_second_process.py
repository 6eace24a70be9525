"""What a second process measures and reads is what is measured and read here."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from signal import SIGSTOP

import pyarrow as pa
import pytest

from schema_matching_pipeline.adapters.connectors.executors import second_process
from schema_matching_pipeline.adapters.connectors.executors.arrow_kernels import measure_rows
from schema_matching_pipeline.adapters.connectors.executors.second_process import SecondProcess
from schema_matching_pipeline.adapters.connectors.executors.tally import Measuring
from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.adapters.connectors.sources import relational
from schema_matching_pipeline.adapters.connectors.value_hash import ValueHashes
from schema_matching_pipeline.errors import SourceError
from schema_matching_pipeline.model.measurement import ProfilePlan, TableMeasurement
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import PlanKind, TableProfile
from schema_matching_pipeline.ports import MeasuresMany
from schema_matching_pipeline.profiling import TableReader
from schema_matching_pipeline_tests.adapters.connectors.measuring import a_plan, address
from schema_matching_pipeline_tests.builders import a_source_table

KEY = b"key"
POLICY = ProfilePolicy(longest_text=50)
TABLES = 40
LARGE = "t7"


def rows(first: int, count: int = 3_000) -> pa.Table:
    numbers = range(first, first + count)
    return pa.table(
        {
            "key": [str(number) for number in numbers],
            "day": [f"2024-05-{number % 28 + 1:02d}" for number in numbers],
            "note": [f"Größe {number % 500} of a patient seen for follow up" for number in numbers],
            "long": ["x" * 60 if number % 2 else None for number in numbers],
            "nothing": pa.nulls(count, pa.string()),
        }
    )


def plan_of(name: str, table: pa.Table) -> ProfilePlan:
    return ProfilePlan(
        table=name, kind=PlanKind.SMALL, slices=(tuple(table.column_names),), activity_column="day"
    )


def reader() -> TableReader:
    """Reads tables of such rows."""
    return TableReader((a_source_table(str(place), rows(0, 1).column_names) for place in range(5)), POLICY)


def timeless(found: TableProfile | TableMeasurement | SourceError) -> TableProfile:
    """A profile without how long it took."""
    assert isinstance(found, TableProfile)
    return found.model_copy(update={"seconds": 0.0})


def measured_here(plan: ProfilePlan, table: pa.Table) -> TableMeasurement:
    return measure_rows(table, Measuring(plan, POLICY, ValueHashes(KEY)))


@pytest.fixture
def beside() -> Iterator[SecondProcess]:
    with closing(SecondProcess(POLICY, ValueHashes(KEY), reader())) as process:
        yield process


def test_tables_that_share_values_are_measured_and_read_as_they_are_here(beside: SecondProcess) -> None:
    given = [
        (plan_of(str(place), rows(first)), rows(first)) for place, first in enumerate((0, 100, 9_000, 0))
    ]
    for plan, table in given:
        beside.give(plan, table)
    read = reader()
    expected = [(plan, read(plan, measured_here(plan, table))) for plan, table in given]
    assert [(plan, timeless(found)) for plan, found in beside.found(wait=True)] == [
        (plan, timeless(profile)) for plan, profile in expected
    ]


@pytest.mark.parametrize("count", [3, 3_000])
def test_what_a_process_leaves_undone_is_measured_here(beside: SecondProcess, count: int) -> None:
    beside._process.kill()
    beside._process.wait()
    table = rows(7, count)
    beside.give(plan_of("0", table), table)
    [(plan, found)] = beside.found(wait=True)
    assert found == measured_here(plan, table)


def test_one_that_hangs_is_ended_and_its_tables_are_measured_here(
    beside: SecondProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_process, "_PATIENCE", 0.2)
    beside._process.send_signal(SIGSTOP)
    table = rows(7, 30)
    beside.give(plan_of("0", table), table)
    [(plan, found)] = beside.found(wait=True)
    assert found == measured_here(plan, table)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")
def test_it_inherits_no_credential(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMP_LLM_API_KEY", "a-secret-of-ours")
    with closing(SecondProcess(POLICY, ValueHashes(KEY), reader())) as process:
        assert process._is_ready.wait(30)
        environment = Path(f"/proc/{process._process.pid}/environ").read_bytes()
    assert b"SMP_" not in environment


def test_many_tables_give_what_each_gives_alone_and_one_that_is_gone_costs_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = list[str]()

    class Ready(SecondProcess):
        """Waits until it has started, and notes what it is given."""

        def takes(self) -> bool:
            assert self._is_ready.wait(30)
            return super().takes()

        def give(self, plan: ProfilePlan, rows: pa.Table) -> None:
            given.append(plan.table)
            super().give(plan, rows)

    monkeypatch.setattr(second_process, "SecondProcess", Ready)
    monkeypatch.setattr(relational, "LARGEST", 10_000)  # bytes
    path = tmp_path / "many.db"
    with closing(sqlite3.connect(path)) as database:
        for place in range(TABLES):
            database.execute(f"CREATE TABLE t{place} (id INTEGER PRIMARY KEY, code TEXT, day TEXT)")
            count = 2_000 if f"t{place}" == LARGE else 200
            values = [(number, f"C{number % 7}", f"2024-05-{number % 28 + 1:02d}") for number in range(count)]
            database.executemany(f"INSERT INTO t{place} VALUES (?, ?, ?)", values)
        database.commit()
        assert second_process.WORTH_TABLES <= TABLES
        with Sources(KEY, POLICY).open(address(path)) as source:
            read = TableReader(source.snapshot().tables, POLICY)
            plans = [a_plan(table) for table in source.snapshot().tables]
            alone = {plan.table: timeless(read(plan, source.measure(plan))) for plan in plans}
            database.execute("DROP TABLE t5")
            database.commit()
            assert isinstance(source, MeasuresMany)
            begun = list[str]()
            found = {
                plan.table: read(plan, measured) if isinstance(measured, TableMeasurement) else measured
                for plan, measured in source.measure_each(plans, lambda plan: begun.append(plan.table), read)
            }
    gone = found.pop("t5")
    del alone["t5"]
    assert isinstance(gone, SourceError)
    assert {name: timeless(profile) for name, profile in found.items()} == alone
    assert begun == [plan.table for plan in plans]
    assert given
    assert LARGE not in given

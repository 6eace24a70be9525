"""A table that was fetched is counted as its rows are counted one by one, in however many pieces it came."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st
from pyarrow import csv

from schema_matching_pipeline.adapters.connectors.executors.arrow_kernels import measure_rows, tally_of
from schema_matching_pipeline.adapters.connectors.executors.tally import Measuring
from schema_matching_pipeline.adapters.connectors.value_hash import ValueHashes
from schema_matching_pipeline.model.measurement import ProfilePlan
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import PlanKind
from schema_matching_pipeline.profiling import TableReader
from schema_matching_pipeline_tests.builders import a_source_table

POLICY = ProfilePolicy()
CELLS = st.none() | st.sampled_from(["", "a", "b", "a\0", "\0", "ü"]) | st.text(st.characters(codec="utf-8"))
DAYS = st.none() | st.dates(date(2001, 1, 1), date(2020, 12, 31)).map(str)


@example([], 0)
@example([None, "", None], 0)
@given(st.lists(CELLS), st.integers(0, 5))
def test_values_nulls_and_blanks_are_counted_exactly(cells: list[str | None], start: int) -> None:
    tally, rows = tally_of("c", pa.array(cells, pa.string()).slice(start)), cells[start:]
    counted = dict(zip(tally.values.to_pylist(), tally.counts.tolist(), strict=True))
    assert counted == Counter(filter(None, rows))
    assert (tally.row_count, tally.null_count, tally.blank_count) == (
        len(rows), rows.count(None), rows.count("")
    )  # fmt: skip


@example([(None, "x"), ("2020-01-01", "x"), ("2019-01-01", "")], 1)
@example([("2020-01-01", None), ("2019-01-01", "x")], 2)
@given(st.lists(st.tuples(DAYS, CELLS), min_size=1, max_size=12), st.integers(0, 12))
def test_a_column_is_in_use_on_the_days_of_the_rows_that_fill_it(
    rows: list[tuple[str | None, str | None]], cut: int
) -> None:
    schema = pa.schema([("day", pa.string()), ("c", pa.string())])
    table = pa.table([[day for day, _ in rows], [cell for _, cell in rows]], schema=schema)
    pieces = pa.concat_tables([table.slice(0, cut), table.slice(cut)])
    plan = ProfilePlan(table="t", kind=PlanKind.SMALL, slices=(("day", "c"),), activity_column="day")
    measured = measure_rows(pieces, Measuring(plan, POLICY, ValueHashes(b"key")))
    used = sorted(date.fromisoformat(day) for day, cell in rows if day and cell)
    column = measured.columns[1]
    assert (column.active_from, column.active_to) == ((used[0], used[-1]) if used else (None, None))


@example(["b", "a", "a" * 60, "a" * 60 + "b"])
@example(["a\0", "a"])
@given(st.lists(CELLS, min_size=1))
def test_values_that_are_called_ranked_are_in_the_order_of_their_rows_and_texts(
    cells: list[str | None],
) -> None:
    table = pa.table({"c": pa.array(cells, pa.string())})
    plan = ProfilePlan(table="t", kind=PlanKind.SMALL, slices=(("c",),))
    policy = POLICY.model_copy(update={"longest_text": 50})
    [column] = measure_rows(table, Measuring(plan, policy, ValueHashes(b"key"))).columns
    ranked = sorted(Counter(filter(None, cells)).items(), key=lambda item: (-item[1], item[0]))
    assert column.values_ranked == all(len(text) <= policy.longest_text for text, _ in ranked)
    assert column.values == tuple((text[: policy.longest_text], count) for text, count in ranked)


def test_small_tables_are_measured_and_read_without_pandas() -> None:
    """Which is half a second to load, in each of two processes."""
    done = subprocess.run(
        [sys.executable, "-c", f"from {__name__} import measure_and_read; measure_and_read()"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout == "150 rows, without pandas\n"


def measure_and_read() -> None:
    """Measures and reads a table of columns of several kinds, and tells whether pandas was loaded for it."""
    rows = b"""1,2024-05-31,2024-05-31 08:15:00,1.5,"1,5",Gr\xc3\xb6\xc3\x9fe 7 of a patient,x,
2,,2024-05-31 08:15:00,,"2,25",,y,
3,2024-06-01,2024-06-01 08:15:00,-2,3,N/A,,
"""
    names = ["id", "day", "moment", "amount", "with_comma", "note", "code", "nothing"]
    table = csv.read_csv(
        pa.py_buffer(rows * 50),
        read_options=csv.ReadOptions(column_names=names),
        convert_options=csv.ConvertOptions(
            strings_can_be_null=True, column_types=dict.fromkeys(names, pa.string())
        ),
    )
    plan = ProfilePlan(table="t", kind=PlanKind.SMALL, slices=(tuple(names),), activity_column="day")
    measured = measure_rows(table, Measuring(plan, POLICY, ValueHashes(b"key")))
    profile = TableReader([a_source_table("t", names)], POLICY)(plan, measured)
    sys.stdout.write(f"{profile.row_count} rows, {'with' if 'pandas' in sys.modules else 'without'} pandas\n")

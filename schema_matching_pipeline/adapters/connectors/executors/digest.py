"""The figures of a column that is grouped already: a table ``grouped`` of its values ``v`` and their rows ``n``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schema_matching_pipeline.adapters.connectors.canonical_text import Kind, canonical_text, kind_of_arrow
from schema_matching_pipeline.adapters.connectors.days import TIME_TAIL, read_days
from schema_matching_pipeline.adapters.connectors.executors.ordered_figures import Weighted, ordered_summary
from schema_matching_pipeline.adapters.connectors.executors.tally import (
    Measuring,
    Tally,
    hashes_wanted,
    measure_column,
    no_words,
    shortened,
    words_of,
)
from schema_matching_pipeline.adapters.connectors.executors.value_text import (
    has_margin,
    is_plain,
    kind_of,
    text_of,
    trimmed,
)
from schema_matching_pipeline.adapters.connectors.figures import may_be_numbers, number_form, number_in_sql
from schema_matching_pipeline.adapters.connectors.value_hash import LOTS, hash_in_sql, lot_in_sql
from schema_matching_pipeline.model.measurement import ColumnMeasurement
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import LengthSummary, NumberSummary

_PROBE = 200
_BATCH_ROWS = 500_000
_SPARE = 1.5  # so many times the hashes wanted are expected in the lots that are looked at


@dataclass(frozen=True, slots=True)
class Grouped:
    """One column, grouped in a temporary table of the cursor with so many ``groups``."""

    cursor: duckdb.DuckDBPyConnection
    name: str
    row_count: int
    groups: int
    data_type: str
    is_canonical: bool

    def one(self, asked: str, rows: str = "grouped") -> tuple[object, ...]:
        """The one row of an answer."""
        [row] = self.cursor.execute(f"SELECT {asked} FROM {rows}").fetchall()
        return tuple(row)

    @property
    def filled(self) -> str:
        """The filled values as canonical text ``t``, their own form ``v`` and their rows ``n``."""
        if kind_of(self.data_type) is Kind.TEXT:
            return "(SELECT v AS t, v, n FROM grouped WHERE v <> '')"
        return "spelled"


class _Sample(NamedTuple):
    """The values with the smallest hashes, in the order of these, and the hashes that the sketch holds."""

    texts: pa.StringArray
    counts: npt.NDArray[np.int64]
    hashes: tuple[int, ...]


def measure_grouped(grouped: Grouped, measuring: Measuring) -> ColumnMeasurement:
    """All figures of the column but the days of its use; of few values by tallying them, of many by SQL."""
    few = grouped.groups <= max(measuring.policy.tallied_values, measuring.plan.distinct_sample)
    if few or kind_of(grouped.data_type) is None or not _is_plain(grouped):
        return measure_column(_tally(grouped), measuring)
    _trim(grouped)
    _spell(grouped)
    return _digest(grouped, measuring)


def _is_plain(grouped: Grouped) -> bool:
    return grouped.one(f"coalesce(bool_and({is_plain(grouped.data_type)}), true)") == (True,)


def _tally(grouped: Grouped) -> Tally:
    counted = grouped.cursor.sql("SELECT v, n FROM grouped").to_arrow_table()
    texts = counted.column("v")
    if not grouped.is_canonical:
        texts = canonical_text(texts, kind_of_arrow(texts.type))
        if len(pc.unique(texts)) < len(texts):
            merged = pa.table({"v": texts, "n": counted.column("n")}).group_by("v").aggregate([("n", "sum")])
            counted, texts = merged.rename_columns(["v", "n"]), merged.column("v")
    counts = counted.column("n")
    filled = pc.fill_null(pc.not_equal(texts, ""), False)
    return Tally(
        name=grouped.name,
        row_count=grouped.row_count,
        null_count=_total(pc.filter(counts, pc.is_null(texts))),
        blank_count=_total(pc.filter(counts, pc.fill_null(pc.equal(texts, ""), False))),
        values=pa.chunked_array(pc.filter(texts, filled)).combine_chunks(),
        counts=np.asarray(pc.filter(counts, filled), dtype=np.int64),
    )


def _trim(grouped: Grouped) -> None:
    """Groups again where white space at the ends makes several values of one."""
    if kind_of(grouped.data_type) is not Kind.TEXT or grouped.is_canonical:
        return
    if grouped.one(f"bool_or({has_margin('v')})") == (True,):
        grouped.cursor.execute(
            f"CREATE OR REPLACE TEMP TABLE grouped AS SELECT {trimmed('v')} AS v, sum(n)::BIGINT AS n"
            " FROM grouped GROUP BY 1"
        )


def _spell(grouped: Grouped) -> None:
    """Makes the text of each typed value once: every statement about the column asks for it."""
    if kind_of(grouped.data_type) is not Kind.TEXT:
        grouped.cursor.execute(
            f"CREATE TEMP TABLE spelled AS SELECT {text_of(grouped.data_type)} AS t, v, n FROM grouped"
            " WHERE v IS NOT NULL"
        )


def _digest(grouped: Grouped, measuring: Measuring) -> ColumnMeasurement:
    distinct, shortest, longest, characters, filled = map(
        _whole,
        grouped.one("count(*), min(length(t)), max(length(t)), sum(length(t) * n), sum(n)", grouped.filled),
    )
    nulls = _whole(*grouped.one("sum(n) FILTER (v IS NULL)"))
    sample = _sample(grouped, distinct, measuring)
    frequent, texts, counts = _kept(grouped, sample, measuring)
    numbers = _numbers(grouped, sample, filled, measuring.policy)
    span = _days(grouped, sample, measuring.policy)
    has_words = kind_of(grouped.data_type) is Kind.TEXT and numbers is None and span is None
    sampled = pa.concat_arrays([frequent, sample.texts.slice(0, measuring.plan.word_sample)])
    words, word_count = words_of(sampled.to_pylist(), measuring) if has_words else no_words()
    return ColumnMeasurement(
        name=grouped.name,
        row_count=grouped.row_count,
        null_count=nulls,
        blank_count=grouped.row_count - nulls - filled,
        distinct_count=distinct,
        texts=texts,
        counts=counts,
        values_complete=False,
        sketch_hashes=sample.hashes,
        numbers=numbers,
        lengths=LengthSummary(minimum=shortest, maximum=longest, mean=characters / filled),
        first_date=span[0] if span else None,
        last_date=span[1] if span else None,
        word_hashes=words,
        word_count=word_count,
    )


def _sample(grouped: Grouped, distinct: int, measuring: Measuring) -> _Sample:
    """The values with the smallest hashes: those of the first lots, of more where these are too few."""
    has_words = kind_of(grouped.data_type) is Kind.TEXT
    wanted = hashes_wanted(measuring.plan, has_words=has_words)
    lots = min(LOTS, ceil(_SPARE * wanted / distinct * LOTS))
    found = _smallest(grouped, wanted, lots, measuring.hashes.secret_key)
    while found.num_rows < min(wanted, distinct):
        lots *= 3
        found = _smallest(grouped, wanted, lots, measuring.hashes.secret_key)
    return _Sample(
        found.column("t").combine_chunks(),
        np.asarray(found.column("n"), dtype=np.int64),
        tuple(int(text, 16) for text in found.column("h").slice(0, measuring.plan.sketch_size).to_pylist()),
    )


def _smallest(grouped: Grouped, wanted: int, lots: int, secret_key: bytes) -> pa.Table:
    first = f"(SELECT t, n FROM {grouped.filled} WHERE {lot_in_sql('t')} < {lots})"
    return grouped.cursor.sql(
        f"SELECT t, n, {hash_in_sql('t', 0 if lots == 1 else None)} AS h FROM {first} ORDER BY h LIMIT ?",
        params=[secret_key, wanted],
    ).to_arrow_table()


def _kept(
    grouped: Grouped, sample: _Sample, measuring: Measuring
) -> tuple[pa.StringArray, tuple[str, ...], tuple[int, ...]]:
    """The most frequent values; and the texts of these and the sampled ones with their rows."""
    plan = measuring.plan
    top = grouped.cursor.sql(
        f"SELECT t, n FROM {grouped.filled} ORDER BY n DESC, t LIMIT ?", params=[plan.top_values]
    ).to_arrow_table()
    frequent = top.column("t").combine_chunks()
    sampled, counts = sample.texts.slice(0, plan.distinct_sample), sample.counts[: plan.distinct_sample]
    others = np.asarray(pc.invert(pc.is_in(sampled, value_set=frequent)))
    texts = pa.concat_arrays([frequent, pc.filter(sampled, pa.array(others))]).slice(0, plan.distinct_sample)
    rows = np.concatenate([np.asarray(top.column("n"), dtype=np.int64), counts[others]])[: len(texts)]
    kept = shortened(texts, measuring.policy.longest_text).to_pylist()
    return frequent, tuple(kept), tuple(rows.tolist())


def _numbers(grouped: Grouped, sample: _Sample, filled: int, policy: ProfilePolicy) -> NumberSummary | None:
    """Figures of numbers: the database's own, or read from texts where the sampled ones are numbers."""
    if kind_of(grouped.data_type) in {Kind.INTEGER, Kind.NUMBER}:
        return _summary(grouped, "SELECT v::DOUBLE AS x, n FROM grouped WHERE v IS NOT NULL", least_rows=1)
    if kind_of(grouped.data_type) is not Kind.TEXT or not may_be_numbers(sample.texts.slice(0, _PROBE)):
        return None
    form = number_form(sample.texts, sample.counts, policy.castable_share)
    if form is None:
        return None
    read = f"SELECT {number_in_sql('t', form)} AS x, n FROM {grouped.filled} WHERE x IS NOT NULL"
    return _summary(grouped, read, least_rows=max(1.0, policy.castable_share * filled))


def _summary(grouped: Grouped, asked: str, *, least_rows: float) -> NumberSummary | None:
    """Figures of the numbers ``x`` of ``n`` rows each that are asked for, if they are those of enough rows."""
    grouped.cursor.execute(f"CREATE TEMP TABLE figures AS {asked}")
    rows = _whole(*grouped.one("sum(n)", "figures"))
    found = ordered_summary(_in_order(grouped), rows) if rows >= least_rows else None
    grouped.cursor.execute("DROP TABLE figures")
    return found


def _in_order(grouped: Grouped) -> Iterator[Weighted]:
    """The database sorts, on disk where it must; a batch at a time is held here."""
    asked = grouped.cursor.sql("SELECT x, n FROM figures ORDER BY x")
    for batch in asked.to_arrow_reader(_BATCH_ROWS):
        numbers, weights = batch.columns
        yield np.asarray(numbers, dtype=np.float64), np.asarray(weights, dtype=np.int64)


def _days(grouped: Grouped, sample: _Sample, policy: ProfilePolicy) -> tuple[date, date] | None:
    """First and last day: the database's own, or read from texts where the sampled ones are days."""
    if kind_of(grouped.data_type) in {Kind.DATE, Kind.MOMENT}:
        first, last = grouped.one("min(v)::DATE, max(v)::DATE")
        return (first, last) if isinstance(first, date) and isinstance(last, date) else None
    if read_days(sample.texts, least_share=policy.type_share / 2) is None:
        return None
    counted = grouped.cursor.sql(
        f"SELECT regexp_replace(t, '{TIME_TAIL}', '') AS part, count(*) AS n FROM {grouped.filled} GROUP BY 1"
    ).to_arrow_table()
    days = read_days(
        counted.column("part").combine_chunks(),
        least_share=policy.type_share,
        weights=np.asarray(counted.column("n"), dtype=np.int64),
    )
    if days is None:
        return None
    span = pc.min_max(days).as_py()
    return span["min"], span["max"]


def _whole(figure: object) -> int:
    return int(str(figure or 0))


def _total(counts: pa.Array | pa.ChunkedArray) -> int:
    return int(pc.sum(counts).as_py() or 0)

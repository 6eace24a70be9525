"""The figures of a column that is grouped already: a table ``grouped`` of its values ``v`` and their rows ``n``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from math import ceil
from typing import NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schema_matching_pipeline.adapters.connectors.arrow_views import numbers_of, surely, truths
from schema_matching_pipeline.adapters.connectors.canonical_text import Kind, canonical_text, kind_of_arrow
from schema_matching_pipeline.adapters.connectors.days import TIME_TAIL, read_days
from schema_matching_pipeline.adapters.connectors.executors.ordered_figures import Weighted, ordered_summary
from schema_matching_pipeline.adapters.connectors.executors.survey import Survey, survey
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
    is_plain,
    kind_of,
    text_of,
    trimmed,
)
from schema_matching_pipeline.adapters.connectors.figures import may_be_numbers, number_form, number_in_sql
from schema_matching_pipeline.adapters.connectors.text_bytes import text_scalar
from schema_matching_pipeline.adapters.connectors.value_hash import LOTS, smallest_by_duckdb
from schema_matching_pipeline.model.measurement import ColumnMeasurement
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import NumberSummary

_PROBE = 200
_BATCH_ROWS = 100_000
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

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The filled values as canonical text ``t`` and their rows ``n``."""
        yield from self.cursor.sql(f"SELECT t, n FROM {self.filled}").to_arrow_reader(_BATCH_ROWS)

    @property
    def filled(self) -> str:
        """The filled values as canonical text ``t``, their own form ``v`` and their rows ``n``."""
        is_filled = "v <> ''" if kind_of(self.data_type) is Kind.TEXT else "v IS NOT NULL"
        return f"(SELECT {text_of(self.data_type)} AS t, v, n FROM grouped WHERE {is_filled})"


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
    filled = surely(pc.not_equal(texts, text_scalar("")))
    return Tally(
        name=grouped.name,
        row_count=grouped.row_count,
        null_count=_total(pc.filter(counts, pc.is_null(texts))),
        blank_count=_total(pc.filter(counts, surely(pc.equal(texts, text_scalar(""))))),
        values=pa.chunked_array(pc.filter(texts, filled)).combine_chunks(),
        counts=numbers_of(pa.chunked_array(pc.filter(counts, filled)).combine_chunks(), np.int64),
    )


def _digest(grouped: Grouped, measuring: Measuring) -> ColumnMeasurement:
    found, sample = _surveyed(grouped, measuring)
    if found.has_margin and not grouped.is_canonical:
        return measure_grouped(_trimmed(grouped), measuring)
    [nulls] = map(_whole, grouped.one("sum(n)", "grouped WHERE v IS NULL"))
    texts, counts = _kept(found.frequent, sample, measuring)
    numbers = _numbers(grouped, sample, found.rows, measuring.policy)
    span = _days(grouped, sample, measuring.policy)
    has_words = kind_of(grouped.data_type) is Kind.TEXT and numbers is None and span is None
    spoken = pa.concat_arrays([_texts(found.frequent), sample.texts.slice(0, measuring.plan.word_sample)])
    words, word_count = words_of(spoken.to_pylist(), measuring) if has_words else no_words()
    return ColumnMeasurement(
        name=grouped.name,
        row_count=grouped.row_count,
        null_count=nulls,
        blank_count=grouped.row_count - nulls - found.rows,
        distinct_count=found.distinct,
        texts=texts,
        counts=counts,
        values_complete=False,
        sketch_hashes=sample.hashes,
        numbers=numbers,
        lengths=found.lengths,
        first_date=span[0] if span else None,
        last_date=span[1] if span else None,
        word_hashes=words,
        word_count=word_count,
    )


def _trimmed(grouped: Grouped) -> Grouped:
    """The column grouped again: white space at the ends made several values of one."""
    [(groups,)] = grouped.cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE grouped AS SELECT {trimmed('v')} AS v, sum(n)::BIGINT AS n FROM grouped GROUP BY 1"
    ).fetchall()
    return replace(grouped, groups=int(groups), is_canonical=True)


def _surveyed(grouped: Grouped, measuring: Measuring) -> tuple[Survey, _Sample]:
    """What the values tell, and those with the smallest hashes: they are of the first lots, of more where these are too few."""
    plan = measuring.plan
    wanted = hashes_wanted(plan, has_words=kind_of(grouped.data_type) is Kind.TEXT)
    lots = min(LOTS, ceil(_SPARE * wanted / grouped.groups * LOTS))
    found = survey(grouped.batches(), top=plan.top_values, lots=lots)
    while len(found.drawn) < min(wanted, found.distinct):
        lots *= 3
        found = survey(grouped.batches(), top=plan.top_values, lots=lots)
    first = smallest_by_duckdb(grouped.cursor, found.drawn, measuring.hashes.secret_key, wanted)
    hashes = tuple(first.column("hash").slice(0, plan.sketch_size).to_pylist())
    return found, _Sample(_texts(first), _counts(first), hashes)


def _kept(
    frequent: pa.Table, sample: _Sample, measuring: Measuring
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The texts of the most frequent values and of the sampled ones, with their rows."""
    most = measuring.plan.distinct_sample
    sampled, counts = sample.texts.slice(0, most), sample.counts[:most]
    others = pc.invert(pc.is_in(sampled, value_set=_texts(frequent)))
    texts = pa.concat_arrays([_texts(frequent), pc.filter(sampled, others)]).slice(0, most)
    rows = np.concatenate([_counts(frequent), counts[truths(others)]])[: len(texts)]
    kept = shortened(texts, measuring.policy.longest_text).to_pylist()
    return tuple(kept), tuple(rows.tolist())


def _texts(values: pa.Table) -> pa.StringArray:
    return values.column("t").combine_chunks()


def _counts(values: pa.Table) -> npt.NDArray[np.int64]:
    return numbers_of(values.column("n").combine_chunks(), np.int64)


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
        yield numbers_of(numbers, np.float64), numbers_of(weights, np.int64)


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
        weights=_counts(counted),
    )
    if days is None:
        return None
    span = pc.min_max(days).as_py()
    return span["min"], span["max"]


def _whole(figure: object) -> int:
    return int(str(figure or 0))


def _total(counts: pa.Array | pa.ChunkedArray) -> int:
    return int(pc.sum(counts).as_py() or 0)

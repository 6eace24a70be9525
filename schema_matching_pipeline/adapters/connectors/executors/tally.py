"""What the distinct values of one column and their counts tell; every executor ends here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schema_matching_pipeline.adapters.connectors.arrow_views import array_of_numbers, numbers_of
from schema_matching_pipeline.adapters.connectors.days import GLANCE, read_days
from schema_matching_pipeline.adapters.connectors.executors.few_values import FewValues, look_up_few
from schema_matching_pipeline.adapters.connectors.executors.ordered_figures import weighted_summary
from schema_matching_pipeline.adapters.connectors.figures import (
    may_be_numbers,
    number_form,
    plain_numbers,
    read_numbers,
)
from schema_matching_pipeline.adapters.connectors.text_bytes import lengths_of
from schema_matching_pipeline.adapters.connectors.text_words import distinct_words
from schema_matching_pipeline.adapters.connectors.value_hash import ValueHashes
from schema_matching_pipeline.model.measurement import ColumnMeasurement, NumberedTexts, ProfilePlan
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import LengthSummary, NumberSummary
from schema_matching_pipeline.model.whole_numbers import WholeNumbers

_PROBE = 200


@dataclass(frozen=True, slots=True)
class Measuring:
    """What every executor needs beside the rows: the plan, the policy, the hashes of values."""

    plan: ProfilePlan
    policy: ProfilePolicy
    hashes: ValueHashes


@dataclass(frozen=True, slots=True, repr=False)
class Tally:
    """The distinct filled values of one column with their counts, and how many rows hold none."""

    name: str
    row_count: int
    null_count: int
    blank_count: int
    values: pa.StringArray
    counts: npt.NDArray[np.int64]


Span = tuple[date, date] | None


def measure_columns(
    tallies: Sequence[Tally], measuring: Measuring, active: Sequence[Span]
) -> list[ColumnMeasurement]:
    """All figures of several columns, each of which was ``active`` in a span; a text is hashed once for all."""
    known = _look_up(tallies, measuring)
    figures = [_figures(tally, own, measuring) for tally, own in zip(tallies, known, strict=True)]
    words = _words_of_each(figures, measuring)
    return [
        _measured(tally, found, *own, span)
        for tally, found, own, span in zip(tallies, figures, words, active, strict=True)
    ]


def measure_column(tally: Tally, measuring: Measuring, active: Span = None) -> ColumnMeasurement:
    """All figures of one column."""
    [column] = measure_columns([tally], measuring, [active])
    return column


class _Figures(NamedTuple):
    """What was found out of a column; ``spoken`` are the texts whose words count."""

    kept: _Kept
    lengths: LengthSummary | None
    numbers: NumberSummary | None
    days: Span
    spoken: Sequence[str]


def _figures(tally: Tally, known: FewValues | None, measuring: Measuring) -> _Figures:
    lengths = _lengths(tally, known)
    kept = _kept(tally, measuring, known, longest=lengths.maximum if lengths else 0)
    numbers = _numbers(tally, known, measuring.policy)
    days = None if numbers and _is_short(lengths) else _days(tally, known, measuring.policy)
    spoken = kept.spoken if numbers is None and days is None else ()
    return _Figures(kept, lengths, numbers, days, spoken)


def _numbers(tally: Tally, known: FewValues | None, policy: ProfilePolicy) -> NumberSummary | None:
    if known and known.are_numbers():
        return weighted_summary(known.facts.number, tally.counts)
    if known and not known.may_be_numbers(_PROBE):
        return None
    return number_summary(tally.values, tally.counts, policy)


def _days(tally: Tally, known: FewValues | None, policy: ProfilePolicy) -> Span:
    """First and last day of a column of days."""
    if known and not known.may_be_days(GLANCE):
        return None
    if known and (span := known.iso_span()):
        return span
    days = read_days(tally.values, least_share=policy.type_share)
    if days is None:
        return None
    found = pc.min_max(days).as_py()
    return found["min"], found["max"]


def _measured(
    tally: Tally, found: _Figures, words: Sequence[int], word_count: int, active: Span
) -> ColumnMeasurement:
    return ColumnMeasurement(
        name=tally.name,
        row_count=tally.row_count,
        null_count=tally.null_count,
        blank_count=tally.blank_count,
        distinct_count=len(tally.values),
        texts=found.kept.texts,
        counts=found.kept.counts,
        values_complete=found.kept.complete,
        values_ranked=found.kept.ranked,
        sketch_hashes=found.kept.hashes,
        numbers=found.numbers,
        lengths=found.lengths,
        first_date=found.days[0] if found.days else None,
        last_date=found.days[1] if found.days else None,
        active_from=active[0] if active else None,
        active_to=active[1] if active else None,
        word_hashes=words,
        word_count=word_count,
    )


def hashes_wanted(plan: ProfilePlan, *, has_words: bool) -> int:
    """How many of the smallest hashes are looked at: those of the sketch, and those that choose the samples."""
    sampled = max(plan.distinct_sample, plan.word_sample) if has_words else plan.distinct_sample
    return max(plan.sketch_size, plan.top_values + sampled)


def no_words() -> tuple[Sequence[int], int]:
    """What a column without words has of them."""
    return (), 0


def shortened(texts: pa.StringArray, longest: int) -> pa.StringArray:
    """Texts cut to a length one can hold in memory by the thousand."""
    return pc.utf8_slice_codeunits(texts, 0, longest)


def number_summary(
    values: pa.StringArray, counts: npt.NDArray[np.int64], policy: ProfilePolicy
) -> NumberSummary | None:
    """Figures of a column whose values read as numbers in nearly all rows; with a point or a comma."""
    if not may_be_numbers(values.slice(0, _PROBE)):
        return None
    numbers = plain_numbers(values)
    if numbers is None:
        form = number_form(values, counts, policy.castable_share)
        if form is None:
            return None
        numbers = read_numbers(values, form)
    readable = ~np.isnan(numbers)
    return weighted_summary(numbers[readable], counts[readable]) if readable.any() else None


def _look_up(tallies: Sequence[Tally], measuring: Measuring) -> list[FewValues | None]:
    """What is known of the values of several columns; nothing of columns with too many, or with none."""
    most = measuring.plan.distinct_sample
    few = [tally.values for tally in tallies if 0 < len(tally.values) <= most]
    found = look_up_few(few, measuring.hashes) if few else iter(())
    return [next(found) if 0 < len(tally.values) <= most else None for tally in tallies]


class _Kept(NamedTuple):
    """What is kept of a column's values: some with their rows, the smallest hashes, those whose words are looked at."""

    texts: Sequence[str]
    counts: Sequence[int]
    hashes: Sequence[int]
    spoken: Sequence[str]
    complete: bool
    ranked: bool


def _kept(tally: Tally, measuring: Measuring, known: FewValues | None, *, longest: int) -> _Kept:
    """All values, the frequent ones first; or the top and a sample of the others in the order of hashes."""
    plan, policy = measuring.plan, measuring.policy
    if known:
        hashes, order = np.sort(known.hashes)[: plan.sketch_size], known.by_count(tally.counts)
        kept: Sequence[str] = known.texts[order]
        is_cut = longest > policy.longest_text
        if is_cut:
            kept = tuple(text[: policy.longest_text] for text in kept)
        counts = WholeNumbers(tally.counts[order])
        return _Kept(kept, counts, WholeNumbers(hashes), known.texts, complete=True, ranked=not is_cut)
    if not len(tally.values):
        return _Kept((), (), (), (), complete=True, ranked=True)
    texts = tally.values.to_pylist()
    hashes, order = measuring.hashes.smallest(texts, hashes_wanted(plan, has_words=True))
    top = _most_frequent(tally, plan.top_values)
    sampled = order[: plan.distinct_sample]
    places = np.concatenate([top, sampled[~np.isin(sampled, top)]])[: plan.distinct_sample]
    short = [texts[place][: policy.longest_text] for place in places]
    spoken = texts
    if len(texts) > plan.word_sample:
        spoken = [texts[place] for place in (*top, *order[: plan.word_sample])]
    return _Kept(
        tuple(short),
        WholeNumbers(tally.counts[places]),
        WholeNumbers(hashes[: plan.sketch_size]),
        spoken,
        complete=False,
        ranked=False,
    )


def _most_frequent(tally: Tally, wanted: int) -> npt.NDArray[np.int64]:
    """Where the most frequent values stand, the first by their text among equally frequent ones."""
    table = pa.table([array_of_numbers(tally.counts, pa.int64()), tally.values], names=["count", "text"])
    by_count = [("count", "descending"), ("text", "ascending")]
    return numbers_of(pc.select_k_unstable(table, k=wanted, sort_keys=by_count), np.uint64).astype(np.int64)


def _lengths(tally: Tally, known: FewValues | None) -> LengthSummary | None:
    if not len(tally.values):
        return None
    lengths = known.facts.length if known else lengths_of(tally.values)
    return LengthSummary(
        minimum=int(lengths.min()),
        maximum=int(lengths.max()),
        mean=float((lengths * tally.counts).sum() / tally.counts.sum()),
    )


def words_of(texts: Sequence[str], measuring: Measuring) -> tuple[Sequence[int], int]:
    """The smallest hashes of the distinct words of texts, and how many there are."""
    if not texts:
        return no_words()
    words = distinct_words([text[: measuring.policy.longest_text] for text in texts])
    [hashes] = measuring.hashes.smallest_of_each([words], measuring.plan.sketch_size)
    return WholeNumbers(hashes), len(words)


def _words_of_each(figures: Sequence[_Figures], measuring: Measuring) -> Iterator[tuple[Sequence[int], int]]:
    """The same of each column; those of known texts are looked up for all columns at once."""
    longest = measuring.policy.longest_text
    numbered = [
        found.spoken
        if isinstance(found.spoken, NumberedTexts) and found.lengths and found.lengths.maximum <= longest
        else None
        for found in figures
    ]
    known = [texts for texts in numbered if texts is not None]
    looked_up = measuring.hashes.words_of_each(known, measuring.plan.sketch_size) if known else None
    told = iter(looked_up or ())
    for found, texts in zip(figures, numbered, strict=True):
        if texts is None or looked_up is None:
            yield words_of(found.spoken, measuring)
        else:
            hashes, count = next(told)
            yield WholeNumbers(hashes), count


def _is_short(lengths: LengthSummary | None) -> bool:
    """Whether no text is long enough for a day in figures alone, so that what reads as numbers holds none."""
    return lengths is not None and lengths.maximum < len("20240531")

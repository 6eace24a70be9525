"""What the distinct values of one column and their counts tell; every executor ends here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schema_matching_pipeline.adapters.connectors.days import read_days
from schema_matching_pipeline.adapters.connectors.executors.ordered_figures import weighted_summary
from schema_matching_pipeline.adapters.connectors.figures import (
    may_be_numbers,
    number_form,
    plain_numbers,
    read_numbers,
)
from schema_matching_pipeline.adapters.connectors.text_bytes import lengths_of, words_in_order
from schema_matching_pipeline.adapters.connectors.value_hash import ValueHashes
from schema_matching_pipeline.model.measurement import ColumnMeasurement, NumberedTexts, ProfilePlan
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import LengthSummary, NumberSummary

_PROBE = 200
# All marks of ASCII and Latin-1, general and East Asian punctuation; classes of Unicode take RE2 milliseconds.
_WORD_BREAK = r"[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\xd7\xf7\x{2000}-\x{206f}\x{3000}-\x{303f}]+"
# What parts words in plain text becomes a blank.
_ASCII_BREAKS = {code: " " for code in range(128) if not chr(code).isalnum()}


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
    words = words_of_each([found.spoken for found in figures], measuring)
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
    first: date | None
    last: date | None
    spoken: Sequence[str]


def _figures(tally: Tally, known: _LookedUp | None, measuring: Measuring) -> _Figures:
    policy, lengths = measuring.policy, _lengths(tally)
    kept = _kept(tally, measuring, known, longest=lengths.maximum if lengths else 0)
    numbers = number_summary(tally.values, tally.counts, policy)
    days = None if numbers and _is_short(lengths) else read_days(tally.values, least_share=policy.type_share)
    span = pc.min_max(days).as_py() if days is not None else {"min": None, "max": None}
    spoken = kept.spoken if numbers is None and days is None else ()
    return _Figures(kept, lengths, numbers, span["min"], span["max"], spoken)


def _measured(
    tally: Tally, found: _Figures, words: tuple[int, ...], word_count: int, active: Span
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
        sketch_hashes=found.kept.hashes,
        numbers=found.numbers,
        lengths=found.lengths,
        first_date=found.first,
        last_date=found.last,
        active_from=active[0] if active else None,
        active_to=active[1] if active else None,
        word_hashes=words,
        word_count=word_count,
    )


def hashes_wanted(plan: ProfilePlan, *, has_words: bool) -> int:
    """How many of the smallest hashes are looked at: those of the sketch, and those that choose the samples."""
    sampled = max(plan.distinct_sample, plan.word_sample) if has_words else plan.distinct_sample
    return max(plan.sketch_size, plan.top_values + sampled)


def no_words() -> tuple[tuple[int, ...], int]:
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


class _LookedUp(NamedTuple):
    """The values of a column as texts, and the hash of each."""

    texts: NumberedTexts
    hashes: npt.NDArray[np.uint64]


def _look_up(tallies: Sequence[Tally], measuring: Measuring) -> list[_LookedUp | None]:
    """The values of several columns, each text made and hashed once; none of columns with too many."""
    most = measuring.plan.distinct_sample
    few = [tally.values for tally in tallies if len(tally.values) <= most]
    if not few:
        return [None] * len(tallies)
    texts, hashes = measuring.hashes.numbered(pa.concat_arrays(few))
    bounds = [0, *accumulate(map(len, few))]
    found = (_LookedUp(texts[start:end], hashes[start:end]) for start, end in pairwise(bounds))
    return [next(found) if len(tally.values) <= most else None for tally in tallies]


class _Kept(NamedTuple):
    """What is kept of a column's values: some with their rows, the smallest hashes, those whose words are looked at."""

    texts: Sequence[str]
    counts: tuple[int, ...]
    hashes: tuple[int, ...]
    spoken: Sequence[str]
    complete: bool


def _kept(tally: Tally, measuring: Measuring, known: _LookedUp | None, *, longest: int) -> _Kept:
    """All values, the frequent ones first; or the top and a sample of the others in the order of hashes."""
    plan, policy = measuring.plan, measuring.policy
    if known:
        hashes, order = np.sort(known.hashes)[: plan.sketch_size], _by_count(tally)
        kept: Sequence[str] = known.texts[order]
        if longest > policy.longest_text:
            kept = tuple(text[: policy.longest_text] for text in kept)
        return _Kept(
            kept, tuple(tally.counts[order].tolist()), tuple(hashes.tolist()), known.texts, complete=True
        )
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
        tuple(tally.counts[places].tolist()),
        tuple(hashes[: plan.sketch_size].tolist()),
        spoken,
        complete=False,
    )


def _by_count(tally: Tally) -> npt.NDArray[np.int64]:
    """The order of values from the most frequent one on, by their text among equally frequent ones."""
    words = words_in_order(tally.values)
    if words is None:
        texts = tally.values.to_pylist()
        by_text = np.array(sorted(range(len(texts)), key=texts.__getitem__), dtype=np.int64)
    else:
        by_text = np.argsort(words[-1], kind="stable")
        for word in reversed(words[:-1]):
            by_text = by_text[np.argsort(word[by_text], kind="stable")]
    return by_text[np.argsort(-tally.counts[by_text], kind="stable")]


def _most_frequent(tally: Tally, wanted: int) -> npt.NDArray[np.int64]:
    """Where the most frequent values stand, the first by their text among equally frequent ones."""
    table = pa.table({"count": tally.counts, "text": tally.values})
    by_count = [("count", "descending"), ("text", "ascending")]
    return np.asarray(pc.select_k_unstable(table, k=wanted, sort_keys=by_count), dtype=np.int64)


def _lengths(tally: Tally) -> LengthSummary | None:
    if not len(tally.values):
        return None
    lengths = lengths_of(tally.values)
    return LengthSummary(
        minimum=int(lengths.min()),
        maximum=int(lengths.max()),
        mean=float((lengths * tally.counts).sum() / tally.counts.sum()),
    )


def words_of(texts: Sequence[str], measuring: Measuring) -> tuple[tuple[int, ...], int]:
    """The smallest hashes of the distinct words of texts, and how many there are."""
    [found] = words_of_each([texts], measuring)
    return found


def words_of_each(
    columns: Sequence[Sequence[str]], measuring: Measuring
) -> list[tuple[tuple[int, ...], int]]:
    """The same for the texts of several columns."""
    longest = measuring.policy.longest_text
    words = [_distinct_words([text[:longest] for text in texts]) for texts in columns]
    hashes = measuring.hashes.smallest_of_each(words, measuring.plan.sketch_size)
    return [(tuple(found.tolist()), len(own)) for found, own in zip(hashes, words, strict=True)]


def _distinct_words(texts: Sequence[str]) -> list[str]:
    together = "\n".join(texts)
    if together.isascii():
        return list(set(together.lower().translate(_ASCII_BREAKS).split()))
    pieces = pc.list_flatten(pc.split_pattern_regex(pc.utf8_lower(pa.array(texts)), _WORD_BREAK))
    return pc.unique(pc.filter(pieces, pc.greater(pc.binary_length(pieces), 0))).to_pylist()  # type: ignore[no-any-return]  # untyped in PyArrow


def _is_short(lengths: LengthSummary | None) -> bool:
    """Whether no text is long enough for a day in figures alone, so that what reads as numbers holds none."""
    return lengths is not None and lengths.maximum < len("20240531")

"""What the distinct values of one column and their counts tell; every executor ends here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schema_matching_pipeline.adapters.connectors.days import read_days
from schema_matching_pipeline.adapters.connectors.figures import may_be_numbers, number_form, read_numbers
from schema_matching_pipeline.adapters.connectors.value_hash import smallest_hashes
from schema_matching_pipeline.model.measurement import ColumnMeasurement, ProfilePlan
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import LengthSummary, NumberSummary

_QUANTILES = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
_PROBE = 200
# All marks of ASCII and Latin-1, general and East Asian punctuation; classes of Unicode take RE2 milliseconds.
_WORD_BREAK = r"[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\xd7\xf7\x{2000}-\x{206f}\x{3000}-\x{303f}]+"


@dataclass(frozen=True, slots=True)
class Measuring:
    """What every executor needs beside the rows: the plan, the policy, the secret key of the hashes."""

    plan: ProfilePlan
    policy: ProfilePolicy
    secret_key: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Tally:
    """The distinct filled values of one column with their counts, and how many rows hold none."""

    name: str
    row_count: int
    null_count: int
    blank_count: int
    values: pa.StringArray
    counts: npt.NDArray[np.int64]


def measure_column(
    tally: Tally, measuring: Measuring, active: tuple[date, date] | None = None
) -> ColumnMeasurement:
    """All figures of one column."""
    plan, policy = measuring.plan, measuring.policy
    hashes, order = smallest_hashes(measuring.secret_key, tally.values, hashes_wanted(plan, has_words=True))
    kept = _kept_positions(tally, order, plan)
    texts = shortened(pc.take(tally.values, kept), policy.longest_text)
    numbers = number_summary(tally.values, tally.counts, policy)
    days = read_days(tally.values, least_share=policy.type_share)
    span = pc.min_max(days).as_py() if days is not None else {"min": None, "max": None}
    words, word_count = no_words() if numbers or days is not None else _words(tally, order, measuring)
    return ColumnMeasurement(
        name=tally.name,
        row_count=tally.row_count,
        null_count=tally.null_count,
        blank_count=tally.blank_count,
        distinct_count=len(tally.values),
        values=tuple(zip(texts.to_pylist(), tally.counts[kept].tolist(), strict=True)),
        values_complete=len(tally.values) <= plan.distinct_sample,
        sketch_hashes=tuple(hashes[: plan.sketch_size].tolist()),
        numbers=numbers,
        lengths=_lengths(tally),
        first_date=span["min"],
        last_date=span["max"],
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
    form = number_form(values, counts, policy.castable_share)
    if form is None:
        return None
    numbers = read_numbers(values, form)
    readable = ~np.isnan(numbers)
    return weighted_summary(numbers[readable], counts[readable]) if readable.any() else None


def _kept_positions(
    tally: Tally, hash_order: npt.NDArray[np.int64], plan: ProfilePlan
) -> npt.NDArray[np.int64]:
    """The frequent values first; all of them, or the top and a sample of the others in the order of hashes."""
    if len(tally.values) <= plan.distinct_sample:
        return _most_frequent(tally, len(tally.values))
    top = _most_frequent(tally, plan.top_values)
    sampled = hash_order[: plan.distinct_sample]
    others = sampled[~np.isin(sampled, top)]
    return np.concatenate([top, others])[: plan.distinct_sample]


def _most_frequent(tally: Tally, wanted: int) -> npt.NDArray[np.int64]:
    """Where the most frequent values stand, the first by their text among equally frequent ones."""
    table = pa.table({"count": tally.counts, "text": tally.values})
    by_count = [("count", "descending"), ("text", "ascending")]
    if wanted >= len(tally.values):
        return np.asarray(pc.sort_indices(table, sort_keys=by_count), dtype=np.int64)
    return np.asarray(pc.select_k_unstable(table, k=wanted, sort_keys=by_count), dtype=np.int64)


def weighted_summary(numbers: npt.NDArray[np.float64], weights: npt.NDArray[np.int64]) -> NumberSummary:
    """Figures of numbers that stand for so many rows each."""
    order = np.argsort(numbers, kind="stable")
    numbers, weights = numbers[order], weights[order]
    reached = np.cumsum(weights)
    mean = float(np.average(numbers, weights=weights))
    spread = float(np.sqrt(np.average((numbers - mean) ** 2, weights=weights)))
    places = np.searchsorted(reached, np.ceil(_QUANTILES * reached[-1]))
    return NumberSummary(
        minimum=float(numbers[0]),
        maximum=float(numbers[-1]),
        mean=mean,
        stddev=spread,
        quantiles=tuple(numbers[places].tolist()),
    )


def _lengths(tally: Tally) -> LengthSummary | None:
    if not len(tally.values):
        return None
    lengths = np.asarray(pc.utf8_length(tally.values))
    return LengthSummary(
        minimum=int(lengths.min()),
        maximum=int(lengths.max()),
        mean=float(np.average(lengths, weights=tally.counts)),
    )


def _words(
    tally: Tally, hash_order: npt.NDArray[np.int64], measuring: Measuring
) -> tuple[tuple[int, ...], int]:
    plan = measuring.plan
    if len(tally.values) <= plan.word_sample:
        return words_of(tally.values, measuring)
    kept = np.concatenate([_most_frequent(tally, plan.top_values), hash_order[: plan.word_sample]])
    return words_of(pc.take(tally.values, kept), measuring)


def words_of(texts: pa.StringArray, measuring: Measuring) -> tuple[tuple[int, ...], int]:
    """The smallest hashes of the distinct words of texts, and how many there are."""
    lowered = pc.utf8_lower(shortened(texts, measuring.policy.longest_text))
    pieces = pc.list_flatten(pc.split_pattern_regex(lowered, _WORD_BREAK))
    words = pc.unique(pc.filter(pieces, pc.greater(pc.binary_length(pieces), 0)))
    hashes, _ = smallest_hashes(measuring.secret_key, words, measuring.plan.sketch_size)
    return tuple(hashes.tolist()), len(words)

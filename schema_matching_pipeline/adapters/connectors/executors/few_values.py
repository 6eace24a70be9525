"""The values of columns that have few distinct ones: looked up for several columns at once, and told from what is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schema_matching_pipeline.adapters.connectors.text_bytes import WORD, bytes_of, ordered_words_of, sizes_of
from schema_matching_pipeline.adapters.connectors.text_facts import ISO_DAY, ISO_MOMENT, Facts
from schema_matching_pipeline.adapters.connectors.value_hash import ValueHashes
from schema_matching_pipeline.model.measurement import NumberedTexts

_EPOCH = date(1970, 1, 1)
_WORDS = 3  # by which texts are put in order; longer ones are compared


@dataclass(frozen=True, slots=True, repr=False)
class FewValues:
    """The distinct values of a column in the order they were counted in, and what each tells by itself.

    ``words`` are numbers in the order of the texts, the first ones first; None where texts are too long for that, or hold zero bytes.
    """

    texts: NumberedTexts
    hashes: npt.NDArray[np.uint64]
    facts: Facts
    words: Sequence[npt.NDArray[np.uint64]] | None

    def are_numbers(self) -> bool:
        """Whether all are numbers of figures, a minus and a point alone."""
        return not np.isnan(self.facts.number).any()

    def may_be_numbers(self, first: int) -> bool:
        """Whether one of the first may be a number in any writing."""
        return bool(self.facts.is_like_number[:first].any())

    def may_be_days(self, first: int) -> bool:
        """Whether one of the first has the form of a day."""
        return bool(self.facts.writes_day[:first].any())

    def iso_span(self) -> tuple[date, date] | None:
        """The first and the last day of values that are all days, or all moments, in ISO form; None of others."""
        way = int(self.facts.writes_day[0])
        if way not in {ISO_DAY, ISO_MOMENT} or (self.facts.writes_day != way).any():
            return None
        days = self.facts.day
        return _EPOCH + timedelta(days=int(days.min())), _EPOCH + timedelta(days=int(days.max()))

    def by_count(self, counts: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
        """The order of the values from the most frequent one on, by their text among equally frequent ones."""
        if self.words is not None:
            by_words = np.argsort(self.words[0]) if len(self.words) == 1 else np.lexsort(self.words[::-1])
            return by_words[np.argsort(-counts[by_words], kind="stable")]
        texts = list(self.texts)
        by_text = np.array(sorted(range(len(texts)), key=texts.__getitem__), dtype=np.intp)
        return by_text[np.argsort(-counts[by_text], kind="stable")]


def look_up_few(columns: Sequence[pa.StringArray], hashes: ValueHashes) -> Iterator[FewValues]:
    """What is known of the values of each column, of which none is null or empty."""
    together = pa.concat_arrays(columns)
    known, sizes, words = hashes.look_up(together), sizes_of(together), ordered_words_of(together, _WORDS)
    tells_all = bytes_of(
        together
    ).all()  # a zero byte at the end of a text is in its words what stands behind it
    for start, end in pairwise([0, *accumulate(map(len, columns))]):
        needed = max(1, -(-int(sizes[start:end].max(initial=0)) // WORD))
        yield FewValues(
            known.texts[start:end],
            known.hashes[start:end],
            known.facts.part(start, end),
            None if needed > _WORDS or not tells_all else [word[start:end] for word in words[:needed]],
        )

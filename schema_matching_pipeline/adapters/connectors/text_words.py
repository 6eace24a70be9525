"""The words of texts: runs of letters and digits, in lower case."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow.compute as pc

from schema_matching_pipeline.adapters.connectors.text_bytes import array_of
from schema_matching_pipeline.adapters.connectors.text_numbers import Numbers, TextNumbers
from schema_matching_pipeline.canon.growing import Growing

# All marks of ASCII and Latin-1, general and East Asian punctuation; classes of Unicode take RE2 milliseconds.
_WORD_BREAK = r"[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\xd7\xf7\x{2000}-\x{206f}\x{3000}-\x{303f}]+"
# What parts words in plain text becomes a blank.
_ASCII_BREAKS = {code: " " for code in range(128) if not chr(code).isalnum()}
_NOT_LOOKED_AT = -1


def distinct_words(texts: Sequence[str]) -> list[str]:
    """The words of all texts, each once.

    >>> sorted(distinct_words(["Ward 7", "ward-7a"]))
    ['7', '7a', 'ward']
    """
    together = "\n".join(texts)
    if together.isascii():
        return list(set(_plain_words(together)))
    return list({word for words in _words_of_each(texts) for word in words})


class TextWords:
    """The words of the texts of a collection, which are texts of it themselves."""

    def __init__(self, numbers: TextNumbers) -> None:
        self._numbers = numbers
        self._start, self._count = Growing(np.int64), Growing(np.int32)
        self._words = Growing(np.int32)

    def of(self, texts: Numbers, most: int) -> tuple[Numbers, Numbers] | None:
        """The words of texts by their numbers, one text after the other, and how many each has.

        Nothing where more than ``most`` new words would have to be taken in.
        """
        self._start.extend(_NOT_LOOKED_AT, len(self._numbers.texts) - len(self._start))
        self._count.extend(0, len(self._start) - len(self._count))
        starts = self._start[texts]
        if (starts == _NOT_LOOKED_AT).any():
            if not self._look(np.unique(texts[starts == _NOT_LOOKED_AT]), most):
                return None
            starts = self._start[texts]
        counts = self._count[texts].astype(np.intp)
        ends = np.cumsum(counts)
        places = np.repeat(starts - (ends - counts), counts) + np.arange(ends[-1] if len(ends) else 0)
        return self._words[places].astype(np.intp), counts

    def _look(self, new: Numbers, most: int) -> bool:
        """Takes in the words of some texts, unless they are too many."""
        words = _words_of_each(list(map(self._numbers.texts.__getitem__, new.tolist())))
        flat = [word for own in words for word in own]
        distinct = list(dict.fromkeys(flat))
        if len(distinct) > min(most, self._numbers.room):
            return False
        numbers = self._numbers.of(array_of(distinct)).tolist()
        number_of = dict(zip(distinct, numbers, strict=True))
        counts = np.array(list(map(len, words)), dtype=np.int64)
        self._start[new] = len(self._words) + np.cumsum(counts) - counts
        self._count[new] = counts
        self._words.extend(list(map(number_of.__getitem__, flat)), len(flat))
        return True


def _words_of_each(texts: Sequence[str]) -> list[list[str]]:
    """The words of each text, in order."""
    if all(map(str.isascii, texts)):
        return list(map(_plain_words, texts))
    pieces = pc.split_pattern_regex(pc.utf8_lower(array_of(texts)), _WORD_BREAK).to_pylist()
    return [list(filter(None, own)) for own in pieces]


def _plain_words(text: str) -> list[str]:
    return text.lower().translate(_ASCII_BREAKS).split()

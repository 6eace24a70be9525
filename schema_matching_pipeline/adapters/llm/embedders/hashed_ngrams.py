"""Vectors of spelling, made offline: words and their pieces, each hashed to a place of the vector."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from schema_matching_pipeline.ports import EMBEDDING_DIMENSIONS, Embedded

VERSION = 1
"""Raised with every change of the vectors, so that what is stored is made anew."""

NGRAM_LENGTHS = (3, 4)
WORD_WEIGHT = 2.0
_WORD = re.compile(r"[A-Z]+(?![a-z])|[^\W\d_]+?(?=[A-Z]|[\W\d_]|$)|\d+")


class HashedNgrams:
    """Texts alike in words or in pieces of words lie close; knows no meaning, needs no download and no key.

    Each word counts whole, and by its pieces of three and four letters, its ends marked. A piece goes to the place
    and takes the sign that its hash names, so that collisions cancel out rather than add up.
    """

    @property
    def model(self) -> str:
        """The name stored beside every vector, with the version of the method."""
        return f"hashed_ngrams-{VERSION}"

    @property
    def is_outside(self) -> bool:
        """Texts stay where they are."""
        return False

    @property
    def provider(self) -> str:
        """Nobody: texts stay."""
        return ""

    def embed(self, texts: Sequence[str]) -> Embedded:
        """One row of length one for each text; the same text gives the same row on every machine."""
        matrix = np.zeros((len(texts), EMBEDDING_DIMENSIONS), dtype=np.float32)
        for row, text in zip(matrix, texts, strict=True):
            _add(row, text)
        return Embedded(matrix)


def words(text: str) -> list[str]:
    """The words of a text in small letters, names in camel case and snake case taken apart.

    >>> words("Patients.BirthDate dob_2 HTTPServer")
    ['patients', 'birth', 'date', 'dob', '2', 'http', 'server']
    """
    return [word.casefold() for word in _WORD.findall(text)]


def _add(row: npt.NDArray[np.float32], text: str) -> None:
    for piece, weight in _pieces(text):
        code = int.from_bytes(blake2b(piece.encode(errors="surrogatepass"), digest_size=8).digest(), "big")
        row[(code >> 1) % EMBEDDING_DIMENSIONS] += weight if code & 1 else -weight
    length = float(np.linalg.norm(row))
    if length == 0.0:  # no words, or pieces that cancel out: such texts share one place of their own
        row[0] = 1.0
    else:
        row /= length


def _pieces(text: str) -> Iterator[tuple[str, float]]:
    for word in words(text):
        yield word, WORD_WEIGHT
        marked = f"<{word}>"
        for length in NGRAM_LENGTHS:
            for start in range(len(marked) - length + 1):
                yield marked[start : start + length], 1.0

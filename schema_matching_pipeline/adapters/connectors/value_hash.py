"""Keyed 64-bit hashes of values, and the smallest of them: what a sketch is made of.

The first four bits of a hash are the *lot* of the text, drawn from its ends, its middle and its length; the other sixty
are the first of SHA-256 over the installation's secret key followed by the canonical text in UTF-8. It is the
same from every engine; without the key nobody can try out values. The lot costs a tenth of the SHA-256, so
that of a million values only those of the first lots need to be hashed to know the smallest hashes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from threading import Lock
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schema_matching_pipeline.adapters.connectors.quiet_duckdb import connect_duckdb
from schema_matching_pipeline.adapters.connectors.text_bytes import array_of
from schema_matching_pipeline.adapters.connectors.text_facts import Facts, TextFacts
from schema_matching_pipeline.adapters.connectors.text_numbers import Numbers, TextNumbers
from schema_matching_pipeline.adapters.connectors.text_words import TextWords
from schema_matching_pipeline.canon.growing import Growing
from schema_matching_pipeline.model.measurement import NumberedTexts

LOTS = 16
_DIGITS = 15  # hexadecimal ones that are taken of the SHA-256
_BITS = 4 * _DIGITS

# Below this many values a loop over hashlib beats the planning of one DuckDB statement.
_LOOP_LIMIT = 20_000

# So many texts are kept with their hashes, then begins a new collection; and so many at once at most.
_REMEMBERED, _REMEMBERED_AT_ONCE = 100_000, 20_000
_NUMBER_BITS = 32  # of the number of a text


def hash_text(secret_key: bytes, text: str) -> int:
    """The hash of one canonical text.

    >>> hash_text(b"key", "M") == hash_text(b"key", "M"), hash_text(b"key", "M") < 2**64
    (True, True)
    """
    digest = int.from_bytes(hashlib.sha256(secret_key + text.encode()).digest()[:8], "big")
    return (_lot(text) << _BITS) | (digest >> (64 - _BITS))


def lot_in_sql(text: str) -> str:
    """The lot of a text, which must not be empty, as DuckDB works it out."""
    size = f"length({text})"
    ends = f"7 * ord({text}[-1]) + 11 * ord({text}[-5]) + 13 * ord({text})"
    return f"({ends} + 5 * ord({text}[{size} // 2 + 1]) + 17 * {size}) % {LOTS}"


def hash_in_sql(text: str, lot: int | None = None) -> str:
    """The hash as sixteen hexadecimal digits, as DuckDB works it out; the secret key is its one parameter.

    Where the ``lot`` of all texts is known it is not worked out again.
    """
    drawn = lot_in_sql(text) if lot is None else str(lot)
    return f"format('{{:x}}', {drawn}) || left(sha256(?::BLOB || encode({text})), {_DIGITS})"


class LookedUp(NamedTuple):
    """Texts by their numbers among all that are kept, the hash of each, and what each tells by itself."""

    texts: NumberedTexts
    hashes: npt.NDArray[np.uint64]
    facts: Facts


class _Known:
    """Texts that are kept, and what is known of them by number."""

    def __init__(self, secret_key: bytes) -> None:
        self.numbers = TextNumbers()
        self.words, self.facts = TextWords(self.numbers), TextFacts(self.numbers.texts)
        self._secret_key, self._hashes = secret_key, Growing(np.uint64)

    def hashes(self, numbers: Numbers) -> npt.NDArray[np.uint64]:
        """The hashes of some texts."""
        texts, hashed = self.numbers.texts, len(self._hashes)
        if hashed < len(texts):
            self._hashes.extend(_hash_texts(self._secret_key, texts[hashed:]), len(texts) - hashed)
        return self._hashes[numbers]


class ValueHashes:
    """The hashes of an installation; what a short column holds is hashed once for all columns that hold it."""

    def __init__(self, secret_key: bytes) -> None:
        self.secret_key = secret_key
        self._known = _Known(secret_key)
        self._lock = Lock()

    def smallest(
        self, texts: Sequence[str], size: int
    ) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
        """The ``size`` smallest hashes in ascending order, and where in ``texts`` they stand."""
        if len(texts) > _LOOP_LIMIT:
            return _by_duckdb(self.secret_key, texts, size)
        hashes = self.of(texts)
        order = np.argsort(hashes, kind="stable")[:size]
        return hashes[order], order

    def smallest_of_each(self, columns: Sequence[Sequence[str]], size: int) -> list[npt.NDArray[np.uint64]]:
        """The ``size`` smallest hashes of each column's texts, in ascending order."""
        counts = [len(texts) for texts in columns]
        if sum(counts) > _REMEMBERED_AT_ONCE:
            return [self.smallest(texts, size)[0] for texts in columns]
        hashes = self.of([text for texts in columns for text in texts])
        return [np.sort(own)[:size] for own in np.split(hashes, np.cumsum(counts)[:-1])]

    def of(self, texts: Sequence[str]) -> npt.NDArray[np.uint64]:
        """The hash of every text, in order."""
        if len(texts) > _REMEMBERED_AT_ONCE:
            return _hash_texts(self.secret_key, texts)
        with self._lock:
            known = self._with_room(len(texts))
            return known.hashes(known.numbers.of(array_of(texts)))

    def look_up(self, values: pa.StringArray) -> LookedUp:
        """What is known of texts of which none is null."""
        with self._lock:
            known = self._with_room(len(values))
            numbers = known.numbers.of(values)
            texts = NumberedTexts(known.numbers.texts, numbers)
            return LookedUp(texts, known.hashes(numbers), known.facts.of(numbers))

    def words_of_each(
        self, columns: Sequence[NumberedTexts], size: int
    ) -> list[tuple[npt.NDArray[np.uint64], int]] | None:
        """The ``size`` smallest hashes of the distinct words of each column, and how many words it has.

        Nothing where the texts are not kept any more, or have too many words to be kept.
        """
        with self._lock:
            known = self._known
            if any(texts.collection is not known.numbers.texts for texts in columns):
                return None
            found = known.words.of(np.concatenate([texts.numbers for texts in columns]), _REMEMBERED_AT_ONCE)
            if found is None:
                return None
            words, counts = found
            bounds = np.cumsum([0, *(len(texts) for texts in columns)])
            column = np.repeat(np.arange(len(columns)), np.diff(bounds)).repeat(counts)
            distinct = np.unique((column << _NUMBER_BITS) | words)
            hashes = known.hashes(distinct & ((1 << _NUMBER_BITS) - 1))
        ends = np.searchsorted(distinct, np.arange(1, len(columns)) << _NUMBER_BITS)
        return [(np.sort(own)[:size], len(own)) for own in np.split(hashes, ends)]

    def _with_room(self, count: int) -> _Known:
        """The texts that are kept, others than before where so many more would be too many."""
        numbers = self._known.numbers
        if len(numbers.texts) > _REMEMBERED or numbers.room < count:
            self._known = _Known(self.secret_key)
        return self._known


def _hash_texts(secret_key: bytes, texts: Sequence[str]) -> npt.NDArray[np.uint64]:
    sha256 = hashlib.sha256
    digests = b"".join([sha256(secret_key + text.encode()).digest()[:8] for text in texts])
    known = np.frombuffer(digests, dtype=">u8").astype(np.uint64)
    return (_lots(texts) << np.uint64(_BITS)) | (known >> np.uint64(64 - _BITS))


def _lots(texts: Sequence[str]) -> npt.NDArray[np.uint64]:
    """The lots of many texts: the same as ``_lot`` of each, at a fifth of the time."""
    sizes = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    codes = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
    ends = np.cumsum(sizes)
    starts = ends - sizes
    if not sizes.all():  # an empty text has no character to look at
        return np.array([_lot(text) for text in texts], dtype=np.uint64)
    fifth_last = np.where(sizes > 4, codes[np.maximum(ends - 5, starts)], -1)
    drawn = 7 * codes[ends - 1] + 11 * fifth_last + 13 * codes[starts] + 5 * codes[starts + sizes // 2]
    lots: npt.NDArray[np.uint64] = ((drawn + 17 * sizes) % LOTS).astype(np.uint64)
    return lots


def _lot(text: str) -> int:
    if not text:
        return 0
    fifth_last = ord(text[-5]) if len(text) > 4 else -1
    ends = 7 * ord(text[-1]) + 11 * fifth_last + 13 * ord(text[0])
    return (ends + 5 * ord(text[len(text) // 2]) + 17 * len(text)) % LOTS


def _by_duckdb(
    secret_key: bytes, texts: Sequence[str], size: int
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    places = pa.table({"text": pa.array(texts, pa.string()), "place": pa.array(np.arange(len(texts)))})
    statement = f"SELECT {hash_in_sql('text')} AS hash, place FROM places ORDER BY 1, 2 LIMIT ?"
    with connect_duckdb() as connection:
        connection.register("places", places)
        found = connection.execute(statement, [secret_key, size]).fetchnumpy()
    hashes = np.array([int(text, 16) for text in found["hash"]], dtype=np.uint64)
    return hashes, np.asarray(found["place"], dtype=np.int64)

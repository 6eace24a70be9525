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

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schema_matching_pipeline.adapters.connectors.arrow_views import array_of_numbers, at_places, numbers_of
from schema_matching_pipeline.adapters.connectors.quiet_duckdb import connect_duckdb
from schema_matching_pipeline.adapters.connectors.text_bytes import (
    array_of,
    buffers_of,
    lengths_of,
    sizes_of,
)
from schema_matching_pipeline.adapters.connectors.text_facts import Facts, TextFacts
from schema_matching_pipeline.adapters.connectors.text_numbers import Numbers, TextNumbers
from schema_matching_pipeline.adapters.connectors.text_words import TextWords
from schema_matching_pipeline.canon.growing import Growing
from schema_matching_pipeline.model.measurement import NumberedTexts

LOTS = 16
_DIGITS = 15  # hexadecimal ones that are taken of the SHA-256
_BITS = 4 * _DIGITS
_NO_CODE = np.uint8(255)  # minus one of a byte

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


def lots_of(texts: pa.StringArray) -> npt.NDArray[np.uint8]:
    """The lot of each text, of which none is null or empty.

    >>> lots_of(pa.array(["M", "Müller"])).tolist() == [hash_text(b"key", text) >> 60 for text in ("M", "Müller")]
    True
    """
    lots = _lots_by_bytes(texts)
    odd = np.flatnonzero(sizes_of(texts) != lengths_of(texts))
    if len(odd):
        lots[odd] = _lots(at_places(texts, odd).to_pylist())
    return lots


def smallest_by_duckdb(
    connection: duckdb.DuckDBPyConnection, drawn: pa.Table, secret_key: bytes, size: int
) -> pa.Table:
    """The rows of texts ``t`` and their ``lot`` that have the smallest hashes, in the order of these, with the ``hash``."""
    digest = f"('0x' || left(sha256(?::BLOB || encode(t)), {_DIGITS}))::UBIGINT"
    connection.register("drawn", drawn)
    found = connection.sql(
        f"SELECT *, (lot::UBIGINT << {_BITS}) + {digest} AS hash FROM drawn ORDER BY hash LIMIT ?",
        params=[secret_key, size],
    ).to_arrow_table()
    connection.unregister("drawn")
    return found


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


def _lots_by_bytes(texts: pa.StringArray) -> npt.NDArray[np.uint8]:
    """The lots of texts whose characters are bytes; a sum that goes beyond a byte has its last four bits all the same."""
    ends, codes = buffers_of(texts)
    starts, ends = ends[:-1], ends[1:]
    sizes = ends - starts
    fifth_last = np.where(sizes > 4, codes[np.maximum(ends - 5, starts)], _NO_CODE)
    drawn = 7 * codes[ends - 1] + 11 * fifth_last + 13 * codes[starts] + 5 * codes[starts + sizes // 2]
    lots: npt.NDArray[np.uint8] = (drawn + 17 * sizes.astype(np.uint8)) % LOTS
    return lots


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
    values = array_of(texts)
    lots, places = (
        array_of_numbers(lots_of(values), pa.uint8()),
        array_of_numbers(np.arange(len(texts)), pa.int64()),
    )
    drawn = pa.table([values, lots, places], names=["t", "lot", "place"])
    with connect_duckdb() as connection:
        found = smallest_by_duckdb(connection, drawn, secret_key, size).combine_chunks()
    hashes, order = (found.column(name).chunk(0) for name in ("hash", "place"))
    return numbers_of(hashes, np.uint64), numbers_of(order, np.int64)

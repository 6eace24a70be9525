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

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schema_matching_pipeline.adapters.connectors.quiet_duckdb import connect_duckdb
from schema_matching_pipeline.adapters.connectors.text_numbers import TextNumbers
from schema_matching_pipeline.model.measurement import NumberedTexts

LOTS = 16
_DIGITS = 15  # hexadecimal ones that are taken of the SHA-256
_BITS = 4 * _DIGITS

# Below this many values a loop over hashlib beats the planning of one DuckDB statement.
_LOOP_LIMIT = 20_000

# So many texts are kept with their hashes, then begins a new collection; and so many at once at most.
_REMEMBERED, _REMEMBERED_AT_ONCE = 100_000, 20_000


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


class _Known:
    """Texts that are kept, and their hashes by number."""

    def __init__(self) -> None:
        self.numbers, self.hashes = TextNumbers(), np.zeros(0, dtype=np.uint64)


class ValueHashes:
    """The hashes of an installation; what a short column holds is hashed once for all columns that hold it."""

    def __init__(self, secret_key: bytes) -> None:
        self.secret_key = secret_key
        self._known = _Known()
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
        return self.numbered(pa.array(texts, pa.string()))[1]

    def numbered(self, values: pa.StringArray) -> tuple[NumberedTexts, npt.NDArray[np.uint64]]:
        """The texts, by their numbers among all that are kept, and the hash of each; none is null."""
        with self._lock:
            known = self._known
            if len(known.numbers.texts) > _REMEMBERED or known.numbers.room < len(values):
                known = self._known = _Known()
            numbers = known.numbers.of(values)
            texts, hashed = known.numbers.texts, len(known.hashes)
            if hashed < len(texts):
                new = _hash_texts(self.secret_key, texts[hashed:])
                known.hashes = np.concatenate([known.hashes, new])
            return NumberedTexts(texts, numbers), known.hashes[numbers]


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

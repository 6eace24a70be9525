"""Keyed 64-bit hashes of values, and the smallest of them: what a sketch is made of.

A hash is the first eight bytes of SHA-256 over the installation's secret key followed by the canonical
text in UTF-8, read as an unsigned number, most significant byte first. It is the same from every engine;
without the key nobody can try out values.
"""

from __future__ import annotations

import hashlib

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

# Below this many values a loop over hashlib beats the planning of one DuckDB statement.
_LOOP_LIMIT = 5_000


def hash_text(secret_key: bytes, text: str) -> int:
    """The hash of one canonical text.

    >>> hash_text(b"key", "M") == hash_text(b"key", "M"), hash_text(b"key", "M") < 2**64
    (True, True)
    """
    return int.from_bytes(hashlib.sha256(secret_key + text.encode()).digest()[:8], "big")


def smallest_hashes(
    secret_key: bytes, texts: pa.StringArray, size: int
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """The ``size`` smallest hashes in ascending order, and where in ``texts`` they stand."""
    if len(texts) > _LOOP_LIMIT:
        return _by_duckdb(secret_key, texts, size)
    hashes = hash_texts(secret_key, texts)
    order = np.argsort(hashes, kind="stable")[:size]
    return hashes[order], order


def hash_texts(secret_key: bytes, texts: pa.StringArray) -> npt.NDArray[np.uint64]:
    """The hash of every text, in order."""
    sha256 = hashlib.sha256
    digests = b"".join([sha256(secret_key + text.encode()).digest()[:8] for text in texts.to_pylist()])
    return np.frombuffer(digests, dtype=">u8").astype(np.uint64)


def _by_duckdb(
    secret_key: bytes, texts: pa.StringArray, size: int
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    places = pa.table({"text": texts, "place": pa.array(np.arange(len(texts)))})
    statement = (
        "SELECT left(sha256(?::BLOB || encode(text)), 16) AS hash, place FROM places ORDER BY 1, 2 LIMIT ?"
    )
    with duckdb.connect() as connection:
        connection.register("places", places)
        found = connection.execute(statement, [secret_key, size]).fetchnumpy()
    hashes = np.array([int(text, 16) for text in found["hash"]], dtype=np.uint64)
    return hashes, np.asarray(found["place"], dtype=np.int64)

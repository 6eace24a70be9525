"""The bytes of short texts side by side, to be looked at all at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schema_matching_pipeline.adapters.connectors.arrow_views import numbers_of

WORD = 8  # bytes of a number
_HELD = np.array(
    [(1 << 8 * size) - 1 for size in range(WORD + 1)], dtype=np.uint64
)  # by a word of so many bytes
_LAST_OF_ASCII = 127


def array_of(texts: Sequence[str]) -> pa.StringArray:
    """Strings as an array. Arrow loads pandas to see that a list is none of its own; this does not.

    >>> array_of(["ab", "", "ü"]).to_pylist()
    ['ab', '', 'ü']
    """
    encoded = list(map(str.encode, texts))
    ends = np.zeros(len(encoded) + 1, dtype=np.int32)
    np.cumsum(np.fromiter(map(len, encoded), dtype=np.int32, count=len(encoded)), out=ends[1:])
    return pa.StringArray.from_buffers(len(encoded), pa.py_buffer(ends), pa.py_buffer(b"".join(encoded)))


def text_scalar(text: str) -> pa.StringScalar:
    """A string as what a function of Arrow takes without a look whether pandas is there.

    >>> text_scalar("a").as_py()
    'a'
    """
    return array_of([text])[0]


def buffers_of(texts: pa.StringArray) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Where each text begins and the last one ends, and the bytes these are places in; both empty where there is no text."""
    _, ends, data = texts.buffers()
    if ends is None or data is None:
        return np.empty(0, np.int32), np.empty(0, np.uint8)
    bounds = np.frombuffer(ends, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return bounds, np.frombuffer(data, np.uint8)


def bytes_of(texts: pa.StringArray) -> npt.NDArray[np.uint8]:
    """All bytes of texts of which none is null, one text after the other.

    >>> bytes(bytes_of(pa.array(["ab", "c"])))
    b'abc'
    """
    ends, data = buffers_of(texts)
    return data[ends[0] : ends[-1]] if len(ends) else data[:0]


def first_bytes_of(texts: pa.StringArray) -> npt.NDArray[np.uint8]:
    """The first byte of each text, of which none is null or empty."""
    ends, data = buffers_of(texts)
    return data[ends[:-1]]


def last_bytes_of(texts: pa.StringArray) -> npt.NDArray[np.uint8]:
    """The last byte of each text; a zero of one that is null or empty.

    >>> last_bytes_of(pa.array(["ab", "", "c"]))
    array([98,  0, 99], dtype=uint8)
    """
    ends, data = buffers_of(texts)
    if not len(data):
        return np.zeros(len(texts), np.uint8)
    return np.where(np.diff(ends) > 0, data[ends[1:] - 1], np.uint8(0))


def lengths_of(texts: pa.StringArray) -> npt.NDArray[np.int32]:
    """How many characters each text has, of which none is null.

    >>> lengths_of(pa.array(["ab", "ü"]))
    array([2, 1], dtype=int32)
    """
    if bytes_of(texts).max(initial=0) > _LAST_OF_ASCII:
        return numbers_of(pc.utf8_length(texts), np.int32)
    return sizes_of(texts)


def sizes_of(texts: pa.StringArray) -> npt.NDArray[np.int32]:
    """How many bytes each text has; none where it is null."""
    ends, _ = buffers_of(texts)
    return np.diff(ends) if len(ends) else np.zeros(len(texts), np.int32)


def rows_of(texts: pa.StringArray, width: int) -> npt.NDArray[np.uint8] | None:
    """One row of bytes for each text, where none is null and all are so many bytes long; else None."""
    ends, data = buffers_of(texts)
    if texts.null_count or len(ends) < 2 or (np.diff(ends) != width).any():
        return None
    return data[ends[0] : ends[-1]].reshape(-1, width)


def words_of(texts: pa.StringArray, count: int) -> list[npt.NDArray[np.uint64]]:
    """The first eight bytes of each text as a number, the next eight, and so on; zero bytes behind its end.

    >>> [hex(word) for word in words_of(pa.array(["ab"]), 1)[0].tolist()]
    ['0x6261']
    """
    ends, data = buffers_of(texts)
    if len(ends) < 2:
        return [np.zeros(len(texts), dtype=np.uint64)] * count
    padded = np.concatenate([data[ends[0] : ends[-1]], np.zeros(WORD * count, dtype=np.uint8)])
    windows = np.ndarray(len(padded) - WORD + 1, dtype="<u8", buffer=padded.data, strides=(1,))
    starts, sizes = ends[:-1] - ends[0], np.diff(ends)
    longest = int(sizes.max())
    words = [windows[starts] & _HELD.take(np.minimum(sizes, WORD))]
    for step in range(WORD, WORD * count, WORD):
        if longest <= step:
            words.append(np.zeros(len(texts), dtype=np.uint64))
            continue
        held = np.minimum(np.maximum(sizes - step, 0), WORD)
        words.append(windows[starts + step] & _HELD.take(held))
    return words


def ordered_words_of(texts: pa.StringArray, count: int) -> list[npt.NDArray[np.uint64]]:
    """The same as numbers that are in the order of the texts, which those bytes decide first."""
    return [words.byteswap() for words in words_of(texts, count)]

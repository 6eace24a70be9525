"""The bytes of short texts side by side, to be looked at all at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_WORD = 8  # bytes of a number
_LAST_OF_ASCII = 127


def bytes_of(texts: pa.StringArray) -> npt.NDArray[np.uint8]:
    """All bytes of texts of which none is null, one text after the other.

    >>> bytes(bytes_of(pa.array(["ab", "c"])))
    b'abc'
    """
    ends, data = _buffers(texts)
    return data[ends[0] : ends[-1]] if len(ends) else data[:0]


def first_bytes_of(texts: pa.StringArray) -> npt.NDArray[np.uint8]:
    """The first byte of each text, of which none is null or empty."""
    ends, data = _buffers(texts)
    return data[ends[:-1]]


def lengths_of(texts: pa.StringArray) -> npt.NDArray[np.int32]:
    """How many characters each text has, of which none is null.

    >>> lengths_of(pa.array(["ab", "ü"]))
    array([2, 1], dtype=int32)
    """
    if bytes_of(texts).max(initial=0) > _LAST_OF_ASCII:
        return np.asarray(pc.utf8_length(texts))
    return sizes_of(texts)


def sizes_of(texts: pa.StringArray) -> npt.NDArray[np.int32]:
    """How many bytes each text has; none where it is null."""
    ends, _ = _buffers(texts)
    return np.diff(ends) if len(ends) else np.zeros(len(texts), np.int32)


def rows_of(texts: pa.StringArray, width: int) -> npt.NDArray[np.uint8] | None:
    """One row of bytes for each text, where none is null and all are so many bytes long; else None."""
    ends, data = _buffers(texts)
    if texts.null_count or len(ends) < 2 or (np.diff(ends) != width).any():
        return None
    return data[ends[0] : ends[-1]].reshape(-1, width)


def words_in_order(texts: pa.StringArray) -> npt.NDArray[np.uint64] | None:
    """A number for each text, in the order of the texts; None where one is null, or longer than eight bytes."""
    ends, data = _buffers(texts)
    if texts.null_count or len(ends) < 2:
        return None
    sizes = np.diff(ends)
    if sizes.max() > _WORD:
        return None
    padded = np.zeros((len(sizes), _WORD), dtype=np.uint8)
    padded[np.arange(_WORD) < sizes[:, None]] = data[ends[0] : ends[-1]]
    return padded.view(">u8").ravel().astype(np.uint64)


def _buffers(texts: pa.StringArray) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    _, ends, data = texts.buffers()
    if ends is None or data is None:
        return np.empty(0, np.int32), np.empty(0, np.uint8)
    bounds = np.frombuffer(ends, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return bounds, np.frombuffer(data, np.uint8)

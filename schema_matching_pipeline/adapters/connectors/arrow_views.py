"""Arrays of Arrow as arrays of NumPy, and the other way: by their buffers.

Arrow's own ways load pandas first, to see whether an array is one of its own; so does each of its functions that is given
a value of Python's. That takes half a second and 50 MB where nobody needs pandas.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Known = TypeVar("Known", bound=np.generic)


def numbers_of(array: pa.Array, kind: type[Known]) -> npt.NDArray[Known]:
    """The numbers of an array, whatever stands where one is null; its own kind of them.

    >>> numbers_of(pa.array([1, 2, 3]).slice(1), np.int64)
    array([2, 3])
    """
    return np.frombuffer(array.buffers()[1] or b"", kind)[array.offset : array.offset + len(array)]


def truths(array: pa.BooleanArray) -> npt.NDArray[np.bool_]:
    """The truths of an array of which none is null.

    >>> truths(pa.array([True, False, True]).slice(1))
    array([False,  True])
    """
    bits = np.frombuffer(array.buffers()[1] or b"", np.uint8)
    end = array.offset + len(array)
    return np.unpackbits(bits, count=end, bitorder="little")[array.offset :].astype(np.bool_)


def is_filled(array: pa.Array) -> npt.NDArray[np.bool_]:
    """Which elements of an array are not null."""
    return truths(array.is_valid()) if array.null_count else np.ones(len(array), dtype=np.bool_)


def array_of_truths(flags: npt.NDArray[np.bool_]) -> pa.BooleanArray:
    """Truths as an array.

    >>> array_of_truths(np.array([True, False])).to_pylist()
    [True, False]
    """
    bits = np.packbits(flags, bitorder="little")
    return pa.Array.from_buffers(pa.bool_(), len(flags), [None, pa.py_buffer(bits)])


def surely(known: pa.BooleanArray | pa.ChunkedArray) -> pa.BooleanArray | pa.ChunkedArray:
    """The same with false where nothing is known.

    >>> surely(pa.array([True, None])).to_pylist()
    [True, False]
    """
    return pc.fill_null(known, _NO)


def where(kept: pa.BooleanArray | pa.ChunkedArray, values: pa.Array) -> pa.Array:
    """The values that are kept, nulls in place of the others.

    >>> where(pa.array([True, False]), pa.array([1, 2])).to_pylist()
    [1, None]
    """
    return pc.if_else(kept, values, pa.nulls(1, values.type)[0])


def at_places(array: pa.Array, places: npt.NDArray[np.intp]) -> pa.Array:
    """The elements at some places.

    >>> at_places(pa.array(["a", "b", "c"]), np.array([2, 0])).to_pylist()
    ['c', 'a']
    """
    return array.take(array_of_numbers(places.astype(np.int64, copy=False), pa.int64()))


def array_of_numbers(numbers: npt.NDArray[np.generic], kind: pa.DataType) -> pa.Array:
    """Numbers as an array of the same kind.

    >>> array_of_numbers(np.array([1, 2, 3])[::2], pa.int64()).to_pylist()
    [1, 3]
    """
    return pa.Array.from_buffers(kind, len(numbers), [None, pa.py_buffer(np.ascontiguousarray(numbers))])


_NO = array_of_truths(np.zeros(1, dtype=np.bool_))[0]

"""Whole numbers that are kept as an array: as objects of their own they would take four times the room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import numpy.typing as npt
from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

_LISTED = core_schema.tuple_variable_schema(core_schema.int_schema(ge=0, lt=2**64))


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class WholeNumbers(Sequence[int]):
    """A sequence of whole numbers; NumPy takes it as an array, and a model as a field.

    >>> numbers = WholeNumbers(np.array([3, 2, 1]))
    >>> numbers, numbers[0], numbers[1:] == (2, 1), np.array(numbers, dtype=float)
    ((3, 2, 1), 3, True, array([3., 2., 1.]))
    """

    array: npt.NDArray[np.int64] | npt.NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.array)

    def __eq__(self, other: object) -> bool:
        """Whether the other numbers are the same, however they are kept."""
        if isinstance(other, WholeNumbers):
            return np.array_equal(self.array, other.array)
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))

    def __iter__(self) -> Iterator[int]:
        return iter(self.array.tolist())

    def __array__(
        self, dtype: npt.DTypeLike | None = None, copy: bool | None = None
    ) -> npt.NDArray[np.generic]:
        return np.array(self.array, dtype=dtype) if copy else np.asarray(self.array, dtype=dtype)

    def __reduce__(self) -> tuple[type[WholeNumbers], tuple[npt.NDArray[np.generic]]]:
        return WholeNumbers, (self.array,)

    @overload
    def __getitem__(self, place: int) -> int: ...

    @overload
    def __getitem__(self, place: slice) -> WholeNumbers: ...

    def __getitem__(self, place: int | slice) -> int | WholeNumbers:
        """One number, or some of them."""
        return WholeNumbers(self.array[place]) if isinstance(place, slice) else int(self.array[place])

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """As a field: given as such or as a list of what 64 bits hold, written as a list."""
        taken = core_schema.no_info_after_validator_function(_of_64_bits, _LISTED)
        return core_schema.json_or_python_schema(
            json_schema=taken,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(cls), taken]),
            serialization=core_schema.plain_serializer_function_ser_schema(tuple, return_schema=_LISTED),
        )


def _of_64_bits(numbers: tuple[int, ...]) -> WholeNumbers:
    return WholeNumbers(np.array(numbers, dtype=np.uint64))

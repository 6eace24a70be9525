"""Python values of one column as an Arrow array: typed where all are of one type, else as text."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, time

import pyarrow as pa


def as_array(values: Sequence[object]) -> pa.Array:
    """Values of one column as Arrow."""
    try:
        array = pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        return _as_texts(values)
    if pa.types.is_null(array.type):
        return array.cast(pa.string())
    plain = not (pa.types.is_binary(array.type) or pa.types.is_nested(array.type))
    return array if plain and not pa.types.is_duration(array.type) else _as_texts(values)


def _as_texts(values: Sequence[object]) -> pa.Array:
    return pa.array([spoken(value) for value in values], pa.string())


def spoken(value: object) -> str | None:
    """One value as text, where a column holds values of several types."""
    if value is None:
        return None
    return next((say(value) for types, say in _SAYINGS if isinstance(value, types)), str(value))


def _number_words(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _moment_words(value: object) -> str:
    """A moment at midnight is a day: workbooks know no other way to write one."""
    if not isinstance(value, datetime):
        return str(value)
    return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")


_SAYINGS: tuple[tuple[type | tuple[type, ...], Callable[[object], str]], ...] = (
    ((bytes, bytearray, memoryview), lambda value: f"0x{bytes(value).hex()}"),  # type: ignore[call-overload]  # bytes-like, as the type beside it says
    (bool, lambda value: str(value).lower()),
    (float, _number_words),
    (datetime, _moment_words),
    ((dict, list, tuple), lambda value: json.dumps(value, ensure_ascii=False, default=str)),
)

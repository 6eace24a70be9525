"""The only maker of masked values.

A value may be shown when enough rows hold it and its column is not personal; every other value leaves as
its shape: letters become x or X, digits 9, plain punctuation stays, everything else becomes a middle dot.
"""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Iterable, Sequence

from pydantic import TypeAdapter

from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import MaskedValue, ValueCount

_KEPT = frozenset(string.punctuation + " ")
CUT = "…"  # ends what was cut, and no shape otherwise
_OTHER = "·"
_DEFAULT = ProfilePolicy()
_VALUE_COUNTS = TypeAdapter(tuple[ValueCount, ...])  # makes all at once, in a third of the time of one by one


class _Shape(dict[int, str]):
    """What ``str.translate`` puts for each character, found once per character."""

    def __missing__(self, code: int) -> str:
        masked = _mask_character(chr(code))
        self[code] = masked
        return masked


def _mask_character(character: str) -> str:
    if character in _KEPT:
        return character
    if character.isdigit() or character.isnumeric():
        return "9"
    if character.isupper():
        return "X"
    return "x" if character.isalpha() else _OTHER


_SHAPES = _Shape()
# The same for plain text, where most of it is: what is put for each of its bytes is one of Latin-1.
_PLAIN_SHAPES = "".join(_mask_character(chr(code)) for code in range(256)).encode("latin-1", "replace")
_BETWEEN = "\0"
_JOINED_SHAPES = _BETWEEN.encode() + _PLAIN_SHAPES[1:]


def mask_shape(text: str, *, limit: int = _DEFAULT.shape_length) -> str:
    """The shape of a text, cut after ``limit`` characters.

    >>> mask_shape("Müller-Lüdenscheidt, 4b")
    'Xxxxxx-Xxxxxxxxxxxx, 9x'
    """
    head = text[: limit + 1]
    shape = (
        head.encode().translate(_PLAIN_SHAPES).decode("latin-1")
        if head.isascii()
        else head.translate(_SHAPES)
    )
    return shape if len(shape) <= limit else shape[:limit] + CUT


def mask_shapes(texts: Sequence[str], *, limit: int = _DEFAULT.shape_length) -> list[str]:
    """The shapes of many texts at once, each cut after ``limit`` characters.

    >>> mask_shapes(["A-1", "B-22", "ä"])
    ['X-9', 'X-99', 'x']
    """
    heads = _BETWEEN.join([text[: limit + 1] for text in texts])
    if not heads.isascii() or heads.count(_BETWEEN) != len(texts) - 1:
        return [mask_shape(text, limit=limit) for text in texts]
    shapes = heads.encode().translate(_JOINED_SHAPES).decode("latin-1").split(_BETWEEN)
    return [shape if len(shape) <= limit else shape[:limit] + CUT for shape in shapes]


def count_masked(
    ranked: Iterable[tuple[str, int]], *, personal: bool, policy: ProfilePolicy = _DEFAULT
) -> tuple[ValueCount, ...]:
    """Values with their rows, shown or masked; those that look alike then are counted together.

    >>> [(one.value.text, one.count) for one in count_masked([("open", 9), ("shut", 1), ("gone", 1)], personal=False)]
    [('open', 9), ('xxxx', 2)]
    """
    counts: Counter[str] = Counter()
    for value, count in ranked:
        counts[_shown(value, count, personal=personal, policy=policy)] += count
    return _VALUE_COUNTS.validate_python(
        [{"value": {"text": text}, "count": count} for text, count in counts.most_common()]
    )


def is_shown(one: ValueCount, *, personal: bool, policy: ProfilePolicy = _DEFAULT) -> bool:
    """Whether a frequent value of a column is there as it is, whole, and not as its shape."""
    return not personal and one.count >= policy.rare_count and not one.value.text.endswith(CUT)


def mask_failure(value: str) -> MaskedValue:
    """The shape of a value that failed an expectation; a rare value is never shown.

    >>> mask_failure("31.02.2019").text
    '99.99.9999'
    """
    return MaskedValue(text=mask_shape(value))


def mask_change(
    before: str, after: str, rows: int, *, personal: bool, policy: ProfilePolicy = _DEFAULT
) -> tuple[MaskedValue, MaskedValue]:
    """A value of so many rows and what a rule makes of it: both as they are, or both by their shape.

    >>> [each.text for each in mask_change("4b", "4", 1, personal=False)]
    ['9x', '9']
    """
    return (
        MaskedValue(text=_shown(before, rows, personal=personal, policy=policy)),
        MaskedValue(text=_shown(after, rows, personal=personal, policy=policy)),
    )


def _shown(value: str, count: int, *, personal: bool, policy: ProfilePolicy) -> str:
    if personal or count < policy.rare_count:
        return mask_shape(value, limit=policy.shape_length)
    return _printable(value, policy.shown_length)


def _printable(value: str, limit: int) -> str:
    if len(value) <= limit and value.isprintable():
        return value
    shown = "".join(character if character.isprintable() else _OTHER for character in value[: limit + 1])
    return shown if len(shown) <= limit else shown[:limit] + CUT

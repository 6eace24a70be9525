"""A chain of steps followed for one value: the meaning of every step, in one place without an engine."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal

from schema_matching_pipeline.model.rule import (
    Default,
    MapValues,
    Plain,
    Replace,
    SplitAt,
    SplitPart,
    Step,
    Substring,
    ToBoolean,
    ToDate,
    ToDecimal,
)

BLANKS = " \t\r\n\f\v\u00a0"
_WHOLE = "([0-9]{1,28}|[0-9]{1,3}(,[0-9]{3}){1,8})"
DECIMAL = f"^[+-]?{_WHOLE}([.][0-9]{{1,10}})?$"
INTEGER = "^[+-]?([0-9]{1,18}|[0-9]{1,3}(,[0-9]{3}){1,5})$"

Value = str | Decimal | int | bool | dt.date | None


def follow(text: str | None, steps: Sequence[Step]) -> Value:
    """What the steps make of a text.

    >>> follow(" 1,234.56 ", [Plain(step="trim"), ToDecimal()])
    Decimal('1234.56')
    """
    value: Value = text
    for step in steps:
        value = _step(value if isinstance(value, str) else None, step)
    return value


def is_lost(text: str | None, made: Value) -> bool:
    """Whether there was a value and none is left: what counts as a failure of the rule, in every engine.

    >>> is_lost("n/a", None), is_lost("n/a", " "), is_lost(" ", None)
    (True, True, False)
    """
    return is_filled(text) and (made is None or not is_filled(str(made)))


def is_filled(text: str | None) -> bool:
    """Whether a text holds more than blanks."""
    return text is not None and text.strip(BLANKS) != ""


def _step(text: str | None, step: Step) -> Value:  # noqa: PLR0911 - one return a kind of step
    if isinstance(step, Default):
        return text if is_filled(text) else step.value
    if text is None:
        return None
    match step:
        case Plain():
            return _plain(text, step)
        case Substring():
            return text[step.start - 1 : step.start - 1 + step.length]
        case SplitPart():
            parts = text.split(step.separator)
            return parts[step.part - 1] if step.part <= len(parts) else ""
        case SplitAt():
            return _split(text, step)
        case Replace():
            return text.replace(step.old, step.new)
        case MapValues():
            return step.codes.get(text, text if step.otherwise == "keep" else None)
        case _:
            return _convert(text.strip(BLANKS), step)


def _split(text: str, step: SplitAt) -> str:
    """Separators are told from the left, as databases do it: the last one of ``000`` at ``00`` is the first one."""
    parts = text.split(step.separator)
    if len(parts) == 1:
        return ""
    if (step.which, step.side) == ("first", "before"):
        return parts[0]
    if (step.which, step.side) == ("last", "after"):
        return parts[-1]
    return step.separator.join(parts[1:] if step.which == "first" else parts[:-1])


def _plain(text: str, step: Plain) -> str:
    match step.step:
        case "trim":
            return text.strip(BLANKS)
        case "uppercase":
            return "".join(map(_upper, text.replace("ß", "SS")))
        case "lowercase":
            return _lowered(text)
        case "digits_only":
            return re.sub("[^0-9]", "", text)
        case "strip_leading_zeros":
            return text.lstrip("0")


def _upper(letter: str) -> str:
    """One letter for one letter, as databases do it.

    Letters that got their capital in a newer Unicode than this Python's (``ƛ`` and ``ɤ`` in version 16) stay small
    here, and are raised by a database that knows it.
    """
    return next((raised for raised in (letter.upper(), letter.title()) if len(raised) == 1), letter)


def _lowered(text: str) -> str:
    return "".join(letter.lower()[0] for letter in text)


def _convert(text: str, step: Step) -> Value:
    match step:
        case ToBoolean():
            word = _lowered(text)
            return word in step.true if word in step.true + step.false else None
        case ToDate():
            return _day(text, step)
        case ToDecimal():
            return Decimal(text.replace(",", "")) if re.search(DECIMAL, text) else None
        case _:
            return int(text.replace(",", "")) if re.search(INTEGER, text) else None


def _day(text: str, step: ToDate) -> dt.date | None:
    found = re.search(step.pattern(), text)
    if not found:
        return None
    try:
        return dt.date(*(int(found[step.place(part)]) for part in ("%Y", "%m", "%d")))
    except ValueError:
        return None

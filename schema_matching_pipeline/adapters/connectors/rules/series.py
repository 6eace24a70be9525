"""A chain of steps on a pandas series: every distinct value is read once."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import NamedTuple

import pandas as pd

from schema_matching_pipeline.adapters.connectors.rules.words import BLANKS, DECIMAL, INTEGER
from schema_matching_pipeline.model.rule import (
    Default,
    MapValues,
    Plain,
    Replace,
    SplitPart,
    Step,
    Substring,
    ToBoolean,
    ToDate,
    ToDecimal,
    Transformed,
)

Value = str | Decimal | int | bool | dt.date | None


class Applied(NamedTuple):
    """The values a rule makes, null where there is none, and how many rows could not be converted."""

    made: pd.Series
    failures: int


def transform_series(texts: pd.Series, rule: Transformed) -> Applied:
    """Every text of the series after the rule, under the series' own index."""
    made = {text: _chain(text, rule) for text in texts.dropna().unique()}
    missing = _chain(None, rule)
    found = [missing if pd.isna(text) else made[text] for text in texts]
    values = pd.Series([value for value, _ in found], index=texts.index, dtype=object)
    return Applied(values, sum(failed for _, failed in found))


def _chain(text: str | None, rule: Transformed) -> tuple[Value, bool]:
    value: Value = text
    failed = False
    for step in rule.steps:
        before = value if isinstance(value, str) else None
        value = _step(before, step)
        failed = failed or (_filled(before) and value is None)
    return value, failed


def _filled(text: str | None) -> bool:
    return text is not None and text.strip(BLANKS) != ""


def _step(text: str | None, step: Step) -> Value:  # noqa: PLR0911 - one return a kind of step
    if isinstance(step, Default):
        return text if _filled(text) else step.value
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
        case Replace():
            return text.replace(step.old, step.new)
        case MapValues():
            return step.codes.get(text, text if step.otherwise == "keep" else None)
        case _:
            return _convert(text.strip(BLANKS), step)


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

"""What texts tell by themselves, by their numbers in a collection: found out once for all columns that hold them."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schema_matching_pipeline.adapters.connectors.days import may_be_days
from schema_matching_pipeline.adapters.connectors.figures import are_like_numbers
from schema_matching_pipeline.adapters.connectors.text_numbers import Numbers
from schema_matching_pipeline.canon.growing import Growing

NO_DAY, ISO_DAY, ISO_MOMENT, OTHER_DAY = range(4)
"""How a text writes a day: not at all, as 2024-05-31, as 2024-05-31 08:15:00, or in a way that takes a closer look."""

_PLAIN_NUMBER = re.compile(r"-?(?:[0-9]{1,22}\.?[0-9]{0,22}|\.[0-9]{1,22})")
_ISO = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})([ T][0-9]{2}:[0-9]{2}[ -~]{3})?")
_FULL_YEAR = "1000"  # earlier ones are spelled in several ways
_EPOCH = date(1970, 1, 1).toordinal()


class Facts(NamedTuple):
    """What each of some texts tells.

    ``length`` is in characters. ``number`` is the one that is written with figures, a minus and a point alone, else not
    a number; ``is_like_number`` says that the text may be one in any writing. ``writes_day`` says how the text writes a
    day, and ``day`` is the day in ISO form, counted from 1970.
    """

    length: npt.NDArray[np.int32]
    number: npt.NDArray[np.float64]
    is_like_number: npt.NDArray[np.bool_]
    writes_day: npt.NDArray[np.int8]
    day: npt.NDArray[np.int32]

    def part(self, start: int, end: int) -> Facts:
        """What neighbours among the texts tell."""
        return Facts(
            self.length[start:end],
            self.number[start:end],
            self.is_like_number[start:end],
            self.writes_day[start:end],
            self.day[start:end],
        )


class TextFacts:
    """Facts of the texts of a collection; of each the first time that it is asked about."""

    def __init__(self, collection: list[str]) -> None:
        self._collection = collection
        self._is_known, self._is_like_number = Growing(np.bool_), Growing(np.bool_)
        self._length, self._number = Growing(np.int32), Growing(np.float64)
        self._writes_day, self._day = Growing(np.int8), Growing(np.int32)

    def of(self, texts: Numbers) -> Facts:
        """What these texts tell."""
        self._make_room(len(self._collection) - len(self._is_known))
        is_known = self._is_known[texts]
        if not is_known.all():
            self._learn(np.unique(texts[~is_known]))
        return Facts(
            self._length[texts],
            self._number[texts],
            self._is_like_number[texts],
            self._writes_day[texts],
            self._day[texts],
        )

    def _make_room(self, count: int) -> None:
        for facts in (self._is_known, self._is_like_number):
            facts.extend(False, count)
        for figures in (self._length, self._number, self._writes_day, self._day):
            figures.extend(0, count)

    def _learn(self, new: Numbers) -> None:
        texts = list(map(self._collection.__getitem__, new.tolist()))
        days = list(map(_written_day, texts, may_be_days(texts)))
        self._length[new] = list(map(len, texts))
        self._number[new] = [float(text) if _PLAIN_NUMBER.fullmatch(text) else np.nan for text in texts]
        self._is_like_number[new] = are_like_numbers(texts)
        self._writes_day[new] = [way for way, _ in days]
        self._day[new] = [day for _, day in days]
        self._is_known[new] = True


def _written_day(text: str, may_be_day: bool) -> tuple[int, int]:
    """How a text writes a day, and which one where the form is that of ISO."""
    if not may_be_day:
        return NO_DAY, 0
    found = _ISO.fullmatch(text)
    if found is None or text < _FULL_YEAR:
        return OTHER_DAY, 0
    try:
        day = date.fromisoformat(found[1]).toordinal() - _EPOCH
    except ValueError:
        return OTHER_DAY, 0
    return (ISO_MOMENT if found[2] else ISO_DAY), day

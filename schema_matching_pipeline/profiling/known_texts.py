"""What texts tell by themselves, found out once for all columns of a source that hold them.

A text has a *place*, under which everything known of it stands: columns then hold places, and what is asked of
all values of a column is looked up for all at once. Nothing of it outlives the profile.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schema_matching_pipeline.canon.absent import is_placeholder, is_sentinel
from schema_matching_pipeline.canon.growing import Growing, Places
from schema_matching_pipeline.canon.masking import CUT
from schema_matching_pipeline.model.measurement import NumberedTexts
from schema_matching_pipeline.profiling.dates import DateForm, DayOrder, compact_form, read_day
from schema_matching_pipeline.profiling.fillers import (
    look_for_made_up,
    may_be_placeholder,
    may_be_sentinel,
)
from schema_matching_pipeline.profiling.kinds import KINDS, read_kinds
from schema_matching_pipeline.profiling.shapes import Shapes, shapes_of

Truths = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]
Question = Callable[[Sequence[str]], Sequence[bool]]

_MOST = 100_000  # texts; then begins a new collection
_EPOCH = 719_163  # the first of January 1970, counted from the first day of the year 1
_NO_DAY, _NOT_READ = -1_000_000, -2_000_000  # before all days
_COMPACT_LENGTHS = frozenset((8, 14))
_PLAIN_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d+)?")
_NOT_ASKED, _NO, _YES = range(3)
_NOWHERE = -1


PLACEHOLDER, SENTINEL, HINTED, LETTERED, MADE_UP, MADE_UP_NUMBER, STRANGE = (1 << place for place in range(7))
"""Marks of a text: it says that there is none, may stand for none, holds what made-up ones do, holds letters; somebody
made it up, or counted it up; it holds other characters than those of ASCII."""


class Told(NamedTuple):
    """What each of some texts tells by itself.

    Its marks; its kind and form by their places in ``KINDS`` and the known forms, the latter -1 where it is no date;
    its shape by its place among the known ones; its length; and the number that a plain one is, else none.
    """

    marks: npt.NDArray[np.uint8]
    kind: npt.NDArray[np.int8]
    form: npt.NDArray[np.int32]
    shape: npt.NDArray[np.int32]
    length: npt.NDArray[np.int32]
    number: npt.NDArray[np.float64]

    def part(self, start: int, end: int) -> Told:
        """What neighbours among the texts tell."""
        return Told(
            self.marks[start:end],
            self.kind[start:end],
            self.form[start:end],
            self.shape[start:end],
            self.length[start:end],
            self.number[start:end],
        )

    def where(self, holds: Truths) -> Told:
        """What those tell for which something holds."""
        return Told(
            self.marks[holds],
            self.kind[holds],
            self.form[holds],
            self.shape[holds],
            self.length[holds],
            self.number[holds],
        )


class KnownTexts:
    """A collection of texts, stripped and not empty, and what is known of each by its place."""

    def __init__(self, shape_length: int) -> None:
        self.texts: list[str] = []
        self.shapes: list[str] = []
        self.forms: list[DateForm] = []
        self._marks, self._shape, self._length = Growing(np.uint8), Growing(np.int32), Growing(np.int32)
        self._number = Growing(np.float64)  # of a plain number, else NaN
        self._kind, self._form, self._compact = Growing(np.int8), Growing(np.int32), Growing(np.int32)
        self._days = {order: Growing(np.int32) for order in DayOrder}
        self._answers: Growing[np.int8] | None = None
        self._shape_length = shape_length
        self._place_of: dict[str, int] = {}
        self._shape_of: dict[str, int] = {}
        self._form_of: dict[DateForm, int] = {}
        self._collection = list[str]()
        self._places_by_number = Growing(np.intp)

    @property
    def is_full(self) -> bool:
        """Whether it holds as many texts as may be held."""
        return len(self.texts) >= _MOST

    def places(self, texts: Sequence[str]) -> Places:
        """Where texts stand; those that are new are looked at."""
        found = list(map(self._place_of.get, texts))
        if None in found:
            self._add([text for text, place in zip(texts, found, strict=True) if place is None])
            found = list(map(self._place_of.get, texts))
        return np.array(found, dtype=np.intp)

    def places_of(self, texts: NumberedTexts) -> Places:
        """Where texts of a collection stand; the place of each is looked up once as long as the collection comes up."""
        known = self._placed(texts.collection)
        known.extend(_NOWHERE, len(texts.collection) - len(known))
        places = known[texts.numbers]
        if (places == _NOWHERE).any():
            new = np.unique(texts.numbers[places == _NOWHERE])
            known[new] = self.places(list(NumberedTexts(texts.collection, new)))
            places = known[texts.numbers]
        return places

    def _placed(self, collection: list[str]) -> Growing[np.intp]:
        """The places of a collection's texts by number; those of the collection that came up last are kept."""
        if collection is not self._collection:
            self._collection, self._places_by_number = collection, Growing(np.intp)
        return self._places_by_number

    def told(self, places: Places) -> Told:
        """What texts tell by themselves."""
        return Told(
            self._marks[places],
            self._kind[places],
            self._form[places],
            self._shape[places],
            self._length[places],
            self._number[places],
        )

    def with_compact_dates(self, told: Told, places: Places) -> Told:
        """The same where eight figures may be a date."""
        compact = self._compact[places]
        dates = (compact >= 0) & (told.form < 0)
        if not dates.any():
            return told
        kinds, forms = told.kind.copy(), told.form.copy()
        forms[dates] = compact[dates]
        timed = [self.forms[form].timed for form in forms[dates].tolist()]
        kinds[dates] = np.where(timed, KINDS.index("datetime"), KINDS.index("date"))
        return told._replace(kind=kinds, form=forms)

    def days(self, places: Places, forms: npt.NDArray[np.int32], order: DayOrder) -> tuple[Whole, Truths]:
        """The days that dates of these forms name, counted from 1970, and which of the dates there are."""
        known = self._days[order]
        days = known[places].astype(np.int64)
        new = np.flatnonzero(days == _NOT_READ)
        if len(new):
            asked = zip(places[new].tolist(), forms[new].tolist(), strict=True)
            read = [read_day(self.texts[place], self.forms[form], order) for place, form in asked]
            days[new] = [_NO_DAY if day is None else day.toordinal() - _EPOCH for day in read]
            known[places[new]] = days[new]
        return days, days > _NO_DAY

    def answers(self, questions: Sequence[Question], places: Places) -> Truths:
        """The answers to all questions about some texts: a row a text. The questions are always the same."""
        known = self._answered(len(questions))
        answers = known[places]
        new = places[(answers == _NOT_ASKED).any(axis=1)]
        if len(new):
            asked = list(map(self.texts.__getitem__, new.tolist()))
            for number, question in enumerate(questions):
                known[new, number] = np.where(question(asked), _YES, _NO)
            answers = known[places]
        return np.equal(answers, _YES)

    def answer(self, questions: Sequence[Question], number: int, places: Places) -> Truths:
        """The answers to one of the questions."""
        known = self._answered(len(questions))
        answers = known[places, number]
        new = places[answers == _NOT_ASKED]
        if len(new):
            asked = list(map(self.texts.__getitem__, new.tolist()))
            known[new, number] = np.where(questions[number](asked), _YES, _NO)
            answers = known[places, number]
        return np.equal(answers, _YES)

    def _answered(self, width: int) -> Growing[np.int8]:
        if self._answers is None:
            self._answers = Growing(np.int8, width)
        if len(self._answers) < len(self.texts):
            self._answers.extend(_NOT_ASKED, len(self.texts) - len(self._answers))
        return self._answers

    def _add(self, texts: list[str]) -> None:
        """Takes new texts. What stands around one is cut off: several may stand at one place."""
        stripped = [text.strip() for text in texts]
        bare = [text for text in dict.fromkeys(stripped) if text not in self._place_of]
        self._place_of.update(zip(bare, range(len(self.texts), len(self.texts) + len(bare)), strict=True))
        if bare:
            self._look(bare)
        self._place_of.update(
            (text, self._place_of[inner])
            for text, inner in zip(texts, stripped, strict=True)
            if text is not inner and text != inner
        )

    def _look(self, texts: list[str]) -> None:
        count, shapes = len(texts), shapes_of(texts, limit=self._shape_length)
        self.texts += texts
        self._shape.extend(self._numbered(shapes), count)
        self._length.extend(list(map(len, texts)), count)
        self._number.extend(_numbers_in(texts, shapes), count)
        self._marks.extend(_marks_of(texts, shapes), count)
        self._look_for_dates(texts, shapes)

    def _look_for_dates(self, texts: list[str], shapes: Shapes) -> None:
        kinds, forms = read_kinds(texts, shapes)
        self._kind.extend(kinds, len(texts))
        self._form.extend(list(map(self._form_number, forms)), len(texts))
        compact = [compact_form(text) if len(text) in _COMPACT_LENGTHS else None for text in texts]
        self._compact.extend(list(map(self._form_number, compact)), len(texts))
        for days in self._days.values():
            days.extend(_NOT_READ, len(texts))

    def _numbered(self, shapes: Shapes) -> npt.NDArray[np.int32]:
        """The shapes of texts by their places in ``shapes``."""
        known = self._shape_of
        for name in shapes.names:
            if known.setdefault(name, len(known)) == len(self.shapes):
                self.shapes.append(name)
        return np.array([known[name] for name in shapes.names], dtype=np.int32)[shapes.places]

    def _form_number(self, form: DateForm | None) -> int:
        if form is None:
            return -1
        number = self._form_of.setdefault(form, len(self.forms))
        if number == len(self.forms):
            self.forms.append(form)
        return number


class TextMemory:
    """The texts known so far; a new collection where there are too many."""

    def __init__(self, shape_length: int) -> None:
        self._shape_length = shape_length
        self._known = KnownTexts(shape_length)

    def known(self) -> KnownTexts:
        """What the next column's values are looked up in."""
        if self._known.is_full:
            self._known = KnownTexts(self._shape_length)
        return self._known


def _numbers_in(texts: list[str], shapes: Shapes) -> npt.NDArray[np.float64]:
    """What texts are as numbers; NaN for those that are no plain ones."""
    numbers = np.full(len(texts), np.nan)
    for place in shapes.where(_may_be_plain_number):
        if _PLAIN_NUMBER.fullmatch(texts[place]):
            numbers[place] = float(texts[place])
    return numbers


def _may_be_plain_number(shape: str) -> bool:
    return shape.endswith(CUT) or _PLAIN_NUMBER.fullmatch(shape) is not None


def _marks_of(texts: list[str], shapes: Shapes) -> npt.NDArray[np.uint8]:
    marks = np.zeros(len(texts), dtype=np.uint8)
    if shapes.plain is not None:
        marks[~shapes.plain] |= STRANGE
    made_up = look_for_made_up(texts, shapes)
    for mark, places in (
        (PLACEHOLDER, [place for place in shapes.where(may_be_placeholder) if is_placeholder(texts[place])]),
        (SENTINEL, [place for place in shapes.where(may_be_sentinel) if is_sentinel(texts[place])]),
        (HINTED, made_up.hinted),
        (LETTERED, made_up.lettered),
        (MADE_UP, made_up.surely),
        (MADE_UP_NUMBER, made_up.numbers),
    ):
        marks[list(places)] |= mark
    return marks

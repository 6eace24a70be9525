"""Dates and times written as text: their forms, the column's order of day and month, and their days."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache

_TIME = r"(?:[T ]+(?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?[AaPp]\.?[Mm]\.?)?)(?: ?(?:Z|UTC|[+-]\d{2}(?::?\d{2})?))?)?"
_YEAR_FIRST = re.compile(
    rf"(?P<year>\d{{4}})(?P<mark>[-/.])(?P<month>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}}){_TIME}"
)
_YEAR_LAST = re.compile(
    rf"(?P<one>\d{{1,2}})(?P<mark>[-/.])(?P<two>\d{{1,2}})(?P=mark)(?P<year>\d{{4}}|\d{{2}}){_TIME}"
)
_DAY_WORD = re.compile(
    rf"(?P<day>\d{{1,2}})\.?(?P<mark>[ -])(?P<word>[^\W\d]{{3,9}})\.?,?[ -](?P<year>\d{{4}}|\d{{2}}){_TIME}"
)
_WORD_DAY = re.compile(
    rf"(?P<word>[^\W\d]{{3,9}})\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}}){_TIME}"
)
_COMPACT = re.compile(
    r"(?P<year>(?:18|19|20|21)\d{2})(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?P<clock>\d{6})?"
)

# English, German, Spanish, French and Italian month names by their first letters.
_MONTHS = (
    ("jan", "jän", "ene", "gen"), ("feb", "fév", "fev"), ("mar", "mär", "mrz", "maer"), ("apr", "abr", "avr"),
    ("may", "mai", "mag"), ("jun", "juin", "giu"), ("jul", "juil", "lug"), ("aug", "ago", "aoû", "aou"),
    ("sep", "set"), ("oct", "okt", "oto", "ott"), ("nov",), ("dec", "dez", "dic", "déc"),
)  # fmt: skip

_MONTH_STARTS = frozenset(head[:3] for heads in _MONTHS for head in heads)
_DIGITS = re.compile(r"\d+")
_DIRECTIVE = re.compile(r"%(\w)")
_POSIX_PIVOT = 69


class DayOrder(StrEnum):
    """Which number comes first where both could be a month."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


@dataclass(frozen=True, slots=True)
class DateForm:
    """How one value writes its date: the strptime format, or two where day and month could be swapped."""

    by_day: str
    by_month: str
    first: int = 0
    second: int = 0
    timed: bool = False

    def format(self, order: DayOrder) -> str:
        """The strptime format under an order of day and month."""
        return self.by_day if order is DayOrder.DAY_FIRST else self.by_month


_ISO_FORMS = {
    len(shown): DateForm(form, form, timed=len(shown) > len("2021-02-03"))
    for shown, form in (
        ("2021-02-03", "%Y-%m-%d"),
        ("2021-02-03 10:00", "%Y-%m-%d %H:%M"),
        ("2021-02-03 10:00:00", "%Y-%m-%d %H:%M:%S"),
    )
}


@lru_cache(maxsize=20_000)
def date_form(text: str) -> DateForm | None:
    """The form of a date or moment, or None where the text is neither.

    >>> date_form("03/04/2021").format(DayOrder.MONTH_FIRST)
    '%m/%d/%Y'
    """
    if len(text) < 6 or len(text) > 40:
        return None
    if not text[0].isdecimal():
        return _worded(text) if text[:3].casefold() in _MONTH_STARTS else None
    if found := _YEAR_FIRST.fullmatch(text):
        mark = found["mark"]
        return _form(found, f"%Y{mark}%m{mark}%d", found["month"], found["day"])
    if found := _YEAR_LAST.fullmatch(text):
        return _swappable(found)
    return _worded(text)


def iso_form(text: str) -> DateForm | None:
    """The form of a text of the shape 9999-99-99 or 9999-99-99 99:99:99; None where no such month or day can be.

    >>> iso_form("2021-02-31").by_day, iso_form("2021-13-01")
    ('%Y-%m-%d', None)
    """
    if text[5:7] > "12" or text[8:10] > "31":
        return None
    return _ISO_FORMS[min(len(text), len("9999-99-99 99:99:99"))]


def compact_form(text: str) -> DateForm | None:
    """The form of a date written as eight digits, or a moment of fourteen."""
    found = _COMPACT.fullmatch(text)
    if not found:
        return None
    form = "%Y%m%d%H%M%S" if found["clock"] else "%Y%m%d"
    return DateForm(form, form, timed=bool(found["clock"]))


def day_order(forms: Mapping[DateForm, int]) -> tuple[DayOrder, bool]:
    """The order of day and month that a column's dates speak for, and whether it was decided by evidence.

    ``forms`` says how many dates have which form.

    A number above twelve decides. Where none is, days vary more than months do; where even that is silent,
    slashes are read month first and all else day first.
    """
    swappable = {form: dates for form, dates in forms.items() if form.by_day != form.by_month}
    firsts, seconds = {form.first for form in swappable}, {form.second for form in swappable}
    days = sum(dates for form, dates in swappable.items() if form.first > 12)
    months = sum(dates for form, dates in swappable.items() if form.second > 12)
    if days != months:
        return (DayOrder.DAY_FIRST if days > months else DayOrder.MONTH_FIRST), True
    if len(firsts) != len(seconds):
        return (DayOrder.DAY_FIRST if len(firsts) > len(seconds) else DayOrder.MONTH_FIRST), False
    slashed = any("/" in form.by_day for form in swappable)
    return (DayOrder.MONTH_FIRST if slashed else DayOrder.DAY_FIRST), not swappable


def read_day(text: str, form: DateForm, order: DayOrder) -> date | None:
    """The day a text names, or None where no such day exists (31 February, year 0)."""
    pattern = form.format(order)
    try:
        return _read_worded(text, pattern) if "%b" in pattern else _read_digits(text, pattern)
    except ValueError:
        return None


def _read_digits(text: str, pattern: str) -> date:
    if pattern.startswith("%Y-") and text[7] == "-" and text[8:10].isdecimal() and text.isascii():
        return date.fromisoformat(text[:10])
    if pattern.startswith("%Y%m%d"):
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    parts = dict(zip(_DIRECTIVE.findall(pattern), map(int, _DIGITS.findall(text)), strict=False))
    year = parts["Y"] if "Y" in parts else _in_full(parts["y"])
    return date(year, parts["m"], parts["d"])


def _in_full(year: int) -> int:
    """A year of two digits in full, by the rule of POSIX: 69 to 99 lie in the last century."""
    return year + (1900 if year >= _POSIX_PIVOT else 2000)


def _read_worded(text: str, pattern: str) -> date:
    bare = re.sub(r"[T ]+\d{1,2}:.*$", "", _spell_month(text))
    day_part = re.split(r"[T ]%[HI]", pattern)[0]
    return datetime.strptime(re.sub(r"[.,](?= )", "", bare), day_part).date()  # noqa: DTZ007  # a day has no zone


def _form(found: re.Match[str], day_part: str, first: str, second: str) -> DateForm | None:
    if int(first) > 12 or int(second) > 31:
        return None
    form = day_part + _clock_format(found)
    return DateForm(form, form, timed=found["clock"] is not None)


def _swappable(found: re.Match[str]) -> DateForm | None:
    first, second, mark = int(found["one"]), int(found["two"]), found["mark"]
    if max(first, second) > 31 or min(first, second) > 12:
        return None
    year = "%Y" if len(found["year"]) == 4 else "%y"
    clock = _clock_format(found)
    return DateForm(
        f"%d{mark}%m{mark}{year}{clock}",
        f"%m{mark}%d{mark}{year}{clock}",
        first,
        second,
        found["clock"] is not None,
    )


def _worded(text: str) -> DateForm | None:
    found = _DAY_WORD.fullmatch(text) or _WORD_DAY.fullmatch(text)
    if not found or _month(found["word"]) is None or int(found["day"]) > 31:
        return None
    year = "%Y" if len(found["year"]) == 4 else "%y"
    mark = found["mark"] if "mark" in found.groupdict() else " "
    day_part = f"%d{mark}%b{mark}{year}" if found.re is _DAY_WORD else "%b %d " + year
    form = day_part + _clock_format(found)
    return DateForm(form, form, timed=found["clock"] is not None)


def _month(word: str) -> int | None:
    lowered = word.casefold()
    return next(
        (
            number
            for number, heads in enumerate(_MONTHS, 1)
            if any(lowered.startswith(head) for head in heads)
        ),
        None,
    )


def _clock_format(found: re.Match[str]) -> str:
    clock = found["clock"]
    if clock is None:
        return ""
    joint = "T" if "T" in found.string[: found.start("clock")][-1:] else " "
    half = clock.rstrip()[-1:] in "mM."
    hour = "%I" if half else "%H"
    seconds = ":%S" if clock.count(":") > 1 else ""
    return f"{joint}{hour}:%M{seconds}" + (" %p" if half else "")


def _spell_month(text: str) -> str:
    """The text with its month in the three English letters strptime knows, plain separators, no ordinals."""
    return re.sub(r"[^\W\d]{3,9}", _english, re.sub(r"(\d)(?:st|nd|rd|th)\b", r"\1", text), count=1)


def _english(found: re.Match[str]) -> str:
    number = _month(found.group())
    return date(2000, number, 1).strftime("%b") if number else found.group()

"""In which form values are announced: by a name, or by the first words of a description.

The forms are those of the representation terms that data dictionaries are written with (ISO/IEC 11179, UN/CEFACT Core
Components): amount and measure, count, date, time, indicator, code, identifier, text.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from schema_matching_pipeline.canon.name_kinds import NameKind, kind_of_name


class Representation(StrEnum):
    """A form of values."""

    MEASURE = "measure"
    COUNT = "count"
    DATE = "date"
    YEAR = "year"
    TIME = "time"
    INDICATOR = "indicator"
    CODE = "code"
    IDENTIFIER = "identifier"
    TEXT = "text"


_OF_NAME = {
    NameKind.BIRTH_DATE: Representation.DATE,
    NameKind.DATE: Representation.DATE,
    NameKind.YEAR: Representation.YEAR,
    NameKind.TIME: Representation.TIME,
    NameKind.GENDER: Representation.CODE,
    NameKind.RELATIONSHIP: Representation.CODE,
    NameKind.CODE: Representation.CODE,
    NameKind.AMOUNT: Representation.MEASURE,
    NameKind.QUANTITY: Representation.MEASURE,
    NameKind.PERCENT: Representation.MEASURE,
    NameKind.FLAG: Representation.INDICATOR,
    NameKind.NOTE: Representation.TEXT,
    NameKind.NAME: Representation.TEXT,
    NameKind.PERSON_NAME: Representation.TEXT,
    NameKind.STREET: Representation.TEXT,
    NameKind.CITY: Representation.TEXT,
    NameKind.EMAIL: Representation.TEXT,
    NameKind.URL: Representation.TEXT,
    NameKind.SSN: Representation.IDENTIFIER,
    NameKind.PERSONAL_NUMBER: Representation.IDENTIFIER,
    NameKind.NPI: Representation.IDENTIFIER,
    NameKind.IBAN: Representation.IDENTIFIER,
    NameKind.UUID: Representation.IDENTIFIER,
    NameKind.KEY: Representation.IDENTIFIER,
}
# An indicator may be called a text or a term that says whether something holds.
_INDICATOR = re.compile(
    r"\b(?:yes\W{1,3}no|indicators?|indicat\w+ (?:if|whether)|true or false|boolean)\b|^\W*(?:whether|flag)\b"
)
_SAID = (
    # "Number of the licence" is an identifier, and which one the name says.
    (Representation.COUNT, r"number of (?!the\b|an?\b)|counts?|how many|time interval"),
    (
        Representation.MEASURE,
        r"numeric\w*|quantit\w+|measurements?|percent\w*|proportion|ratio|amount|age|weight|height|length|price|cost",
    ),
    (Representation.YEAR, r"year"),
    (Representation.DATE, r"dates?|day (?:of|on)|moment|datetime|timestamp"),
    (Representation.TIME, r"time of day"),
    (Representation.IDENTIFIER, r"identifiers?|unique key|primary key|foreign key|uuid"),
    (Representation.CODE, r"codes?|category|categories|classification|abbreviation"),
    (Representation.TEXT, r"text\w*|names?|terms?|free.?text|narrative|comments?|notes?|verbatim"),
)
_FORMS = [(form, re.compile(rf"\b(?:{words})\b")) for form, words in _SAID]
BEGINNING = 60  # characters of a description; what comes later is about something else


@lru_cache(maxsize=100_000)
def announced(name: str, description: str = "") -> Representation | None:
    """The form that the beginning of a description announces, else the name; None where neither does.

    >>> announced("days_to_birth", "Number of days between two dates."), announced("paid_amt"), announced("xq_7")
    (<Representation.COUNT: 'count'>, <Representation.MEASURE: 'measure'>, None)
    """
    beginning = description[:BEGINNING].lower()
    if _INDICATOR.search(beginning):
        return Representation.INDICATOR
    said = [(found.start(), form) for form, words in _FORMS if (found := words.search(beginning))]
    if said:
        return min(said, key=lambda each: each[0])[1]
    kind = kind_of_name(name)
    return _OF_NAME.get(kind) if kind else None

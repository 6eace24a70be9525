"""What values a name lets one expect, and what values plainly contradict it.

Both are names of patterns, or of value types. A name that is on no list expects nothing: only a clear
expectation and a clear contradiction together make a finding.
"""

from __future__ import annotations

from dataclasses import dataclass

from schema_matching_pipeline.canon.name_kinds import NameKind, in_english
from schema_matching_pipeline.canon.names import name_tokens
from schema_matching_pipeline.model.profile import ColumnProfile

_DATES = ("date", "datetime")
_NUMBERS = ("integer", "decimal")
_MOMENTS = frozenset(
    ("start", "stop", "begin", "end", "beginning", "issued", "created", "updated", "modified")
)
_FIGURES = frozenset(
    ("rate", "ratio", "score", "percentile", "latitude", "longitude", "lat", "lon", "expenses", "coverage")
)
_CHOICES = frozenset(("status", "language", "severity", "priority"))
LONG_TEXT_CONTRADICTS = frozenset(
    (
        NameKind.DATE,
        NameKind.BIRTH_DATE,
        NameKind.YEAR,
        NameKind.AMOUNT,
        NameKind.QUANTITY,
        NameKind.PERCENT,
        NameKind.POSTAL_CODE,
        NameKind.PHONE,
        NameKind.FLAG,
    )
)
_OTHER_CONTACT = ("url", "street_address")
_IN_WORDS = {
    "email": "e-mail addresses",
    "phone": "telephone numbers",
    "url": "web addresses",
    "street_address": "street addresses",
    "person_name": "names of persons",
    "sentence": "free text",
    "words": "words",
    "date": "dates",
    "datetime": "moments with a time of day",
    "uuid": "UUIDs",
    "integer": "whole numbers",
    "decimal": "decimal numbers",
    "money": "amounts of money",
    "ssn_us": "social security numbers",
    "json": "JSON",
    "postal_code": "postal codes",
}


@dataclass(frozen=True)
class Expectation:
    """The patterns and types that fit a name, and those that contradict it, in plain words where shown."""

    what: str
    fits: tuple[str, ...]
    contradicts: tuple[str, ...]


EXPECTATIONS: dict[NameKind, Expectation] = {
    NameKind.EMAIL: Expectation(
        "e-mail addresses",
        ("email",),
        ("phone", *_OTHER_CONTACT, "person_name", *_DATES, *_NUMBERS, "sentence", "uuid", "words"),
    ),
    NameKind.PHONE: Expectation(
        "telephone numbers",
        ("phone", "integer"),
        ("email", *_OTHER_CONTACT, "person_name", *_DATES, "sentence", "uuid", "words", "money"),
    ),
    NameKind.URL: Expectation(
        "web addresses",
        ("url", "file_path"),
        ("email", "phone", "street_address", "person_name", *_DATES, *_NUMBERS, "sentence", "uuid"),
    ),
    NameKind.IP: Expectation(
        "internet addresses", ("ip",), ("email", "phone", "person_name", *_DATES, "sentence", "words", "uuid")
    ),
    NameKind.STREET: Expectation(
        "street addresses",
        ("street_address",),
        ("email", "phone", "url", *_DATES, "uuid", "decimal", "money"),
    ),
    NameKind.CITY: Expectation(
        "names of towns",
        (),
        ("email", "phone", *_OTHER_CONTACT, *_DATES, "uuid", *_NUMBERS, "sentence", "money"),
    ),
    NameKind.STATE: Expectation(
        "names or codes of states",
        ("us_state",),
        ("email", "phone", *_OTHER_CONTACT, *_DATES, "uuid", "decimal", "sentence"),
    ),
    NameKind.COUNTRY: Expectation(
        "names or codes of countries",
        ("country_code",),
        ("email", "phone", *_OTHER_CONTACT, *_DATES, "uuid", "decimal", "sentence"),
    ),
    NameKind.POSTAL_CODE: Expectation(
        "postal codes",
        ("postal_code", "zip_us"),
        ("email", "phone", *_OTHER_CONTACT, "person_name", *_DATES, "sentence", "uuid", "words", "money"),
    ),
    NameKind.PERSON_NAME: Expectation(
        "names of persons",
        ("person_name",),
        ("email", "phone", *_OTHER_CONTACT, *_DATES, *_NUMBERS, "uuid", "sentence", "money"),
    ),
    NameKind.BIRTH_DATE: Expectation(
        "dates of birth",
        ("date", "datetime", "date_compact", "year"),
        ("email", "phone", *_OTHER_CONTACT, "person_name", "uuid", "sentence", "words", "decimal"),
    ),
    NameKind.DATE: Expectation(
        "dates",
        ("date", "datetime", "date_compact", "year", "time"),
        ("email", "phone", *_OTHER_CONTACT, "person_name", "uuid", "sentence", "words", "decimal", "money"),
    ),
    NameKind.YEAR: Expectation(
        "years",
        ("year", "integer"),
        (*_DATES, "email", "phone", *_OTHER_CONTACT, "person_name", "uuid", "sentence", "words"),
    ),
    NameKind.TIME: Expectation(
        "times",
        ("time", "date", "datetime", "integer"),
        ("email", "phone", *_OTHER_CONTACT, "person_name", "uuid", "sentence"),
    ),
    NameKind.GENDER: Expectation(
        "genders",
        (),
        ("email", "phone", *_OTHER_CONTACT, *_DATES, "uuid", "person_name", "sentence", "decimal", "money"),
    ),
    NameKind.RELATIONSHIP: Expectation(
        "relationships",
        ("relationship",),
        ("person_name", "email", "phone", *_OTHER_CONTACT, *_DATES, "uuid", "decimal", "sentence"),
    ),
    NameKind.AMOUNT: Expectation(
        "amounts",
        (*_NUMBERS, "money", "two_decimals", "percent"),
        (*_DATES, "email", "phone", *_OTHER_CONTACT, "person_name", "uuid", "sentence", "words"),
    ),
    NameKind.QUANTITY: Expectation(
        "quantities",
        (*_NUMBERS, "measured_quantity"),
        (*_DATES, "email", "phone", *_OTHER_CONTACT, "person_name", "uuid", "sentence"),
    ),
    NameKind.PERCENT: Expectation(
        "percentages",
        (*_NUMBERS, "percent"),
        (*_DATES, "email", "phone", *_OTHER_CONTACT, "person_name", "uuid", "sentence", "words"),
    ),
    NameKind.CODE: Expectation(
        "codes",
        ("short_code",),
        ("sentence", "email", *_OTHER_CONTACT, *_DATES, "json", "person_name"),
    ),
    NameKind.FLAG: Expectation(
        "yes or no",
        ("boolean",),
        ("email", "phone", *_OTHER_CONTACT, "person_name", "uuid", "sentence"),
    ),
    NameKind.SSN: Expectation(
        "social security numbers",
        ("ssn_us", "integer"),
        ("email", "phone", *_OTHER_CONTACT, *_DATES, "person_name", "sentence", "words", "uuid"),
    ),
    NameKind.NPI: Expectation(
        "provider numbers",
        ("npi", "integer"),
        ("email", *_OTHER_CONTACT, *_DATES, "person_name", "sentence", "words", "uuid"),
    ),
    NameKind.IBAN: Expectation(
        "account numbers",
        ("iban",),
        ("email", "phone", *_OTHER_CONTACT, *_DATES, "person_name", "sentence", "words", "uuid"),
    ),
    NameKind.UUID: Expectation(
        "UUIDs", ("uuid",), ("email", "phone", *_OTHER_CONTACT, *_DATES, "person_name", "sentence")
    ),
    NameKind.NAME: Expectation("names", (), ("phone", *_DATES)),
    NameKind.KEY: Expectation("identifiers", (), ("sentence", *_DATES, "street_address", "money")),
    NameKind.NUMBER: Expectation("numbers", (), ("email", "sentence", *_DATES, "person_name", "uuid")),
}


def implied_kind(name: str) -> NameKind | None:
    """What a name that announces no kind of values lets one expect all the same: a beginning or end is a moment.

    >>> implied_kind("STOP"), implied_kind("rental_rate"), implied_kind("shape")
    (<NameKind.DATE: 'date'>, <NameKind.AMOUNT: 'amount'>, None)
    """
    tokens = in_english(name_tokens(name))
    if len(tokens) == 1 and tokens[0] in _MOMENTS:
        return NameKind.DATE
    if tokens and tokens[-1] in _FIGURES:
        return NameKind.AMOUNT
    return NameKind.CODE if tokens and tokens[-1] in _CHOICES else None


def share_of(column: ColumnProfile, name: str) -> float:
    """The share of values that follow a pattern or have a type of that name."""
    typed = next((share.share for share in column.type_shares if share.name == name), 0.0)
    return max(column.pattern_share(name), typed)


def in_words(name: str) -> str:
    """A pattern or type in words a steward uses."""
    return _IN_WORDS.get(name, name.replace("_", " "))

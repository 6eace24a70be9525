"""Identifiers with a form of their own, most with check digits."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stdnum import iban as iban_number

from schema_matching_pipeline.profiling.check_digits import has_luhn_digit
from schema_matching_pipeline.profiling.pattern import PATTERNS, following

_MARKS = re.compile(r"[- ]")
_KVNR_WEIGHTS = (1, 2) * 5
_uuid = following(
    r"(?:urn:uuid:)?\{?[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\}?|[0-9a-f]{32}|[0-9A-F]{32}",
    lambda text: not text.isdigit(),
)
_ssn = following(r"\d{3}-\d{2}-\d{4}|\d{3} \d{2} \d{4}")
_iban = following(
    r"[A-Z]{2}\d{2}[ ]?(?:[A-Z0-9]{4}[ ]?){2,7}[A-Z0-9]{1,4}", iban_number.is_valid, flags=re.IGNORECASE
)
_card = following(
    r"\d{12,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5}",
    lambda text: _is_card(_MARKS.sub("", text)),
)
# What the networks' numbers begin with, and how long they are.
_ISSUED = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11,16}|35\d{14,17}"
    r"|(?:2131|1800)\d{11}|(?:5[06-8]|6\d)\d{10,17}"
)
_npi = following(r"[12]\d{9}", lambda text: has_luhn_digit("80840" + text))
_isbn = following(r"(?:97[89][- ]?)?(?:\d[- ]?){9}[\dXx]", lambda text: _is_isbn(_MARKS.sub("", text)))
_tax_us = following(r"\d{2}-\d{7}")


@PATTERNS.register("uuid")
def uuid(values: Sequence[str]) -> list[bool]:
    """Universally unique identifiers, with dashes or as 32 hexadecimal digits."""
    return list(_uuid(values))


@PATTERNS.register("ssn_us")
def ssn_us(values: Sequence[str]) -> list[bool]:
    """Social security numbers of the United States, separated 3-2-4 (issued or not)."""
    return list(_ssn(values))


@PATTERNS.register("iban")
def iban(values: Sequence[str]) -> list[bool]:
    """International bank account numbers with right check digits."""
    return list(_iban(values))


@PATTERNS.register("payment_card")
def payment_card(values: Sequence[str]) -> list[bool]:
    """Payment card numbers with a right check digit."""
    return list(_card(values))


def _is_card(digits: str) -> bool:
    return _ISSUED.fullmatch(digits) is not None and has_luhn_digit(digits)


@PATTERNS.register("npi")
def npi(values: Sequence[str]) -> list[bool]:
    """National provider identifiers of the United States with a right check digit."""
    return list(_npi(values))


@PATTERNS.register("ein_us")
def ein_us(values: Sequence[str]) -> list[bool]:
    """Employer identification numbers of the United States, separated 2-7."""
    return list(_tax_us(values))


@PATTERNS.register("isbn")
def isbn_pattern(values: Sequence[str]) -> list[bool]:
    """Book numbers with a right check digit."""
    return list(_isbn(values))


def _is_isbn(text: str) -> bool:
    """Whether the check digit is right: by eleven in ten digits, by ten with weights one and three in thirteen."""
    if len(text) == 13:
        digits = list(map(int, text))
        return (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0
    values = [10 if digit in "Xx" else int(digit) for digit in text]
    return sum(weight * value for weight, value in zip(range(10, 0, -1), values, strict=True)) % 11 == 0


@PATTERNS.register("kvnr")
def kvnr(values: Sequence[str]) -> list[bool]:
    """German health insurance numbers: a letter and nine digits, the last a check digit."""
    return [_is_kvnr(value) for value in values]


def _is_kvnr(text: str) -> bool:
    if len(text) != 10 or not ("A" <= text[0] <= "Z") or not (text[1:].isascii() and text[1:].isdigit()):
        return False
    digits = f"{ord(text[0]) - 64:02d}{text[1:9]}"
    products = (int(digit) * weight for digit, weight in zip(digits, _KVNR_WEIGHTS, strict=True))
    return sum(product // 10 + product % 10 for product in products) % 10 == int(text[9])

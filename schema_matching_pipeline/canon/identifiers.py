"""Identifiers that can be told right from wrong by themselves: by shape or by check digit.

An expectation of kind ``matches`` names one of these in its parameter ``pattern``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from string import ascii_uppercase

from stdnum import ean, iban, isbn, luhn
from stdnum.at import vnr as austrian_insurance
from stdnum.ch import ssn as swiss_insurance
from stdnum.es import dni as spanish_identity
from stdnum.fr import nir as french_insurance
from stdnum.gb import nhs as british_health
from stdnum.it import codicefiscale as italian_tax
from stdnum.nl import bsn as dutch_citizen

from schema_matching_pipeline.canon.given_names import is_given_name

_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[A-Za-z]{2,}")
_PHONE = re.compile(r"[+(]?[\d][\d\s()./+-]*(?:\s*(?:x|ext\.?)\s*\d{1,6})?", re.IGNORECASE)
_US_SOCIAL_SECURITY = re.compile(r"\d{3}-?\d{2}-?\d{4}")
_CONTRACT = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9 ./_-]{2,39}")
_DEA = re.compile(r"[A-Z][A-Z9]\d{7}", re.IGNORECASE)
_KVNR = re.compile(r"[A-Z]\d{9}")
_RVNR = re.compile(r"\d{8}[A-Z]\d{3}")
_US_POSTAL = re.compile(r"\d{5}(?:-?\d{4})?")
_UUID = re.compile(r"\{?[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\}?")
_SEPARATORS = re.compile(r"[\s./-]")
_NPI_PREFIX = "80840"
_FEWEST_PHONE_DIGITS, _MOST_PHONE_DIGITS = 7, 15


@dataclass(frozen=True)
class Identifier:
    """One kind of identifier; ``holds`` judges one trimmed text; ``checked`` says a check digit is involved."""

    name: str
    description: str
    holds: Callable[[str], bool]
    checked: bool = False


def is_email(text: str) -> bool:
    """Whether a text is an e-mail address by its shape.

    >>> is_email("ann@example.org"), is_email("ann at example.org")
    (True, False)
    """
    return _EMAIL.fullmatch(text) is not None


def is_phone(text: str) -> bool:
    """Whether a text is a telephone number by its shape, an extension included.

    >>> is_phone("+49 (0)89 123-4567"), is_phone("555-0142 x12"), is_phone("none"), is_phone("12")
    (True, True, False, False)
    """
    number = re.split(r"x|ext", text, maxsplit=1, flags=re.IGNORECASE)[0]
    digits = sum(character.isdigit() for character in number)
    return _FEWEST_PHONE_DIGITS <= digits <= _MOST_PHONE_DIGITS and _PHONE.fullmatch(text) is not None


def is_npi(text: str) -> bool:
    """Whether a text is a US provider number: ten digits that pass Luhn's check behind the issuer prefix 80840.

    >>> is_npi("1234567893"), is_npi("1234567890")
    (True, False)
    """
    return len(text) == 10 and text.isascii() and text.isdigit() and bool(luhn.is_valid(_NPI_PREFIX + text))


def is_dea_number(text: str) -> bool:
    """Whether a text is a US prescriber number: two letters and seven digits, the last one a check digit.

    >>> is_dea_number("AB1234563"), is_dea_number("AB1234560")
    (True, False)
    """
    if _DEA.fullmatch(text) is None:
        return False
    digits = [int(digit) for digit in text[2:]]
    return (sum(digits[0:6:2]) + 2 * sum(digits[1:6:2])) % 10 == digits[6]


def is_german_health_insurance_number(text: str) -> bool:
    """Whether a text is a German health insurance number (KVNR): a letter, eight digits, a check digit.

    >>> is_german_health_insurance_number("A123456780"), is_german_health_insurance_number("A123456781")
    (True, False)
    """
    text = text.upper()
    if _KVNR.fullmatch(text) is None:
        return False
    return _cross_sums(_letter_as_digits(text[0]) + text[1:9], (1, 2)) % 10 == int(text[9])


def is_german_pension_number(text: str) -> bool:
    """Whether a text is a German pension insurance number (RVNR), by its check digit.

    >>> is_german_pension_number("15 070649 C 103"), is_german_pension_number("15070649C104")
    (True, False)
    """
    text = _SEPARATORS.sub("", text).upper()
    if _RVNR.fullmatch(text) is None:
        return False
    body = text[:8] + _letter_as_digits(text[8]) + text[9:11]
    return _cross_sums(body, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)) % 10 == int(text[11])


def is_national_number(text: str) -> bool:
    """Whether a text is a person's social security, tax or health number of one of the countries known.

    >>> is_national_number("123-45-6789"), is_national_number("Miller")
    (True, False)
    """
    return _US_SOCIAL_SECURITY.fullmatch(text) is not None or any(holds(text) for holds in _NATIONAL_NUMBERS)


def is_contract_number(text: str) -> bool:
    """Whether a text may number a policy, a member or a contract: short, without prose, with a digit.

    >>> is_contract_number("AOK-77 1234"), is_contract_number("see letter"), is_contract_number("12")
    (True, False, False)
    """
    return _CONTRACT.fullmatch(text) is not None


def _letter_as_digits(letter: str) -> str:
    return f"{ascii_uppercase.index(letter) + 1:02d}"


def _cross_sums(digits: str, weights: tuple[int, ...]) -> int:
    """The sum of the cross sums of the digits' products with the weights, which repeat."""
    products = (int(digit) * weights[place % len(weights)] for place, digit in enumerate(digits))
    return sum(product // 10 + product % 10 for product in products)


_NATIONAL_NUMBERS: tuple[Callable[[str], bool], ...] = (
    is_german_pension_number,
    is_german_health_insurance_number,
    austrian_insurance.is_valid,
    swiss_insurance.is_valid,
    french_insurance.is_valid,
    spanish_identity.is_valid,
    italian_tax.is_valid,
    british_health.is_valid,
    dutch_citizen.is_valid,
)


def is_named_so(text: str) -> bool:
    """Whether one of the words of a text is a common given name.

    >>> is_named_so("Anna Xyz"), is_named_so("Hofmann"), is_named_so("Jacinto644")
    (True, False, True)
    """
    return any(map(is_given_name, re.findall(r"[^\W\d_]+", text)))


IDENTIFIERS: dict[str, Identifier] = {
    identifier.name: identifier
    for identifier in (
        Identifier("email", "an e-mail address", is_email),
        Identifier("phone", "a telephone number", is_phone),
        Identifier("npi", "a US provider number (NPI)", is_npi, checked=True),
        Identifier("dea_number", "a US prescriber number (DEA)", is_dea_number, checked=True),
        Identifier(
            "kvnr", "a German health insurance number", is_german_health_insurance_number, checked=True
        ),
        Identifier("rvnr", "a German pension insurance number", is_german_pension_number, checked=True),
        Identifier("national_number", "a social security, tax or health number", is_national_number),
        Identifier("contract_number", "a policy, member or contract number", is_contract_number),
        Identifier(
            "iban",
            "an international bank account number",
            lambda text: bool(iban.is_valid(text)),
            checked=True,
        ),
        Identifier("isbn", "a book number", lambda text: bool(isbn.is_valid(text)), checked=True),
        Identifier("ean", "a trade article number", lambda text: bool(ean.is_valid(text)), checked=True),
        Identifier("zip_us", "a US postal code", lambda text: _US_POSTAL.fullmatch(text) is not None),
        Identifier("given_name", "a common given name, or more of them", is_named_so),
        Identifier("uuid", "a UUID", lambda text: _UUID.fullmatch(text) is not None),
    )
}

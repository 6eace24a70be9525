"""Identifiers that end in, or contain, a valid check digit, made from a drawn body.

Each function completes a body to the full identifier by the published rule of its issuer, so that made-up
people carry numbers that real validators accept.
"""

from __future__ import annotations

from string import ascii_uppercase

_DECIMAL = 10


def npi(body: str) -> str:
    """A US provider number: nine digits completed by the Luhn digit over the issuer prefix 80840.

    >>> npi("123456789")
    '1234567893'
    """
    return body + str(_luhn_digit("80840" + body))


def dea_number(letters: str, body: str) -> str:
    """A US prescriber number: two letters, six digits, and the last digit of odd places plus twice the even.

    >>> dea_number("AB", "123456")
    'AB1234563'
    """
    odd = sum(int(digit) for digit in body[0::2])
    even = sum(int(digit) for digit in body[1::2])
    return f"{letters}{body}{(odd + 2 * even) % _DECIMAL}"


def iban(country: str, account: str) -> str:
    """A bank account number of a country whose domestic part is all digits, with its two check digits.

    >>> iban("DE", "370400440532013000")
    'DE89370400440532013000'
    """
    letters = "".join(str(ord(letter) - ord("A") + _DECIMAL) for letter in country)
    return f"{country}{98 - int(account + letters + '00') % 97:02d}{account}"


def health_insurance_number(letter: str, body: str) -> str:
    """A German health insurance number (KVNR): a letter, eight digits and a check digit.

    >>> health_insurance_number("A", "12345678")
    'A123456780'
    """
    return f"{letter}{body}{_weighted_digits(_letter_position(letter) + body, (1, 2)) % _DECIMAL}"


def pension_number(area: str, birthday: str, letter: str, serial: str) -> str:
    """A German pension insurance number (RVNR): area, ddmmyy, initial of the birth name, serial, check digit.

    >>> pension_number("15", "070649", "C", "10")
    '15070649C103'
    """
    digits = area + birthday + _letter_position(letter) + serial
    check = _weighted_digits(digits, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)) % _DECIMAL
    return f"{area}{birthday}{letter}{serial}{check}"


def doctor_number(body: str, specialty: str) -> str:
    """A German physician number (LANR): six digits, their check digit, two digits for the specialty.

    >>> doctor_number("123456", "01")
    '123456601'
    """
    total = sum(int(digit) * (4, 9)[place % 2] for place, digit in enumerate(body))
    return f"{body}{-total % _DECIMAL}{specialty}"


def institution_number(body: str) -> str:
    """A German payer or institution number (IK): eight digits and a check digit over the last six.

    >>> institution_number("10157551")
    '101575519'
    """
    return body + str(_weighted_digits(body[2:], (2, 1)) % _DECIMAL)


def drug_number(body: str) -> str:
    """A German drug number (PZN): seven digits and a check digit; bodies that have none move on to the next.

    >>> drug_number("2758089")
    '27580899'
    """
    check = sum(place * int(digit) for place, digit in enumerate(body, start=1)) % 11
    return f"{body}{check}" if check < _DECIMAL else drug_number(f"{int(body) + 1:07d}")


def with_wrong_check_digit(number: str) -> str:
    """The number with a last digit that does not fit.

    >>> with_wrong_check_digit("1234567893")
    '1234567894'
    """
    return number[:-1] + str((int(number[-1]) + 1) % _DECIMAL)


def _luhn_digit(body: str) -> int:
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(body)))
    return -sum(map(_digit_sum, doubled)) % _DECIMAL


def _weighted_digits(digits: str, weights: tuple[int, ...]) -> int:
    products = (int(digit) * weights[place % len(weights)] for place, digit in enumerate(digits))
    return sum(map(_digit_sum, products))


def _digit_sum(number: int) -> int:
    return number // _DECIMAL + number % _DECIMAL


def _letter_position(letter: str) -> str:
    return f"{ascii_uppercase.index(letter) + 1:02d}"

"""Check digits that are asked of many values; rarer ones come from a library."""

from __future__ import annotations

_DOUBLED = bytes.maketrans(b"0123456789", bytes(sum(divmod(2 * digit, 10)) + 48 for digit in range(10)))


def has_luhn_digit(digits: str) -> bool:
    """Whether plain digits end in the check digit of Luhn's sum.

    >>> has_luhn_digit("4111111111111111"), has_luhn_digit("4111111111111112")
    (True, False)
    """
    plain = digits.encode()
    total = sum(plain[-1::-2]) + sum(plain[-2::-2].translate(_DOUBLED)) - 48 * len(plain)
    return total % 10 == 0

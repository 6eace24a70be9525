"""How confidences are written: cut, never rounded, so that none reads as if it reached what it misses.

The registry writes them alike; see ``cut_figures.sql``.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

_FEWEST, _MOST = 2, 8  # digits behind the point


def confidence(value: float, digits: int = _FEWEST) -> str:
    """A confidence, cut; with more digits only where fewer would say that there is none.

    >>> confidence(0.666), confidence(0.9962), confidence(1.0), confidence(0.0004), confidence(0.0)
    ('0.66', '0.99', '1.00', '0.0004', '0.00')
    """
    written = (_cut(value, shown) for shown in range(digits, _MOST + 1))
    return next((text for text in written if float(text) or not value), f"{value!r}")


def threshold(value: float) -> str:
    """A threshold with all of its digits, two at least.

    >>> threshold(0.9), threshold(0.975)
    ('0.90', '0.975')
    """
    return _cut(value, _digits_of(value))


def compared(had: float, needed: float) -> tuple[str, str]:
    """A confidence and its threshold, so that the one reads as reaching the other where it does and nowhere else.

    >>> compared(0.83, 0.97), compared(0.9699, 0.97), compared(0.9762, 0.975), compared(0.002, 0.98)
    (('0.83', '0.97'), ('0.96', '0.97'), ('0.976', '0.975'), ('0.002', '0.98'))
    """
    return confidence(had, _digits_of(needed)), threshold(needed)


def _cut(value: float, digits: int) -> str:
    return f"{_exact(value).quantize(Decimal(1).scaleb(-digits), ROUND_DOWN):f}"


def _digits_of(value: float) -> int:
    exponent = _exact(value).normalize().as_tuple().exponent
    return max(_FEWEST, -exponent) if isinstance(exponent, int) else _FEWEST


def _exact(value: float) -> Decimal:
    """The number as it is written, not its binary neighbour: 0.98 is 0.98."""
    return Decimal(repr(float(value)))

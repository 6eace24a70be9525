"""How confidences are written: two digits, and more only where two would mislead."""

from __future__ import annotations

_DIGITS = range(2, 9)
_CERTAIN = {f"{end:.{digits}f}" for end in (0, 1) for digits in _DIGITS}


def confidence(value: float) -> str:
    """A confidence that nearly is certain is not written as if it were.

    >>> confidence(0.83), confidence(0.9962), confidence(1.0), confidence(0.0004)
    ('0.83', '0.996', '1.00', '0.0004')
    """
    return next(
        (text for digits in _DIGITS if _is_honest(text := f"{value:.{digits}f}", value)), f"{value!r}"
    )


def compared(had: float, needed: float) -> tuple[str, str]:
    """Two confidences with as many digits as it takes to tell them apart, and from certainty.

    >>> compared(0.83, 0.97), compared(0.9699, 0.97), compared(0.996, 0.97)
    (('0.83', '0.97'), ('0.9699', '0.9700'), ('0.996', '0.970'))
    """
    for digits in _DIGITS:
        first, second = f"{had:.{digits}f}", f"{needed:.{digits}f}"
        if _is_honest(first, had) and (first != second or had == needed):
            return first, second
    return f"{had!r}", f"{needed!r}"


def _is_honest(text: str, value: float) -> bool:
    return text not in _CERTAIN or value in {0.0, 1.0}

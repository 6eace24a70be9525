"""Text as a reader should see it, whatever signs a source put into its names."""

from __future__ import annotations

import unicodedata


def visible(text: str) -> str:
    r"""The text with everything that moves a cursor, changes a colour or turns the writing round spelled out.

    >>> visible("a\x1b[31m b\u202e")
    'a\\x1b[31m b\\u202e'
    """
    if text.isprintable():  # nearly always; pages ask this of every value they show
        return text
    return "".join(_spelled(sign) if unicodedata.category(sign) in _UNSEEN else sign for sign in text)


_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))


def _spelled(sign: str) -> str:
    return sign if sign == "\n" else sign.encode("unicode_escape").decode("ascii")

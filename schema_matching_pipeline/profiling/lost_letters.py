"""Texts that lost letters on their way: read in another encoding than they were written in."""

from __future__ import annotations

import re
from collections.abc import Sequence

# What cannot be read becomes the first; two bytes of one letter, read one by one, the others: Ã¤, â€™, Ð°.
_LOST = re.compile(
    r"\ufffd|[\u00c2\u00c3][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]|\u00e2\u20ac[\u0080-\u00ff\u2018-\u203a\u0153\u2122]|[\u00d0\u00d1][\u0080-\u00bf]"
)


def has_lost_letters(texts: Sequence[str]) -> bool:
    r"""Whether some of the texts hold marks of a wrong encoding.

    >>> has_lost_letters(["Müller", "M\u00c3\u00bcller"]), has_lost_letters(["Müller", "São Paulo"])
    (True, False)
    """
    together = "\n".join(texts)
    return not together.isascii() and _LOST.search(together) is not None

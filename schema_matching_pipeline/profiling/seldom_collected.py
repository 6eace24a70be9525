"""Work that makes a great many small values and no cycles of them, spared most looks for cycles."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MADE = 50_000  # new objects before the next look, not some hundreds


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Lets the garbage collector look seldom until the block ends; what nothing refers to is freed at once as ever.

    >>> before = gc.get_threshold()
    >>> with seldom_collected():
    ...     gc.get_threshold()[0]
    50000
    >>> gc.get_threshold() == before
    True
    """
    before = gc.get_threshold()
    gc.set_threshold(max(_MADE, before[0]), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)

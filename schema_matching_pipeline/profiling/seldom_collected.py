"""Work that makes a great many small values and no cycles of them, spared most looks for cycles."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MADE = 2_000_000  # new objects before the next look, not some hundreds


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Lets the garbage collector look seldom until the block ends; what nothing refers to is freed at once as ever.

    What was made is not looked through at the end either: it counts as old then.

    >>> before = gc.get_threshold()
    >>> with seldom_collected():
    ...     gc.get_threshold()[0]
    2000000
    >>> gc.get_threshold() == before
    True
    """
    before = gc.get_threshold()
    gc.set_threshold(max(_MADE, before[0]), *before[1:])
    try:
        yield
    finally:
        if not gc.get_freeze_count():  # of what another froze nothing is thawed
            gc.freeze()
            gc.unfreeze()  # into the oldest generation
        gc.set_threshold(*before)

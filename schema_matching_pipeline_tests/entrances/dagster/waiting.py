"""Waiting for what another process does, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")
PATIENCE_SECONDS = 300.0  # a busy machine is slow; it is no failure of the code under test


def wait_for(what: str, look: Callable[[], Found | None], *, seconds: float = PATIENCE_SECONDS) -> Found:
    """What ``look`` finds, once it finds something; an error that says what was waited for after the deadline."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.4)
    raise AssertionError(f"waited {seconds:.0f} seconds in vain for {what}")

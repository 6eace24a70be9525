"""One process at a time, and not for ever: a file lock with a deadline."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schema_matching_pipeline.errors import EmbeddedServerError

POLL_SECONDS = 0.05


class Deadline:
    """A moment after which waiting is over."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self._end - time.monotonic())

    def pause(self, seconds: float = POLL_SECONDS) -> bool:
        """Waits a little; False when the deadline has passed."""
        if self.left == 0.0:
            return False
        time.sleep(min(seconds, self.left))
        return True


@contextmanager
def exclusive(path: Path, deadline: Deadline) -> Iterator[None]:
    """Holds the lock file; the operating system frees it when the process dies, so it cannot go stale.

    Raises:
        EmbeddedServerError: another process keeps it beyond the deadline.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while not _taken(descriptor):
            if not deadline.pause():
                raise EmbeddedServerError(
                    f"Another process has held {path} for {deadline.seconds:.0f} seconds. Wait for it to finish starting or stopping the embedded server, then try again."
                )
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

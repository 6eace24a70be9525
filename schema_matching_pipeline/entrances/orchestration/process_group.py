"""A service's process and all it started: how they end, and how the next start finds what outlived its parent."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

PATIENCE_SECONDS = 5.0


def end_group(leader: int, reap: Callable[[], object] = lambda: None) -> None:
    """Ends a process and all of its group, asked first, then made to; ``reap`` takes note of a child's end."""
    for request in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(leader, request)
        if _has_ended(leader, reap, time.monotonic() + PATIENCE_SECONDS):
            return


def remember(leader: int, note: Path) -> None:
    """Notes who leads the group, and since when, for a start after this process was killed."""
    note.write_text(f"{leader} {psutil.Process(leader).create_time()}", encoding="ascii")


def end_leftover(note: Path) -> None:
    """Ends the group that was noted, where its leader still lives; another process of the same number is let be."""
    if not note.exists():
        return
    leader, _, begun = note.read_text(encoding="ascii").partition(" ")
    with suppress(ValueError, psutil.NoSuchProcess):
        if psutil.Process(int(leader)).create_time() == float(begun):
            end_group(int(leader))
    note.unlink()


def _has_ended(leader: int, reap: Callable[[], object], deadline: float) -> bool:
    while time.monotonic() < deadline:
        reap()
        try:
            os.killpg(leader, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False

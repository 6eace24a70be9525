"""A signal that ends a run is told as such, whatever the code it hit made of it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from dagster._core.errors import DagsterExecutionInterruptedError

ENDING = frozenset({signal.SIGINT, signal.SIGTERM})


@contextmanager
def interrupts_prevail() -> Iterator[None]:
    """Raises Dagster's interruption in place of an error that the block ends with after a signal.

    Drivers that are interrupted raise errors of their own: DuckDB does at once, psycopg when it is asked to roll
    back. Told as the fault of the run, they would hide that a person cancelled it. Handlers of signals are
    Dagster's meanwhile, so the signals are read where Python itself writes them.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals arrive in the main thread alone
        return
    heard, written = os.pipe()
    os.set_blocking(heard, False)
    os.set_blocking(written, False)
    before = signal.set_wakeup_fd(written, warn_on_full_buffer=False)
    try:
        yield
    except Exception:
        if _came(heard):
            raise DagsterExecutionInterruptedError from None
        raise
    finally:
        signal.set_wakeup_fd(before)
        os.close(heard)
        os.close(written)


def _came(heard: int) -> bool:
    with suppress(BlockingIOError):
        return not ENDING.isdisjoint(os.read(heard, 4096))
    return False

"""A second process that measures small tables, and reads what it measured, while this one does others.

It is given rows and gives profiles back, both through pipes of its own: it opens no source, knows no address and writes
nothing. Where it does not start, or ends before its time, its tables are measured here.
"""

from __future__ import annotations

import gc
import os
import pickle
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from subprocess import DEVNULL, PIPE, Popen
from threading import Event, Thread
from typing import BinaryIO, TypeVar, cast

import pyarrow as pa

from schema_matching_pipeline.adapters.connectors.executors.arrow_kernels import measure_rows
from schema_matching_pipeline.adapters.connectors.executors.lean_pickle import lean_pickle
from schema_matching_pipeline.adapters.connectors.executors.tally import Measuring
from schema_matching_pipeline.adapters.connectors.value_hash import ValueHashes
from schema_matching_pipeline.model.measurement import ProfilePlan, ReadsMeasurement, TableMeasurement
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import TableProfile

WORTH_TABLES = 30  # of so many small tables on the start of a process pays off
_AHEAD = 2  # tables that it is given before it has measured the first
LARGEST = 16 * 1024 * 1024  # bytes of a table that is given to it
_PIPE_BYTES = 1024 * 1024  # a table and its figures fit in, so that neither process waits for the other
_SIZE_BYTES = 8
_PROCESSES = 2
_COLLECTED = 50_000  # new objects before the next look for cycles, of which measuring makes none
_ENDED = b""
_PATIENCE = 120.0  # seconds
# What a Python needs to start; nothing of what the settings hold.
_INHERITED = ("PATH", "HOME", "PYTHONPATH", "LD_LIBRARY_PATH", "TMPDIR", "TZ", "LANG", "LC_ALL", "SYSTEMROOT")
# One processor is its own: threads of NumPy's library of matrices would wait, busily, on the other.
_ALONE = {"OPENBLAS_NUM_THREADS": "1"}

Received = TypeVar("Received")
Found = tuple[ProfilePlan, TableProfile | TableMeasurement]


def second_process(
    policy: ProfilePolicy, hashes: ValueHashes, read: ReadsMeasurement
) -> SecondProcess | None:
    """A process that is about to start, to be closed; none where it would have no processor of its own."""
    try:
        processors = len(os.sched_getaffinity(0))
    except AttributeError:  # not everywhere
        processors = os.cpu_count() or 1
    if processors < _PROCESSES:
        return None
    try:
        return SecondProcess(policy, hashes, read)
    except OSError:
        return None


class SecondProcess:
    """The other process as this one sees it; to be closed."""

    def __init__(self, policy: ProfilePolicy, hashes: ValueHashes, read: ReadsMeasurement) -> None:
        self._policy, self._hashes = policy, hashes
        self._arrived = SimpleQueue[bytes]()
        self._sent = deque[tuple[ProfilePlan, pa.Table]]()
        self._is_ready = Event()
        self._process = Popen(  # noqa: S603 - our own program, given no word from outside
            [sys.executable, "-P", "-c", f"from {__name__} import serve; serve()"],
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            pipesize=_PIPE_BYTES,
            env={name: os.environ[name] for name in _INHERITED if name in os.environ} | _ALONE,
            start_new_session=True,  # a signal from the keyboard is for the one that was started there
        )
        self._into, self._out = cast("BinaryIO", self._process.stdin), cast("BinaryIO", self._process.stdout)
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()
        self._send((policy, hashes.secret_key, read))

    def close(self) -> None:
        """Ends the process, whatever it is at."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        with suppress(BrokenPipeError):  # of what it was given last and did not take
            self._into.close()
        self._out.close()

    def takes(self) -> bool:
        """Whether it would begin with a table soon."""
        return self._is_ready.is_set() and len(self._sent) < _AHEAD

    def give(self, plan: ProfilePlan, rows: pa.Table) -> None:
        """Has a table measured and read."""
        self._sent.append((plan, rows))
        self._send((plan, rows))

    def found(self, *, wait: bool) -> Iterator[Found]:
        """The profiles that are there by now; of all that was given where one is willing to ``wait``.

        Of a table that the process did not come to, the figures alone, measured here.
        """
        while self._sent and (found := self._next(wait=wait)) is not None:
            plan, rows = self._sent.popleft()
            if found == _ENDED:
                yield plan, measure_rows(rows, Measuring(plan, self._policy, self._hashes))
            else:
                yield plan, _loaded(found, TableProfile)

    def _next(self, *, wait: bool) -> bytes | None:
        """The next that arrived; nothing where one would have to wait; empty once the process has ended."""
        try:
            found = self._arrived.get(block=wait, timeout=_PATIENCE if wait else None)
        except Empty:
            if not wait:
                return None
            self._process.kill()  # no small table takes so long: what it was given is measured here
            found = self._arrived.get()
        if found == _ENDED:
            self._arrived.put(_ENDED)  # for whoever asks next
        return found

    def _send(self, message: object) -> None:
        try:
            _write(self._into, message)
        except BrokenPipeError:  # it has ended, which the reader tells
            return

    def _read(self) -> None:
        if _read(self._out):
            self._is_ready.set()
        while content := _read(self._out):
            self._arrived.put(content)
        self._arrived.put(_ENDED)


def _write(into: BinaryIO, message: object) -> None:
    content = lean_pickle(message)
    into.write(len(content).to_bytes(_SIZE_BYTES, "big"))
    into.write(content)
    into.flush()


def _read(out: BinaryIO) -> bytes:
    """The next message; nothing where there is no other."""
    size = int.from_bytes(out.read(_SIZE_BYTES), "big")
    content = out.read(size) if size else _ENDED
    return content if len(content) == size else _ENDED


def _loaded(content: bytes, kind: type[Received]) -> Received:
    message = pickle.loads(content)  # noqa: S301 - from our own process, through a pipe nobody else holds
    if not isinstance(message, kind):
        raise TypeError(kind.__name__)
    return message


def serve() -> None:
    """Measures and reads what comes by standard input until there is no more: what the other process does."""
    gc.set_threshold(_COLLECTED)
    out, into = sys.stdin.buffer, sys.stdout.buffer
    policy, secret_key, read = _loaded(_read(out), tuple)
    hashes = ValueHashes(secret_key)
    _write(into, True)
    while content := _read(out):
        plan, rows = _loaded(content, tuple)
        _write(into, read(plan, measure_rows(rows, Measuring(plan, policy, hashes))))

"""A second process that measures small tables while this one fetches others and reads what was measured.

It is given rows and gives figures back, both through pipes of its own: it opens no source, knows no address and writes
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
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from subprocess import DEVNULL, PIPE, Popen
from threading import Event, Thread
from typing import BinaryIO, NamedTuple, TypeVar, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schema_matching_pipeline.adapters.connectors.executors.arrow_kernels import measure_rows
from schema_matching_pipeline.adapters.connectors.executors.tally import Measuring
from schema_matching_pipeline.adapters.connectors.value_hash import ValueHashes
from schema_matching_pipeline.model.measurement import (
    ColumnMeasurement,
    NumberedTexts,
    ProfilePlan,
    TableMeasurement,
)
from schema_matching_pipeline.model.policy import ProfilePolicy

WORTH_TABLES = 30  # of so many small tables on the start of a process pays off
_AHEAD = 2  # tables that it is given before it has measured the first
_LARGEST = 16 * 1024 * 1024  # bytes of a table that is sent
_PIPE_BYTES = 1024 * 1024  # a table and its figures fit in, so that neither process waits for the other
_SIZE_BYTES = 8
_PROCESSES = 2
_COLLECTED = 50_000  # new objects before the next look for cycles, of which measuring makes none
_ENDED = b""
_PATIENCE = 120.0  # seconds
# What a Python needs to start; nothing of what the settings hold.
_INHERITED = ("PATH", "HOME", "PYTHONPATH", "LD_LIBRARY_PATH", "TMPDIR", "TZ", "LANG", "LC_ALL", "SYSTEMROOT")

Received = TypeVar("Received")
Measured = tuple[ProfilePlan, TableMeasurement]


def second_process(policy: ProfilePolicy, hashes: ValueHashes) -> SecondProcess | None:
    """A process that is about to start, to be closed; none where it would have no processor of its own."""
    try:
        processors = len(os.sched_getaffinity(0))
    except AttributeError:  # not everywhere
        processors = os.cpu_count() or 1
    if processors < _PROCESSES:
        return None
    try:
        return SecondProcess(policy, hashes)
    except OSError:
        return None


class SecondProcess:
    """The other process as this one sees it; to be closed."""

    def __init__(self, policy: ProfilePolicy, hashes: ValueHashes) -> None:
        self._policy, self._hashes = policy, hashes
        self._arrived = SimpleQueue[bytes]()
        self._sent = deque[tuple[ProfilePlan, pa.Table]]()
        self._collection = list[str]()
        self._is_ready = Event()
        self._process = Popen(  # noqa: S603 - our own program, given no word from outside
            [sys.executable, "-P", "-c", f"from {__name__} import serve; serve()"],
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            pipesize=_PIPE_BYTES,
            env={name: os.environ[name] for name in _INHERITED if name in os.environ},
            start_new_session=True,  # a signal from the keyboard is for the one that was started there
        )
        self._into, self._out = cast("BinaryIO", self._process.stdin), cast("BinaryIO", self._process.stdout)
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()
        self._send((policy, hashes.secret_key))

    def close(self) -> None:
        """Ends the process, whatever it is at."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        with suppress(BrokenPipeError):  # of what it was given last and did not take
            self._into.close()
        self._out.close()

    def takes(self, rows: pa.Table) -> bool:
        """Whether it would begin with a table soon."""
        return self._is_ready.is_set() and len(self._sent) < _AHEAD and rows.nbytes <= _LARGEST

    def give(self, plan: ProfilePlan, rows: pa.Table) -> None:
        """Has a table measured."""
        self._sent.append((plan, rows))
        self._send((plan, rows))

    def measured(self, *, wait: bool) -> Iterator[Measured]:
        """What has been measured meanwhile; all that was given where one is willing to ``wait``."""
        while self._sent and (found := self._next(wait=wait)) is not None:
            plan, rows = self._sent.popleft()
            if found == _ENDED:
                yield plan, measure_rows(rows, Measuring(plan, self._policy, self._hashes))
            else:
                yield plan, self._unpacked(_loaded(found, _Packed))

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

    def _unpacked(self, packed: _Packed) -> TableMeasurement:
        if packed.is_new_collection:
            self._collection = []
        self._collection += packed.new_texts
        columns = tuple(column.unpacked(self._collection) for column in packed.columns)
        return replace(packed.table, columns=columns)


@dataclass(frozen=True, slots=True)
class _PackedColumn:
    """A column with its many figures as arrays, which are sent in a tenth of the time."""

    column: ColumnMeasurement
    texts: npt.NDArray[np.intp] | tuple[str, ...]
    counts: npt.NDArray[np.int64]
    hashes: npt.NDArray[np.uint64]
    word_hashes: npt.NDArray[np.uint64]

    def unpacked(self, collection: list[str]) -> ColumnMeasurement:
        """The column as it was; its texts are numbered in the collection."""
        texts = self.texts if isinstance(self.texts, tuple) else NumberedTexts(collection, self.texts)
        return replace(
            self.column,
            texts=texts,
            counts=tuple(self.counts.tolist()),
            sketch_hashes=tuple(self.hashes.tolist()),
            word_hashes=tuple(self.word_hashes.tolist()),
        )


class _Packed(NamedTuple):
    """A measured table as it is sent, and the texts that its columns number and no earlier table did."""

    table: TableMeasurement
    columns: tuple[_PackedColumn, ...]
    new_texts: list[str]
    is_new_collection: bool


class _Packer:
    """Packs the figures of one table after the other."""

    def __init__(self) -> None:
        self._collection, self._told = list[str](), 0

    def packed(self, measured: TableMeasurement) -> _Packed:
        """The table to be sent."""
        columns = list[_PackedColumn]()
        is_new, first = False, self._told
        for column in measured.columns:
            texts = column.texts
            if isinstance(texts, NumberedTexts) and texts.collection is not self._collection:
                columns = [self._packed_column(one, plainly=True) for one in measured.columns[: len(columns)]]
                self._collection, is_new, first = texts.collection, True, 0
            columns.append(self._packed_column(column, plainly=False))
        self._told = len(self._collection)
        return _Packed(replace(measured, columns=()), tuple(columns), self._collection[first:], is_new)

    def _packed_column(self, column: ColumnMeasurement, *, plainly: bool) -> _PackedColumn:
        texts = column.texts
        is_numbered = isinstance(texts, NumberedTexts) and not plainly
        return _PackedColumn(
            replace(column, texts=(), counts=(), sketch_hashes=(), word_hashes=()),
            texts.numbers if is_numbered and isinstance(texts, NumberedTexts) else tuple(texts),
            np.array(column.counts, dtype=np.int64),
            np.array(column.sketch_hashes, dtype=np.uint64),
            np.array(column.word_hashes, dtype=np.uint64),
        )


def _write(into: BinaryIO, message: object) -> None:
    content = pickle.dumps(message, protocol=5)
    into.write(len(content).to_bytes(_SIZE_BYTES, "big") + content)
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
    """Measures what comes by standard input until there is no more: what the other process does."""
    gc.set_threshold(_COLLECTED)
    out, into = sys.stdin.buffer, sys.stdout.buffer
    policy, secret_key = _loaded(_read(out), tuple)
    hashes, packer = ValueHashes(secret_key), _Packer()
    _write(into, True)
    while content := _read(out):
        plan, rows = _loaded(content, tuple)
        _write(into, packer.packed(measure_rows(rows, Measuring(plan, policy, hashes))))

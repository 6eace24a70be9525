"""How the command line speaks: tables for people, JSON for programs, progress on long work."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event, Lock, Thread
from time import monotonic
from typing import Annotated, Self

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from schema_matching_pipeline.canon.visible import visible
from schema_matching_pipeline.entrances.cli.listing import Listing
from schema_matching_pipeline.errors import (
    ConfigurationError,
    GateClosedError,
    InUseError,
    RunFailedError,
    SmpError,
    SourceError,
    UnknownNameError,
)
from schema_matching_pipeline.model.base import Frozen

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of tables for people.")]
Json = Mapping[str, object] | Sequence[object] | Frozen

PIPED_WIDTH = 10_000  # what goes to a file or another program is never folded
_SECONDS_BETWEEN_LINES = 2.0
_SILENT_LINES = 5  # turns without anything new before it is said that the same goes on
CELL_LENGTH = 400  # a longer text in a cell is cut in its middle

people = Console()
errors = Console(stderr=True)


def prepare_streams() -> None:
    """Makes the standard streams fit for any name and any line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name the terminal cannot spell ends no command
    for console in (people, errors):
        if not console.is_terminal and "COLUMNS" not in os.environ:
            console.width = PIPED_WIDTH


def moment(when: datetime) -> str:
    """A moment as people read it: to the second, in UTC.

    >>> moment(datetime.fromisoformat("2026-11-27T08:43:22.843753+01:00"))
    '2026-11-27 07:43:22 UTC'
    """
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def emit(value: Json, as_json: bool, show: Callable[[Console], None]) -> None:
    """Prints the value as JSON, or lets ``show`` draw it for people."""
    if as_json:
        sys.stdout.write(to_json(value) + "\n")
    else:
        show(people)


def to_json(value: Json) -> str:
    """The value as indented JSON text."""
    return json.dumps(_plain(value), indent=2, ensure_ascii=False, default=str)


def _plain(value: object) -> object:
    if isinstance(value, Frozen):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {str(key): _plain(held) for key, held in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(held) for held in value]
    return value


def table(
    title: str, header: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[int] = ()
) -> Listing:
    """Rows under a header; the columns numbered in ``right`` hold figures. Text is shown as it is, never as markup."""
    cells = [[_cut(visible(str(cell))) for cell in row] for row in rows]
    return Listing(title, header, cells, right)


def _cut(text: str) -> str:
    half = CELL_LENGTH // 2
    return text if len(text) <= CELL_LENGTH else f"{text[:half]} ... {text[-half:]}"


@contextmanager
def progress_bar(title: str, *, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on standard error while the block runs, lines where that is a file; silent where a program listens."""
    if quiet:
        yield lambda _what, _done, _total: None
        return
    if not errors.is_terminal:
        with _Lines(title) as lines:
            yield lines.told
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task(title, total=None)
        yield lambda what, done, total: progress.update(
            task, description=what[:60], completed=done, total=total
        )


class _Lines:
    """A line for each new step; within one, a line now and then for what it is at, and for how long by now."""

    def __init__(self, title: str) -> None:
        self._title, self._lock, self._over = title, Lock(), Event()
        self._now, self._said, self._since = "", "", monotonic()
        self._clock = Thread(target=self._repeat, daemon=True)

    def __enter__(self) -> Self:
        self._clock.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._clock.join()

    def told(self, what: str, done: int, total: int) -> None:
        """Takes note of what is being done; what begins with another word is another step."""
        with self._lock:
            is_new = what.partition(" ")[0] != self._now.partition(" ")[0]
            self._now = f"{what} ({done} of {total} done)"
            if is_new:
                self._say()

    def _say(self) -> None:
        errors.print(Text(f"{visible(self._title)}: {visible(self._now)}"))
        self._said, self._since = self._now, monotonic()

    def _repeat(self) -> None:
        waited = 0
        while not self._over.wait(_SECONDS_BETWEEN_LINES):
            waited += 1
            with self._lock:
                if self._now != self._said:
                    self._say()
                    waited = 0
                elif self._now and waited % _SILENT_LINES == 0:
                    seconds = monotonic() - self._since
                    errors.print(
                        Text(f"{visible(self._title)}: {visible(self._now)}, {seconds:.0f} s by now")
                    )


def report_fault(error: SmpError, *, as_json: bool) -> None:
    """Prints a fault: what, where, and the way out."""
    if as_json:
        body = {"error": {"code": error.code, "message": str(error), "details": _details(error)}}
        sys.stderr.write(to_json(body) + "\n")
        return
    errors.print(Text("Error: ", style="bold red") + Text(visible(str(error))))


def _details(error: SmpError) -> dict[str, object]:  # noqa: PLR0911 - one a kind of fault
    """The facts a fault keeps, for programs."""
    match error:
        case GateClosedError():
            return {"client": error.client, "gate": error.gate, "holding": error.holding}
        case ConfigurationError():
            return {"mistakes": error.mistakes}
        case InUseError():
            return {"kind": error.kind, "name": error.name, "holding": error.holding}
        case UnknownNameError():
            return {"kind": error.kind, "name": error.name, "known": error.known}
        case SourceError():
            return {"table": error.table, "reason": error.reason or error.code}
        case RunFailedError():
            return {"client": error.client, "phase": error.phase, "cause": error.cause_code}
        case _:
            return {}

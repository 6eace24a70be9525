"""A line for every table while it is measured: moving on a terminal, one after the other elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from schema_matching_pipeline.canon.visible import visible
from schema_matching_pipeline.workflows.world import Progress as Told
from schema_matching_pipeline.workflows.world import silent

_NAME_LENGTH = 40


@contextmanager
def table_progress(console: Console, *, quiet: bool) -> Iterator[Told]:
    """What a measuring workflow calls before each table; silent where a program listens."""
    if quiet:
        yield silent
    elif console.is_terminal:
        with _Bars(console) as bars:
            yield bars.told
    else:
        yield _Lines(console).told


class _Bars:
    """A bar for all tables and below it one for the table at work, which pulses: how far it is nobody knows."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[done]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._all = self._progress.add_task("reading the catalogue", total=None, done="")
        self._table = self._progress.add_task("", total=None, done="", visible=False)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def told(self, what: str, done: int, total: int) -> None:
        self._progress.update(
            self._all, description="profiling", completed=done, total=total, done=f"{done} of {total} tables"
        )
        working = done < total
        name = visible(what.removeprefix("profiling "))[:_NAME_LENGTH] if working else "reading the values"
        self._progress.reset(self._table, total=None, description=name, visible=True)


class _Lines:
    """One line a table once it is done with, read or not, with its seconds."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._at_work: tuple[str, float] | None = None

    def told(self, what: str, done: int, total: int) -> None:
        if self._at_work:
            name, since = self._at_work
            seconds = monotonic() - since
            self._console.print(Text(f"{visible(name)}: took {seconds:.1f} s ({done} of {total})"))
        self._at_work = (what.removeprefix("profiling "), monotonic()) if done < total else None

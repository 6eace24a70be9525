"""``smp bench``: how well the matcher does on tasks whose truth is known, and published ones beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from schema_matching_pipeline.canon.visible import visible
from schema_matching_pipeline.catalog import read_truth
from schema_matching_pipeline.entrances.cli.bench_shown import draw_scores, summary_of
from schema_matching_pipeline.entrances.cli.exit_codes import ExitCode
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, errors, progress_bar
from schema_matching_pipeline.entrances.cli.task_side import side_of
from schema_matching_pipeline.errors import (
    MissingDataError,
    MissingExtraError,
    SourceError,
    SourceUnreadableError,
    UsageError,
)
from schema_matching_pipeline.model.bench import TaskScore, TaskSide, TaskTruth
from schema_matching_pipeline.runtime import peers, standalone_sources
from schema_matching_pipeline.workflows.score_task import score_ours, score_peer
from schema_matching_pipeline.workflows.world import Policies, Progress

TRUTH = "truth.csv"
_MISSING = (MissingDataError, MissingExtraError)


def bench(
    tasks: Annotated[
        list[Path],
        typer.Argument(
            metavar="TASKS...",
            help="Folders, each a task (source/, target/ and truth.csv) or a folder of tasks.",
        ),
    ],
    alone: Annotated[bool, typer.Option("--alone", help="Without published matchers beside it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Match tasks with a known truth and print how well that went, by task and family; no database is needed.

    Published matchers run beside it as far as they are installed. A task that cannot be read is named and left out; the
    exit code is then 4.
    """
    folders = [task for given in tasks for task in _tasks_in(given)]
    run = _Run(alone=alone)
    with progress_bar("matching", quiet=as_json) as progress:
        scores = tuple(run.scores(folders, progress))
    emit(
        {**summary_of(scores), "left_out": run.left_out, "not_installed": run.missing},
        as_json,
        lambda console: draw_scores(console, scores),
    )
    for what, message in (*run.left_out.items(), *run.missing.items()):
        errors.print(Text(visible(f"Without {what}: {message}"), style="yellow"))
    if run.left_out:
        raise typer.Exit(ExitCode.SOURCE_TROUBLE)


class _Run:
    """All matchers over all tasks; ``left_out`` are tasks that cannot be read, ``missing`` peers that cannot run."""

    def __init__(self, *, alone: bool) -> None:
        self._peers = () if alone else peers()
        self.left_out: dict[str, str] = {}
        self.missing: dict[str, str] = {}

    def scores(self, folders: Sequence[Path], progress: Progress) -> Iterator[TaskScore]:
        for done, folder in enumerate(folders):
            progress(folder.name, done, len(folders))
            try:
                yield from self._scores_of(folder)
            except (SourceError, UsageError) as error:
                self.left_out[str(folder)] = str(error)

    def _scores_of(self, folder: Path) -> Iterator[TaskScore]:
        truth, source, target = _truth(folder), _side(folder / "source"), _side(folder / "target")
        policies = Policies()
        yield score_ours(standalone_sources(), truth, source, target, policies)
        for name, peer in self._peers:
            if name not in self.missing:
                try:
                    yield score_peer(name, peer, truth, source, target, policies)
                except _MISSING as error:
                    self.missing[name] = str(error)


def _tasks_in(folder: Path) -> list[Path]:
    """The folder itself where it is a task, else those in it that are.

    Raises:
        UsageError: there is none.
    """
    if (folder / TRUTH).is_file():
        return [folder]
    found = sorted(path.parent for path in folder.glob(f"*/{TRUTH}"))
    if not found:
        raise UsageError(
            f"There is no matching task in {folder}: a task is a folder with source/, target/ and {TRUTH}."
        )
    return found


def _side(folder: Path) -> TaskSide:
    return TaskSide(folder=folder, tables=side_of(folder)[1])


def _truth(folder: Path) -> TaskTruth:
    meta = folder / "meta.json"
    try:
        truth = (folder / TRUTH).read_text(encoding="utf-8-sig")
        about = meta.read_text(encoding="utf-8-sig") if meta.is_file() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise SourceUnreadableError(
            f"Its truth cannot be read ({type(error).__name__}). It must be text in UTF-8.",
            source=str(folder),
        ) from None
    return read_truth(folder.name, truth, about, str(folder))

"""``smp bench``: how well the matcher does on tasks whose truth is known, and published ones beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from schema_matching_pipeline.canon.packaged import leave_out_packs
from schema_matching_pipeline.canon.visible import visible
from schema_matching_pipeline.catalog import read_truth
from schema_matching_pipeline.entrances.cli.bench_shown import draw_scores, model_summary, summary_of
from schema_matching_pipeline.entrances.cli.exit_codes import ExitCode
from schema_matching_pipeline.entrances.cli.identity import settings
from schema_matching_pipeline.entrances.cli.llm import KINDS, kinds_of
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
from schema_matching_pipeline.model.llm import LLMPolicy
from schema_matching_pipeline.runtime import configure_logging, language_model, peers, standalone_sources
from schema_matching_pipeline.workflows.ask_model import MemoryLedger
from schema_matching_pipeline.workflows.score_task import OURS, AskedModel, score_ours, score_peer
from schema_matching_pipeline.workflows.world import Policies, Progress

TRUTH = "truth.csv"
WITHOUT_PACKS = f"{OURS} without packs"
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
    llm: Annotated[
        bool, typer.Option("--llm", help="Also with the configured language model, side by side.")
    ] = False,
    without_packs: Annotated[
        bool,
        typer.Option(
            "--without-packs", help="Also without the words of single fields of work, side by side."
        ),
    ] = False,
    tell: Annotated[
        str, typer.Option(help=f"What that may be told of source columns: usual, all, or several of {KINDS}.")
    ] = "usual",
    max_tokens: Annotated[
        int, typer.Option(min=0, max=10**15, help="Tokens of its questions and answers, at most.")
    ] = LLMPolicy().monthly_tokens,
    as_json: AsJson = False,
) -> None:
    """Match tasks with a known truth and print how well that went, by task and family; no database is needed.

    Published matchers run beside it as far as they are installed. A task that cannot be read is named and left out; the
    exit code is then 4. With --llm, names and descriptions of the tasks go to the endpoint, and tokens, cost and the
    difference it makes are told.
    """
    folders = [task for given in tasks for task in _tasks_in(given)]
    asked = _asked_model(LLMPolicy(told=kinds_of(tell), monthly_tokens=max_tokens)) if llm else None
    with progress_bar("matching", quiet=as_json) as progress, ExitStack() as stack:
        run = _Run(alone=alone, asked=asked, plain=_plain_process(stack) if without_packs else None)
        scores = tuple(run.scores(folders, progress))
    emit(
        {
            **summary_of(scores),
            **({"llm": model_summary(scores, asked)} if asked else {}),
            "left_out": run.left_out,
            "not_installed": run.missing,
        },
        as_json,
        lambda console: draw_scores(console, scores, asked),
    )
    for what, message in (*run.left_out.items(), *run.missing.items()):
        errors.print(Text(visible(f"Without {what}: {message}"), style="yellow"))
    if run.left_out:
        raise typer.Exit(ExitCode.SOURCE_TROUBLE)


class _Run:
    """All matchers over all tasks; ``left_out`` are tasks that cannot be read, ``missing`` peers that cannot run."""

    def __init__(self, *, alone: bool, asked: AskedModel | None, plain: ProcessPoolExecutor | None) -> None:
        self._asked = asked
        self._plain = plain
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
        if self._asked:
            yield score_ours(standalone_sources(), truth, source, target, policies, asked=self._asked)
        if self._plain:
            yield self._plain.submit(_score_without_packs, truth, source, target).result()
        for name, peer in self._peers:
            if name not in self.missing:
                try:
                    yield score_peer(name, peer, truth, source, target, policies)
                except _MISSING as error:
                    self.missing[name] = str(error)


def _plain_process(stack: ExitStack) -> ProcessPoolExecutor:
    """A process that knows general words only: what was read of words in this one stays as it is."""
    return stack.enter_context(
        ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=leave_out_packs)
    )


def _score_without_packs(truth: TaskTruth, source: TaskSide, target: TaskSide) -> TaskScore:
    return score_ours(standalone_sources(), truth, source, target, Policies()).but(matcher=WITHOUT_PACKS)


def _asked_model(policy: LLMPolicy) -> AskedModel:
    """The configured language model, for tasks.

    Raises:
        UsageError: none is configured, or nothing may be told to it.
    """
    configure_logging(settings())  # what goes wrong is told on standard error, beside the answer
    model = language_model(settings())
    if model is None:
        raise UsageError(
            "No language model is configured: set SMP_LLM_API_KEY, and SMP_LLM_BASE_URL where it is not OpenAI's."
        )
    if not policy.told:
        raise UsageError("Where nothing may be told, nothing can be asked: say --tell usual.")
    return AskedModel(model, MemoryLedger(policy))


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

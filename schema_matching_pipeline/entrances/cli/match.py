"""``smp match``: the matcher alone, between two folders."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from schema_matching_pipeline.canon.visible import visible
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, errors, progress_bar
from schema_matching_pipeline.entrances.cli.task_side import named_folder, side_of
from schema_matching_pipeline.entrances.cli.unread import require_all_read
from schema_matching_pipeline.errors import UsageError
from schema_matching_pipeline.matching import TaskPrediction
from schema_matching_pipeline.model.source import TableTrouble
from schema_matching_pipeline.runtime import standalone_sources
from schema_matching_pipeline.workflows.match_schemas import match_schemas
from schema_matching_pipeline.workflows.world import Policies

HEADER = ("source_table", "source_column", "target_table", "target_column", "score")


def match(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="SOURCE_DIR",
            parser=named_folder,
            help="A folder of files as `smp client add` takes them, or with a schema.json that declares its tables.",
        ),
    ],
    target: Annotated[
        Path, typer.Argument(metavar="TARGET_DIR", parser=named_folder, help="The same for the target.")
    ],
    output: Annotated[Path, typer.Option(help="Where the predictions go, as CSV.")] = Path("predictions.csv"),
    as_json: AsJson = False,
) -> None:
    """Match the columns of one folder to those of another; no database is needed.

    Writes up to 20 ranked candidates for every source column, with the calibrated confidence as the score. Where a file
    had to be left out, the others are matched, and the exit code is that of source trouble, 4.
    """
    with (
        _draft_of(output) as draft,
        progress_bar("matching", quiet=as_json or not errors.is_terminal) as progress,
    ):
        sides = side_of(source), side_of(target)
        found = match_schemas(standalone_sources(), *sides, Policies(), progress)
        draft.write_text(_to_csv(found.predictions), encoding="utf-8")
    candidates = len(found.predictions)
    columns = len({(p.source_table, p.source_column) for p in found.predictions})
    troubles = [
        *(("source", source, trouble) for trouble in (*sides[0][1].troubles, *found.source_troubles)),
        *(("target", target, trouble) for trouble in (*sides[1][1].troubles, *found.target_troubles)),
    ]
    left_out = {*sides[0][1].troubles, *sides[1][1].troubles}
    summary = {
        "output": str(output),
        "source_columns": columns,
        "candidates": candidates,
        "troubles": [{"side": side, **trouble.model_dump()} for side, _, trouble in troubles],
    }

    def show(console: Console) -> None:
        for _, folder, trouble in troubles:
            errors.print(_warning(folder, trouble, is_left_out=trouble in left_out))
        console.print(f"{candidates} candidates for {columns} columns in {output}")

    emit(summary, as_json, show)
    for folder, (_, shown) in zip((source, target), sides, strict=True):
        require_all_read(str(folder), (table.name for table in shown.tables), shown.troubles)


def _warning(folder: Path, trouble: TableTrouble, *, is_left_out: bool) -> Text:
    rest = (
        f"{trouble.table!r} is left out."
        if is_left_out
        else f"The columns of {trouble.table!r} are matched by their names and descriptions alone."
    )
    return Text("Warning: ", style="bold yellow") + Text(visible(f"{folder}: {trouble.message} {rest}"))


@contextmanager
def _draft_of(output: Path) -> Iterator[Path]:
    """A file that takes the output's place when the block has ended well; made before the work, not after it.

    Raises:
        UsageError: the output cannot be written.
    """
    if output.is_dir():
        raise UsageError(f"{output} is a folder. Name a file with --output.")
    draft = output.with_name(f".{output.name}.part")
    try:
        draft.touch()
    except OSError as error:
        raise UsageError(
            f"{output} cannot be written ({error.strerror}). Name another file with --output."
        ) from None
    try:
        yield draft
        draft.replace(output)
    finally:
        draft.unlink(missing_ok=True)


def _to_csv(predictions: tuple[TaskPrediction, ...]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(
        (p.source_table, p.source_column, p.target_table, p.target_column, f"{p.score:.6f}")
        for p in predictions
    )
    return text.getvalue()

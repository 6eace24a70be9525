"""A file that is there whole or not at all: a reader finds the old one or the new one, never half of one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from schema_matching_pipeline.errors import UsageError


def require_place(path: Path) -> None:
    """Makes sure that a file can be written there, before anything is measured for it.

    Raises:
        UsageError: the folder is missing or closed, or a folder stands at the path itself.
    """
    folder = path.absolute().parent
    if not folder.is_dir():
        raise UsageError(f"There is no folder {str(folder)!r} to write {path.name!r} into. Make it first.")
    if os.path.isdir(path):  # noqa: PTH112 - a name that is too long is answered, not raised
        raise UsageError(f"{str(path)!r} is a folder. Name the file, such as {str(path / 'report.html')!r}.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"The folder {str(folder)!r} may not be written to. Choose another.")


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """What is written to it becomes the file once the block ends well; else the file stays as it was.

    Raises:
        UsageError: the file cannot be written.
    """
    draft = path.with_name(f".smp-{os.getpid()}.new")
    try:
        with draft.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            yield file
        draft.replace(path)
    except OSError as error:
        raise UsageError(f"The file {str(path)!r} cannot be written: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            draft.unlink()


def write_whole(path: Path, text: str) -> None:
    """Writes a text as a whole.

    Raises:
        UsageError: the file cannot be written.
    """
    with whole_file(path) as file:
        file.write(text)

"""A profile as one HTML file that needs nothing else: no network, no script, light and dark by the reader's choice."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from schema_matching_pipeline import __version__
from schema_matching_pipeline.entrances.cli.output import visible
from schema_matching_pipeline.entrances.cli.profiled.diagram import BOX_HEIGHT, BOX_WIDTH, draw_references
from schema_matching_pipeline.entrances.cli.profiled.figures import per_cent, short_count
from schema_matching_pipeline.entrances.cli.profiled.terminal import spoken_reference
from schema_matching_pipeline.entrances.cli.profiled.view import ProfileView
from schema_matching_pipeline.errors import UsageError
from schema_matching_pipeline.quality import FORMULA

LISTED = 100  # flagged columns named on the overview


def require_place(path: Path) -> None:
    """Makes sure that a page can be written there, before anything is measured for it.

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


def write_page(path: Path, view: ProfileView) -> None:
    """Writes the page as a whole: a reader finds the old one or the new one, never half of one.

    Raises:
        UsageError: the file cannot be written.
    """
    text = render_page(view)
    draft = path.with_name(f".smp-{os.getpid()}.new")
    try:
        draft.write_text(text, encoding="utf-8", errors="backslashreplace")
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise UsageError(f"The page {str(path)!r} cannot be written: {error.strerror}.") from error


def render_page(view: ProfileView) -> str:
    """The page as text."""
    environment = Environment(
        loader=PackageLoader("schema_matching_pipeline.entrances.cli.profiled", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_spelled,
    )
    environment.filters.update(short_count=short_count, per_cent=per_cent, reference=spoken_reference)
    return environment.get_template("page.html").render(
        view=view,
        diagram=draw_references(view),
        box=(BOX_WIDTH, BOX_HEIGHT),
        listed=LISTED,
        formula=FORMULA,
        version=__version__,
    )


def _spelled(value: object) -> object:
    """Text of the source with what would turn the writing round spelled out; markup of ours as it is."""
    return visible(value) if type(value) is str else value

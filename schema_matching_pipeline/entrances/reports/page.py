"""From a template to a file: one look for every page, and never half of one on disk."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from schema_matching_pipeline import __version__
from schema_matching_pipeline.canon.visible import visible
from schema_matching_pipeline.errors import UsageError

HERE = "schema_matching_pipeline.entrances"
_PART = re.compile(r"[^_.-]*[_.-]|[^_.-]+")


def render(
    template: str,
    *,
    beside: tuple[str, str] = (HERE, "reports"),
    filters: Mapping[str, Callable[..., object]] | None = None,
    **given: object,
) -> str:
    """The page as text, from the template of that name, in a folder of a package or among the reports."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(*beside), PackageLoader(HERE, "reports")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_spelled,
    )
    environment.filters.update({"breakable": breakable, **(filters or {})})
    return environment.get_template(template).render(version=__version__, **given)


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


def write_page(path: Path, text: str) -> None:
    """Writes the page as a whole: a reader finds the old one or the new one, never half of one.

    Raises:
        UsageError: the file cannot be written.
    """
    draft = path.with_name(f".smp-{os.getpid()}.new")
    try:
        draft.write_text(text, encoding="utf-8", errors="backslashreplace")
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise UsageError(f"The page {str(path)!r} cannot be written: {error.strerror}.") from error


def breakable(name: object) -> Markup:
    """A name that is broken between its words rather than anywhere, where it has to be.

    >>> breakable("staff.date_of_birth")
    Markup('staff.<wbr>date_<wbr>of_<wbr>birth')
    """
    return Markup("<wbr>").join(escape(part) for part in _PART.findall(visible(str(name))))


def _spelled(value: object) -> object:
    """Text of the source with what would turn the writing round spelled out; markup of ours as it is."""
    return visible(value) if type(value) is str else value

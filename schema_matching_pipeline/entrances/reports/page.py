"""From a template to a page: one look for all of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from schema_matching_pipeline import __version__
from schema_matching_pipeline.canon.visible import visible

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


def breakable(name: object) -> Markup:
    """A name that is broken between its words rather than anywhere, where it has to be.

    >>> breakable("staff.date_of_birth")
    Markup('staff.<wbr>date_<wbr>of_<wbr>birth')
    """
    return Markup("<wbr>").join(escape(part) for part in _PART.findall(visible(str(name))))


def _spelled(value: object) -> object:
    """Text of the source with what would turn the writing round spelled out; markup of ours as it is."""
    return visible(value) if type(value) is str else value

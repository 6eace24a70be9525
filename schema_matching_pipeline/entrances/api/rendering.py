"""From a template to an answer: one environment for all pages, everything escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from schema_matching_pipeline import __version__
from schema_matching_pipeline.canon.figures import confidence, threshold
from schema_matching_pipeline.canon.visible import visible
from schema_matching_pipeline.entrances.reports.page import breakable
from schema_matching_pipeline.model.access import Actor, permissions_of

HERE = "schema_matching_pipeline.entrances.api.ui"
_RECOGNISED = 60
_NAME = re.compile(r"\w*(?:[._]\w|[^\W\d_]\d|[a-z][A-Z])")  # as columns and fields are called, and no word is
_PLAIN, _CODE = Markup("{}"), Markup("<code>{}</code>")


def shown(
    request: Request,
    template: str,
    given: Mapping[str, object],
    *,
    actor: Actor | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The page, or a part of one, for whom it is."""
    served = request.app.state.installation
    token = request.cookies.get("smp_session", "")
    text = (
        environment()
        .get_template(template)
        .render(
            given,
            me=actor,
            may=permissions_of(actor) if actor else frozenset(),
            guard=served.tokens.guard_of(token) if token else "",
            here=request.url.path,
            pages=request.app.state.pages,
            dagster_url=served.settings.dagster_address,
            version=__version__,
        )
    )
    return HTMLResponse(text, status_code=status, headers=dict(headers or {}))


@cache
def environment() -> Environment:
    """The templates with the filters they use."""
    made = Environment(
        loader=PackageLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_spelled,
        auto_reload=False,  # else every part of a page asks the disk whether it changed
    )
    made.filters.update(
        words=words,
        sentence=sentence,
        percent=percent,
        moment=moment,
        ago=ago,
        confidence=confidence,
        threshold=threshold,
        count=count,
        spoken=spoken,
        shortened=shortened,
        breakable=breakable,
    )
    return made


def words(name: str) -> str:
    """The name of a kind or state as people read it.

    >>> words("awaiting_review")
    'awaiting review'
    """
    return str(name).replace("_", " ")


def sentence(text: object) -> str:
    """A remark as a sentence; a name that it begins with stays as it is.

    >>> sentence("the names agree"), sentence("Is it right?"), sentence("claims.STATUS2 also fits")
    ('The names agree.', 'Is it right?', 'claims.STATUS2 also fits.')
    """
    said = str(text).strip()
    begins = said if _NAME.match(said) else f"{said[:1].upper()}{said[1:]}"
    return f"{begins}{'' if said.endswith(('.', '?', '!')) or not said else '.'}"


def percent(share: float) -> str:
    """A share as a whole percentage; only what is nothing at all is 0, only the whole is 100.

    >>> percent(0.004), percent(0.996), percent(0.5)
    ('<1 %', '>99 %', '50 %')
    """
    if 0 < share < 0.01:
        return "<1 %"
    return ">99 %" if 0.99 < share < 1 else f"{share:.0%}".replace("%", " %")


def count(number: int, one: str, many: str = "") -> str:
    """A number with what is counted.

    >>> count(1, "column"), count(1200, "column"), count(2, "entity", "entities")
    ('1 column', '1,200 columns', '2 entities')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def shortened(name: str, most: int = _RECOGNISED) -> str:
    """A name as long as fits where it is only to be recognised, or a text of so many letters at most.

    >>> shortened("n" * 100)[-3:], len(shortened("n" * 100))
    ('nn…', 60)
    """
    return name if len(name) <= most else f"{name[: most - 1]}…"


def spoken(sentence: str) -> Markup:
    """A sentence in which commands stand between backticks, which become code.

    >>> spoken("Run `smp up` <now>.")
    Markup('Run <code>smp up</code> &lt;now&gt;.')
    """
    parts = enumerate(sentence.split("`"))
    return Markup("").join((_CODE if place % 2 else _PLAIN).format(visible(part)) for place, part in parts)


def moment(when: datetime) -> str:
    """A moment in UTC, to the minute, in the order of ISO 8601."""
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def ago(when: datetime, now: datetime) -> str:
    """How long ago something was, in its largest unit.

    >>> ago(datetime(2024, 5, 1, tzinfo=UTC), datetime(2024, 5, 3, 4, tzinfo=UTC))
    '2 days ago'
    """
    seconds = int((now - when).total_seconds())
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        if seconds >= length:
            return f"{count(seconds // length, unit)} ago"
    return "just now"


def _spelled(value: object) -> object:
    """Nothing a source chose may turn letters round, or hide."""
    return value if isinstance(value, Markup) else visible(str(value))

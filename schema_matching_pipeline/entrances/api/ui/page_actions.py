"""What a client's page has in place of a command that a text names, and what it answers once something was done."""

from __future__ import annotations

import re

from fastapi.responses import Response
from markupsafe import Markup

from schema_matching_pipeline.entrances.api.rendering import spoken

# By how a command between backticks begins: the words of the page, and where it leads.
_PLACES = {
    "smp review": ("in the queue", "/review?client={client}"),
    "smp onboard": ("by the button above", "#next-step"),
    "smp run phase": ("by the button above", "#next-step"),
    "smp status": ("the list above", "#holding"),
}
_COMMAND = re.compile(r"`(smp [^`]+)`")


def on_page(sentence: str, client: str) -> Markup:
    """A sentence that says what to do, with the page's own way where it names a command; one without any stays code.

    >>> on_page("Decide them: `smp review list a`.", "a")
    Markup('Decide them: <a href="/review?client=a">in the queue</a>.')
    """
    parts = _COMMAND.split(sentence)
    return Markup("").join(
        _way(part, client) if place % 2 else spoken(part) for place, part in enumerate(parts)
    )


def shown_anew() -> Response:
    """That the page is to be loaded anew."""
    return Response(headers={"HX-Refresh": "true"})


def _way(command: str, client: str) -> Markup:
    for begins, (said, place) in _PLACES.items():
        if command.startswith(begins):
            return Markup('<a href="{}">{}</a>').format(place.format(client=client), said)
    return spoken(f"`{command}`")

"""What a client's page has in place of a command that a text names, and what it answers once something was done."""

from __future__ import annotations

import re

from fastapi.responses import Response
from markupsafe import Markup

from schema_matching_pipeline.entrances.api.page_words import in_page_words
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
    """A sentence that says what to do, with the page's own way where it names a command, or who can help.

    >>> on_page("Decide them: `smp review list a`.", "a")
    Markup('Decide them: <a href="/review?client=a">in the queue</a>.')
    >>> on_page("Raise it: `smp llm set`.", "a")
    Markup('Raise it: ask an administrator.')
    """
    parts = _COMMAND.split(sentence)
    ways = [_way(command, client) for command in parts[1::2]]
    if not all(ways):
        return spoken(in_page_words(sentence))
    said = [spoken(part) for part in parts]
    said[1::2] = [way for way in ways if way]
    return Markup("").join(said)


def shown_anew() -> Response:
    """That the page is to be loaded anew."""
    return Response(headers={"HX-Refresh": "true"})


def _way(command: str, client: str) -> Markup | None:
    for begins, (said, place) in _PLACES.items():
        if command.startswith(begins):
            return Markup('<a href="{}">{}</a>').format(place.format(client=client), said)
    return None

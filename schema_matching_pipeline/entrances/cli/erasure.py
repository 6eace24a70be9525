"""``smp erasure``: who asked to erase what is held about a client or a person, and what was done."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer
from rich.console import Console

from schema_matching_pipeline.entrances.cli.group import Commands
from schema_matching_pipeline.entrances.cli.identity import actor, world
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, table
from schema_matching_pipeline.errors import BadDecisionError, UsageError
from schema_matching_pipeline.model.erasure import ErasureOf, ErasureRequest
from schema_matching_pipeline.workflows.record_erasures import (
    LONGEST_ASKER,
    LONGEST_NAME,
    ErasureAsked,
    close_erasure,
    enter_erasure,
    list_erasures,
)

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    help="Requests to erase: enter who asked about whom, list them, close them with what was done.",
)
LONGEST_WORDS = 2000
_SHOWN_LETTERS = 8


@app.command()
def add(
    about: Annotated[ErasureOf, typer.Argument(help="Whom it is about.")],
    name: Annotated[str, typer.Argument(help="The client, or the person's login.")],
    asked_by: Annotated[
        str, typer.Option(help="Who asked, by name or the number of a letter; it is kept for ever.")
    ],
    asked_on: Annotated[str | None, typer.Option(help="On which day: 2026-11-20. Today without it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Enter that somebody asked to erase what is held about a client or a person. It erases nothing."""
    _require_said(name, LONGEST_NAME, "Say whom it is about.")
    _require_said(asked_by, LONGEST_ASKER, "Say who asked: --asked-by.")
    asked = ErasureAsked(about=about, name=name, asked_by=asked_by, asked_on=_day(asked_on))
    made = enter_erasure(world(), actor(), asked)
    emit(made, as_json, lambda console: _draw(console, (made,)))


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the requests to erase: open ones first, the oldest first among them."""
    found = list_erasures(world(), actor())
    emit(found, as_json, lambda console: _draw(console, found))


@app.command()
def close(
    request: Annotated[str, typer.Argument(help="The request's id, or the beginning of it.")],
    done: Annotated[str, typer.Option(help="What was done, or why nothing was; it is kept for ever.")],
    as_json: AsJson = False,
) -> None:
    """Close a request with what was done. What was said once stands."""
    _require_said(done, LONGEST_WORDS, "Say what was done: --done.")
    closed = close_erasure(world(), actor(), request, done)
    emit(closed, as_json, lambda console: _draw(console, (closed,)))


def _require_said(text: str, longest: int, otherwise: str) -> None:
    if not text.strip() or len(text) > longest:
        raise BadDecisionError(f"{otherwise} In at most {longest:,} letters.")


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"{text!r} is no day. Write it as 2026-11-20.") from None


def _draw(console: Console, requests: tuple[ErasureRequest, ...]) -> None:
    if not requests:
        console.print("Nobody asked to erase anything yet.")
        return
    rows = [
        (
            each.id[:_SHOWN_LETTERS],
            f"{each.about} {each.name}",
            "yes" if each.is_there else "no",
            each.asked_by,
            each.asked_on.isoformat(),
            each.done or "open",
            f"{each.closed_by}, {each.closed_at:%Y-%m-%d}" if each.closed_at else "",
        )
        for each in requests
    ]
    header = ("request", "about", "is there", "asked by", "on", "done", "closed")
    console.print(table("Requests to erase", header, rows))

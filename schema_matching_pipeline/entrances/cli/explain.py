"""``smp explain``: how the confidence of a column's field came about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from shlex import quote
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from schema_matching_pipeline.canon.figures import compared, confidence
from schema_matching_pipeline.canon.visible import visible
from schema_matching_pipeline.entrances.cli.identity import actor, world
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, table
from schema_matching_pipeline.entrances.cli.review import parse_field
from schema_matching_pipeline.entrances.cli.review_shown import WORTH_SHOWING
from schema_matching_pipeline.model.explained import ConfidenceStep, ExplainedColumn
from schema_matching_pipeline.workflows.explain_column import explain_column

HEADER = ("signal", "what it compares", "found", "adds", "from there to here", "confidence")
BAR = 20  # characters for the whole way
RIVALS_SHOWN = 5


def explain(
    client: Annotated[str, typer.Argument(help="The client.")],
    column: Annotated[str, typer.Argument(help="The column, as table.column.")],
    field: Annotated[
        str | None,
        typer.Option("--field", metavar="ENTITY.FIELD", help="Another field that was a candidate."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show how the confidence of a column's field came about, signal by signal.

    Each signal adds to the log-odds of the pair; the sum of all is the confidence. Without --field it is the field the
    column has, or its best candidate.
    """
    found = explain_column(world(), actor(), client, column, parse_field(field) if field else None)
    emit(found, as_json, lambda console: draw_explanation(console, found, client))


def draw_explanation(console: Console, found: ExplainedColumn, client: str) -> None:
    """Draws the way to the confidence as a waterfall, and the rivals of the field."""
    console.print(Text(visible(str(found.ref)), style="bold") + Text(f"   {found.disposition}"))
    if found.reason:
        console.print(Text(visible(found.reason)))
    for objection in found.objections:
        console.print(Text(visible(f"against it: {objection}")))
    if found.derived:
        console.print(
            Text(visible(f"Derived: {found.derived}. No signal ranks it, and only a person accepts it."))
        )
        return
    if found.target is None:
        console.print("No field was ranked for it: it was left out before, or nothing is known of it.")
        return
    console.print(table(_title(found), HEADER, list(_rows(found.steps)), right=(2, 3, 5)))
    others = [one for one in found.candidates if one.target != found.target]
    likely = [one for one in others if one.confidence >= WORTH_SHOWING][:RIVALS_SHOWN]
    if likely:
        rivals = [(one.target, confidence(one.confidence)) for one in likely]
        console.print(table("Other candidates", ("field", "confidence"), rivals, right=(1,)))
    if others:
        way = f"smp explain {client} {quote(str(found.ref))} --field {others[0].target}"
        console.print(Text(visible(f"Look at another one: {way}"), style="dim"))


def _title(found: ExplainedColumn) -> str:
    place = "the likeliest" if found.rank == 1 else f"number {found.rank}"
    had, needed = compared(found.confidence or 0.0, found.needed)
    nothing = f"; that no field fits: {confidence(found.nothing)}" if found.nothing is not None else ""
    asked = f", needed {needed}" if found.mapped_to == found.target and found.needed else ""
    return f"{found.target}, {place} of {len(found.candidates)} candidates: confidence {had}{asked}{nothing}"


def _rows(steps: Sequence[ConfidenceStep]) -> Iterator[tuple[str, ...]]:
    reached = [0.0]
    for step in steps:
        reached.append(reached[-1] + step.share)
    low, high = min(reached), max(reached)
    for step, before, after in zip(steps, reached, reached[1:], strict=False):
        yield (
            step.signal,
            step.in_words,
            "" if step.score is None else f"{step.score:.0%}",
            f"{step.share:+.2f}",
            bar(before, after, low, high),
            confidence(step.confidence),
        )


def bar(before: float, after: float, low: float, high: float) -> str:
    """The way from one sum to the next, on a line from the lowest to the highest; full to the right, hatched back.

    >>> bar(0.0, 2.0, 0.0, 10.0), bar(2.0, 1.0, 0.0, 10.0)
    ('████', '  ░░')
    """
    scale = BAR / (high - low) if high > low else 0.0
    start, end = (round((at - low) * scale) for at in sorted((before, after)))
    return (" " * start + ("█" if after >= before else "░") * max(1, end - start)).rstrip()

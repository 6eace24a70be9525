"""``smp validation``: what the client's own data say about its mapping."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from schema_matching_pipeline.canon.visible import visible
from schema_matching_pipeline.entrances.cli.identity import actor, world
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, errors, table
from schema_matching_pipeline.entrances.reports.validation import render_validation
from schema_matching_pipeline.entrances.reports.whole_file import require_place, write_whole
from schema_matching_pipeline.workflows.show_validation import (
    ShownFinding,
    ValidationView,
    export_validation,
    show_validation,
)

HEADER = ("column", "field", "stands", "what the data say", "failed", "tested", "shape of what failed")


def validation(
    name: Annotated[str, typer.Argument(help="The client.")],
    everything: Annotated[bool, typer.Option("--all", help="Also what holds.")] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the report as one HTML page, too.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what validation found on the client's own data, the worst first; also what was accepted by itself.

    Values are shown by their shape alone. JSON and the page hold every finding.
    """
    if html:
        require_place(html)
    form = "html" if html else "json" if as_json else None
    found = (
        export_validation(world(), actor(), name, form) if form else show_validation(world(), actor(), name)
    )
    if html:  # first: what follows ends where nobody reads on, as behind `| head`
        write_whole(html, render_validation(found))
    emit(found, as_json, lambda console: draw_validation(console, found, everything=everything))
    if html and not as_json:
        errors.print(Text(f"The page is written to {html}."))


def draw_validation(console: Console, found: ValidationView, *, everything: bool = False) -> None:
    """Draws the findings for people."""
    if found.version is None:
        console.print(Text(f"Nothing of {found.client} was validated yet: smp onboard {found.client}"))
        return
    counted = ", ".join(f"{count:,} {standing}" for standing, count in found.counts if count)
    console.print(
        Text(found.client, style="bold")
        + Text(
            f"   version {found.version}: {len(found.findings):,} question(s) to the data; {counted or 'none asked'}"
        )
    )
    if not found.complete:
        console.print(
            Text(
                "The mapping was changed since; what is new is asked when the pipeline goes on.",
                style="yellow",
            )
        )
    shown = found.findings if everything else found.not_held
    if shown:
        title = "Every question" if everything else "What does not hold for every row"
        console.print(table(title, HEADER, [_row(each) for each in shown], right=(4, 5)))


def _row(shown: ShownFinding) -> tuple[str, ...]:
    finding = shown.finding
    demanded = finding.demanded and shown.standing == "failed"
    return (
        str(finding.ref),
        str(finding.target),
        f"{shown.standing}, demanded" if demanded else str(shown.standing),
        finding.message,
        f"{finding.failed:,}",
        f"{finding.tested:,}",
        "  ".join(visible(sample.text) for sample in finding.samples),
    )

"""``smp audit``: what happened, and whether the record of it is whole."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from schema_matching_pipeline.entrances.cli.exit_codes import ExitCode
from schema_matching_pipeline.entrances.cli.group import Commands
from schema_matching_pipeline.entrances.cli.identity import actor, world
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, moment, table
from schema_matching_pipeline.workflows.read_audit import list_audit, verify_audit

app = typer.Typer(cls=Commands, no_args_is_help=True, help="Audit: list what happened, verify the chain.")


@app.command("list")
def list_(
    client: Annotated[str | None, typer.Argument(help="One client; all of them without it.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """List the newest audit rows."""
    events = list_audit(world(), actor(), client=client, limit=limit)
    rows = [
        (
            e.seq,
            moment(e.at),
            e.actor,
            e.action,
            e.subject,
            e.about,
            ", ".join(e.changed),
            e.reason or "",
        )
        for e in events
    ]
    header = ("row", "when", "who", "action", "subject", "about", "changed", "why")
    emit(events, as_json, lambda console: console.print(table("Audit", header, rows, right=(0,))))


@app.command()
def verify(as_json: AsJson = False) -> None:
    """Verify that no audit row was edited, deleted, swapped or cut off; exit code 1 when one was."""
    outcome = verify_audit(world(), actor())

    def show(console: Console) -> None:
        console.print(
            ("[green]intact[/green] " if outcome.intact else "[red]broken[/red] ") + outcome.message
        )

    emit(outcome, as_json, show)
    if not outcome.intact:
        raise typer.Exit(ExitCode.FAULT)

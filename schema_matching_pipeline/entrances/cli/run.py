"""``smp run``: one phase by hand, and the end of what runs."""

from __future__ import annotations

from typing import Annotated

import typer

from schema_matching_pipeline.entrances.cli.group import Commands
from schema_matching_pipeline.entrances.cli.identity import actor, settings, world
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, progress_bar
from schema_matching_pipeline.entrances.cli.status import draw_status
from schema_matching_pipeline.model.access import Permission, require
from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.workflows.show_client import show_client

app = typer.Typer(cls=Commands, no_args_is_help=True, help="Runs: a single phase, or the end of what runs.")
Client = Annotated[str, typer.Argument(help="The client.")]


@app.command("phase")
def run_one(
    name: Client,
    phase: Annotated[Phase, typer.Argument(help="The phase; what it needs must have run before.")],
    as_json: AsJson = False,
) -> None:
    """Run one phase of a client in this process, and nothing else; gates hold as ever."""
    from schema_matching_pipeline.entrances.orchestration.by_hand import (
        run_phase,
    )  # Dagster takes a second to load

    person = actor()
    status = show_client(world(), person, name)
    require(person, Permission.RUN_PIPELINE, status.client.slug)
    with progress_bar(name, quiet=as_json) as progress:
        run_phase(settings(), world(), name, phase, progress, trace_id=person.trace_id)
    found = show_client(world(), actor(), name)
    emit(found, as_json, lambda console: draw_status(console, found))


@app.command()
def cancel(name: Client, as_json: AsJson = False) -> None:
    """Stop every run of a client that has not ended; what its phases have stored stays."""
    from schema_matching_pipeline.entrances.orchestration.by_hand import (
        cancel_runs,
    )  # Dagster takes a second to load

    status = show_client(world(), actor(), name)
    require(actor(), Permission.RUN_PIPELINE, status.client.slug)
    stopped = cancel_runs(settings(), world(), name)
    emit(
        {"client": name, "cancelled": list(stopped)},
        as_json,
        lambda console: console.print(
            f"{len(stopped)} run(s) of {name} were asked to stop. Go on later: smp onboard {name}"
            if stopped
            else f"Nothing of {name} runs."
        ),
    )

"""``smp up`` and ``smp down``: the running installation."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from rich.console import Console

from schema_matching_pipeline.entrances.cli.identity import settings, world
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, errors, people
from schema_matching_pipeline.registry import EmbeddedServer

if TYPE_CHECKING:
    from schema_matching_pipeline.entrances.orchestration.serve import Serving

STARTING = (
    "Starting PostgreSQL, the desk, the Dagster webserver and the daemon; this takes some 20 seconds ..."
)


def up(as_json: AsJson = False) -> None:
    """Start PostgreSQL, the desk, the Dagster webserver and the daemon; stop all but the database with Ctrl-C."""
    from schema_matching_pipeline.entrances.orchestration.serve import (
        require_nothing_served,
        serve,
    )  # Dagster takes a second to load

    require_nothing_served(settings())
    errors.print(STARTING, soft_wrap=True)
    world()

    def ready(serving: Serving) -> None:
        def show(console: Console) -> None:
            console.print(
                f"Ready: [bold]{serving.desk_url}[/bold]  (the desk; `smp desk` prints a link that logs you in)"
            )
            console.print(
                f"       {serving.webserver_url}  (Dagster's UI, on this machine only; it shows every tenant)"
            )
            console.print(f"Logs:  {serving.log_folder}")
            console.print("Add a client from another terminal: smp client add NAME --source URL_OR_PATH")
            console.print("Stop with Ctrl-C.", style="dim")

        emit(serving, as_json, show)

    serve(settings(), ready, lambda: errors.print("Stopping the desk, the webserver and the daemon ..."))
    errors.print(farewell(embedded=settings().embedded), soft_wrap=True)


def farewell(*, embedded: bool) -> str:
    """What has stopped, and what has not.

    >>> farewell(embedded=False)
    'Stopped.'
    """
    if not embedded:
        return "Stopped."
    return "Stopped. The embedded PostgreSQL stays up for other commands; stop it too: smp down"


def down(as_json: AsJson = False) -> None:
    """Stop the embedded PostgreSQL; nothing is lost."""
    from schema_matching_pipeline.entrances.orchestration.serve import serving_lock  # loads Dagster

    known = settings()
    if known.embedded:
        served = known.dagster_home.exists()
        with serving_lock(known) if served else nullcontext():  # a `smp up` would start it again at once
            EmbeddedServer(known.home).stop()
    said = (
        "The embedded PostgreSQL is stopped."
        if known.embedded
        else "Nothing was stopped: PostgreSQL is an external one."
    )
    emit({"stopped": known.embedded}, as_json, lambda _console: people.print(said))

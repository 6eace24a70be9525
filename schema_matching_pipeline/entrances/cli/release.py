"""``smp release``: publication again, after a release that failed."""

from __future__ import annotations

from typing import Annotated

import typer

from schema_matching_pipeline.entrances.cli.group import Commands
from schema_matching_pipeline.entrances.cli.identity import actor, settings, world
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, progress_bar
from schema_matching_pipeline.entrances.cli.status import draw_status
from schema_matching_pipeline.model.pipeline import RequestKind
from schema_matching_pipeline.workflows.decide_review import request_run
from schema_matching_pipeline.workflows.show_client import show_client

app = typer.Typer(cls=Commands, no_args_is_help=True, help="Release: try a failed publication again.")


@app.command()
def retry(name: Annotated[str, typer.Argument(help="The client.")], as_json: AsJson = False) -> None:
    """Try a failed publication again; a published version is left as it is."""
    from schema_matching_pipeline.entrances.orchestration.launch import (
        carry_on,
    )  # Dagster takes a second to load

    request_run(world(), actor(), name, RequestKind.RELEASE)
    with progress_bar(name, quiet=as_json) as progress:
        carry_on(settings(), world(), name, progress)
    found = show_client(world(), actor(), name)
    emit(found, as_json, lambda console: draw_status(console, found))

"""``smp onboard`` and ``smp approve``: a client through the pipeline, and its final approval."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from schema_matching_pipeline.entrances.cli.exit_codes import ExitCode
from schema_matching_pipeline.entrances.cli.identity import actor, settings, world
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, errors, progress_bar
from schema_matching_pipeline.entrances.cli.status import draw_status
from schema_matching_pipeline.model.pipeline import RequestKind
from schema_matching_pipeline.model.review import GateState
from schema_matching_pipeline.settings import Feature
from schema_matching_pipeline.workflows.decide_review import approve_final, refuse_final
from schema_matching_pipeline.workflows.onboard_client import ask_onboarding
from schema_matching_pipeline.workflows.show_client import ClientStatus, show_client

Client = Annotated[str, typer.Argument(help="The client.")]


def onboard(
    name: Client,
    from_start: Annotated[
        bool,
        typer.Option(
            "--from-start",
            help="Profile every table again, changed or not, even if the last run failed later on.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take a client through the pipeline, up to the gate or to the end.

    With a running daemon (`smp up`) the run is enqueued and followed; without one it runs in this process.
    After a failure it goes on from the phase that failed, unless the source or the trust profile was changed.
    """
    settings().require(Feature.PIPELINE)  # else it would be asked for, and nobody would answer
    ask_onboarding(world(), actor(), name, from_start=from_start)
    _go(name, as_json)


def approve(
    name: Client,
    reason: Annotated[str, typer.Option(help="Why; kept for ever.")] = "",
    refuse: Annotated[
        bool, typer.Option("--refuse", help="Refuse the version instead; this needs a reason.")
    ] = False,
    version: Annotated[
        int | None,
        typer.Option(min=1, help="Only if this is still the newest one, as `smp status` showed it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Approve the newest version for production, and publish it; or refuse it.

    What the last decision changed is validated first, where that is still under way.
    """
    if refuse:
        refuse_final(world(), actor(), name, reason, version=version)
    else:
        _carry_on(name, as_json, only=(RequestKind.VALIDATE,))
        approve_final(world(), actor(), name, reason, version=version)
    _go(name, as_json)


def _carry_on(name: str, as_json: bool, only: Collection[RequestKind] = frozenset(RequestKind)) -> None:
    from schema_matching_pipeline.entrances.orchestration.launch import (
        carry_on,
    )  # Dagster takes a second to load

    try:
        with progress_bar(name, quiet=as_json) as progress:
            carry_on(settings(), world(), name, progress, only=only)
    except KeyboardInterrupt:
        if not as_json:
            errors.print(
                Text(
                    f"Stopped; what was done stays. From the phase that was under way it goes on with: smp onboard {name}"
                ),
                soft_wrap=True,
            )
        raise


def _go(name: str, as_json: bool) -> None:
    _carry_on(name, as_json)
    found = show_client(world(), actor(), name)
    emit(found, as_json, lambda console: _draw(console, found))
    if not is_done(found.gate):
        raise typer.Exit(ExitCode.WAITS_FOR_A_HUMAN)


def is_done(gate: GateState) -> bool:
    """Whether the newest version is in production, and nothing new waits for a decision."""
    return gate.review_open and gate.published_version == gate.version


def _draw(console: Console, found: ClientStatus) -> None:
    draw_status(console, found)

"""``smp demo``: three made-up clients, onboarded one after the other."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from schema_matching_pipeline.entrances.cli.demo.build import build_demo_clients
from schema_matching_pipeline.entrances.cli.demo.client import DemoClient
from schema_matching_pipeline.entrances.cli.demo.onboarding import onboard, people_of
from schema_matching_pipeline.entrances.cli.demo.report import Comparison, DemoReport, draw
from schema_matching_pipeline.entrances.cli.identity import settings
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, progress_bar
from schema_matching_pipeline.registry import EmbeddedServer
from schema_matching_pipeline.runtime import build_world, ensure_tenant
from schema_matching_pipeline.settings import Settings
from schema_matching_pipeline.workflows.world import Progress

SOURCES = "demo_sources"
LEARNING = "default"


def demo(
    patients: Annotated[int, typer.Option(min=200, help="Patients of each client.")] = 3000,
    seed: Annotated[int, typer.Option(help="The seed everything is made from.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Make three clients that disagree with each other, onboard them, and show what learning saves.

    It works in an installation of its own below SMP_HOME, made anew each time, and leaves it there to look at.
    """
    own = settings().model_copy(update={"home": settings().home.absolute() / "demo", "database_url": None})
    with progress_bar("demo", quiet=as_json) as progress:
        report = run_demo(own, patients, seed, progress)
    emit(report, as_json, lambda console: _show(console, own.home, report))


def run_demo(own: Settings, patients: int, seed: int, progress: Progress) -> DemoReport:
    """Onboards every client after the others, and all but the first once more without what was learned."""
    started = time.monotonic()
    clients = _fresh_clients(own, patients, seed, progress)
    world = build_world(own)
    outcomes, alone = [], {}
    for place, client in enumerate(clients):
        if place:
            ensure_tenant(world, f"{client.slug}-alone")
            people = people_of(world, f"{client.slug}-alone")
            alone[client.slug] = onboard(own, world, people, client, f"{client.slug}-alone", progress)
        outcomes.append(onboard(own, world, people_of(world, LEARNING), client, client.slug, progress))
    comparisons = tuple(Comparison(client=o.client, alone=alone[o.client], learned=o) for o in outcomes[1:])
    return DemoReport(outcomes=tuple(outcomes), comparisons=comparisons, seconds=time.monotonic() - started)


def _fresh_clients(own: Settings, patients: int, seed: int, progress: Progress) -> tuple[DemoClient, ...]:
    progress("making three clients", 0, 1)
    server = EmbeddedServer(own.home, durable=False)
    server.destroy()
    server.ensure_running()
    return build_demo_clients(
        own.home / "clients", server.create_database(SOURCES), patients=patients, seed=seed
    )


def _show(console: Console, home: Path, report: DemoReport) -> None:
    draw(console, report)
    console.print(f"Look at it in the Dagster UI: SMP_HOME={home} .venv/bin/smp up", style="dim")

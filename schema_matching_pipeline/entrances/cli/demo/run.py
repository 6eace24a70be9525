"""The whole demo: a fresh installation, three clients, the later two once more without what was learned."""

from __future__ import annotations

import time

from schema_matching_pipeline.entrances.cli.demo.build import build_demo_clients
from schema_matching_pipeline.entrances.cli.demo.client import DemoClient
from schema_matching_pipeline.entrances.cli.demo.onboarding import onboard, people_of
from schema_matching_pipeline.entrances.cli.demo.report import Comparison, DemoReport
from schema_matching_pipeline.registry import EmbeddedServer
from schema_matching_pipeline.runtime import build_world, ensure_tenant
from schema_matching_pipeline.settings import Settings
from schema_matching_pipeline.workflows.world import Progress

SOURCES = "demo_sources"
LEARNING = "default"


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

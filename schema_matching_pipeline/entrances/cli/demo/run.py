"""The whole demo: a fresh installation, three clients, the later two once more without what was learned."""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from schema_matching_pipeline.entrances.cli.demo.build import build_demo_clients
from schema_matching_pipeline.entrances.cli.demo.client import DemoClient
from schema_matching_pipeline.entrances.cli.demo.onboarding import Outcome, onboard, people_of
from schema_matching_pipeline.entrances.cli.demo.report import Comparison, DemoReport
from schema_matching_pipeline.registry import EmbeddedServer
from schema_matching_pipeline.runtime import build_world, ensure_tenant
from schema_matching_pipeline.settings import Settings
from schema_matching_pipeline.workflows.world import Progress

SOURCES = "demo_sources"
LEARNING = "default"


def run_demo(own: Settings, patients: int, seed: int, progress: Progress) -> DemoReport:
    """Onboards every client after the others, and all but the first once more without what was learned.

    The onboardings without knowledge have nothing to wait for: a second process does them meanwhile.
    """
    started = time.monotonic()
    clients = _fresh_clients(own, patients, seed, progress)
    world = build_world(own)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as second:
        pending = {client.slug: second.submit(_onboard_alone, own, client) for client in clients[1:]}
        people = people_of(own, world, LEARNING)
        outcomes = [onboard(own, world, people, client, client.slug, progress) for client in clients]
        progress("waiting for the comparison", 0, 1)
        alone = {slug: outcome.result() for slug, outcome in pending.items()}
    comparisons = tuple(Comparison(client=o.client, alone=alone[o.client], learned=o) for o in outcomes[1:])
    return DemoReport(outcomes=tuple(outcomes), comparisons=comparisons, seconds=time.monotonic() - started)


def _onboard_alone(own: Settings, client: DemoClient) -> Outcome:
    """The client's onboarding in a tenant of its own, where nothing was learned."""
    world = build_world(own)
    tenant = f"{client.slug}-alone"
    ensure_tenant(world, tenant)
    return onboard(
        own, world, people_of(own, world, tenant), client, tenant, lambda _what, _done, _total: None
    )


def _fresh_clients(own: Settings, patients: int, seed: int, progress: Progress) -> tuple[DemoClient, ...]:
    progress("making three clients", 0, 1)
    server = EmbeddedServer(own.home, durable=False)
    server.destroy()
    server.ensure_running()
    return build_demo_clients(
        own.home / "clients", server.create_database(SOURCES), patients=patients, seed=seed
    )

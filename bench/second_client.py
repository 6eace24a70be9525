"""A second practice on the same system: how much of the work what the first one taught saves.

    .venv/bin/python -m bench.second_client [--patients N] [--seed S]

Two made-up practices keep their own patients in the same old system. The second is onboarded alone, and after
the first, by the demo's simulated steward. A throw-away installation is used.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from schema_matching_pipeline.entrances.cli.demo.build import build_demo_clients
from schema_matching_pipeline.entrances.cli.demo.client import DemoClient
from schema_matching_pipeline.entrances.cli.demo.onboarding import Outcome, onboard, people_of
from schema_matching_pipeline.registry import EmbeddedServer
from schema_matching_pipeline.runtime import build_world, ensure_tenant
from schema_matching_pipeline.settings import Settings, load_settings
from schema_matching_pipeline.workflows.world import silent

FIRST, SECOND = "first", "second"


def main() -> None:
    """Onboards the second practice alone and after the first, and prints both as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        own = load_settings().model_copy(update={"home": home, "database_url": None})
        server = EmbeddedServer(home, durable=False)
        server.ensure_running()
        try:
            print(json.dumps(run(own, server, asked.patients, asked.seed), indent=2))
        finally:
            server.destroy()


def run(own: Settings, server: EmbeddedServer, patients: int, seed: int) -> dict[str, object]:
    """For each system its second client, alone and taught."""
    practices = [
        build_demo_clients(
            own.home / name, server.create_database(name), patients=patients, seed=seed + place
        )
        for place, name in enumerate((FIRST, SECOND))
    ]
    return {first.slug: compared(own, first, second) for first, second in zip(*practices, strict=True)}


def compared(own: Settings, first: DemoClient, second: DemoClient) -> dict[str, object]:
    """The second client without and with what the first one taught, each in a tenant of its own."""
    world = build_world(own)
    outcomes = {}
    for tenant, clients in ((f"{first.slug}-alone", (second,)), (f"{first.slug}-taught", (first, second))):
        ensure_tenant(world, tenant)
        people = people_of(own, world, tenant)
        outcomes[tenant] = [
            onboard(own, world, people, client, f"{tenant}-{place}", silent)
            for place, client in enumerate(clients)
        ][-1]
    alone, taught = outcomes.values()
    return {"alone": told(alone), "taught": told(taught), "items_saved": saved(alone, taught)}


def told(outcome: Outcome) -> dict[str, object]:
    """What counts here."""
    return {
        "auto_accepted": outcome.auto_accepted,
        "auto_accepted_right": outcome.auto_accepted_right,
        "sent_to_review": outcome.sent_to_review,
        "decisions": outcome.decisions,
        "published": outcome.published,
        "published_right": outcome.published_right,
    }


def saved(alone: Outcome, taught: Outcome) -> float:
    """The share of the review items that are not asked any more."""
    return round(1 - taught.sent_to_review / max(1, alone.sent_to_review), 2)


if __name__ == "__main__":
    main()

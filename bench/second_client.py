"""A second practice on the same system: how much of the work what the first one taught saves.

    .venv/bin/python -m bench.second_client [--patients N] [--seed S]

Two made-up practices keep their own patients in the same old system. The second is onboarded alone, and after
the first, by the demo's simulated steward. A throw-away installation is used. Where less of what is published is
right than alone, the command fails.
"""

from __future__ import annotations

import argparse
import json
import sys
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
    """Onboards the second practice alone and after the first, and prints both as JSON; fails where that lost any."""
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
            compared = run(own, server, asked.patients, asked.seed)
        finally:
            server.destroy()
    print(json.dumps({slug: told_of_both(*both) for slug, both in compared.items()}, indent=2))
    losers = [slug for slug, (alone, taught) in compared.items() if gained(alone, taught) < 0]
    if losers:
        sys.exit(f"Less of what is published is right, once taught: {', '.join(losers)}.")


def run(
    own: Settings, server: EmbeddedServer, patients: int, seed: int
) -> dict[str, tuple[Outcome, Outcome]]:
    """For each system its second client, alone and taught."""
    practices = [
        build_demo_clients(
            own.home / name, server.create_database(name), patients=patients, seed=seed + place
        )
        for place, name in enumerate((FIRST, SECOND))
    ]
    return {first.slug: onboard_both(own, first, second) for first, second in zip(*practices, strict=True)}


def onboard_both(own: Settings, first: DemoClient, second: DemoClient) -> tuple[Outcome, Outcome]:
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
    return alone, taught


def told_of_both(alone: Outcome, taught: Outcome) -> dict[str, object]:
    """Both, what the second was spared, and what it gained or lost."""
    return {
        "alone": told(alone),
        "taught": told(taught),
        "items_saved": saved(alone, taught),
        "published_right_gained": gained(alone, taught),
    }


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


def gained(alone: Outcome, taught: Outcome) -> int:
    """How many more right mappings are published."""
    return taught.published_right - alone.published_right


if __name__ == "__main__":
    main()

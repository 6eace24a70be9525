"""A whole installation on the shared server: a registry, a Dagster storage, a home, people and small clients."""

from __future__ import annotations

import csv
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

import dagster as dg
import psycopg
from pydantic import SecretStr

from schema_matching_pipeline.entrances.orchestration.instance import open_instance
from schema_matching_pipeline.entrances.orchestration.launch import carry_on
from schema_matching_pipeline.model.access import Actor, Role
from schema_matching_pipeline.model.pipeline import Phase, PipelineRun
from schema_matching_pipeline.model.review import (
    Decision,
    DecisionKind,
    GateState,
    ItemKind,
    ItemState,
    ReviewItem,
)
from schema_matching_pipeline.model.source import SourceAddress
from schema_matching_pipeline.registry.embedded import APPLICATION, ORCHESTRATOR, OWNER, EmbeddedServer
from schema_matching_pipeline.runtime import (
    build_world,
    dagster_environment,
    database_addresses,
    ensure_tenant,
    source_kind,
    vouched_actor,
)
from schema_matching_pipeline.settings import Settings
from schema_matching_pipeline.workflows.decide_review import approve_final, decide_items
from schema_matching_pipeline.workflows.onboard_client import NewClient, add_client, ask_onboarding, open_as
from schema_matching_pipeline.workflows.world import World

_numbers = count(1)
SECRET_KEY = "ab" * 32
TENANT = "default"
PEOPLE = ("test:steward", "test:second")
TRUST_PROFILE = "conservative"  # leaves a flagged column to a person, so that something waits for certain


@dataclass(frozen=True)
class Installation:
    """One installation and its two stewards."""

    settings: Settings
    world: World
    folder: Path
    steward: Actor
    second: Actor
    names: Iterator[int] = field(default_factory=lambda: count(1))
    kept: dg.DagsterInstance | None = None

    @contextmanager
    def dagster(self) -> Iterator[dg.DagsterInstance]:
        """Its Dagster instance: the one that is kept open, or one for the block."""
        if self.kept:
            yield self.kept
            return
        with dagster_environment(self.settings) as home, open_instance(home) as instance:
            yield instance

    @contextmanager
    def keeping_dagster(self) -> Iterator[Installation]:
        """The same installation for tests that ask over and over: opening an instance takes a tenth of a second."""
        with self.dagster() as instance:
            yield replace(self, kept=instance)

    def environment(self) -> dict[str, str]:
        """What a process of this installation needs to be told."""
        known = self.settings
        wanted = {
            "SMP_HOME": str(known.home),
            "SMP_SECRET_KEY": SECRET_KEY,
            "SMP_WEBSERVER_PORT": str(known.webserver_port),
            "SMP_DESK_PORT": str(known.desk_port),
            "SMP_DESK_WORKERS": "1",  # a second one takes its time to start, and few tests ask for it
            "SMP_DESK_URL": known.desk_url or "",
            "SMP_DAGSTER_PATH": known.dagster_path,
            "SMP_DAGSTER_VIEW_PORT": str(known.dagster_view_port),
            "SMP_TRUST_FILE": str(known.trust_file),
            "SMP_DATABASE_URL": _revealed(known.database_url),
            "SMP_MIGRATION_URL": _revealed(known.migration_url),
            "SMP_DAGSTER_URL": _revealed(known.dagster_url),
        }
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("SMP_") and name != "COLUMNS"  # which parallel runs set
        }
        return {**inherited, **{name: value for name, value in wanted.items() if value}}

    def owner_url(self) -> str:
        """The registry as its owner, for what a test does behind the product's back."""
        url = database_addresses(self.settings).owner_url
        assert url is not None
        return url.replace("postgresql+psycopg://", "postgresql://")

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Holds everybody who writes to the table where they are; reading goes on."""
        with psycopg.connect(self.owner_url()) as connection:
            connection.execute(f"lock table smp.{table} in share mode")
            yield
            connection.rollback()

    @contextmanager
    def refusing(self, table: str) -> Iterator[None]:
        """Lets nobody write to the table; reading goes on."""
        with psycopg.connect(self.owner_url(), autocommit=True) as connection:
            connection.execute(_REFUSE)
            connection.execute(
                f"create trigger refuse before insert or update on smp.{table} execute function smp.refuse()"
            )
            yield
            connection.execute("drop function smp.refuse cascade")

    def runs(self, client: str) -> list[dg.DagsterRun]:
        """All Dagster runs of the client, oldest first."""
        with self.dagster() as instance:
            return list(instance.get_runs(dg.RunsFilter(tags={"dagster/partition": client})))[::-1]

    def phases_begun(self, run_id: str) -> list[str]:
        """The phases a run began, in their order."""
        with self.dagster() as instance:
            begun = instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_START)
        return [
            entry.step_key for entry in begun if entry.step_key and not entry.step_key.endswith("_checks")
        ]

    def alone(self, name: str) -> Installation:
        """The same installation for a tenant of its own, to which no other test has taught anything."""
        tenant = f"{name}-{next(self.names)}"
        ensure_tenant(self.world, tenant)
        steward, second = _people(self.settings, self.world, tenant)
        return replace(self, steward=steward, second=second)

    def add_client(self, name: str, *, start: bool = False, **tables: Mapping[str, tuple[str, ...]]) -> str:
        """A new client with a folder of CSV files; its slug, which no other test has."""
        slug = f"{name}-{next(self.names)}"
        folder = write_tables(self.folder / slug, **(tables or {"patients": PATIENTS}))
        return self.add_client_at(slug, str(folder), start=start)

    def add_client_at(self, slug: str, location: str, *, start: bool = False) -> str:
        """A new client with a source that is there already."""
        address = SourceAddress(location=SecretStr(location))
        new = NewClient(
            slug=slug,
            name=slug,
            address=address,
            source_kind=source_kind(address),
            trust_profile=TRUST_PROFILE,
        )
        add_client(self.world, self.steward, new, start=start)
        return slug

    def ask_onboarding(self, client: str, *, from_start: bool = False) -> str:
        """Asks for the client's onboarding; the run key."""
        return ask_onboarding(self.world, self.steward, client, from_start=from_start)

    def propose(self, client: str) -> None:
        """Takes the client up to its first gate, in this process."""
        self.ask_onboarding(client)
        carry_on(self.settings, self.world, client)

    def items(self, client: str) -> tuple[ReviewItem, ...]:
        """What holds the gate and waits for a decision, whole, what is least certain first."""
        with open_as(self.world, self.steward) as unit:
            found = [line.item for line in unit.reviews.list(client=client, size=10_000).items]
        held = (item for item in found if not item.asks_blind)
        return tuple(sorted(held, key=lambda item: (item.had, item.id)))

    def decide_all(self, client: str) -> int:
        """Decides everything that waits; how many items that were."""
        items = self.items(client)
        if not items:
            return 0
        decided = decide_items(self.world, self.steward, [_decision(item) for item in items])
        again = [item for item in decided.items if item.state is ItemState.AWAITING_SECOND]
        if again:
            decide_items(self.world, self.second, [_decision(item) for item in again])
        return len(items)

    def clear_queue(self, client: str) -> None:
        """Decides what waits, and validates what that changed, until nothing waits."""
        while self.decide_all(client):
            carry_on(self.settings, self.world, client)
        carry_on(self.settings, self.world, client)

    def approve(self, client: str) -> None:
        """Approves the newest version for production."""
        approve_final(self.world, self.steward, client, "All doubts are settled.")

    def gate(self, client: str) -> GateState:
        """What the registry says about the client's gates."""
        with open_as(self.world, self.steward) as unit:
            return unit.publications.gate(client)

    def run(self, client: str) -> PipelineRun:
        """Where the client's pipeline stands."""
        with open_as(self.world, self.steward) as unit:
            return unit.runs.latest(client)

    def published(self, client: str) -> int:
        """How many mappings are in production."""
        with open_as(self.world, self.steward) as unit:
            return len(unit.publications.published(client))


_REFUSE = """
create function smp.refuse() returns trigger language plpgsql
as $$ begin raise exception 'nothing may be written here now'; end $$
"""

TABLE_OF_PHASE: Mapping[Phase, str] = {
    Phase.COLUMN_PROFILES: "source_snapshots",
    Phase.QUALITY_LABELS: "quality_labels",
    Phase.CLASSIFICATIONS: "classifications",
    Phase.MAPPINGS: "mapping_candidates",
    Phase.VALIDATION_REPORTS: "mapping_validation_results",
    Phase.PUBLISHED_MAPPINGS: "published_mappings",
}
"""A table that a phase writes and none before it: who locks it stops a run in that phase."""

PATIENTS: Mapping[str, tuple[str, ...]] = {
    "patient_id": tuple(str(number) for number in range(1, 41)),
    "first_name": ("Ada", "Ben", "Cleo", "Dan") * 10,
    "last_name": ("Ames", "Birch", "Cole", "Dorn") * 10,
    "date_of_birth": tuple(f"19{50 + number}-03-{number % 28 + 1:02}" for number in range(40)),
    "gender": ("F", "M") * 20,
    "email": tuple(f"person{number}@example.org" for number in range(40)),
    "old_remark": ("",) * 40,
}

DOCTORS: Mapping[str, tuple[str, ...]] = {
    "provider_id": tuple(str(number) for number in range(12)),
    "first_name": ("Ada", "Ben", "Cleo", "Dan") * 3,
    "last_name": ("Ames", "Birch", "Cole", "Dorn") * 3,
    "speciality": ("Cardiology", "Radiology", "Dentistry", "Surgery") * 3,
}


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_tables(folder: Path, **tables: Mapping[str, tuple[str, ...]]) -> Path:
    """A folder with one CSV file a table."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns in tables.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))
    return folder


def make_installation(
    server: EmbeddedServer, template: str, folder: Path, port: int, *, trust: str = ""
) -> Installation:
    """An installation in databases of its own on the shared server, under the packaged trust and what is laid over it."""
    number = next(_numbers)
    registry, storage = f"smp_installation_{number}", f"dagster_installation_{number}"
    server.create_database(registry, template=template)
    server.create_database(storage, owner=ORCHESTRATOR)
    settings = Settings(
        home=folder / "home",
        database_url=SecretStr(server.url(APPLICATION, registry)),
        migration_url=SecretStr(server.url(OWNER, registry)),
        dagster_url=SecretStr(server.url(ORCHESTRATOR, storage)),
        secret_key=SecretStr(SECRET_KEY),
        trust_file=_trust_file(folder, trust),
        webserver_port=port,
        desk_port=free_port(),
        logins_per_minute=10_000,  # all tests come from one address
    )
    return _inhabited(settings, folder)


def make_embedded_installation(folder: Path, port: int) -> Installation:
    """An installation with a server of its own, as two commands on a fresh machine make it."""
    settings = Settings(
        home=folder / "home",
        secret_key=SecretStr(SECRET_KEY),
        trust_file=_trust_file(folder),
        webserver_port=port,
        desk_port=free_port(),
    )
    return _inhabited(settings, folder)


def _trust_file(folder: Path, said: str = "") -> Path:
    """A trust file; one that says nothing lets the packaged one count, whatever the working folder holds."""
    path = folder / "trust.yml"
    path.write_text(said, encoding="utf-8")
    return path


def _inhabited(settings: Settings, folder: Path) -> Installation:
    world = build_world(settings)
    steward, second = _people(settings, world, TENANT)
    return Installation(settings, world, folder, steward, second)


def _people(settings: Settings, world: World, tenant_name: str) -> tuple[Actor, Actor]:
    tenant = world.registry.tenant_by_name(tenant_name)
    first, second = (vouched_actor(settings, world, tenant, login, Role.ADMIN) for login in PEOPLE)
    return first, second


def _decision(item: ReviewItem) -> Decision:
    match item.kind:
        case ItemKind.QUALITY:
            return Decision(item_id=item.id, kind=DecisionKind.EXCLUDE, reason="Not in use.")
        case ItemKind.MAPPING | ItemKind.CLASSIFICATION if item.target is None:
            return Decision(item_id=item.id, kind=DecisionKind.UNMAP, reason="No field means the same.")
        case _:
            return Decision(item_id=item.id, kind=DecisionKind.APPROVE, reason="It is right.")


def _revealed(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""

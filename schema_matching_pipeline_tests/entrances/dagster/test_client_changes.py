"""A client after it was added: another profile, another source, at rest; and who may say what."""

from __future__ import annotations

import dagster as dg
import psycopg
import pytest
from pydantic import SecretStr

from schema_matching_pipeline.entrances.orchestration.sensors import registry_work
from schema_matching_pipeline.errors import NotAllowedError, SourceError, UnknownNameError
from schema_matching_pipeline.model.access import Actor, Role
from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.model.source import SourceAddress
from schema_matching_pipeline.runtime import vouched_actor
from schema_matching_pipeline.workflows.change_client import ClientChange, change_client, remove_client
from schema_matching_pipeline.workflows.gather_knowledge import client_thresholds
from schema_matching_pipeline.workflows.list_clients import list_clients
from schema_matching_pipeline.workflows.list_mappings import list_mappings
from schema_matching_pipeline.workflows.manage_people import add_person
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.run_state import RunStamp
from schema_matching_pipeline.workflows.show_client import show_client
from schema_matching_pipeline.workflows.show_trust import show_thresholds
from schema_matching_pipeline.workflows.validate_mappings import validate_mappings
from schema_matching_pipeline_tests.entrances.dagster.installation import (
    PATIENTS,
    Installation,
    write_tables,
)


@pytest.fixture(scope="module")
def alone(installation: Installation) -> Installation:
    return installation.alone("changes")


@pytest.fixture
def client(alone: Installation) -> str:
    return alone.add_client("changed")


def asks_nobody(alone: Installation, client: str) -> bool:
    """What the law goes by, whatever files say."""
    with psycopg.connect(alone.owner_url()) as connection:
        connection.execute("select set_config('smp.tenant_id', %s, true)", [alone.steward.tenant_id])
        found = connection.execute(
            "select not review_required_before_production from smp.clients where slug = %s", [client]
        ).fetchone()
    assert found is not None
    return bool(found[0])


def test_a_run_keeps_the_profile_it_began_under_and_the_next_one_takes_the_new(
    alone: Installation, client: str
):
    with open_as(alone.world, alone.steward) as unit:
        unit.runs.enter(client, Phase.COLUMN_PROFILES, trust_profile="conservative", dagster_run_id="one")
    change_client(alone.world, alone.steward, client, ClientChange(trust_profile="permissive"))
    profiles = []
    with open_as(alone.world, alone.steward) as unit:
        profiles.append(client_thresholds(alone.world, unit, client).profile.name)
        unit.runs.enter(client, Phase.COLUMN_PROFILES, trust_profile="permissive", dagster_run_id="two")
        profiles.append(client_thresholds(alone.world, unit, client).profile.name)
    shown = show_thresholds(alone.world, alone.steward, client)
    assert profiles == ["conservative", shown.profile.name] == ["conservative", "permissive"]
    assert {entity.effective_threshold for entity in shown.entities} == {0.90, 0.93, 0.97}


def test_who_chooses_a_profile_says_whether_a_person_approves(alone: Installation, client: str):
    said = [asks_nobody(alone, client)]
    for change in (ClientChange(trust_profile="permissive"), ClientChange(default_profile=True)):
        change_client(alone.world, alone.steward, client, change)
        said.append(asks_nobody(alone, client))
    assert said == [False, True, False]


def test_a_lenient_profile_does_not_approve_for_the_run_that_waits_for_a_steward(
    alone: Installation, client: str
):
    alone.propose(client)
    alone.clear_queue(client)
    change_client(alone.world, alone.steward, client, ClientChange(trust_profile="permissive"))
    validate_mappings(alone.world, client, run=RunStamp())
    with open_as(alone.world, alone.steward) as unit:
        waiting = unit.publications.gate(client)
        unit.runs.start(client, "permissive")
        approved = unit.publications.approve_by_policy(client)
    assert ([held.kind for held in waiting.holding_final], approved) == (["approval"], True)


def test_another_source_is_tested_before_it_is_stored(alone: Installation, client: str):
    with open_as(alone.world, alone.steward) as unit:
        record = unit.clients.get(client)
        before = unit.sources.address(record.connection_id)
    missing = SourceAddress(location=SecretStr(str(alone.folder / "nowhere")))
    with pytest.raises(SourceError):
        change_client(alone.world, alone.steward, client, ClientChange(address=missing, source_kind="file"))
    moved = SourceAddress(location=SecretStr(str(write_tables(alone.folder / "moved", patients=PATIENTS))))
    with open_as(alone.world, alone.steward) as unit:
        kept = unit.sources.address(record.connection_id)
    change_client(alone.world, alone.steward, client, ClientChange(address=moved, source_kind="file"))
    with open_as(alone.world, alone.steward) as unit:
        assert (kept, unit.sources.address(record.connection_id)) == (before, moved)


def test_a_client_at_rest_has_no_work(alone: Installation, client: str):
    alone.ask_onboarding(client)
    change_client(alone.world, alone.steward, client, ClientChange(active=False))
    assert client not in {item.client for item in alone.world.registry.work_queue()}
    change_client(alone.world, alone.steward, client, ClientChange(active=True))
    assert client in {item.client for item in alone.world.registry.work_queue()}


def test_a_removed_client_takes_its_partition_with_it(alone: Installation, client: str):
    with alone.dagster() as instance:
        instance.add_dynamic_partitions("clients", [client])
        remove_client(alone.world, alone.steward, client)
        tick = registry_work(dg.build_sensor_context(instance, resources={"world": alone.world}))
        instance.delete_dynamic_partition("clients", client)
    assert isinstance(tick, dg.SensorResult)
    deleted = [
        asked.partition_keys
        for asked in tick.dynamic_partitions_requests or ()
        if isinstance(asked, dg.DeleteDynamicPartitionsRequest)
    ]
    assert deleted == [[client]]


def test_an_unknown_profile_changes_nothing(alone: Installation, client: str):
    with pytest.raises(UnknownNameError, match="conservative, permissive, standard"):
        change_client(alone.world, alone.steward, client, ClientChange(trust_profile="lenient"))


def confined(alone: Installation, login: str, role: Role, client: str) -> Actor:
    """A person with a key who has to do with one client only."""
    made = add_person(alone.world, alone.steward, login, role, (client,))
    return Actor(
        login=login,
        tenant_id=alone.steward.tenant_id,
        role=role,
        key=SecretStr(made.key),
        clients=made.user.clients,
    )


def test_a_person_confined_to_one_client_sees_and_changes_no_other(alone: Installation, client: str):
    other = alone.add_client("other")
    engineer = confined(alone, "local", Role.ENGINEER, client)
    assert [line.client.slug for line in list_clients(alone.world, engineer)] == [client]
    change_client(alone.world, engineer, client, ClientChange(active=False))
    for reach in (
        lambda: show_client(alone.world, engineer, other),
        lambda: list_mappings(alone.world, engineer, other),
        lambda: change_client(alone.world, engineer, other, ClientChange(active=False)),
        lambda: add_person(alone.world, engineer, "friend", Role.ADMIN, None),
    ):
        with pytest.raises(NotAllowedError):
            reach()


def test_somebody_the_installation_vouches_for_is_the_same_person_each_time(alone: Installation):
    tenant = alone.steward.tenant_id
    first, again = (
        vouched_actor(alone.settings, alone.world, tenant, "os:somebody", role)
        for role in (Role.VIEWER, Role.ADMIN)
    )
    assert (first.key, first.role) == (again.key, again.role)
    assert again.role is Role.VIEWER

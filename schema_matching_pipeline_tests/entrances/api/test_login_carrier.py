"""What carries logins beside the answers: nobody waits for it, not even the end of the process, and it fails aloud."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from schema_matching_pipeline.entrances.api.login_carrier import LoginCarrier
from schema_matching_pipeline.registry import Registry
from schema_matching_pipeline.workflows.carry_logins import carry_logins
from schema_matching_pipeline_tests.entrances.dagster.waiting import wait_for
from schema_matching_pipeline_tests.registry.office import KEY, make_office
from schema_matching_pipeline_tests.registry.steps import connected, one, rows

LEAVING = """
import os, sys
from types import SimpleNamespace
from schema_matching_pipeline.entrances.api.login_carrier import LoginCarrier
from schema_matching_pipeline.registry import Registry

registry = Registry(os.environ["REGISTRY"], secret_key=bytes.fromhex(os.environ["KEY"]))
LoginCarrier(SimpleNamespace(registry=registry)).soon()
sys.stdin.read()
"""
SECONDS_TO_LEAVE = 5  # half of what a round waits for the end of the audit
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@pytest.fixture
def office(app_url):
    registry = Registry(app_url, secret_key=KEY)
    yield make_office(registry, app_url)
    registry.close()


@pytest.fixture
def world(office):
    return SimpleNamespace(registry=office.registry)


def carry(world):
    """One round of a carrier, until it is over."""
    before = set(threading.enumerate())
    LoginCarrier(world).soon()
    for thread in set(threading.enumerate()) - before:
        thread.join()


def waiting(registry_database):
    """How many wait for a lock; a transaction would be told of each what it was told at first."""
    with connected(registry_database.superuser_url) as connection:
        return one(connection, WAITING)


def test_a_process_ends_while_its_round_waits_for_the_end_of_the_audit(
    office, world, app_url, registry_database
):
    with office.registry.open(office.tenant, "nobody", address="203.0.113.9") as unit:
        unit.sessions.note_login("nobody", went_well=False)
    with connected(registry_database.superuser_url) as connection:
        rows(connection, "UPDATE smp.login_events SET due_at = due_at - interval '1 hour' RETURNING id")
    with (
        connected(registry_database.owner_url) as holding,
        subprocess.Popen(
            [sys.executable, "-c", LEAVING],
            env=os.environ | {"REGISTRY": app_url, "KEY": KEY.hex()},
            stdin=subprocess.PIPE,
        ) as process,
    ):
        one(holding, f"SELECT set_config('smp.tenant_id', '{office.tenant}', true)")
        rows(holding, "SELECT smp.take_audit_head(smp.current_tenant())")
        wait_for("the round to wait", lambda: waiting(registry_database), seconds=60)
        process.communicate(timeout=SECONDS_TO_LEAVE)
    assert process.returncode == 0
    assert carry_logins(world) == 1


def test_whatever_ends_a_round_is_logged_without_what_it_says():
    with capture_logs() as logged:
        carry(SimpleNamespace(registry=None))
    (line,) = logged
    assert (line["event"], line["code"], line["kind"]) == (
        "logins_not_carried",
        "INTERNAL_ERROR",
        "AttributeError",
    )
    assert line["way"][-1].endswith(" carry_logins")
    assert "NoneType" not in str(line)


def test_a_fault_of_ours_is_logged_by_its_code(world, registry_database):
    with connected(registry_database.superuser_url) as connection:
        connection.exec_driver_sql("DROP FUNCTION smp.uncarried_logins()")
    with capture_logs() as logged:
        carry(world)
    assert [(line["event"], line["code"]) for line in logged] == [("logins_not_carried", "MIGRATION")]

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator

from schema_matching_pipeline.entrances.orchestration.code_location import all_definitions
from schema_matching_pipeline.entrances.orchestration.schedules import nightly_reprofiling
from schema_matching_pipeline_tests.entrances.dagster.installation import Installation

BERLIN = ZoneInfo("Europe/Berlin")


def test_every_active_client_that_was_begun_with_gets_one_run_a_night(installation: Installation):
    names = ("up", "down", "new", "never")
    active, inactive, unmirrored, never = (installation.add_client(name) for name in names)
    with installation.world.registry.open(installation.steward.tenant_id, "system:test") as unit:
        for begun in (active, inactive, unmirrored):
            unit.runs.start(begun, "standard")
        unit.clients.set_active(inactive, active=False)
    with installation.dagster() as instance:
        instance.add_dynamic_partitions("clients", [active, inactive, never])
        requests = _tick(installation, instance, datetime(2026, 6, 1, 2, tzinfo=BERLIN))
    mine = [request for request in requests if request.partition_key in {active, inactive, unmirrored, never}]
    assert [(request.run_key, request.partition_key, request.tags["kind"]) for request in mine] == [
        (f"2026-06-01:{active}", active, "reprofile")
    ]


@pytest.mark.parametrize(
    ("first", "days"),
    [
        (datetime(2026, 3, 28, tzinfo=BERLIN), ["2026-03-28", "2026-03-29", "2026-03-30"]),
        (datetime(2026, 10, 24, tzinfo=BERLIN), ["2026-10-24", "2026-10-25", "2026-10-26"]),
    ],
    ids=["clocks go forward over the hour", "the hour comes twice"],
)
def test_a_night_is_one_run_where_clocks_change(first, days):
    schedule = nightly_reprofiling("30 2 * * *", "Europe/Berlin")
    ticks = schedule_execution_time_iterator(
        first.timestamp(), schedule.cron_schedule, schedule.execution_timezone, ascending=True
    )
    assert [f"{next(ticks):%Y-%m-%d}" for _ in days] == days


def _tick(installation: Installation, instance: dg.DagsterInstance, at: datetime) -> list[dg.RunRequest]:
    repository = all_definitions("0 2 * * *", "Europe/Berlin").get_repository_def()
    context = dg.build_schedule_context(
        instance=instance,
        scheduled_execution_time=at,
        resources={"world": installation.world},
        repository_def=repository,
    )
    schedule = repository.get_schedule_def("nightly_reprofiling")
    return list(schedule.evaluate_tick(context).run_requests or ())

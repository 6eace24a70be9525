"""Nights in the life of a published client: what changed comes back, what did not change stays decided."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from schema_matching_pipeline.entrances.orchestration.code_location import all_definitions
from schema_matching_pipeline.entrances.orchestration.launch import QUIET, carry_on
from schema_matching_pipeline.entrances.orchestration.tags import RUN_KEY
from schema_matching_pipeline.model.check import CheckSeverity, CheckVerdict
from schema_matching_pipeline.model.matching import Disposition, MappedColumn
from schema_matching_pipeline.model.pipeline import PipelineState
from schema_matching_pipeline.model.review import GateState, ReviewItem
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline_tests.entrances.dagster.installation import Installation

ROWS = 80
UNCHANGED = ("patient_id", "first_name", "last_name", "date_of_birth", "city", "old_remark")
_MAKE = """
create table patients (patient_id integer primary key, first_name text, last_name text, date_of_birth date,
                       gender text, email text, zip text, city text, old_remark text);
"""
_CHANGE = """
alter table patients rename column email to e_mail;
alter table patients add column zip_number integer;
update patients set zip_number = cast(zip as integer);
alter table patients drop column zip;
alter table patients rename column zip_number to zip;
update patients set gender = case gender when 'F' then 'woman' when 'M' then 'man' end;
"""


@dataclass(frozen=True)
class Morning:
    """What people find after a night."""

    run: dg.ExecuteInProcessResult
    state: PipelineState
    gate: GateState
    check: CheckVerdict
    mapped: dict[str, MappedColumn]
    items: tuple[ReviewItem, ...]
    published: dict[str, str]

    def shown(self, name: str) -> object:
        """What Dagster shows of the profile under that name."""
        (event,) = self.run.asset_materializations_for_node("column_profiles")
        return event.metadata[name].value if name in event.metadata else None


@dataclass(frozen=True)
class Nights:
    """A client in production, after a quiet night and after one in which its source had changed."""

    office: Installation
    client: str
    before: dict[str, str]
    quiet: Morning
    changed: Morning


@pytest.fixture(scope="module")
def nights(installation: Installation) -> Nights:
    office = installation.alone("nights")
    client = published_client(office)
    before = in_force(office, client)
    quiet = night(office, client, 1)
    change(office, client)
    return Nights(office, client, before, quiet, night(office, client, 2))


def test_a_quiet_night_raises_no_alarm_and_makes_no_version(nights):
    quiet = nights.quiet
    assert quiet.run.success
    assert (quiet.state, quiet.items) == (PipelineState.COMPLETED, ())
    assert quiet.gate.version == quiet.gate.published_version
    assert (quiet.check.passed, quiet.check.actual, quiet.check.worst) == (True, 0.0, None)
    assert (quiet.shown("changes"), quiet.shown("changed_since_the_last_profile")) == (0, None)
    assert quiet.published == nights.before


def test_only_a_source_that_changed_is_measured_again(nights):
    assert nights.quiet.shown("tables_unchanged") == 1
    assert nights.changed.shown("tables_unchanged") == 0


def test_what_changed_is_named_in_the_check_and_on_dagster_s_page(nights):
    check = nights.changed.check
    assert (check.passed, check.severity, check.actual) == (False, CheckSeverity.WARN, 3.0)
    assert check.worst
    said = {row[1]: row[2] for row in check.worst.rows}
    assert set(said) == {"e_mail", "zip", "gender"}
    assert said["e_mail"].startswith("probably renamed from email: same type TEXT, alike values")
    assert {row[1]: row[3] for row in check.worst.rows} == {"e_mail": "yes", "zip": "yes", "gender": ""}
    assert said["zip"] == "declared type TEXT became INTEGER"
    assert "of the distinct values were not there before" in said["gender"]
    assert (nights.changed.shown("changes"), nights.changed.shown("breaking_changes")) == (3, 2)
    table = nights.changed.shown("changed_since_the_last_profile")
    assert [record.data["column"] for record in table.records] == [row[1] for row in check.worst.rows]


def test_exactly_what_changed_comes_back(nights):
    assert nights.changed.state is PipelineState.AWAITING_REVIEW
    assert sorted(item.ref.column for item in nights.changed.items) == ["e_mail", "gender", "zip"]


def test_decisions_about_what_did_not_change_survive(nights):
    then, now = nights.quiet.mapped, nights.changed.mapped
    assert {name: now[name].disposition for name in UNCHANGED} == {
        name: then[name].disposition for name in UNCHANGED
    }
    assert now["old_remark"].disposition is Disposition.EXCLUDED  # a person said so


def test_what_was_published_stays_in_force_until_the_next_publication(nights):
    assert nights.changed.published == nights.before
    assert nights.changed.gate.published_version == nights.quiet.gate.version
    assert not nights.changed.gate.final_open


def published_client(office: Installation) -> str:
    """A client whose first version is in production."""
    client = f"sleeper-{next(office.names)}"
    with closing(sqlite3.connect(database_of(office, client))) as connection:
        connection.executescript(_MAKE)
        connection.executemany(
            "insert into patients values (?, ?, ?, ?, ?, ?, ?, ?, null)", map(_patient, range(ROWS))
        )
        connection.commit()
    office.add_client_at(client, f"sqlite:///{database_of(office, client)}")
    office.propose(client)
    office.clear_queue(client)
    office.approve(client)
    carry_on(office.settings, office.world, client)
    return client


def change(office: Installation, client: str) -> None:
    with closing(sqlite3.connect(database_of(office, client))) as connection:
        connection.executescript(_CHANGE)
        connection.commit()


def night(office: Installation, client: str, day: int) -> Morning:
    """What the schedule asks for in that night is run, for this client; the others sleep on."""
    run = run_of_night(office, client, day)
    with open_as(office.world, office.steward) as unit:
        (check,) = (check for check in unit.checks.current(client) if check.name == "source_unchanged")
        mapped = {column.ref.column: column for column in unit.mappings.current(client)}
    return Morning(
        run=run,
        state=office.run(client).state,
        gate=office.gate(client),
        check=check,
        mapped=mapped,
        items=office.items(client),
        published=in_force(office, client),
    )


def run_of_night(office: Installation, client: str, day: int) -> dg.ExecuteInProcessResult:
    repository = all_definitions("0 2 * * *", "Europe/Berlin", world=office.world).get_repository_def()
    schedule = repository.get_schedule_def("nightly_reprofiling")
    with office.dagster() as instance:
        context = dg.build_schedule_context(
            instance=instance,
            scheduled_execution_time=datetime(2026, 6, day, 2, tzinfo=ZoneInfo("Europe/Berlin")),
            resources={"world": office.world},
            repository_def=repository,
        )
        asked = schedule.evaluate_tick(context).run_requests or ()
        (request,) = (request for request in asked if request.partition_key == client)
        return repository.get_job(schedule.job_name).execute_in_process(
            instance=instance,
            partition_key=client,
            tags={**request.tags, RUN_KEY: str(request.run_key)},
            run_config=QUIET,
            raise_on_error=False,
        )


def in_force(office: Installation, client: str) -> dict[str, str]:
    """Which column fills which field in production."""
    with open_as(office.world, office.steward) as unit:
        return {str(one.ref): str(one.target) for one in unit.publications.published(client)}


def database_of(office: Installation, client: str) -> Path:
    return office.folder / f"{client}.db"


def _patient(number: int) -> tuple[object, ...]:
    return (
        number + 1,
        ("Ada", "Ben", "Cleo", "Dan")[number % 4],
        ("Ames", "Birch", "Cole", "Dorn", "Eads")[number % 5],
        f"{1950 + number % 50}-03-{number % 28 + 1:02}",
        ("F", "M")[number % 2],
        f"{'abcdefgh'[number % 8]}.{'klmnoprst'[number % 9]}{number * 7919 % 1000}@riverton.net",
        f"{10001 + number * 7919 % 80000}",
        ("Springfield", "Shelbyville", "Ogdenville")[number % 3],
    )

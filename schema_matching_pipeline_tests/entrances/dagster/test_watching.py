"""Files that come or change start their client's pipeline once they rest; nothing else does."""

from __future__ import annotations

import csv
from pathlib import Path

import dagster as dg
import pytest

from schema_matching_pipeline.entrances.orchestration.code_location import all_definitions
from schema_matching_pipeline.entrances.orchestration.launch import QUIET
from schema_matching_pipeline.entrances.orchestration.tags import CHANGED, RUN_KEY, is_begun_anew
from schema_matching_pipeline.entrances.orchestration.watching import changed_files
from schema_matching_pipeline.workflows.change_client import ClientChange, change_client
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline_tests.entrances.dagster.installation import Installation

VISITS = [("visit_id", "reason"), *((str(number), "check") for number in range(20))]


@pytest.fixture
def look(installation: Installation):
    """Looks at the files of a client: the runs it asks for."""
    cursor: list[str | None] = [None]

    def looked(client: str) -> list[dg.RunRequest]:
        with installation.dagster() as instance:
            context = dg.build_sensor_context(
                instance=instance, cursor=cursor[0], resources={"world": installation.world}
            )
            result = changed_files(30)(context)
        assert isinstance(result, dg.SensorResult)
        cursor[0] = result.cursor
        return [request for request in result.run_requests or () if request.partition_key == client]

    return looked


def put(installation: Installation, client: str, name: str) -> Path:
    path = installation.folder / client / name
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(VISITS)
    return path


def tables_of(installation: Installation, client: str) -> set[str]:
    with open_as(installation.world, installation.steward) as unit:
        return {column.ref.table for column in unit.mappings.current(client)}


def test_a_file_that_comes_is_profiled_once_it_rests(installation: Installation, look):
    client = installation.add_client("watched")
    installation.propose(client)
    assert look(client) == look(client) == []
    path = put(installation, client, "visits.csv")
    assert look(client) == []  # it may still be written
    (asked,) = look(client)
    assert look(client) == []
    assert (asked.tags[CHANGED], is_begun_anew(asked.tags)) == ("files", False)

    repository = all_definitions(world=installation.world).get_repository_def()
    with installation.dagster() as instance:
        run = repository.get_job("propose").execute_in_process(
            instance=instance,
            partition_key=client,
            tags={**asked.tags, RUN_KEY: str(asked.run_key)},
            run_config=QUIET,
        )
    assert run.success
    assert tables_of(installation, client) == {"patients", "visits"}
    assert look(client) == []

    path.unlink()
    look(client)
    (again,) = look(client)
    assert again.run_key != asked.run_key


def test_files_of_a_client_that_nobody_asked_to_onboard_start_nothing(installation: Installation, look):
    client = installation.add_client("unasked")
    look(client)
    put(installation, client, "visits.csv")
    assert [look(client) for _ in range(4)] == [[]] * 4
    installation.propose(client)
    assert [look(client) for _ in range(2)] == [[]] * 2
    put(installation, client, "more.csv")
    look(client)
    assert len(look(client)) == 1


def test_a_file_that_is_still_written_is_waited_for(installation: Installation, look):
    client = installation.add_client("written")
    installation.propose(client)
    look(client)
    path = put(installation, client, "visits.csv")
    for number in range(3):
        assert look(client) == []
        with path.open("a") as file:
            file.write(f"{100 + number},late\n")
    assert look(client) == []
    assert len(look(client)) == 1


def test_a_client_at_rest_is_not_looked_at(installation: Installation, look):
    client = installation.add_client("resting")
    installation.propose(client)
    look(client)
    change_client(installation.world, installation.steward, client, ClientChange(active=False))
    put(installation, client, "visits.csv")
    assert look(client) == look(client) == []


def test_nothing_is_watched_unless_the_installation_says_how_often():
    def names(definitions: dg.Definitions) -> set[str]:
        return {sensor.name for sensor in definitions.get_repository_def().sensor_defs}

    assert names(all_definitions(watch_seconds=60)) - names(all_definitions()) == {"changed_files"}

"""A steward's word against a quality label: it stands while the column is what it was, and is asked for again after."""

from __future__ import annotations

import pytest

from schema_matching_pipeline.model.matching import Disposition
from schema_matching_pipeline.model.quality import LabelName
from schema_matching_pipeline.workflows.change_client import ClientChange, change_client
from schema_matching_pipeline.workflows.classify_columns import classify_columns
from schema_matching_pipeline.workflows.decide_column import decide_use
from schema_matching_pipeline.workflows.label_columns import label_columns
from schema_matching_pipeline.workflows.list_mappings import list_mappings
from schema_matching_pipeline.workflows.match_columns import match_columns
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.profile_source import profile_columns
from schema_matching_pipeline.workflows.run_state import RunStamp
from schema_matching_pipeline.workflows.show_client import show_client
from schema_matching_pipeline.workflows.validate_mappings import validate_mappings
from schema_matching_pipeline_tests.entrances.dagster.installation import Installation, write_tables

COLUMN = "patients.email"
MADE_UP = tuple(f"test{number}@example.com" for number in range(40))
USED = frozenset({Disposition.APPROVED, Disposition.AUTO_ACCEPTED})


@pytest.fixture(scope="module")
def alone(installation: Installation) -> Installation:
    return installation.alone("overruled")


def flag_of(alone: Installation, client: str) -> LabelName:
    with open_as(alone.world, alone.steward) as unit:
        report = unit.quality.current(client)
    assert report is not None
    return next(label.label for label in report.labels if str(label.ref) == COLUMN)


def disposition(alone: Installation, client: str) -> Disposition:
    lines = list_mappings(alone.world, alone.steward, client)
    return next(line.mapped.disposition for line in lines if str(line.mapped.ref) == COLUMN)


def score(alone: Installation, client: str) -> float:
    return dict(show_client(alone.world, alone.steward, client).scores)["patients"]


def profiled_again(alone: Installation, client: str, email: tuple[str, ...]) -> None:
    """The source as it is now, profiled from the start and proposed."""
    write_tables(alone.folder / client, patients=patients(email))
    propose(alone, client)


def patients(email: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {"patient_id": tuple(str(number) for number in range(1, len(email) + 1)), "email": email}


def propose(alone: Installation, client: str) -> None:
    """All phases up to the gate, as one run goes through them."""
    for phase in (profile_columns, label_columns, classify_columns, match_columns, validate_mappings):
        phase(alone.world, client, run=RunStamp())


def clear_queue(alone: Installation, client: str) -> None:
    while alone.decide_all(client):
        validate_mappings(alone.world, client, run=RunStamp())


def test_a_word_against_a_flag_outlives_profiles_and_ends_with_the_column_it_was_said_of(
    alone: Installation,
) -> None:
    client = alone.add_client("overruled", patients=patients(MADE_UP))
    change_client(alone.world, alone.steward, client, ClientChange(trust_profile="standard"))
    propose(alone, client)
    assert (flag_of(alone, client), disposition(alone, client)) == (LabelName.TEST_ONLY, Disposition.EXCLUDED)
    assert score(alone, client) == 50.0

    decide_use(alone.world, alone.steward, client, COLUMN, used=True, reason="our server is called example")
    propose(alone, client)
    clear_queue(alone, client)
    assert disposition(alone, client) in USED
    assert score(alone, client) == 100.0

    profiled_again(alone, client, MADE_UP)
    assert (flag_of(alone, client), disposition(alone, client) in USED) == (LabelName.TEST_ONLY, True)

    grown = tuple(f"test{number}@example.com" for number in range(80))
    profiled_again(alone, client, grown)
    assert (flag_of(alone, client), disposition(alone, client) in USED) == (LabelName.TEST_ONLY, True)

    profiled_again(alone, client, ("",) * 40)
    assert (flag_of(alone, client), score(alone, client)) == (LabelName.EMPTY, 50.0)
    assert disposition(alone, client) is Disposition.PENDING_REVIEW  # it was decided, so a person hears of it

"""A refused pair and the data: gone with other data, refused again with the same, and heard by other clients."""

from __future__ import annotations

import pytest

from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.matching import Correspondence
from schema_matching_pipeline.model.review import Decision, DecisionKind
from schema_matching_pipeline.workflows.decide_review import decide_items
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline_tests.entrances.dagster.installation import (
    PATIENTS,
    Installation,
    write_tables,
)
from schema_matching_pipeline_tests.entrances.dagster.test_overruled_labels import propose

CITY = FieldRef(entity="patient", field="city")
KNOWN = {name: PATIENTS[name] for name in ("patient_id", "first_name", "last_name", "date_of_birth")}
TOWNS = ("Boston", "Berlin", "Graz", "Linz") * 10
OTHERS = tuple(f"{name} {number}" for number, name in enumerate(("Room", "Ward", "Bed", "Desk") * 10))


@pytest.fixture
def alone(installation: Installation) -> Installation:
    return installation.alone("refusals")


def of_city(alone: Installation, client: str) -> Correspondence:
    with open_as(alone.world, alone.steward) as unit:
        proposal = unit.mappings.proposal(client)
    assert proposal is not None
    return next(each for each in proposal.correspondences if each.ref.column == "city")


def look_again(alone: Installation, client: str, city: tuple[str, ...]) -> Correspondence:
    write_tables(alone.folder / client, patients={**KNOWN, "city": city})
    propose(alone, client)
    return of_city(alone, client)


def refuse(alone: Installation, client: str) -> None:
    item = next(item for item in alone.items(client) if item.ref.column == "city")
    decision = Decision(item_id=item.id, kind=DecisionKind.REJECT, reason="where they were born")
    decide_items(alone.world, alone.steward, (decision,))


def test_a_refusal_ends_with_other_data_and_holds_again_with_the_same(alone: Installation) -> None:
    client = alone.add_client("returning", patients={**KNOWN, "city": TOWNS})
    propose(alone, client)
    refuse(alone, client)
    assert look_again(alone, client, TOWNS).target != CITY
    with open_as(alone.world, alone.steward) as unit:
        assert [pair.drifted for pair in unit.reviews.rejected_pairs(client)] == [False]

    look_again(alone, client, OTHERS)
    with open_as(alone.world, alone.steward) as unit:
        assert [pair.drifted for pair in unit.reviews.rejected_pairs(client)] == [True]

    assert look_again(alone, client, TOWNS).target != CITY
    assert all(item.target != CITY for item in alone.items(client))
    other_towns = tuple(f"{town}ville" for town in TOWNS)
    assert look_again(alone, client, other_towns).target == CITY


def test_another_client_of_the_tenant_is_less_sure_of_a_refused_pair_and_says_why(
    alone: Installation,
) -> None:
    first = alone.add_client("first", patients={**KNOWN, "city": TOWNS})
    propose(alone, first)
    before = of_city(alone, first).confidence
    refuse(alone, first)
    second = alone.add_client("second", patients={**KNOWN, "city": TOWNS})
    propose(alone, second)
    heard = of_city(alone, second)
    assert before > next(each.confidence for each in heard.candidates if each.target == CITY)
    assert heard.target == CITY
    assert any(each.startswith("people of an earlier client refused it") for each in heard.objections)

"""Spot checks from the first run into production and back: drawn once, holding nothing, leading to another version."""

from __future__ import annotations

import pytest

from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.matching import Disposition
from schema_matching_pipeline.model.pipeline import PipelineState
from schema_matching_pipeline.model.review import Decision, DecisionKind, ReviewItem
from schema_matching_pipeline.workflows.change_client import ClientChange, change_client
from schema_matching_pipeline.workflows.decide_review import decide_items
from schema_matching_pipeline.workflows.list_mappings import list_mappings
from schema_matching_pipeline.workflows.list_review import ItemFilter, list_items
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.run_state import RunStamp
from schema_matching_pipeline.workflows.validate_mappings import validate_mappings
from schema_matching_pipeline_tests.entrances.dagster.installation import Installation


@pytest.fixture
def alone(installation: Installation) -> Installation:
    """A tenant that one client taught what its columns mean, so that those of the next are accepted."""
    tenant = installation.alone("checked")
    publish(tenant, a_client(tenant, 0.0))
    return tenant


def publish(alone: Installation, client: str) -> None:
    """Takes a client that waits at its first gate into production."""
    alone.clear_queue(client)
    alone.approve(client)
    alone.clear_queue(client)


def a_client(alone: Installation, share: float) -> str:
    """A client at its first gate, of which so much comes back."""
    client = alone.add_client("checked")
    change_client(
        alone.world, alone.steward, client, ClientChange(trust_profile="permissive", spot_check_share=share)
    )
    alone.propose(client)
    return client


def half_drawn(alone: Installation) -> str:
    """A client of which some comes back and some does not: which does is drawn by its name, so one of ten will do."""
    clients = (a_client(alone, 0.5) for _ in range(10))
    return next(each for each in clients if 0 < len(asked_blind(alone, each)) < len(accepted(alone, each)))


def asked_blind(alone: Installation, client: str) -> dict[str, ReviewItem]:
    """The spot checks that wait, by column."""
    found = list_items(alone.world, alone.steward, ItemFilter(client=client, size=100)).items
    return {str(line.item.ref): line.item for line in found if line.item.asks_blind}


def accepted(alone: Installation, client: str) -> dict[str, FieldRef]:
    """What was accepted without a person, by column."""
    lines = list_mappings(alone.world, alone.steward, client)
    return {
        str(line.mapped.ref): line.mapped.target
        for line in lines
        if line.mapped.disposition is Disposition.AUTO_ACCEPTED and line.mapped.target
    }


def answer(alone: Installation, item: ReviewItem, target: FieldRef) -> None:
    said = Decision(item_id=item.id, kind=DecisionKind.OVERRIDE, target=target)
    decide_items(alone.world, alone.steward, [said])


def figures(alone: Installation, client: str) -> tuple[int, int, int]:
    with open_as(alone.world, alone.steward) as unit:
        found = unit.spot_checks.figures(client)
    return found.waiting, found.answered, found.wrong


def test_what_was_accepted_comes_back_and_nothing_waits_for_it(alone: Installation) -> None:
    client = a_client(alone, 1.0)
    asked = asked_blind(alone, client)
    assert len(asked) > 3
    assert set(asked) == set(accepted(alone, client))
    alone.clear_queue(client)
    assert alone.gate(client).review_open
    alone.approve(client)
    alone.clear_queue(client)
    assert alone.run(client).state is PipelineState.COMPLETED
    assert set(asked_blind(alone, client)) == set(asked)


def test_another_answer_after_publication_makes_a_version_that_a_person_approves(alone: Installation) -> None:
    client = a_client(alone, 1.0)
    publish(alone, client)
    asked, fields = asked_blind(alone, client), accepted(alone, client)
    (column, other), *_ = ((name, item) for name, item in asked.items() if len(item.choices) > 1)
    wrong = next(each for each in other.choices if each not in fields.values())
    answer(alone, other, wrong)
    assert (alone.gate(client).published_version, alone.gate(client).version) == (1, 2)
    assert alone.run(client).state is not PipelineState.COMPLETED
    assert figures(alone, client) == (len(asked) - 1, 1, 1)
    assert column not in accepted(alone, client)
    publish(alone, client)
    assert (alone.gate(client).published_version, column in asked_blind(alone, client)) == (2, False)


def test_a_run_that_begins_anew_draws_the_same_and_asks_nothing_twice(alone: Installation) -> None:
    client = half_drawn(alone)
    asked = asked_blind(alone, client)
    answered, *rest = asked.values()
    answer(alone, answered, accepted(alone, client)[str(answered.ref)])
    for _ in range(2):
        validate_mappings(alone.world, client, run=RunStamp())
    assert asked_blind(alone, client) == {str(item.ref): item for item in rest}
    assert figures(alone, client) == (len(rest), 1, 0)


def test_no_share_draws_nothing_and_ends_what_was_drawn(alone: Installation) -> None:
    client = a_client(alone, 0.0)
    assert (asked_blind(alone, client), len(accepted(alone, client)) > 3) == ({}, True)
    change_client(alone.world, alone.steward, client, ClientChange(spot_check_share=1.0))
    validate_mappings(alone.world, client, run=RunStamp())
    assert len(asked_blind(alone, client)) > 3
    change_client(alone.world, alone.steward, client, ClientChange(spot_check_share=0.0))
    validate_mappings(alone.world, client, run=RunStamp())
    assert asked_blind(alone, client) == {}

"""A steward takes a column in that the trust profile left out; the next run honours it and keeps every other decision."""

from __future__ import annotations

import pytest

from schema_matching_pipeline.entrances.orchestration.launch import carry_on
from schema_matching_pipeline.errors import BadDecisionError, UnknownNameError
from schema_matching_pipeline.model.matching import Disposition
from schema_matching_pipeline.model.review import ItemKind
from schema_matching_pipeline.workflows.change_client import ClientChange, change_client
from schema_matching_pipeline.workflows.decide_column import decide_use
from schema_matching_pipeline.workflows.decide_review import refuse_final
from schema_matching_pipeline.workflows.list_mappings import list_mappings
from schema_matching_pipeline.workflows.list_review import ItemFilter, list_items
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS, Installation

MADE_UP, UNWANTED = "patients.email", "patients.last_name"
DECIDED = frozenset({Disposition.APPROVED, Disposition.EXCLUDED})


@pytest.fixture(scope="module")
def alone(installation: Installation) -> Installation:
    return installation.alone("column-use")


@pytest.fixture(scope="module")
def client(alone: Installation) -> str:
    """A client of whose columns the profile left out two, with every other doubt decided."""
    emails = tuple(f"test{number}@example.com" for number in range(40))
    slug = alone.add_client("left-out", patients={**PATIENTS, "email": emails})
    change_client(alone.world, alone.steward, slug, ClientChange(trust_profile="standard"))
    alone.propose(slug)
    decide_use(alone.world, alone.steward, slug, UNWANTED, used=False, reason="nobody asked for names")
    alone.clear_queue(slug)
    return slug


def columns(alone: Installation, client: str) -> dict[str, Disposition]:
    return {
        str(line.mapped.ref): line.mapped.disposition
        for line in list_mappings(alone.world, alone.steward, client)
    }


def test_a_column_comes_in_stays_in_and_goes_out_again(alone: Installation, client: str):
    before = columns(alone, client)
    assert before[MADE_UP] is Disposition.EXCLUDED
    decided = {name: kept for name, kept in before.items() if kept in DECIDED and name != MADE_UP}
    assert decided[UNWANTED] is Disposition.EXCLUDED

    decide_use(alone.world, alone.steward, client, MADE_UP, used=True, reason="the addresses are real")
    assert columns(alone, client)[MADE_UP] is Disposition.PENDING_REVIEW
    assert [held.what for held in alone.gate(client).holding_review] == [MADE_UP]
    carry_on(alone.settings, alone.world, client)  # the proposal that was asked for
    proposed = columns(alone, client)
    assert proposed[MADE_UP] in {Disposition.PENDING_REVIEW, Disposition.AUTO_ACCEPTED}
    assert {name: proposed[name] for name in decided} == decided
    assert {str(item.ref) for item in alone.items(client)} <= {MADE_UP}

    alone.clear_queue(client)
    alone.propose(client)
    assert columns(alone, client)[MADE_UP] in {Disposition.APPROVED, Disposition.AUTO_ACCEPTED}

    decide_use(alone.world, alone.second, client, MADE_UP, used=False, reason="nobody wants them")
    alone.propose(client)
    after = columns(alone, client)
    assert after[MADE_UP] is Disposition.EXCLUDED
    assert {name: after[name] for name in decided} == decided
    shown = list_items(alone.world, alone.steward, ItemFilter(client=client, decided=True)).items
    assert [line.item.kind for line in shown if str(line.item.ref) == MADE_UP].count(ItemKind.QUALITY) == 2


def test_a_refused_version_says_who_refused_it_and_why(alone: Installation, client: str):
    refuse_final(alone.world, alone.second, client, "the invoices come first")
    said = [held.what for held in alone.gate(client).holding_final if held.kind == "approval"]
    assert [words.partition(" was ")[2] for words in said] == [
        "refused by test:second: the invoices come first"
    ]
    with pytest.raises(BadDecisionError, match="needs a reason"):
        refuse_final(alone.world, alone.second, client, " ")


def test_a_column_that_is_not_there_is_answered_with_those_that_are(alone: Installation, client: str):
    with pytest.raises(UnknownNameError, match=r"Did you mean 'patients\.email'"):
        decide_use(alone.world, alone.steward, client, "patients.emial", used=True, reason="x")


def test_a_column_that_is_used_cannot_be_taken_in(alone: Installation, client: str):
    with pytest.raises(BadDecisionError, match="cannot be included"):
        decide_use(alone.world, alone.steward, client, "patients.patient_id", used=True, reason="x")

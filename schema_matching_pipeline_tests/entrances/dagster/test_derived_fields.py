"""A derived field on its way: asked about, decided, kept through profiles, published, and asked about with new data."""

from __future__ import annotations

import pytest

from schema_matching_pipeline.errors import BadDecisionError
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.matching import Disposition, MappedColumn
from schema_matching_pipeline.model.review import Decision, DecisionKind, ItemState, ReviewItem
from schema_matching_pipeline.workflows.decide_column import decide_use, map_column
from schema_matching_pipeline.workflows.decide_review import decide_items
from schema_matching_pipeline.workflows.explain_column import explain_column
from schema_matching_pipeline.workflows.list_mappings import list_mappings
from schema_matching_pipeline.workflows.list_review import show_item
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.publish_mapping import publish_mappings
from schema_matching_pipeline.workflows.run_state import RunStamp
from schema_matching_pipeline_tests.entrances.dagster.installation import Installation, write_tables
from schema_matching_pipeline_tests.entrances.dagster.test_overruled_labels import clear_queue, propose

ROWS = range(60)
FIRST, LAST = ("Anna", "Peter", "Laura", "John"), ("Schmidt", "Miller", "Weber")
IDS = tuple(str(row + 1) for row in ROWS)
PATIENTS = {
    "patient_id": IDS,
    "patient_name": tuple(f"{FIRST[row % 4]} {LAST[row % 3]}" for row in ROWS),
    "date_of_birth": tuple(f"19{30 + row}-03-{1 + row % 28:02}" for row in ROWS),
    "city": tuple(("Boston", "Berlin", "Graz")[row % 3] for row in ROWS),
}
ENCOUNTERS = {
    "encounter_id": IDS,
    "patient_id": IDS,
    "reason": tuple(("cough", "pain", "checkup")[row % 3] for row in ROWS),
    "start_date": tuple(f"2024-0{1 + row % 9}-{1 + row % 28:02}" for row in ROWS),
    "start_time": tuple(f"{8 + row % 9:02}:{row % 4 * 15:02}" for row in ROWS),
}
MOMENT = "encounters.start_date+start_time"
PART = "patients.patient_name:first_name"


@pytest.fixture
def alone(installation: Installation) -> Installation:
    return installation.alone("derived")


@pytest.fixture
def client(alone: Installation) -> str:
    slug = alone.add_client("derived", patients=PATIENTS, encounters=ENCOUNTERS)
    propose(alone, slug)
    return slug


def columns(alone: Installation, client: str) -> dict[str, MappedColumn]:
    lines = list_mappings(alone.world, alone.steward, client)
    return {str(line.mapped.ref): line.mapped for line in lines}


def asked(alone: Installation, client: str) -> dict[str, ReviewItem]:
    return {str(item.ref): item for item in alone.items(client) if item.rule and item.rule.computed}


def decide(alone: Installation, item: ReviewItem, kind: DecisionKind, target: FieldRef | None = None) -> None:
    decision = Decision(item_id=item.id, kind=kind, target=target, reason="we know the source")
    decide_items(alone.world, alone.steward, (decision,))


def test_it_is_asked_about_with_its_rule_its_evidence_and_what_the_rows_say(
    alone: Installation, client: str
) -> None:
    items = asked(alone, client)
    assert sorted(items) == [MOMENT, PART, "patients.patient_name:last_name"]
    shown = show_item(alone.world, alone.steward, items[MOMENT].id).evidence
    assert [fact.name for fact in shown.column] == [
        "made of encounters.start_date",
        "made of encounters.start_time",
    ]
    assert "start_time the time of day" in shown.speaks_for
    passed = {(finding.code, finding.tested) for finding in shown.findings}
    assert passed == {("PASSED", 60)}
    first = show_item(alone.world, alone.steward, items[PART].id).evidence
    assert "all 60 values have the form that the field asks for" in {each.message for each in first.findings}
    mapped = columns(alone, client)[MOMENT]
    assert (mapped.mapping_type, mapped.disposition) == ("computed", Disposition.PENDING_REVIEW)
    explained = explain_column(alone.world, alone.steward, client, MOMENT)
    assert (explained.derived.startswith("start_date and start_time"), explained.steps) == (True, ())


def test_decided_it_stays_refused_it_goes_and_drifted_it_is_asked_about(
    alone: Installation, client: str
) -> None:
    items = asked(alone, client)
    decide(alone, items[MOMENT], DecisionKind.APPROVE)
    decide(alone, items[PART], DecisionKind.REJECT)
    last = FieldRef(entity="patient", field="maiden_name")
    decide(alone, items["patients.patient_name:last_name"], DecisionKind.OVERRIDE, last)
    propose(alone, client)
    found = columns(alone, client)
    assert (found[MOMENT].disposition, PART in found) == (Disposition.APPROVED, False)
    given = found["patients.patient_name:last_name"]
    assert (given.target, given.mapping_type) == (last, "computed")
    assert found["encounters.start_date"].target is None
    assert asked(alone, client) == {}

    clear_queue(alone, client)
    alone.approve(client)
    publish_mappings(alone.world, client, run=RunStamp())
    with open_as(alone.world, alone.steward) as unit:
        published = {str(each.ref): each for each in unit.publications.published(client)}
        assert all("+" not in variant.name for variant in unit.value_bank.variants())
    assert published[MOMENT].mapping_type == "computed"
    assert published[MOMENT].rule == items[MOMENT].rule
    propose(alone, client)
    assert alone.items(client) == ()

    later = {**ENCOUNTERS, "start_time": tuple(("", "23:59")[row % 2] for row in ROWS)}
    write_tables(alone.folder / client, patients=PATIENTS, encounters=later)
    propose(alone, client)
    [again] = asked(alone, client).values()
    assert (str(again.ref), again.state) == (MOMENT, ItemState.OPEN)
    assert "the column or the field changed since" in again.reason


def test_a_word_about_it_is_taken_back_by_leaving_it_out_and_being_asked_again(
    alone: Installation, client: str
) -> None:
    decide(alone, asked(alone, client)[MOMENT], DecisionKind.APPROVE)
    target = FieldRef(entity="encounter", field="end_datetime")
    with pytest.raises(BadDecisionError, match=r"smp review exclude \S+ encounters\.start_date\+start_time"):
        map_column(alone.world, alone.steward, client, MOMENT, target, rule=None, reason="no")
    decide_use(alone.world, alone.steward, client, MOMENT, used=False, reason="another time zone")
    assert columns(alone, client)[MOMENT].disposition is Disposition.EXCLUDED
    propose(alone, client)
    assert (MOMENT in asked(alone, client), columns(alone, client)[MOMENT].disposition) == (
        True,
        Disposition.PENDING_REVIEW,
    )

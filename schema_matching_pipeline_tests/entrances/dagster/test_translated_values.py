"""A column's codes on their way: suggested, confirmed or corrected by a person, kept, judged, and known to the next client."""

from __future__ import annotations

import pytest

from schema_matching_pipeline.errors import (
    BadDecisionError,
    NotAllowedError,
    StaleDecisionError,
    UnknownNameError,
)
from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.matching import Disposition, MappedColumn
from schema_matching_pipeline.model.review import Decision, DecisionKind
from schema_matching_pipeline.model.rule import MapValues
from schema_matching_pipeline.model.value_map import Equivalence
from schema_matching_pipeline.workflows.decide_column import map_column
from schema_matching_pipeline.workflows.decide_review import decide_items
from schema_matching_pipeline.workflows.list_mappings import list_mappings
from schema_matching_pipeline.workflows.list_review import show_item
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.publish_mapping import publish_mappings
from schema_matching_pipeline.workflows.run_state import RunStamp
from schema_matching_pipeline.workflows.translate_values import Correction, confirm_values, list_values
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS, Installation
from schema_matching_pipeline_tests.entrances.dagster.test_overruled_labels import clear_queue, propose

SEX = "patients.gender"
KNOWN = {name: PATIENTS[name] for name in ("patient_id", "first_name", "last_name", "date_of_birth")}
CODES = ("1", "2", "1", "7") * 9 + ("9", "8", "1", "2")


@pytest.fixture
def alone(installation: Installation) -> Installation:
    return installation.alone("translated")


@pytest.fixture
def client(alone: Installation) -> str:
    slug = alone.add_client("translated", patients={**KNOWN, "gender": CODES})
    propose(alone, slug)
    return slug


def mapped(alone: Installation, client: str) -> MappedColumn:
    lines = list_mappings(alone.world, alone.steward, client)
    return next(line.mapped for line in lines if str(line.mapped.ref) == SEX)


def told(alone: Installation, client: str) -> list[tuple[str, int, str | None, str, bool]]:
    [found] = [
        one.values for one in list_values(alone.world, alone.steward, client) if str(one.values.ref) == SEX
    ]
    return [(m.value.text, m.rows, m.target, str(m.equivalence), m.decided) for m in found.matches]


def confirm(alone: Installation, client: str, *corrections: Correction, reason: str = "their manual") -> None:
    confirm_values(alone.world, alone.steward, client, SEX, corrections, reason)


def step(mapping: MappedColumn) -> MapValues:
    assert mapping.rule is not None
    [only] = mapping.rule.steps
    assert isinstance(only, MapValues)
    return only


def test_suggested_values_show_their_rows_and_hide_rare_ones(alone: Installation, client: str) -> None:
    assert told(alone, client) == [
        ("1", 19, "male", "equal", False),
        ("2", 10, "female", "equal", False),
        ("7", 9, None, "unmatched", False),
    ]
    [shown] = [one for one in list_values(alone.world, alone.steward, client) if str(one.values.ref) == SEX]
    assert (shown.unmatched_rows, shown.values.hidden_rows) == (9, 2)
    item = next(item for item in alone.items(client) if str(item.ref) == SEX)
    assert show_item(alone.world, alone.steward, item.id).values == shown.values


def test_what_cannot_be_meant_is_refused_and_nothing_is_decided(alone: Installation, client: str) -> None:
    with pytest.raises(UnknownNameError, match="'mail'"):
        confirm(alone, client, Correction(code="7", value="mail"))
    with pytest.raises(UnknownNameError, match="coded column"):
        confirm_values(alone.world, alone.steward, client, "patients.first_name", (), "x")
    with pytest.raises(BadDecisionError, match="reason"):
        confirm(alone, client, reason=" ")
    viewer = alone.steward.but(role=Role.VIEWER)
    with pytest.raises(NotAllowedError):
        confirm_values(alone.world, viewer, client, SEX, (), "x")
    assert mapped(alone, client).disposition is not Disposition.APPROVED


def test_a_persons_word_is_kept_judged_changed_published_and_taught(alone: Installation, client: str) -> None:
    confirm(alone, client, Correction(code="7", value="other", equivalence=Equivalence.WIDER))
    assert told(alone, client)[2] == ("7", 9, "other", "wider", True)
    propose(alone, client)
    kept = mapped(alone, client)
    assert (kept.disposition, kept.mapping_type, kept.confidence) == (
        Disposition.APPROVED,
        "transformed",
        1.0,
    )
    assert step(kept) == MapValues(
        codes={"1": "male", "2": "female", "7": "other"}, otherwise="keep", equivalence={"7": "wider"}
    )
    with open_as(alone.world, alone.steward) as unit:
        report = unit.validations.current(client)
    assert report is not None
    [finding] = [f for f in report.findings if str(f.ref) == SEX and f.code == "OUTSIDE_DOMAIN"]
    assert (finding.tested, finding.failed, [one.text for one in finding.samples]) == (40, 2, ["9"])

    unmatched = Correction(code="7", value=None, equivalence=Equivalence.UNMATCHED)
    confirm(alone, client, unmatched, Correction(code="9", value="unknown"))
    again = step(mapped(alone, client))
    assert (again.codes, again.equivalence) == (
        {"1": "male", "2": "female", "9": "unknown"},
        {"7": "unmatched"},
    )
    propose(alone, client)
    assert step(mapped(alone, client)) == again

    clear_queue(alone, client)
    alone.approve(client)
    publish_mappings(alone.world, client, run=RunStamp())
    other = alone.add_client("second", patients={**KNOWN, "gender": ("9", "1", "2", "x") * 10})
    propose(alone, other)
    [heard] = [
        one.values for one in list_values(alone.world, alone.steward, other) if str(one.values.ref) == SEX
    ]
    assert {m.value.text: (m.target, m.why) for m in heard.matches}["9"] == (
        "unknown",
        "people decided so for an earlier client",
    )


def test_another_field_of_a_decided_column_still_takes_taking_back(alone: Installation, client: str) -> None:
    confirm(alone, client)
    with pytest.raises(StaleDecisionError, match="was decided already"):
        map_column(
            alone.world,
            alone.second,
            client,
            SEX,
            FieldRef(entity="patient", field="race"),
            rule=None,
            reason="x",
        )


def test_a_suggestion_whose_rule_alone_was_changed_counts_as_right(alone: Installation) -> None:
    client = alone.add_client("counted", patients={**KNOWN, "gender": ("1", "2") * 20})
    propose(alone, client)
    item = next(item for item in alone.items(client) if str(item.ref) == SEX)
    confirm(alone, client)
    wrong = next(item for item in alone.items(client) if item.target and item.kind == "mapping")
    decision = Decision(item_id=wrong.id, kind=DecisionKind.REJECT, reason="no")
    decide_items(alone.world, alone.steward, (decision,))
    with open_as(alone.world, alone.steward) as unit:
        judged = unit.reviews.decided_suggestions(client)
    assert sorted((each.confidence, each.right) for each in judged) == sorted(
        [(item.had, True), (wrong.had, False)]
    )

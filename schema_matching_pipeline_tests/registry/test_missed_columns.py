"""A column that nobody asked about is given a field by a person, and given up again."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from schema_matching_pipeline_tests.registry.people import add_people
from schema_matching_pipeline_tests.registry.steps import (
    SECOND_STEWARD,
    STEWARD,
    Column,
    an_office,
    one,
    refusal_of,
    rows,
)

ID = Column("member_no", "patient.id")
MISSED = Column("born", None, "unmapped", 0.41)
GONE = Column("legacy", None, "excluded", 0.0)
SURE = Column("town", "patient.city", "auto_accepted", 0.99)

STALE, NOT_ALLOWED, BAD = "SMP02", "SMP03", "SMP04"


@pytest.fixture
def office(app_url):
    made = an_office(app_url)
    made.propose(ID, MISSED, GONE)
    made.validate()
    return made


def give(
    office,
    column="born",
    target="patient.birth_date",
    *,
    rule=None,
    hash_="h7",
    reason="it is the day of birth",
    actor=STEWARD,
    client="acme",
):
    entity, _, field = target.partition(".")
    return office.ask(
        "SELECT smp.map_column(:client, 'members', :column, :entity, :field, CAST(:rule AS jsonb), :hash, :reason)",
        actor=actor,
        client=client,
        column=column,
        entity=entity,
        field=field,
        rule=json.dumps(rule),
        hash=hash_,
        reason=reason,
    )


def refused(office, *arguments, **named):
    with pytest.raises(DBAPIError) as caught:
        give(office, *arguments, **named)
    return refusal_of(caught)


def mapped(office, column="born"):
    with office.acting() as connection:
        return rows(
            connection,
            "SELECT disposition, canonical_field, mapping_source, coercion_function, decided_by, approval_hash"
            " FROM smp.field_mappings WHERE source_field = :column",
            column=column,
        )[0]


def standing(office, column="born"):
    """What people said of the column and nobody took back."""
    with office.acting() as connection:
        return rows(
            connection,
            "SELECT kind, decision, field, approval_hash FROM smp.item_approvals WHERE source_column = :column AND revoked_at IS NULL ORDER BY decided_at",
            column=column,
        )


def test_a_missed_column_fills_the_required_field_and_its_question_goes(office):
    (gap,) = office.gate()["holding_review"]
    assert gap["what"] == "patient.birth_date is required and no column fills it"
    before = office.ask("SELECT max(version) FROM smp.mapping_versions")

    outcome = give(office, rule={"cast": "date"})
    assert outcome["state"] == "overridden"
    assert mapped(office) == ("approved", "birth_date", "manual", "date", STEWARD, "h7")
    assert standing(office) == [("mapping", "override", "birth_date", "h7")]
    assert office.gate()["holding_review"] == []
    assert office.ask("SELECT max(version) FROM smp.mapping_versions") == before + 1
    assert office.gate()["validated"] is False


def test_it_says_what_remains_while_other_questions_wait(office):
    office.propose(Column("claim_no", "claim.amount", "pending_review", 0.7))
    give(office, "born", "patient.city")
    assert office.holding()[1:] == [
        ("mapping", "members.claim_no to claim.amount (has 0.70)"),
        ("validation", "patient.birth_date is required and no column fills it"),
    ]
    give(office, "claim_no", "claim.id")
    assert [kind for kind, _ in office.holding()[1:]] == ["validation"]


def test_the_word_is_kept_with_its_reason_and_its_person(office):
    give(office)
    with office.acting() as connection:
        said = rows(connection, "SELECT decision, actor, field, reason FROM smp.review_actions")
        audited = one(
            connection,
            "SELECT count(*) FROM smp.audit_log WHERE actor = 'ada' AND changed_by IS NOT NULL AND subject IN ('review_actions', 'item_approvals')",
        )
    assert (said, audited) == ([("override", STEWARD, "birth_date", "it is the day of birth")], 2)


def test_it_is_given_back_to_the_column_while_that_stays_as_it_was(office):
    give(office)
    office.propose(Column("born", None, "unmapped", 0.4, approval_hash="h7"))
    office.ask("SELECT smp.carry_over('acme')")
    assert mapped(office)[:2] == ("approved", "birth_date")
    with office.acting() as connection:
        connection.execute(
            text(
                "UPDATE smp.field_mappings SET approval_hash = 'h8', disposition = 'unmapped', canonical_entity = NULL, canonical_field = NULL WHERE source_field = 'born'"
            )
        )
    office.ask("SELECT smp.carry_over('acme')")
    assert mapped(office)[:2] == ("unmapped", None)


def test_saying_it_twice_changes_nothing(office):
    assert give(office) == give(office)
    assert office.ask("SELECT count(*) FROM smp.review_actions") == 1


@pytest.mark.parametrize(
    "otherwise",
    [
        pytest.param({"target": "patient.city"}, id="another field"),
        pytest.param({"actor": SECOND_STEWARD}, id="another person"),
    ],
)
def test_a_standing_decision_is_taken_back_first(office, otherwise):
    give(office)
    said = refused(office, **otherwise)
    assert said.sqlstate == STALE
    assert "ada says it fills patient.birth_date" in str(said)
    assert "smp review exclude acme members.born --reason WHY, then smp review include" in str(said)


def test_another_rule_is_given_to_a_decided_column_that_keeps_its_field(office):
    give(office)
    give(office, rule={"cast": "date"}, actor=SECOND_STEWARD)
    assert mapped(office)[:2] == ("approved", "birth_date")
    assert office.ask("SELECT transformation_rule FROM smp.field_mappings WHERE source_field = 'born'") == {
        "cast": "date"
    }
    assert office.ask("SELECT count(*) FROM smp.rejected_pairs") == 0
    assert [row[:3] for row in standing(office)] == [("mapping", "override", "birth_date")]


def test_what_was_given_is_taken_back_and_given_otherwise(office):
    give(office)
    use = "SELECT smp.decide_use('acme', 'members', 'born', :used, 'q', 'why')"
    office.ask(use, actor=STEWARD, used=False)
    assert "Take it in first: smp review include acme members.born" in str(refused(office))
    office.ask(use, actor=STEWARD, used=True)
    give(office, target="patient.city")
    assert mapped(office)[:2] == ("approved", "city")
    assert ("mapping", "override", "city", "h7") in standing(office)


def test_a_column_that_waits_has_its_own_question_answered(office):
    office.propose(Column("town", "patient.city", "pending_review", 0.7))
    assert give(office, "town", "patient.birth_date")["item_id"] == "item-town-h1"
    assert standing(office, "town") == [("mapping", "override", "birth_date", "h1")]
    with office.acting() as connection:
        assert rows(connection, "SELECT source_column, field FROM smp.rejected_pairs") == [("town", "city")]


def test_what_was_accepted_without_a_person_counts_as_a_suggestion_that_was_wrong(office):
    office.propose(SURE)
    give(office, "town", "patient.birth_date")
    with office.acting() as connection:
        assert rows(connection, "SELECT source_column, field FROM smp.rejected_pairs") == [("town", "city")]
        asked = rows(connection, "SELECT kind, field, had FROM smp.review_items WHERE source_column = 'town'")
    assert asked == [("mapping", "city", 0.99)]


def test_a_field_that_another_column_of_the_table_has_is_refused_with_the_way_out(office):
    office.propose(SURE)
    said = str(refused(office, target="patient.city"))
    assert "Field patient.city is taken in this table: column members.town fills it." in said
    assert "smp review exclude acme members.town --reason WHY" in said
    office.propose(Column("dob", "patient.birth_date", "pending_review", 0.7))
    assert "smp review override item-dob-h --nothing" in str(refused(office))


def test_a_field_of_many_sources_may_be_taken_twice(office):
    office.propose(SURE)
    with office.as_owner() as connection:
        connection.execute(
            text(
                'UPDATE smp.entity_schemas SET schema_definition = \'{"fields": [{"name": "city", "one_source": false}]}\' WHERE entity_name = \'patient\''
            )
        )
    give(office, target="patient.city")
    assert mapped(office)[:2] == ("approved", "city")


@pytest.mark.parametrize(
    ("column", "target", "named", "state", "words"),
    [
        pytest.param("nowhere", "patient.city", {}, BAD, "no column members.nowhere", id="no such column"),
        pytest.param("born", "patient.height", {}, BAD, "no field patient.height", id="no such field"),
        pytest.param("legacy", "patient.city", {}, BAD, "is left out", id="left out"),
        pytest.param("born", "patient.city", {"reason": " "}, BAD, "Say why", id="no reason"),
        pytest.param("born", "patient.city", {"hash_": ""}, BAD, "bound to nothing", id="bound to nothing"),
        pytest.param("born", "patient.city", {"actor": "ed"}, NOT_ALLOWED, "A steward", id="an engineer"),
        pytest.param("born", "patient.city", {"actor": "vi"}, NOT_ALLOWED, "A steward", id="a viewer"),
        pytest.param(
            "born", "patient.city", {"actor": "system:propose"}, NOT_ALLOWED, "steward", id="machine"
        ),
        pytest.param("born", "patient.city", {"client": "globex"}, BAD, "globex", id="another client"),
    ],
)
def test_it_is_refused(office, column, target, named, state, words):
    said = refused(office, column, target, **named)
    assert (said.sqlstate, words in str(said)) == (state, True), str(said)
    assert office.ask("SELECT count(*) FROM smp.review_actions") == 0


def test_a_person_confined_to_another_client_may_not(app_url, office):
    with office.acting() as connection:
        connection.execute(
            text(
                "INSERT INTO smp.clients (slug, name, connection_id, canonical_model) SELECT 'globex', 'g', id, 'practice' FROM smp.connections"
            )
        )
    add_people(app_url, office.tenant, {"local": "steward"}, {"local": ["globex"]})
    assert refused(office, actor="local").sqlstate == NOT_ALLOWED


def test_who_meets_a_decision_is_told_how_to_take_it_back(office):
    office.propose(Column("town", "patient.city", "pending_review", 0.7))
    office.decide("item-town-h1", "approve")
    with pytest.raises(DBAPIError) as caught:
        office.decide("item-town-h1", "reject", reason="no", actor=SECOND_STEWARD)
    assert str(refusal_of(caught)).startswith("Item item-town-h1 was decided already: ada said approve at ")
    assert (
        "To decide otherwise: smp review exclude acme members.town --reason WHY, then smp review include acme members.town"
        in str(refusal_of(caught))
    )

"""The law: what a decision does, what holds the gates, what is published. All as the application role."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from schema_matching_pipeline.canon.figures import compared
from schema_matching_pipeline.model.matching import Publication
from schema_matching_pipeline.model.review import GateState
from schema_matching_pipeline_tests.registry.steps import (
    CLAIM,
    PATIENT,
    SECOND_STEWARD,
    STEWARD,
    Column,
    Field,
    an_office,
    connected,
    import_model,
    one,
    refusal_of,
    rows,
)

ID = Column("member_no", "patient.id")
BIRTH = Column("dob", "patient.birth_date")
CITY = Column("town", "patient.city", "pending_review", 0.7)
CITY_ITEM = "item-town-h1"
CHAIN = {"steps": [{"step": "trim"}, {"step": "uppercase"}]}

GATE_CLOSED, STALE, NOT_ALLOWED, BAD, LOCKED = "SMP01", "SMP02", "SMP03", "SMP04", "55P03"


@pytest.fixture
def office(app_url):
    return an_office(app_url)


def refused(act, *arguments, **named):
    """The SQLSTATE and the message with which the database refuses."""
    with pytest.raises(DBAPIError) as caught:
        act(*arguments, **named)
    return refusal_of(caught).sqlstate, refusal_of(caught).diag.message_primary


def state_of(office, column):
    return office.ask(
        "SELECT disposition || ' ' || coalesce(canonical_entity || '.' || canonical_field, '-') FROM smp.field_mappings WHERE source_field = :column",
        column=column,
    )


def ready(office):
    """A proposal without doubts, settled, validated and approved by a person."""
    office.propose(ID, BIRTH)
    version, digest = office.validate()
    office.approve_final(version, digest)
    return version, digest


# Versions and digests


def test_the_same_mapping_stays_the_same_version(office):
    office.propose(ID, BIRTH)
    assert office.settle() == office.settle()


def test_a_changed_mapping_is_a_new_version(office):
    office.propose(ID, BIRTH)
    first, digest = office.settle()
    office.propose(Column("town", "patient.city"))
    second, other = office.settle()
    assert (first, second, digest == other) == (1, 2, False)


def test_the_digest_ignores_confidence_and_the_order_of_writing(office):
    office.propose(ID, BIRTH)
    _, digest = office.settle()
    with office.acting() as connection:
        connection.execute(text("DELETE FROM smp.field_mappings"))
    office.propose(Column("dob", "patient.birth_date", confidence=0.98), ID)
    assert office.settle() == (1, digest)


def test_a_waiting_suggestion_is_not_part_of_the_digest(office):
    office.propose(ID, BIRTH)
    before = office.settle()
    office.propose(CITY)
    assert office.settle() == before


# Gates


def test_the_gate_of_a_client_without_a_proposal_says_so(office):
    gate = GateState.model_validate(office.gate())
    assert (gate.version, gate.review_open, gate.final_open) == (None, False, False)
    assert [held.kind for held in gate.holding_review] == ["proposal"]


def test_the_gate_names_the_item_what_it_needs_and_who_may_decide(office):
    office.propose(ID, BIRTH, CITY)
    office.validate()
    gate = GateState.model_validate(office.gate())
    assert [held.model_dump() for held in gate.holding_review] == [
        {
            "kind": "mapping",
            "what": "members.town to patient.city (has 0.70)",
            "needed": "a decision, or 0.97",
            "who": "a steward or an admin",
            "item_id": CITY_ITEM,
            "rule": "not sure enough",
        }
    ]


def test_an_item_that_has_what_it_needs_waits_for_a_decision_alone(office):
    office.propose(ID, BIRTH, Column("town", "patient.city", "pending_review", 1.0))
    office.validate()
    (held,) = office.gate()["holding_review"]
    assert (held["what"], held["needed"]) == ("members.town to patient.city", "a decision")


def test_an_item_that_falls_short_by_a_hair_does_not_read_as_if_it_had_what_it_needs(office):
    office.propose(ID, BIRTH, Column("town", "patient.city", "pending_review", 0.969))
    office.validate()
    (held,) = office.gate()["holding_review"]
    assert (held["what"], held["needed"]) == (
        "members.town to patient.city (has 0.96)",
        "a decision, or 0.97",
    )


def test_the_gate_tells_a_failed_check_without_a_figure(office):
    office.propose(ID, BIRTH)
    office.answer("dob", "e1", failed=60, target="patient.birth_date")
    office.validate()
    (held,) = office.gate()["holding_review"]
    assert (held["what"], held["needed"]) == (
        "members.dob to patient.birth_date fails a check",
        "2 people's decision",
    )


FIGURES = (
    0.0,
    1.0,
    0.5,
    0.665,
    0.9699,
    0.97,
    0.98,
    0.979999999999999,
    0.29,
    0.0004,
    0.00019,
    3e-12,
    1 / 3,
    0.1 + 0.2,
)


def test_the_registry_writes_figures_as_the_review_queue_does(owner_url):
    pairs = [(had, needed) for had in FIGURES for needed in (0.97, 0.5, 0.975, 1.0)]
    with connected(owner_url) as connection:
        told = [
            rows(
                connection,
                "SELECT smp.cut_figure(:had, smp.digits_of(:needed)), smp.cut_figure(:needed, smp.digits_of(:needed))",
                had=had,
                needed=needed,
            )[0]
            for had, needed in pairs
        ]
    assert told == [compared(had, needed) for had, needed in pairs]


def test_both_gates_open_when_all_is_decided_validated_and_approved(office):
    ready(office)
    gate = GateState.model_validate(office.gate())
    assert (gate.review_open, gate.final_open, gate.validated, gate.approved) == (True, True, True, True)


def test_the_final_gate_asks_for_validation_and_approval(office):
    office.propose(ID, BIRTH)
    office.settle()
    assert [kind for kind, _ in office.holding("holding_final")] == ["validation", "approval"]


def test_a_withdrawn_item_does_not_open_the_gate_for_its_column(office):
    office.propose(ID, BIRTH, CITY)
    office.settle()
    with office.acting() as connection:
        connection.execute(text("UPDATE smp.review_items SET state = 'withdrawn'"))
    assert office.holding() == [("mapping", "members.town to patient.city")]


def test_a_required_field_that_nothing_fills_opens_an_item_and_holds_the_gate(office):
    office.propose(ID)
    office.settle()
    assert office.holding() == [("validation", "patient.birth_date is required and no column fills it")]


def test_a_gap_that_is_filled_closes_its_item(office):
    office.propose(ID)
    office.settle()
    office.propose(BIRTH)
    office.settle()
    assert office.holding() == []


def test_a_gap_that_a_decision_makes_is_asked_about_while_others_wait(office):
    office.propose(Column("member_no", "patient.id", "pending_review", 0.7), CITY)
    office.settle()
    assert len(office.holding()) == 2
    office.decide("item-member_no-h1", "approve")
    assert ("validation", "patient.birth_date is required and no column fills it") in office.holding()
    office.decide(CITY_ITEM, "override", target="patient.birth_date", reason="it holds days")
    assert office.holding() == []


def test_a_gap_may_be_waived_with_a_reason(office):
    office.propose(ID)
    office.settle()
    item = office.gate()["holding_review"][0]["item_id"]
    assert refused(office.decide, item, "approve")[0] == BAD
    office.decide(item, "approve", reason="the practice never asked for it")
    assert office.holding() == []


def test_a_table_that_could_not_be_read_holds_the_gate_before_anybody_asks(office):
    ready(office)
    office.profile("members", unread=["visits"])
    assert office.holding() == [("coverage", "visits was not read")]
    assert refused(office.publish)[0] == GATE_CLOSED


def test_one_person_may_live_without_a_table_and_says_why(office):
    ready(office)
    office.profile("members", unread=["visits", "staff"])
    office.settle()
    assert office.holding() == [("validation", "staff was not read"), ("validation", "visits was not read")]
    staff, visits = (held["item_id"] for held in office.gate()["holding_review"])
    assert refused(office.decide, staff, "approve")[0] == BAD
    office.decide(staff, "approve", reason="the practice keeps it to itself")
    assert office.holding() == [("validation", "visits was not read")]
    office.decide(visits, "approve", reason="it is a copy")
    assert (office.holding(), office.publish()["version"]) == ([], 1)


def test_living_without_a_table_holds_through_profiles_until_it_is_read_once(office):
    ready(office)
    office.profile("members", unread=["visits"])
    office.settle()
    office.decide(office.gate()["holding_review"][0]["item_id"], "approve", reason="it is a copy")
    office.profile("members", unread=["visits"])
    office.settle()
    assert office.holding() == []
    office.profile("members", "visits")
    office.settle()
    assert office.holding() == []
    office.profile("members", unread=["visits"])
    office.settle()
    assert office.holding() == [("validation", "visits was not read")]


def test_a_table_that_was_read_in_part_holds_nothing(office):
    ready(office)
    office.profile("members", "visits", unread=["visits"])
    assert office.holding() == []


def test_a_policy_does_not_approve_where_people_live_without_a_table(office):
    permit_policy(office)
    office.propose(ID, BIRTH)
    office.profile("members", unread=["visits"])
    office.validate()
    office.decide(office.gate()["holding_review"][0]["item_id"], "approve", reason="it is a copy")
    assert office.holding() == []
    assert office.ask("SELECT smp.approve_by_policy('acme')") is False


def test_a_failed_demanded_check_holds_the_gate_though_it_calls_itself_harmless(office):
    office.propose(ID, BIRTH)
    office.answer("dob", "castable:dob", failed=5, target="patient.birth_date")
    office.settle()
    assert office.holding() == [("validation", "members.dob to patient.birth_date: 5 of 100 rows fail")]


def test_a_failed_check_of_an_entity_that_demands_none_holds_nothing(office):
    with office.acting() as connection:
        connection.execute(text("UPDATE smp.entity_policies SET validation_required = false"))
    office.propose(ID, BIRTH)
    office.answer("dob", "castable:dob", failed=5, target="patient.birth_date")
    office.validate()
    assert office.holding() == []


def test_a_failed_check_of_a_critical_entity_is_waived_by_two_people(office):
    office.propose(ID, BIRTH)
    office.answer("dob", "castable:dob", failed=5, target="patient.birth_date")
    office.validate()
    item = office.gate()["holding_review"][0]["item_id"]

    first = office.decide(item, "approve", reason="typing errors of 1998")
    held = office.gate()["holding_review"]
    again = refused(office.decide, item, "approve", reason="really")
    second = office.decide(item, "approve", reason="seen them too", actor=SECOND_STEWARD)

    assert (first["state"], second["state"]) == ("awaiting_second", "approved")
    assert [entry["who"] for entry in held] == ["another steward or admin than the first"]
    assert again[0] == NOT_ALLOWED
    assert office.holding() == []


def test_a_waiver_does_not_cover_a_failure_that_grew(office):
    office.propose(ID, BIRTH)
    office.answer("dob", "castable:dob", failed=5, target="patient.birth_date")
    office.validate()
    item = office.gate()["holding_review"][0]["item_id"]
    office.decide(item, "approve", reason="typing errors")
    office.decide(item, "approve", reason="typing errors", actor=SECOND_STEWARD)
    office.answer("dob", "castable:dob", failed=60, target="patient.birth_date")
    office.validate()
    assert [kind for kind, _ in office.holding()] == ["validation"]


def test_the_second_person_waives_no_more_than_the_first_one_saw(office):
    office.propose(ID, BIRTH)
    office.answer("dob", "castable:dob", failed=5, target="patient.birth_date")
    office.validate()
    item = office.gate()["holding_review"][0]["item_id"]
    office.decide(item, "approve", reason="typing errors")
    office.answer("dob", "castable:dob", failed=60, target="patient.birth_date")
    office.decide(item, "approve", reason="typing errors", actor=SECOND_STEWARD)
    assert [kind for kind, _ in office.holding()] == ["validation"]


def test_a_question_that_became_worse_is_put_to_both_people_again(office):
    office.propose(ID, BIRTH)
    office.answer("dob", "castable:dob", failed=5, target="patient.birth_date")
    office.validate()
    item = office.gate()["holding_review"][0]["item_id"]
    office.decide(item, "approve", reason="typing errors")
    with office.acting() as connection:
        connection.execute(text("UPDATE smp.review_items SET had = 0.4"))
    alone = office.decide(item, "approve", reason="typing errors", actor=SECOND_STEWARD)
    both = office.decide(item, "approve", reason="seen that too")
    assert (alone["state"], both["state"]) == ("awaiting_second", "approved")


@pytest.mark.parametrize(
    ("decision", "details"),
    [
        ("exclude", {}),
        ("unmap", {"reason": "no city"}),
        ("reject", {"reason": "no city"}),
        ("override", {"target": "claim.id", "reason": "the claim"}),
    ],
)
def test_a_failed_check_of_a_suggestion_goes_with_the_suggestion(office, decision, details):
    office.propose(ID, BIRTH, CITY)
    office.answer("town", "castable:town", failed=9, target="patient.city")
    office.validate()
    assert [kind for kind, _ in office.holding()] == ["mapping", "validation"]
    office.decide(CITY_ITEM, decision, **details)
    assert office.holding() == []


def test_a_suggestion_approved_as_it_is_keeps_its_failed_check(office):
    office.propose(ID, BIRTH, CITY)
    office.answer("town", "castable:town", failed=9, target="patient.city")
    office.validate()
    office.decide(CITY_ITEM, "approve")
    assert [kind for kind, _ in office.holding()] == ["version", "validation"]


def test_one_person_mends_what_failed_and_the_other_failures_go_with_it(office):
    office.propose(ID, BIRTH)
    for expectation in ("castable:dob", "convertible:dob"):
        office.answer("dob", expectation, failed=9, target="patient.birth_date")
    office.validate()
    item = office.gate()["holding_review"][0]["item_id"]
    said = {"target": "patient.birth_date", "reason": "a day"}

    code, message = refused(office.decide, item, "override", **said)
    mended = office.decide(item, "override", rule={"cast": "date"}, **said)

    assert (code, "that is what failed" in message) == (BAD, True)
    assert (mended["state"], office.holding(), office.gate()["validated"]) == ("overridden", [], False)


def test_a_failure_that_was_mended_and_is_back_is_asked_about_again(office):
    office.propose(ID, BIRTH)
    office.answer("dob", "castable:dob", failed=9, target="patient.birth_date")
    office.validate()
    item = office.gate()["holding_review"][0]["item_id"]
    office.decide(item, "override", target="patient.birth_date", rule={"cast": "date"}, reason="a day")
    office.answer("dob", "castable:dob", failed=9, target="patient.birth_date")
    office.validate()
    assert [entry["item_id"] for entry in office.gate()["holding_review"]] == [item]
    assert office.decide(item, "approve", reason="so be it")["state"] == "awaiting_second"


def test_validated_results_of_another_digest_do_not_count(office):
    office.propose(ID, BIRTH)
    office.validate()
    office.propose(Column("town", "patient.city"))
    office.settle()
    assert ("validation", "version 2 was not validated as it stands") in office.holding("holding_final")


# Decisions


@pytest.mark.parametrize(
    ("decision", "details", "state", "column"),
    [
        pytest.param("approve", {}, "approved", "approved patient.city", id="approve"),
        pytest.param(
            "override",
            {"target": "claim.amount", "reason": "it is money"},
            "overridden",
            "approved claim.amount",
            id="override",
        ),
        pytest.param("reject", {"reason": "no"}, "rejected", "rejected patient.city", id="reject"),
        pytest.param("unmap", {"reason": "internal"}, "overridden", "unmapped -", id="unmap"),
        pytest.param("exclude", {}, "overridden", "excluded -", id="exclude"),
    ],
)
def test_a_decision_moves_the_item_and_the_column(office, decision, details, state, column):
    office.propose(ID, BIRTH, CITY)
    outcome = office.decide(CITY_ITEM, decision, **details)
    assert (outcome["state"], state_of(office, "town")) == (state, column)


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        pytest.param(None, (None, None, "direct"), id="no rule"),
        pytest.param({"cast": "integer"}, ({"cast": "integer"}, "integer", "direct"), id="a rule of its own"),
        pytest.param(CHAIN, (CHAIN, "trim,uppercase", "transformed"), id="a chain of its own"),
    ],
)
def test_a_decision_for_another_field_leaves_no_rule_of_the_suggestion(office, rule, left):
    office.propose(ID, BIRTH, CITY)
    with office.acting() as connection:
        connection.execute(
            text(
                "UPDATE smp.field_mappings SET transformation_rule = '{\"cast\": \"date\"}' WHERE source_field = 'town'"
            )
        )
    suggested = office.ask("SELECT coercion_function FROM smp.field_mappings WHERE source_field = 'town'")
    office.decide(CITY_ITEM, "override", target="claim.amount", reason="an amount", rule=rule)
    with office.acting() as connection:
        (found,) = rows(
            connection,
            "SELECT transformation_rule, coercion_function, mapping_type FROM smp.field_mappings WHERE source_field = 'town'",
        )
    assert (suggested, found) == ("date", left)


def test_a_mapping_that_loses_its_steps_is_direct_again(office):
    office.propose(ID, BIRTH, CITY)
    found = []
    for rule in (json.dumps(CHAIN), '{"cast": "date"}', '{"steps": "odd"}'):
        with office.acting() as connection:
            connection.execute(
                text(
                    "UPDATE smp.field_mappings SET transformation_rule = cast(:rule as jsonb) WHERE source_field = 'town'"
                ),
                {"rule": rule},
            )
            found += rows(
                connection,
                "SELECT mapping_type, coercion_function FROM smp.field_mappings WHERE source_field = 'town'",
            )
    assert found == [("transformed", "trim,uppercase"), ("direct", "date"), ("direct", None)]


def test_a_decision_leaves_its_trace_and_full_confidence(office):
    office.propose(ID, BIRTH, CITY)
    office.decide(
        CITY_ITEM, "override", target="claim.id", reason="it is the claim", rule={"cast": "integer"}
    )
    with office.acting() as connection:
        mapping = rows(
            connection,
            "SELECT decided_by, confidence_score, proposed_confidence, mapping_source, transformation_rule FROM smp.field_mappings WHERE source_field = 'town'",
        )
        actions = rows(
            connection, "SELECT actor, decision, reason, state_before, state_after FROM smp.review_actions"
        )
        approvals = rows(
            connection, "SELECT entity, field, approval_hash, definition_hash FROM smp.item_approvals"
        )
        pairs = rows(connection, "SELECT entity, field, rejected_by FROM smp.rejected_pairs")
    assert mapping == [(STEWARD, 1.0, 0.7, "manual", {"cast": "integer"})]
    assert actions == [(STEWARD, "override", "it is the claim", "open", "overridden")]
    assert approvals == [("claim", "id", "h1", "claim.id.d1")]
    assert pairs == [("patient", "city", STEWARD)]


def test_the_same_decision_of_the_same_person_twice_is_one(office):
    office.propose(ID, BIRTH, CITY)
    first = office.decide(CITY_ITEM, "approve")
    assert office.decide(CITY_ITEM, "approve") == first
    assert office.ask("SELECT count(*) FROM smp.review_actions") == 1


def test_another_rule_is_another_decision(office):
    office.propose(ID, BIRTH, CITY)
    said = {"target": "claim.id", "reason": "it is the claim"}
    first = office.decide(CITY_ITEM, "override", rule={"cast": "integer"}, **said)
    assert office.decide(CITY_ITEM, "override", rule={"cast": "integer"}, **said) == first
    for rule in ({"cast": "number"}, None):
        code, message = refused(office.decide, CITY_ITEM, "override", rule=rule, **said)
        assert (code, f"{STEWARD} said override" in message) == (STALE, True)


def test_a_decision_after_another_persons_is_stale_and_says_whose(office):
    office.propose(ID, BIRTH, CITY)
    office.decide(CITY_ITEM, "approve")
    code, message = refused(office.decide, CITY_ITEM, "approve", actor=SECOND_STEWARD)
    assert (code, f"{STEWARD} said approve" in message) == (STALE, True)


def test_a_decision_on_an_outdated_view_is_stale(office):
    office.propose(ID, BIRTH, CITY)
    assert refused(office.decide, CITY_ITEM, "approve", expected_row_version=7)[0] == STALE


def test_a_decision_on_a_column_that_changed_is_stale(office):
    office.propose(ID, BIRTH, CITY)
    with office.acting() as connection:
        connection.execute(
            text("UPDATE smp.field_mappings SET approval_hash = 'h2' WHERE source_field = 'town'")
        )
    assert refused(office.decide, CITY_ITEM, "approve")[0] == STALE


@pytest.mark.parametrize(
    ("decision", "details"),
    [
        ("reject", {}),
        ("override", {"target": "patient.id"}),
        ("override", {"reason": "because"}),
        ("override", {"target": "patient.shoe_size", "reason": "because"}),
        ("approve", {"target": "patient.id"}),
        ("unmap", {"reason": "  "}),
        ("include", {}),
        ("bless", {}),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(office, decision, details):
    office.propose(ID, BIRTH, CITY)
    assert refused(office.decide, CITY_ITEM, decision, **details)[0] == BAD


@pytest.mark.parametrize("actor", ["ed", "vi", "system:propose", "policy:permissive", "nobody", ""])
def test_only_stewards_and_admins_decide(office, actor):
    office.propose(ID, BIRTH, CITY)
    assert refused(office.decide, CITY_ITEM, "approve", actor=actor)[0] == NOT_ALLOWED


def test_a_person_who_left_decides_no_more(office):
    office.propose(ID, BIRTH, CITY)
    with office.acting(SECOND_STEWARD) as connection:
        one(connection, "SELECT smp.change_person('ada', '{\"active\": false}')")
    assert refused(office.decide, CITY_ITEM, "approve")[0] == NOT_ALLOWED


def test_many_decisions_are_all_or_none(office):
    office.propose(ID, BIRTH, CITY)
    decisions = '[{"item_id": "item-town-h1", "kind": "approve"}, {"item_id": "unknown", "kind": "approve"}]'
    ask = "SELECT smp.decide_items('acme', CAST(:decisions AS jsonb))"
    assert refused(office.ask, ask, actor=STEWARD, decisions=decisions)[0] == BAD
    assert state_of(office, "town") == "pending_review patient.city"


def test_the_last_decision_settles_the_version(office):
    office.propose(ID, BIRTH, CITY)
    office.settle()
    office.decide(CITY_ITEM, "approve")
    assert (office.gate()["version"], office.holding()) == (2, [])


def test_two_stewards_at_once_do_not_both_decide(office):
    office.propose(ID, BIRTH, CITY)
    with office.acting(STEWARD) as connection:
        decide = 'SELECT smp.decide_items(\'acme\', \'[{"item_id": "item-town-h1", "kind": "approve"}]\')'
        connection.execute(text(decide))
        impatient = f"SET LOCAL lock_timeout = '200ms'; {decide}"
        assert refused(office.ask, impatient, actor=SECOND_STEWARD)[0] == LOCKED
    assert office.ask("SELECT count(*) FROM smp.review_actions") == 1


# Quality items


def a_flagged_column(office):
    office.propose(ID, BIRTH, Column("legacy", None, "pending_review", 0.0))
    with office.acting() as connection:
        connection.execute(text("UPDATE smp.review_items SET kind = kind WHERE id = 'item-legacy-h1'"))
        connection.execute(
            text(
                "INSERT INTO smp.review_items (client, id, kind, source_table, source_column, risk_class, reason, needed, had, approval_hash) VALUES ('acme', 'flag', 'quality', 'members', 'legacy', 'critical', 'abandoned since 2014', 1, 0, 'h1')"
            )
        )
        connection.execute(
            text("UPDATE smp.review_items SET state = 'withdrawn' WHERE id = 'item-legacy-h1'")
        )


def test_a_flagged_column_is_excluded_by_agreeing(office):
    a_flagged_column(office)
    assert office.decide("flag", "approve")["state"] == "approved"
    assert state_of(office, "legacy") == "excluded -"


def test_a_flagged_column_to_be_used_asks_for_a_new_proposal_and_holds_the_gate(office):
    a_flagged_column(office)
    office.decide("flag", "include")
    assert office.holding() == [("mapping", "members.legacy")]
    assert office.ask("SELECT kind || ' ' || state FROM smp.run_requests") == "reprofile open"


# Carrying over


def test_an_approval_comes_back_when_the_column_does(office):
    office.propose(ID, BIRTH, CITY)
    office.decide(CITY_ITEM, "approve")
    office.propose(Column("town", None, "unmapped", 0.2, approval_hash="h2"))
    away = state_of(office, "town")
    office.propose(Column("town", "patient.city", "pending_review", 0.6))
    carried = office.ask("SELECT smp.carry_over('acme')")
    assert (away, carried, state_of(office, "town")) == ("unmapped -", 1, "approved patient.city")
    assert office.holding() == []


def test_an_approval_survives_a_second_proposal_of_the_same_column(office):
    office.propose(ID, BIRTH, CITY)
    office.decide(CITY_ITEM, "approve")
    office.propose(Column("town", "patient.birth_date", "auto_accepted", 0.99))
    assert state_of(office, "town") == "approved patient.city"


def test_a_changed_target_takes_its_approvals_back(office):
    office.propose(ID, BIRTH, CITY)
    office.decide(CITY_ITEM, "approve")
    changed = (*PATIENT[:2], Field("city", definition_hash="d2"))
    with office.acting() as connection:
        import_model(connection, {"patient": changed, "claim": CLAIM}, digest="model-2", version=2)
    office.settle()
    held = office.holding()
    carried = office.ask("SELECT smp.carry_over('acme')")
    assert held == [("mapping", "members.town to patient.city")]
    assert (carried, state_of(office, "town")) == (0, "pending_review patient.city")


def test_a_target_that_is_gone_takes_even_sure_mappings_back(office):
    office.propose(ID, BIRTH, Column("town", "patient.city"))
    with office.acting() as connection:
        import_model(connection, {"patient": PATIENT[:2], "claim": CLAIM}, digest="model-2", version=2)
    office.settle()
    held = office.holding()
    office.ask("SELECT smp.carry_over('acme')")
    assert held == [("mapping", "members.town to patient.city")]
    assert state_of(office, "town") == "pending_review -"


def test_unchanged_targets_keep_their_approvals_through_a_new_model(office):
    office.propose(ID, BIRTH, CITY)
    office.decide(CITY_ITEM, "approve")
    with office.acting() as connection:
        grown = (*CLAIM, Field("currency"))
        import_model(connection, {"patient": PATIENT, "claim": grown}, digest="model-2", version=2)
    office.settle()
    assert office.holding() == []


def test_a_rejected_pair_is_rejected_again_without_asking(office):
    office.propose(ID, BIRTH, CITY)
    office.decide(CITY_ITEM, "reject", reason="no")
    with office.as_owner() as connection:
        connection.execute(text("DELETE FROM smp.field_mappings WHERE source_field = 'town'"))
    office.propose(Column("town", "patient.city", "auto_accepted", 0.99))
    assert (office.ask("SELECT smp.carry_over('acme')"), state_of(office, "town")) == (
        1,
        "rejected patient.city",
    )


# Publication


def test_what_is_approved_is_published_as_it_stands(office):
    version, digest = ready(office)
    receipt = Publication.model_validate(office.publish())
    with office.acting() as connection:
        published = rows(
            connection,
            "SELECT source_field, canonical_entity, canonical_field FROM smp.published_mappings ORDER BY 1",
        )
    assert (receipt.version, receipt.digest, receipt.mappings, receipt.approved_by, receipt.repeated) == (
        version,
        digest,
        2,
        STEWARD,
        False,
    )
    assert published == [("dob", "patient", "birth_date"), ("member_no", "patient", "id")]


def test_publishing_again_gives_the_earlier_receipt(office):
    ready(office)
    first, second = office.publish(), office.publish()
    assert second == {**first, "repeated": True}


def test_nothing_is_published_while_something_waits_and_the_error_says_what(office):
    office.propose(ID, BIRTH, CITY)
    office.validate()
    with pytest.raises(DBAPIError) as caught:
        office.publish()
    assert refusal_of(caught).sqlstate == GATE_CLOSED
    held = GateState.model_validate_json(refusal_of(caught).diag.message_detail or "")
    assert [holding.item_id for holding in held.holding_review] == [CITY_ITEM]
    assert office.ask("SELECT count(*) FROM smp.published_mappings") == 0


def test_a_later_publication_leaves_the_earlier_one_as_it_was(office):
    ready(office)
    office.publish()
    office.propose(Column("town", "patient.city"))
    office.approve_final(*office.validate())
    office.publish()
    with office.acting() as connection:
        found = rows(connection, "SELECT version, count(*) FROM smp.published_mappings GROUP BY 1 ORDER BY 1")
    assert found == [(1, 2), (2, 3)]


def test_an_approval_of_an_older_version_publishes_nothing(office):
    office.propose(ID, BIRTH)
    old = office.validate()
    office.propose(Column("town", "patient.city"))
    office.validate()
    assert refused(office.approve_final, *old)[0] == STALE
    assert refused(office.publish)[0] == GATE_CLOSED


def test_data_that_change_after_the_approval_close_the_gate(office):
    ready(office)
    office.propose(Column("town", "patient.city"))
    assert refused(office.publish)[0] == GATE_CLOSED
    office.settle()
    assert refused(office.publish)[0] == GATE_CLOSED
    assert office.ask("SELECT count(*) FROM smp.publications") == 0


def test_a_refused_version_is_not_published_until_somebody_approves_it(office):
    version, digest = ready(office)
    refuse = "SELECT smp.refuse_final('acme', :version, :digest, :reason)"
    office.ask(refuse, actor=SECOND_STEWARD, version=version, digest=digest, reason="wait for the audit")
    assert office.holding("holding_final") == [
        ("approval", f"version 1 was refused by {SECOND_STEWARD}: wait for the audit")
    ]
    office.approve_final(version, digest)
    assert office.publish()["mappings"] == 2


@pytest.mark.parametrize("actor", ["ed", "vi", "system:release", "policy:standard", "nobody"])
def test_only_stewards_and_admins_approve_for_production(office, actor):
    office.propose(ID, BIRTH)
    version, digest = office.validate()
    assert refused(office.approve_final, version, digest, actor=actor)[0] == NOT_ALLOWED


# Approval by policy


def permit_policy(office):
    """An engineer puts the client under a profile that asks for nobody, and a run begins under it."""
    lift_review(office)
    office.begin_run("permissive")


def lift_review(office):
    with office.acting("ed") as connection:
        connection.execute(
            text(
                "UPDATE smp.clients SET review_required_before_production = false, trust_profile = 'permissive'"
            )
        )


def test_a_policy_approves_where_the_profile_asks_for_no_person(office):
    permit_policy(office)
    office.propose(ID, BIRTH)
    office.validate()
    assert office.ask("SELECT smp.approve_by_policy('acme')") is True
    assert office.publish()["approved_by"] == "policy:permissive"


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda _: None, id="a person is required"),
        pytest.param(lift_review, id="no run has begun"),
        pytest.param(lambda office: (permit_policy(office), office.propose(CITY)), id="something waits"),
        pytest.param(
            lambda office: (permit_policy(office), office.propose(Column("town", "patient.city"))),
            id="not validated as it stands",
        ),
    ],
)
def test_a_policy_does_not_approve_when(office, spoil):
    office.propose(ID, BIRTH)
    office.validate()
    spoil(office)
    assert office.ask("SELECT smp.approve_by_policy('acme')") is False


def test_a_profile_that_asks_for_nobody_counts_from_the_next_run_on(office):
    office.begin_run("conservative")
    office.propose(ID, BIRTH)
    office.validate()
    lift_review(office)
    approve = "SELECT smp.approve_by_policy('acme')"
    waiting = office.ask(approve)
    office.begin_run("permissive")
    assert (waiting, office.ask(approve)) == (False, True)


def test_profiling_again_takes_the_profile_anew(office):
    office.begin_run("conservative")
    office.propose(ID, BIRTH)
    office.validate()
    lift_review(office)
    with office.acting() as connection:
        connection.execute(
            text("UPDATE smp.pipeline_runs SET state = 'profiling', trust_profile = 'permissive'")
        )
    assert office.ask("SELECT smp.approve_by_policy('acme')") is True


def test_a_profile_that_asks_for_a_person_again_counts_at_once(office):
    permit_policy(office)
    office.propose(ID, BIRTH)
    office.validate()
    with office.acting("ed") as connection:
        connection.execute(text("UPDATE smp.clients SET review_required_before_production = true"))
    assert office.ask("SELECT smp.approve_by_policy('acme')") is False


def test_the_machinery_cannot_write_that_a_run_asks_for_nobody(office):
    office.begin_run("conservative")
    office.propose(ID, BIRTH)
    office.validate()
    lift_review(office)
    with office.acting() as connection:
        connection.execute(text("UPDATE smp.pipeline_runs SET review_required_before_production = false"))
    assert office.ask("SELECT smp.approve_by_policy('acme')") is False


def test_a_policy_does_not_approve_a_waived_failure(office):
    permit_policy(office)
    office.propose(ID, BIRTH)
    office.answer("dob", "castable:dob", failed=5, target="patient.birth_date")
    office.validate()
    item = office.gate()["holding_review"][0]["item_id"]
    for person in (STEWARD, SECOND_STEWARD):
        office.decide(item, "approve", reason="known", actor=person)
    assert office.holding() == []
    assert office.ask("SELECT smp.approve_by_policy('acme')") is False

"""Taking decisions back, one by one or those made together: what it puts back, and what stands in its way."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

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
BIRTH = Column("dob", "patient.birth_date")
CITY = Column("town", "patient.city", "pending_review", 0.7)
OTHER = Column("claim_no", "claim.id", "pending_review", 0.7)
ITEM, OTHER_ITEM = "item-town-h1", "item-claim_no-h1"

STALE, NOT_ALLOWED, BAD = "SMP02", "SMP03", "SMP04"

# Everything that may not differ after a decision was taken back; versions, times of writing and notes of who wrote do.
STATE = """
SELECT jsonb_build_object(
    'items', (SELECT jsonb_agg(to_jsonb(i) - '{row_version,updated_at}'::text[] ORDER BY i.id)
              FROM smp.review_items i WHERE state <> 'withdrawn'),
    'mappings', (SELECT jsonb_agg(to_jsonb(m) - '{version,updated_at,updated_by}'::text[] ORDER BY m.id)
                 FROM smp.field_mappings m),
    'approvals', (SELECT jsonb_agg(to_jsonb(a) ORDER BY a.id) FROM smp.item_approvals a WHERE revoked_at IS NULL),
    'pairs', (SELECT jsonb_agg(to_jsonb(p) ORDER BY p.id) FROM smp.rejected_pairs p),
    'requests', (SELECT jsonb_agg(r.id ORDER BY r.id) FROM smp.run_requests r WHERE state = 'open'))
"""


@pytest.fixture
def office(app_url):
    made = an_office(app_url)
    made.propose(ID, BIRTH, CITY, OTHER)
    return made


def undo(office, item, *, actor=STEWARD, reason="a slip", version=None):
    return office.ask(
        "SELECT smp.undo_item('acme', :item, :reason, :version)",
        actor=actor,
        item=item,
        reason=reason,
        version=version,
    )


def together(office, *decisions, actor=STEWARD):
    """Decisions made as one: item, kind and what else there is; the id they are taken back by."""
    batch = str(uuid4())
    given = [{"item_id": item, "kind": kind, "batch_id": batch, **more} for item, kind, more in decisions]
    office.ask("SELECT smp.decide_items('acme', CAST(:given AS jsonb))", actor=actor, given=json.dumps(given))
    return batch


def act(office, name, batch, *, actor=STEWARD):
    return office.ask(f"SELECT smp.{name}(CAST(:batch AS uuid), NULL)", actor=actor, batch=batch)


def state(office):
    return office.ask(STATE)


def refused(call, *arguments, **named):
    with pytest.raises(DBAPIError) as caught:
        call(*arguments, **named)
    said = refusal_of(caught)
    return said.sqlstate, said.diag.message_primary


def history(office, item=ITEM):
    with office.acting() as connection:
        return rows(
            connection,
            "SELECT actor, decision, state_before, state_after FROM smp.review_actions WHERE item_id = :item ORDER BY id",
            item=item,
        )


def exclude(office, column="town", *, used=False, actor=STEWARD):
    return office.ask(
        "SELECT smp.decide_use('acme', 'members', :column, :used, 'h-use', 'because')",
        actor=actor,
        column=column,
        used=used,
    )


def map_to(office, column, entity, field):
    return office.ask(
        "SELECT smp.map_column('acme', 'members', :column, :entity, :field, NULL, 'h-map', 'because')",
        actor=STEWARD,
        column=column,
        entity=entity,
        field=field,
    )


DECISIONS = {
    "approve": {},
    "reject": {"reason": "no"},
    "override": {"reason": "no", "target": "claim.amount"},
    "unmap": {"reason": "no"},
    "exclude": {},
}


@pytest.mark.parametrize("kind", DECISIONS)
def test_what_was_decided_is_taken_back_whole(office, kind):
    before = state(office)
    office.decide(ITEM, kind, **DECISIONS[kind])
    assert state(office) != before
    assert undo(office, ITEM)["state"] == "open"
    assert state(office) == before
    assert [(who, what) for who, what, *_ in history(office)] == [(STEWARD, kind), (STEWARD, "undo")]


@pytest.mark.parametrize("kind", DECISIONS)
def test_what_was_taken_back_is_decided_anew(office, kind):
    office.decide(ITEM, "reject", reason="a slip")
    undo(office, ITEM)
    decided = office.decide(ITEM, kind, **DECISIONS[kind])
    assert decided["state"] in {"approved", "rejected", "overridden"}
    assert office.ask("SELECT count(*) FROM smp.item_approvals WHERE revoked_at IS NULL") == (
        kind != "reject"
    )


def test_the_audit_tells_who_took_back_what_and_why(office):
    office.decide(ITEM, "approve")
    with office.acting(STEWARD, reason="a slip") as connection:
        connection.execute(
            text(
                "SELECT set_config('smp.address', '10.0.0.1', true), set_config('smp.trace_id', 't-1', true)"
            )
        )
        connection.execute(text("SELECT smp.undo_item('acme', :item, 'a slip', NULL)"), {"item": ITEM})
    with office.acting() as connection:
        said = rows(
            connection,
            "SELECT action, actor, change_reason, ip_address, trace_id, new_value ->> 'decision', new_value ->> 'reason'"
            " FROM smp.audit_log WHERE subject = 'review_actions' ORDER BY seq DESC LIMIT 1",
        )
        whole = one(connection, "SELECT broken_at FROM smp.verify_audit()")
    assert said == [("decided", STEWARD, "a slip", "10.0.0.1", "t-1", "undo", "a slip")]
    assert whole is None


def test_a_gap_that_a_decision_opened_goes_with_it_and_one_that_it_closed_is_open_again(office):
    before = state(office)
    exclude(office, "member_no")
    opened = office.ask("SELECT id FROM smp.review_items WHERE expectation_id = 'required_field:patient.id'")
    asked = office.ask(
        "SELECT item_id FROM smp.review_actions WHERE decision = 'exclude' ORDER BY id DESC LIMIT 1"
    )
    undo(office, asked)
    assert state(office) == before
    assert office.ask("SELECT state FROM smp.review_items WHERE id = :id", id=opened) == "withdrawn"
    exclude(office, "member_no")
    assert office.ask("SELECT state FROM smp.review_items WHERE id = :id", id=opened) == "open"
    gap = state(office)
    mapped = map_to(office, "town", "patient", "id")["item_id"]
    assert office.ask("SELECT state FROM smp.review_items WHERE id = :id", id=opened) == "withdrawn"
    undo(office, mapped)
    assert state(office) == gap


def test_what_somebody_lived_with_because_of_a_decision_stands_in_its_way(office):
    exclude(office, "member_no")
    gap = office.ask("SELECT id FROM smp.review_items WHERE expectation_id = 'required_field:patient.id'")
    office.decide(gap, "approve", reason="we have no number", actor=SECOND_STEWARD)
    asked = office.ask("SELECT item_id FROM smp.review_actions WHERE decision = 'exclude'")
    sqlstate, message = refused(undo, office, asked)
    assert sqlstate == STALE
    assert f"grace said approve about item {gap[:10]} later" in message
    undo(office, gap, actor=SECOND_STEWARD)
    assert undo(office, asked)["state"] == "withdrawn"


@pytest.mark.parametrize("how", ["exclude", "map"])
def test_a_question_that_nobody_asked_is_none_again(office, how):
    before = state(office)
    asked = (exclude(office) if how == "exclude" else map_to(office, "dob", "claim", "amount"))["item_id"]
    undo(office, asked)
    assert state(office) == before


def test_a_column_taken_in_is_out_again_and_the_proposal_it_asked_for_is_off(office):
    exclude(office)
    before = state(office)
    asked = exclude(office, used=True)["item_id"]
    assert state(office)["requests"]
    undo(office, asked)
    assert state(office) == before


def test_a_proposal_that_another_column_waits_for_stays_asked_for(office):
    exclude(office, "town")
    exclude(office, "claim_no")
    first = exclude(office, "town", used=True)["item_id"]
    exclude(office, "claim_no", used=True)
    undo(office, first)
    assert state(office)["requests"]


def test_a_failed_check_that_went_with_its_mapping_comes_back_with_it(office):
    office.decide(ITEM, "approve")
    office.decide(OTHER_ITEM, "unmap", reason="none")
    office.answer("dob", "e1", failed=60, target="patient.birth_date")
    office.validate()
    before = state(office)
    asked = map_to(office, "dob", "claim", "amount")["item_id"]
    assert not any(
        item["kind"] == "validation" and item["expectation_id"] == "e1" for item in state(office)["items"]
    )
    undo(office, asked)
    assert state(office) == before


def second_needed(office):
    with office.acting() as connection:
        connection.execute(
            text("UPDATE smp.review_items SET required_approvals = 2 WHERE id = :id"), {"id": ITEM}
        )


def test_the_second_approval_is_taken_back_alone_and_the_first_after_it(office):
    second_needed(office)
    office.decide(ITEM, "approve")
    first = state(office)
    office.decide(ITEM, "approve", actor=SECOND_STEWARD)
    assert refused(undo, office, ITEM)[0] == NOT_ALLOWED
    assert undo(office, ITEM, actor=SECOND_STEWARD)["state"] == "awaiting_second"
    assert state(office) == first
    assert undo(office, ITEM)["state"] == "open"
    # Nothing of what was taken back counts: it takes two people again.
    assert office.decide(ITEM, "approve", actor=SECOND_STEWARD)["state"] == "awaiting_second"
    assert office.decide(ITEM, "approve")["state"] == "approved"


def test_a_decision_is_taken_back_by_who_made_it_or_an_admin(office):
    office.decide(ITEM, "approve", actor=SECOND_STEWARD)
    sqlstate, message = refused(undo, office, ITEM)
    assert (sqlstate, message) == (
        NOT_ALLOWED,
        f"grace decided about item {ITEM}; that is taken back by grace or an admin, not by ada (steward).",
    )
    undo(office, ITEM, actor=SECOND_STEWARD)
    office.decide(ITEM, "approve")
    assert undo(office, ITEM, actor=SECOND_STEWARD)["state"] == "open"


@pytest.mark.parametrize("actor", ["ed", "vi", "system:propose", "nobody"])
def test_who_may_not_decide_takes_nothing_back(office, actor):
    office.decide(ITEM, "approve")
    assert refused(undo, office, ITEM, actor=actor)[0] == NOT_ALLOWED


def test_taking_back_again_changes_nothing_and_an_item_that_changed_is_refused(office):
    shown = office.decide(ITEM, "approve")["row_version"]
    done = undo(office, ITEM, version=shown)
    assert undo(office, ITEM, version=shown) == done == undo(office, ITEM)
    assert len(history(office)) == 2
    office.decide(ITEM, "reject", reason="no")
    assert "changed since it was shown" in refused(undo, office, ITEM, version=shown)[1]


def test_an_item_without_a_decision_has_none_to_take_back(office):
    assert refused(undo, office, ITEM) == (
        STALE,
        f"Item {ITEM} is open, and there is no decision to take back.",
    )
    assert refused(undo, office, "nothing")[0] == BAD
    office.decide(ITEM, "approve")
    undo(office, ITEM)
    assert f"{STEWARD} took it back at" in refused(undo, office, ITEM, actor=SECOND_STEWARD)[1]


def publish(office):
    version, digest = office.validate()
    office.approve_final(version, digest)
    office.publish()


def test_what_is_published_with_a_decision_keeps_it(office):
    office.decide(OTHER_ITEM, "unmap", reason="none")
    office.decide(ITEM, "approve")
    publish(office)
    sqlstate, message = refused(undo, office, ITEM)
    assert sqlstate == STALE
    assert (
        "Version 1 was published with it. To decide otherwise: smp review exclude acme members.town"
        in message
    )
    # What was decided after that is not published.
    asked = exclude(office)["item_id"]
    assert undo(office, asked)["state"] == "withdrawn"


def test_a_final_word_that_was_given_does_not_open_the_gate_for_what_is_open_again(office):
    office.decide(OTHER_ITEM, "unmap", reason="none")
    office.decide(ITEM, "approve")
    version, digest = office.validate()
    office.approve_final(version, digest)
    undo(office, ITEM)
    assert ("mapping", "members.town to patient.city (has 0.70)") in office.holding()
    assert refused(office.publish)[0] == "SMP01"


def test_a_later_word_about_the_same_column_stands_in_the_way(office):
    office.decide(ITEM, "approve")
    later = exclude(office)["item_id"]
    assert f"that is taken back first: smp review undo {later[:10]}" in refused(undo, office, ITEM)[1]
    undo(office, later)
    assert undo(office, ITEM)["state"] == "open"


def test_what_was_proposed_anew_since_is_not_put_back(office):
    office.decide(ITEM, "reject", reason="no")
    office.propose(Column("town", "claim.amount", "pending_review", 0.6, approval_hash="h2"))
    assert "Column members.town was proposed anew since." in refused(undo, office, ITEM)[1]


def test_a_suggestion_whose_field_another_column_fills_now_is_not_put_back(office):
    asked = map_to(office, "dob", "claim", "amount")["item_id"]
    map_to(office, "town", "patient", "birth_date")
    sqlstate, message = refused(undo, office, asked)
    assert (
        sqlstate,
        "Field patient.birth_date is taken in this table: column members.town fills it" in message,
    ) == (
        STALE,
        True,
    )


def test_what_the_application_role_may_not_write_itself(office):
    office.decide(ITEM, "approve")
    for statement in (
        "INSERT INTO smp.decision_effects (client, action_id, subject, key, became) VALUES ('acme', 1, 'item', 'x', '{}')",
        "DELETE FROM smp.decision_effects",
        "SELECT smp.undo_action(a, NULL, 'x', NULL) FROM smp.standing_actions a",
        "SELECT smp.keep_effects(1, 'acme', 'members', 'town', '{}')",
        "SELECT smp.decide_and_keep('acme', '{}', NULL)",
    ):
        with office.acting(STEWARD) as connection, pytest.raises(DBAPIError) as caught:
            connection.execute(text(statement))
        assert refusal_of(caught).sqlstate == "42501", statement


# Decisions made together


def test_decisions_made_together_are_taken_back_and_made_again_together(office):
    before = state(office)
    batch = together(office, (ITEM, "approve", {}), (OTHER_ITEM, "reject", {"reason": "no"}))
    decided = state(office)
    assert sorted(act(office, "undo_batch", batch)) == [OTHER_ITEM, ITEM]
    assert state(office) == before
    assert act(office, "undo_batch", batch) == []
    assert sorted(act(office, "redo_batch", batch)) == [OTHER_ITEM, ITEM]
    assert _without_times(state(office)) == _without_times(decided)
    assert act(office, "redo_batch", batch) == []
    assert len(act(office, "undo_batch", batch)) == 2
    assert state(office) == before


def _without_times(found):
    """What two equal decisions, made one after the other, have in common."""
    times = {"id", "decided_at", "rejected_at"}
    return {
        subject: [
            {
                key: value
                for key, value in row.items()
                if key not in times or (subject in {"items", "mappings"} and key == "id")
            }
            if isinstance(row, dict)
            else row
            for row in listed or []
        ]
        for subject, listed in found.items()
    }


def test_all_that_rests_on_decisions_made_together_is_named_and_none_is_taken_back(office):
    batch = together(office, (ITEM, "approve", {}), (OTHER_ITEM, "reject", {"reason": "no"}))
    later = exclude(office)["item_id"]
    office.propose(Column("claim_no", "claim.amount", "pending_review", 0.6, approval_hash="h2"))
    before = state(office)
    with pytest.raises(DBAPIError) as caught:
        act(office, "undo_batch", batch)
    said = refusal_of(caught)
    assert said.sqlstate == STALE
    assert json.loads(said.diag.message_detail or "") == [
        f"Item {OTHER_ITEM}: Column members.claim_no was proposed anew since.",
        f"Item {ITEM}: {STEWARD} said exclude about item {later[:10]} later, and that is taken back first: smp review undo {later[:10]}",
    ]
    assert state(office) == before


def test_what_was_decided_otherwise_since_stands_in_the_way_of_making_it_again(office):
    batch = together(office, (ITEM, "approve", {}), (OTHER_ITEM, "reject", {"reason": "no"}))
    act(office, "undo_batch", batch)
    office.decide(ITEM, "reject", reason="no")
    before = state(office)
    sqlstate, message = refused(act, office, "redo_batch", batch)
    assert (sqlstate, f"Item {ITEM} changed since and is rejected." in message) == (STALE, True)
    assert state(office) == before


def test_one_of_many_taken_back_alone_stays_so_when_all_are(office):
    before = state(office)
    batch = together(office, (ITEM, "approve", {}), (OTHER_ITEM, "reject", {"reason": "no"}))
    undo(office, ITEM)
    assert act(office, "undo_batch", batch) == [OTHER_ITEM]
    assert state(office) == before


def test_two_decisions_about_one_column_are_taken_back_together(office):
    office.decide(OTHER_ITEM, "unmap", reason="none")
    office.decide(ITEM, "approve")
    office.answer("dob", "e1", failed=60, target="patient.birth_date")
    office.answer("dob", "e2", failed=70, target="patient.birth_date")
    office.validate()
    with office.acting() as connection:
        failed = [
            found
            for (found,) in rows(
                connection,
                "SELECT id FROM smp.review_items WHERE kind = 'validation' AND state = 'open' ORDER BY id",
            )
        ]
    assert len(failed) == 2
    before = state(office)
    batch = together(office, *((item, "approve", {"reason": "known"}) for item in failed))
    assert len(act(office, "undo_batch", batch)) == 2
    assert state(office) == before


def test_nobody_adds_to_what_another_person_decided_together(office):
    batch = together(office, (ITEM, "approve", {}), actor=SECOND_STEWARD)
    assert refused(office.decide, OTHER_ITEM, "approve", batch_id=batch)[0] == BAD
    assert office.decide(OTHER_ITEM, "approve", batch_id=str(uuid4()))["state"] == "approved"
    assert act(office, "undo_batch", batch, actor=SECOND_STEWARD) == [ITEM]


def test_strangers_do_not_take_back_what_others_decided_together(office, app_url):
    batch = together(office, (ITEM, "approve", {}), actor=SECOND_STEWARD)
    assert refused(act, office, "undo_batch", batch)[0] == NOT_ALLOWED
    assert refused(act, office, "undo_batch", batch, actor="vi")[0] == NOT_ALLOWED
    stranger = an_office(app_url, tenant="strangers", clients=())
    assert refused(act, stranger, "undo_batch", batch)[0] == BAD
    assert refused(act, stranger, "redo_batch", batch)[0] == BAD

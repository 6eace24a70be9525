"""A column taken in again that was left out, and one left out that nobody asked about."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from schema_matching_pipeline_tests.registry.people import add_people
from schema_matching_pipeline_tests.registry.steps import STEWARD, Column, an_office, one, refusal_of, rows

ID = Column("member_no", "patient.id")
BIRTH = Column("dob", "patient.birth_date")
CITY = Column("town", "patient.city", "pending_review", 0.7)
LEGACY = Column("legacy", None, "excluded", 0.0, approval_hash="q1")

STALE, NOT_ALLOWED, BAD = "SMP02", "SMP03", "SMP04"


@pytest.fixture
def office(app_url):
    made = an_office(app_url)
    made.propose(ID, BIRTH, LEGACY)
    made.validate()
    return made


def use(
    office, column, used, *, hash_="q1", reason="the clinic still writes to it", actor=STEWARD, client="acme"
):
    return office.ask(
        "SELECT smp.decide_use(:client, 'members', :column, :used, :hash, :reason)",
        actor=actor,
        client=client,
        column=column,
        used=used,
        hash=hash_,
        reason=reason,
    )


def refused(office, *arguments, **named):
    with pytest.raises(DBAPIError) as caught:
        use(office, *arguments, **named)
    return refusal_of(caught).sqlstate


def disposition(office, column):
    return office.ask(
        "SELECT disposition FROM smp.field_mappings WHERE source_field = :column", column=column
    )


def standing(office, column="legacy"):
    """What people said of the column and nobody took back."""
    with office.acting() as connection:
        return rows(
            connection,
            "SELECT kind, decision, approval_hash FROM smp.item_approvals WHERE source_column = :column AND revoked_at IS NULL ORDER BY decided_at",
            column=column,
        )


def test_a_column_taken_in_again_waits_for_a_proposal_and_holds_the_gate(office):
    outcome = use(office, "legacy", True)
    assert (outcome["state"], disposition(office, "legacy")) == ("overridden", "pending_review")
    assert standing(office) == [("quality", "include", "q1")]
    assert office.holding() == [("mapping", "members.legacy")]
    assert office.ask("SELECT kind || ' ' || state FROM smp.run_requests") == "reprofile open"


def test_the_word_is_kept_with_its_reason_and_its_person(office):
    use(office, "legacy", True)
    with office.acting() as connection:
        said = rows(connection, "SELECT decision, actor, reason, state_after FROM smp.review_actions")
        audited = one(
            connection,
            "SELECT count(*) FROM smp.audit_log WHERE actor = 'ada' AND changed_by IS NOT NULL AND subject IN ('review_actions', 'item_approvals')",
        )
    assert said == [("include", STEWARD, "the clinic still writes to it", "overridden")]
    assert audited == 2


def test_a_good_column_is_left_out_with_its_open_questions(office):
    office.propose(CITY)
    outcome = use(office, "town", False, hash_="q7")
    assert (outcome["state"], disposition(office, "town")) == ("approved", "excluded")
    assert standing(office, "town") == [("quality", "exclude", "q7")]
    assert office.holding() == []


def test_leaving_an_accepted_column_out_makes_another_version_and_asks_about_the_gap(office):
    before = office.settle()
    use(office, "dob", False, hash_="q8")
    assert office.ask("SELECT max(version) FROM smp.mapping_versions") == before[0] + 1
    assert office.holding()[0][0] == "validation"  # patient.birth_date is required


def test_a_column_may_come_and_go_and_come_again(office):
    for used in (True, False, True):
        use(office, "legacy", used)
    assert standing(office) == [("quality", "include", "q1")]
    assert office.ask("SELECT count(DISTINCT item_id) FROM smp.review_actions") == 3


def test_what_was_said_of_the_field_of_a_column_that_comes_and_goes_is_taken_back(office):
    office.propose(CITY)
    office.decide("item-town-h1", "override", target="patient.city", reason="it is")
    use(office, "town", False, hash_="q7")
    assert office.ask("SELECT state FROM smp.review_items WHERE id = 'item-town-h1'") == "withdrawn"
    use(office, "town", True, hash_="q7")
    assert standing(office, "town") == [("quality", "include", "q7")]


def test_that_a_column_is_used_still_holds_when_it_is_decided_for_what(office):
    use(office, "legacy", True)
    office.propose(Column("legacy", "patient.city", "pending_review", 0.7, approval_hash="h2"))
    office.decide("item-legacy-h2", "reject", reason="another field")
    assert standing(office) == [("quality", "include", "q1")]


def test_an_open_question_about_its_quality_is_the_one_that_is_answered(office):
    office.propose(Column("fax", None, "pending_review", 0.0))
    with office.acting() as connection:
        connection.execute(text("UPDATE smp.review_items SET state = 'withdrawn'"))
        connection.execute(
            text(
                "INSERT INTO smp.review_items (client, id, kind, source_table, source_column, risk_class, reason, needed, had, approval_hash) VALUES ('acme', 'flag', 'quality', 'members', 'fax', 'critical', 'abandoned', 1, 0, 'h1')"
            )
        )
    assert use(office, "fax", False)["item_id"] == "flag"


@pytest.mark.parametrize(
    ("column", "used", "named", "state"),
    [
        pytest.param("dob", True, {}, BAD, id="it is used already"),
        pytest.param("legacy", False, {}, BAD, id="it is left out already"),
        pytest.param("nowhere", True, {}, BAD, id="there is no such column"),
        pytest.param("legacy", True, {"reason": "  "}, BAD, id="no reason"),
        pytest.param("legacy", True, {"hash_": ""}, BAD, id="bound to nothing"),
        pytest.param("legacy", True, {"actor": "ed"}, NOT_ALLOWED, id="an engineer"),
        pytest.param("legacy", True, {"actor": "vi"}, NOT_ALLOWED, id="a viewer"),
        pytest.param("legacy", True, {"actor": "system:propose"}, NOT_ALLOWED, id="the machinery"),
        pytest.param("legacy", True, {"client": "globex"}, BAD, id="another client"),
    ],
)
def test_it_is_refused(office, column, used, named, state):
    assert refused(office, column, used, **named) == state
    assert office.ask("SELECT count(*) FROM smp.review_actions") == 0


def test_a_person_confined_to_another_client_may_not(app_url, office):
    with office.acting() as connection:
        connection.execute(
            text(
                "INSERT INTO smp.clients (slug, name, connection_id, canonical_model) SELECT 'globex', 'g', id, 'practice' FROM smp.connections"
            )
        )
    add_people(app_url, office.tenant, {"local": "steward"}, {"local": ["globex"]})
    assert refused(office, "legacy", True, actor="local") == NOT_ALLOWED

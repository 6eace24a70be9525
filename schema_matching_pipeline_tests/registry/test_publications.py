import pytest

from schema_matching_pipeline.errors import (
    BadDecisionError,
    GateClosedError,
    NotAllowedError,
    StaleDecisionError,
)
from schema_matching_pipeline.model.matching import Disposition
from schema_matching_pipeline.model.review import Decision, DecisionKind
from schema_matching_pipeline_tests.registry.office import (
    ENGINEER,
    PATIENT,
    STEWARD,
    field,
    ref,
    routed,
)

ID = routed("id", "patient.patient_id")
SEX = routed("sex_cd", "patient.sex", Disposition.PENDING_REVIEW, confidence=0.8)


def gate(office):
    with office.open() as unit:
        return unit.publications.gate("acme")


def publish(office):
    with office.open("system:release") as unit:
        return unit.publications.publish("acme")


def test_before_the_first_proposal_the_gate_says_so(office):
    state = gate(office)
    assert (state.version, state.published_version, state.review_open, state.final_open) == (
        None,
        None,
        False,
        False,
    )
    with pytest.raises(GateClosedError, match="nothing was proposed yet"):
        publish(office)


def test_the_same_mapping_is_the_same_version_and_another_one_the_next(office):
    office.propose(ID)
    with office.open() as unit:
        first = unit.publications.settle_version("acme")
        assert unit.publications.settle_version("acme") == first
    office.propose(ID, routed("sex", "patient.sex"))
    with office.open() as unit:
        version, digest = unit.publications.settle_version("acme")
    assert (first[0], version) == (1, 2)
    assert digest != first[1]


def test_a_waiting_item_holds_the_gate_and_is_named(office):
    office.propose(ID, SEX)
    office.validate()
    state = gate(office)
    (item,) = office.waiting()
    (held,) = state.holding_review
    assert (held.item_id, held.kind, held.who) == (item.id, "mapping", "a steward or an admin")
    with pytest.raises(GateClosedError, match=r"mapping: members\.sex_cd to patient\.sex") as raised:
        publish(office)
    assert (raised.value.client, raised.value.gate) == ("acme", "review")
    with office.open() as unit:
        assert unit.publications.latest("acme") is None
        assert unit.publications.published("acme") == ()


def test_a_whole_way_from_a_doubt_to_a_publication(office):
    office.propose(ID, SEX, routed("free_text"))
    office.validate()
    (item,) = office.waiting()
    with office.open(STEWARD) as unit:
        unit.reviews.decide(Decision(item_id=item.id, kind=DecisionKind.APPROVE))
    version, digest = office.validate()
    state = gate(office)
    assert (state.version, state.review_open, state.final_open, state.validated, state.approved) == (
        version,
        True,
        False,
        True,
        False,
    )
    with office.open(STEWARD) as unit:
        state = unit.publications.approve_final("acme", version, digest, "looked at it")
    assert state.final_open

    receipt = publish(office)
    assert (receipt.client, receipt.version, receipt.digest, receipt.mappings, receipt.approved_by) == (
        "acme",
        version,
        digest,
        2,
        STEWARD,
    )
    assert publish(office) == receipt.but(repeated=True)
    with office.open() as unit:
        assert unit.publications.latest("acme") == receipt
        published = unit.publications.published("acme")
    assert [(m.ref, m.target, m.disposition, m.version) for m in published] == [
        (ref("id"), field("patient.patient_id"), Disposition.AUTO_ACCEPTED, version),
        (ref("sex_cd"), field("patient.sex"), Disposition.APPROVED, version),
    ]
    assert gate(office).published_version == version


def test_what_is_published_stays_in_force_while_something_new_waits(office):
    office.propose(ID)
    office.approve_and_publish()
    office.propose(ID, routed("sex", "patient.sex"), SEX)
    office.validate()
    with office.open() as unit:
        assert [m.ref.column for m in unit.publications.published("acme")] == ["id"]
    with pytest.raises(GateClosedError):
        publish(office)


def at_rest(office):
    with office.open() as unit:
        return {each.ref.column: each.target for each in unit.publications.at_rest("acme")}


def test_what_became_of_a_column_by_itself_rests_from_its_publication_on(office):
    office.look(id="1", sex_cd="1", free_text="1")
    office.propose(ID, SEX, routed("free_text"))
    assert at_rest(office) == {}
    (item,) = office.waiting()
    with office.open(STEWARD) as unit:
        unit.reviews.decide(Decision(item_id=item.id, kind=DecisionKind.APPROVE))
    office.approve_and_publish()
    assert at_rest(office) == {"id": field("patient.patient_id"), "free_text": None}
    with office.open() as unit:
        assert [(one.ref.column, one.decided) for one in unit.publications.in_force("acme")] == [
            ("id", False),
            ("sex_cd", True),
        ]
    office.look(id="1", sex_cd="1", free_text="2")
    assert at_rest(office) == {"id": field("patient.patient_id")}
    with office.open() as unit:
        unit.canonical.put(PATIENT.but(entities=PATIENT.entities[:1]))
    assert at_rest(office) == {}


def test_a_column_whose_suggestion_was_refused_rests_until_it_changes(office):
    office.look(id="1", sex_cd="1")
    office.propose(ID, SEX)
    _refuse(office)
    office.approve_and_publish()
    assert at_rest(office)["sex_cd"] is None
    office.propose(ID, routed("sex_cd"))
    with office.open() as unit:
        kept = {mapping.ref.column: mapping.disposition for mapping in unit.mappings.current("acme")}
    assert kept["sex_cd"] is Disposition.REJECTED
    office.look(id="1", sex_cd="2")
    assert "sex_cd" not in at_rest(office)
    office.propose(ID, routed("sex_cd", "visit.ward", Disposition.PENDING_REVIEW, confidence=0.5))
    _refuse(office)
    assert at_rest(office)["sex_cd"] is None


def test_a_refusal_of_other_content_is_no_rest(office):
    office.look(id="1", sex_cd="1")
    office.propose(ID, SEX)
    _refuse(office)
    office.approve_and_publish()
    office.look(id="1", sex_cd="2")
    office.propose(ID, routed("sex_cd"))
    with office.open() as unit:
        kept = {mapping.ref.column: mapping.disposition for mapping in unit.mappings.current("acme")}
    assert kept["sex_cd"] is Disposition.UNMAPPED
    assert "sex_cd" not in at_rest(office)


def test_a_column_in_production_whose_suggestion_is_refused_rests_once(office):
    office.look(id="1", sex_cd="1")
    office.propose(ID)
    office.approve_and_publish()
    office.propose(routed("id", "patient.patient_id", Disposition.PENDING_REVIEW, confidence=0.5))
    _refuse(office)
    with office.open() as unit:
        (rests,) = [each for each in unit.publications.at_rest("acme") if each.ref.column == "id"]
    assert rests.target is None


def _refuse(office):
    (item,) = office.waiting()
    with office.open(STEWARD) as unit:
        unit.reviews.decide(
            Decision(item_id=item.id, kind=DecisionKind.REJECT, reason="it is a code of ours")
        )


def test_an_approval_of_an_older_version_is_stale(office):
    office.propose(ID)
    version, digest = office.validate()
    office.propose(ID, routed("sex", "patient.sex"))
    office.validate()
    with pytest.raises(StaleDecisionError, match="not the newest one"), office.open(STEWARD) as unit:
        unit.publications.approve_final("acme", version, digest, "")


WARD = routed("ward", "visit.ward")


def test_a_version_that_is_what_stands_in_production_is_not_asked_about_again(office):
    office.propose(ID)
    office.approve_and_publish()
    office.propose(ID, WARD)
    office.validate()
    assert (gate(office).version, gate(office).approved) == (2, False)
    office.propose(ID)
    office.validate()
    state = gate(office)
    assert (state.version, state.published_version, state.approved, state.final_open) == (3, 1, True, True)
    receipt = publish(office)
    assert (receipt.version, receipt.approved_by) == (3, STEWARD)


def test_a_version_like_one_that_is_not_in_production_any_more_is_asked_about(office):
    office.propose(ID)
    office.approve_and_publish()
    office.propose(ID, WARD)
    office.approve_and_publish()
    office.propose(ID)
    office.validate()
    assert (gate(office).version, gate(office).approved) == (3, False)


def test_what_the_policy_approved_is_asked_of_it_again(office):
    office.propose(ID)
    office.validate()
    with office.open(ENGINEER) as unit:
        unit.clients.set_trust_profile("acme", "permissive", review_required=False)
        unit.runs.start("acme", "permissive")
        assert unit.publications.approve_by_policy("acme")
    publish(office)
    office.propose(ID, WARD)
    office.validate()
    office.propose(ID)
    office.validate()
    assert (gate(office).version, gate(office).approved) == (3, False)


def test_only_stewards_and_administrators_approve(office):
    office.propose(ID)
    version, digest = office.validate()
    for actor in (ENGINEER, "system:pipeline"):
        with pytest.raises(NotAllowedError), office.open(actor) as unit:
            unit.publications.approve_final("acme", version, digest, "")


def test_a_refusal_needs_a_reason_and_holds_the_gate(office):
    office.propose(ID)
    version, digest = office.validate()
    with pytest.raises(BadDecisionError), office.open(STEWARD) as unit:
        unit.publications.refuse_final("acme", version, digest, " ")
    with office.open(STEWARD) as unit:
        state = unit.publications.refuse_final("acme", version, digest, "the dates look wrong")
    assert [held.what for held in state.holding_final] == [
        f"version {version} was refused by {STEWARD}: the dates look wrong"
    ]
    with pytest.raises(GateClosedError, match="the dates look wrong"):
        publish(office)


def test_the_policy_approves_only_where_the_profile_asks_for_no_person(office):
    office.propose(ID)
    office.validate()
    with office.open() as unit:
        assert not unit.publications.approve_by_policy("acme")
    with office.open(ENGINEER) as unit:
        unit.clients.set_trust_profile("acme", "permissive", review_required=False)
        unit.runs.start("acme", "permissive")
        assert unit.publications.approve_by_policy("acme")
    assert publish(office).approved_by == "policy:permissive"


def test_a_version_that_changed_while_it_was_validated_does_not_count_as_validated(office):
    office.propose(ID)
    with office.open() as unit:
        _, digest = unit.publications.settle_version("acme")
    office.propose(ID, routed("sex", "patient.sex"))
    with pytest.raises(StaleDecisionError, match="Validate it again"), office.open() as unit:
        unit.validations.mark_validated("acme", digest)

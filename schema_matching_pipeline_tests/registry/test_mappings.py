from schema_matching_pipeline.model.matching import Disposition
from schema_matching_pipeline.model.review import Decision, DecisionKind
from schema_matching_pipeline_tests.registry.office import STEWARD, routed


def dispositions(office):
    with office.open() as unit:
        return {str(m.ref): (m.disposition, str(m.target)) for m in unit.mappings.current("acme")}


def test_an_approval_is_carried_over_when_the_same_is_proposed_again(office):
    waiting = routed("sex_cd", "patient.sex", Disposition.PENDING_REVIEW, confidence=0.8)
    office.propose(routed("id", "patient.patient_id"), waiting)
    (item,) = office.waiting()
    with office.open(STEWARD) as unit:
        unit.reviews.decide(Decision(item_id=item.id, kind=DecisionKind.APPROVE))

    office.propose(routed("id", "patient.patient_id"), waiting.but(confidence=0.7))

    assert dispositions(office)["members.sex_cd"] == (Disposition.APPROVED, "patient.sex")
    assert office.waiting() == ()

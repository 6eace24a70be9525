from sqlalchemy import event

from schema_matching_pipeline.model.matching import Candidate, Cast, Disposition, TransformRule
from schema_matching_pipeline.model.review import Decision, DecisionKind, ItemKind, ReviewQueue
from schema_matching_pipeline_tests.registry.office import (
    STEWARD,
    a_candidate,
    a_column,
    a_profile,
    a_proposal,
    a_snapshot,
    doubt,
    field,
    ref,
    routed,
    thresholds,
)
from schema_matching_pipeline_tests.registry.test_findings import REPORT

ID = routed("id", "patient.patient_id")
SEX = routed("sex_cd", "patient.sex", Disposition.PENDING_REVIEW, confidence=0.8)


def current(office, client="acme"):
    with office.open() as unit:
        return {mapped.ref.column: mapped for mapped in unit.mappings.current(client)}


def decide(office, kind, *, actor=STEWARD, reason="", target=None, rule=None):
    (item,) = office.waiting()
    with office.open(actor, reason=reason or None) as unit:
        return unit.reviews.decide(
            Decision(item_id=item.id, kind=kind, reason=reason, target=target, rule=rule)
        )


def test_before_the_first_proposal_there_is_nothing(office):
    with office.open() as unit:
        assert unit.mappings.proposal("acme") is None
        assert unit.mappings.current("acme") == ()
        assert unit.mappings.candidates("acme", ref("id")) == ()


def test_a_proposal_is_read_as_it_was_stored(office):
    candidates = (a_candidate("patient.sex", 1 / 3), Candidate(target=field("visit.ward"), confidence=0.0))
    proposal = a_proposal(ID, SEX, routed("free_text"), candidates=candidates)
    proposal = proposal.but(
        correspondences=(
            proposal.correspondences[0].but(
                rule=TransformRule(cast=Cast.DATE, date_format="%d.%m.%Y"), conflicts=(ref("sex_cd"),)
            ),
            *proposal.correspondences[1:],
        )
    )
    run = office.start_run()
    with office.open() as unit:
        unit.trust.store_policies("acme", thresholds())
        unit.mappings.store("acme", run, proposal, ReviewQueue(columns=(ID,), items=()), {})
    with office.open() as unit:
        assert unit.mappings.proposal("acme") == proposal
        assert unit.mappings.candidates("acme", ref("sex_cd")) == candidates


def test_the_best_candidates_are_rows_with_the_share_of_each_signal(office):
    office.propose(ID)
    with office.open() as unit:
        rows = unit.mappings._transaction.rows("select * from smp.mapping_candidates")
    (row,) = [dict(row) for row in rows]
    assert {
        name: row[name] for name in ("column_name", "rank", "entity", "field", "score", "confidence")
    } == {
        "column_name": "id",
        "rank": 1,
        "entity": "patient",
        "field": "birth_date",
        "score": 0.75,
        "confidence": 0.9,
    }
    assert row["shares"] == {"name_tokens": [0.75, 1.25], "a_shorter_one": [0.5, -0.5]}


def test_a_column_is_read_as_it_was_routed(office):
    run = office.start_run()
    with office.open() as unit:
        unit.profiles.store_snapshot("acme", a_snapshot("zz", "aa"))
        unit.profiles.store("acme", run, a_profile(a_column("zz"), a_column("aa", position=1)), {})
        unit.quality.store("acme", run, REPORT)
    office.propose(routed("aa", "patient.birth_date", confidence=0.98), routed("zz"))
    with office.open() as unit:
        zz, aa = unit.mappings.current("acme")
    assert aa.model_dump(exclude={"approval_hash"}) == {
        "ref": {"table": "members", "column": "aa"},
        "target": {"entity": "patient", "field": "birth_date"},
        "disposition": Disposition.AUTO_ACCEPTED,
        "confidence": 0.98,
        "proposed_confidence": 0.98,
        "required_threshold": 0.97,
        "source": "auto_detected",
        "rule": None,
        "explanation": "because; the names agree",
        "objections": ("few values",),
        "data_type": "text",
        "mapping_type": "direct",
        "coercion_function": None,
        "quality_label": "good",
        "validation_status": "pending",
        "decided_by": "",
        "decided_at": None,
        "version": 1,
    }
    assert (zz.disposition, zz.target, zz.quality_label) == (Disposition.UNMAPPED, None, "empty")


def test_the_same_again_leaves_no_trace(office):
    office.propose(ID, SEX)
    with office.open() as unit:
        before = unit.audit.verify().rows
    office.propose(ID, SEX)
    with office.open() as unit:
        assert unit.audit.verify().rows == before


def test_an_approval_is_carried_over_when_the_same_is_proposed_again(office):
    office.propose(ID, SEX)
    decide(office, DecisionKind.APPROVE)
    office.propose(ID, SEX.but(confidence=0.7))
    kept = current(office)["sex_cd"]
    assert (kept.disposition, kept.target, kept.confidence) == (
        Disposition.APPROVED,
        field("patient.sex"),
        1.0,
    )
    assert office.waiting() == ()


def test_an_approval_comes_back_with_its_column(office):
    office.propose(ID, SEX)
    decide(office, DecisionKind.APPROVE)
    office.propose(ID)
    assert list(current(office)) == ["id"]
    office.propose(ID, SEX)
    assert current(office)["sex_cd"].disposition is Disposition.APPROVED


def test_an_approval_falls_when_what_it_was_bound_to_changed_and_stands_again_when_it_returns(office):
    office.propose(ID, SEX)
    decide(office, DecisionKind.APPROVE)
    changed = routed("sex_cd", "patient.sex", Disposition.PENDING_REVIEW, content="another", confidence=0.8)
    office.propose(ID, changed)
    assert current(office)["sex_cd"].disposition is Disposition.PENDING_REVIEW
    office.propose(ID, SEX)
    assert current(office)["sex_cd"].disposition is Disposition.APPROVED


def test_a_rejection_stands_when_the_same_is_proposed_again(office):
    office.propose(ID, SEX)
    decide(office, DecisionKind.REJECT, reason="it is a code of the ward")
    office.propose(ID, SEX)
    assert current(office)["sex_cd"].disposition is Disposition.REJECTED
    with office.open() as unit:
        (pair,) = unit.reviews.rejected_pairs("acme")
    assert (pair.ref, pair.target, pair.approval_hash) == (
        ref("sex_cd"),
        field("patient.sex"),
        SEX.approval_hash,
    )


def test_a_rejection_ends_when_the_column_changes(office):
    office.look(id="1", sex_cd="1")
    office.propose(ID, SEX)
    decide(office, DecisionKind.REJECT, reason="it is a code of the ward")
    for looks, drifted in (({"id": "1"}, False), ({"id": "2"}, False), ({"id": "2", "sex_cd": "2"}, True)):
        office.look(**{"sex_cd": "1", **looks})
        with office.open() as unit:
            (pair,) = unit.reviews.rejected_pairs("acme")
        assert pair.drifted is drifted


def test_an_override_keeps_its_target_through_the_next_proposal(office):
    office.propose(ID, SEX)
    rule = TransformRule(cast=Cast.INTEGER)
    decide(office, DecisionKind.OVERRIDE, reason="the codes say so", target=field("visit.ward"), rule=rule)
    approved = SEX.but(disposition=Disposition.APPROVED, target=field("visit.ward"), confidence=1.0)
    office.propose(ID, approved)
    kept = current(office)["sex_cd"]
    assert (kept.disposition, kept.target, kept.source, kept.rule) == (
        Disposition.APPROVED,
        field("visit.ward"),
        "manual",
        rule,
    )
    with office.open() as unit:
        (approval,) = unit.reviews.standing_approvals("acme")
    assert (approval.approval_hash, approval.ref, approval.target, approval.decided_by) == (
        SEX.approval_hash,
        ref("sex_cd"),
        field("visit.ward"),
        STEWARD,
    )


def test_maps_to_nothing_is_a_standing_decision(office):
    office.propose(ID, SEX)
    decide(office, DecisionKind.UNMAP, reason="internal")
    with office.open() as unit:
        (approval,) = unit.reviews.standing_approvals("acme")
    assert approval.target is None
    office.propose(ID, routed("sex_cd").but(approval_hash=SEX.approval_hash))
    assert current(office)["sex_cd"].disposition is Disposition.UNMAPPED


def test_a_flagged_column_can_be_decided_and_the_decision_is_known_next_time(office):
    waiting = routed("old_cd", "patient.sex", Disposition.PENDING_REVIEW, confidence=0.8)
    question = doubt(waiting, kind=ItemKind.QUALITY, approval_hash="quality-hash")
    run = office.start_run()
    with office.open() as unit:
        queue = ReviewQueue(columns=(waiting,), items=(question,))
        unit.mappings.store("acme", run, a_proposal(waiting), queue, {})
        unit.reviews.sync("acme", queue.items)
    decide(office, DecisionKind.EXCLUDE)
    assert current(office)["old_cd"].disposition is Disposition.EXCLUDED
    with office.open() as unit:
        (known,) = unit.reviews.quality_decisions("acme")
    assert (known.ref, known.kind, known.approval_hash) == (
        ref("old_cd"),
        DecisionKind.EXCLUDE,
        "quality-hash",
    )
    office.propose(routed("old_cd", None, Disposition.EXCLUDED))
    with office.open() as unit:
        assert (
            unit.mappings._transaction.one("select decided_by from smp.field_mappings")["decided_by"]
            == STEWARD
        )


def test_the_number_of_statements_does_not_depend_on_the_number_of_columns(office, registry):
    statements = []
    event.listen(registry._engine, "before_cursor_execute", lambda *given: statements.append(given[2]))

    def statements_for(count):
        columns = tuple(
            routed(f"column_{place}", "visit.ward", Disposition.PENDING_REVIEW, confidence=0.6)
            for place in range(count)
        )
        run = office.start_run()
        statements.clear()
        with office.open() as unit:
            profile = a_profile(*(a_column(column.ref.column) for column in columns))
            unit.profiles.store_snapshot("acme", a_snapshot("x"))
            unit.profiles.store("acme", run, profile, dict.fromkeys((c.ref for c in columns), f"p{count}"))
            assert unit.profiles.current("acme") == profile
        office.propose(*columns)
        with office.open() as unit:
            assert len(unit.mappings.current("acme")) == count
            assert len(unit.mappings.proposal("acme").correspondences) == count
        items = office.waiting()
        with office.open(STEWARD) as unit:
            unit.reviews.decide_many(
                [Decision(item_id=item.id, kind=DecisionKind.APPROVE) for item in items[:40]]
            )
        return len(statements)

    assert statements_for(2) == statements_for(40)

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema_matching_pipeline.model.canonical import RiskClass
from schema_matching_pipeline.model.matching import Cast, Disposition, MappingInForce, TransformRule
from schema_matching_pipeline.model.quality import LabelName
from schema_matching_pipeline.model.review import DecisionKind, ItemKind, QualityDecision
from schema_matching_pipeline.model.validation import FindingStatus
from schema_matching_pipeline_tests.rooms.review.builders import (
    LIBRARY,
    a_finding,
    a_label,
    a_verdict,
    an_approval,
    column,
    field,
    routed,
    suggests,
    thresholds,
)


def only(queue):
    assert len(queue.columns) == 1
    return queue.columns[0]


def kinds(queue):
    return [item.kind for item in queue.items]


def test_a_confidence_at_the_threshold_is_accepted():
    queue = routed(suggests("reader.surname", 0.97))
    assert only(queue).disposition is Disposition.AUTO_ACCEPTED
    assert only(queue).target == field("reader.surname")
    assert queue.items == ()


def test_a_confidence_below_the_threshold_waits_with_the_reason_in_words():
    queue = routed(suggests("reader.surname", 0.83, objections=("types differ",)))
    assert only(queue).disposition is Disposition.PENDING_REVIEW
    (item,) = queue.items
    assert item.kind is ItemKind.MAPPING
    assert item.reason == "confidence 0.83 is below 0.97, which reader (critical) needs"
    assert (item.had, item.needed, item.risk_class) == (0.83, 0.97, RiskClass.CRITICAL)
    assert [candidate.target for candidate in item.candidates] == [field("reader.surname")]
    assert [fact.value for fact in item.facts] == ["types differ"]
    assert item.approval_hash == only(queue).approval_hash


def test_the_threshold_is_the_entitys_own():
    assert only(routed(suggests("note.text", 0.91))).disposition is Disposition.AUTO_ACCEPTED


def test_a_confidence_below_the_floor_is_unmapped_without_an_item():
    queue = routed(suggests("reader.surname", 0.49))
    assert (only(queue).disposition, only(queue).target) == (Disposition.UNMAPPED, None)
    assert only(queue).reason == "confidence 0.49 is below 0.50, the review floor"
    assert queue.items == ()


def test_a_confidence_below_the_floor_is_asked_about_where_the_matcher_has_a_question():
    queue = routed(suggests("reader.surname", 0.3, question="nothing else fills reader.surname"))
    assert only(queue).disposition is Disposition.PENDING_REVIEW
    assert [(str(item.target), item.had) for item in queue.items] == [("reader.surname", 0.3)]
    assert only(queue).reason.startswith("nothing else fills reader.surname; confidence 0.30 is below")


def test_no_target_is_an_answer():
    queue = routed(suggests(None, 0.8, explanation="free text of a form"))
    assert (only(queue).disposition, only(queue).reason) == (Disposition.UNMAPPED, "free text of a form")
    assert queue.items == ()


def test_a_flagged_column_is_left_out_where_the_profile_says_so():
    queue = routed(suggests("reader.surname", 0.99), labels=(a_label(LabelName.ABANDONED),))
    assert only(queue).disposition is Disposition.EXCLUDED
    assert only(queue).reason == "left out by trust profile standard: abandoned (0 of 10 rows filled)"
    assert queue.items == ()


def flagged(label=LabelName.MISUSED, **given):
    return routed(
        suggests("reader.surname", 0.99),
        labels=(a_label(label),),
        thresholds=thresholds(exclude=False),
        **given,
    )


def test_a_flagged_column_waits_where_the_profile_leaves_nothing_out():
    queue = flagged()
    assert only(queue).disposition is Disposition.PENDING_REVIEW
    (item,) = queue.items
    assert (item.kind, item.reason) == (ItemKind.QUALITY, "the column looks misused: 0 of 10 rows filled")
    assert item.approval_hash == only(queue).approval_hash


def decided(queue, kind):
    (item,) = queue.items
    return (QualityDecision(ref=item.ref, kind=kind, approval_hash=item.approval_hash),)


@pytest.mark.parametrize("kind", [DecisionKind.EXCLUDE, DecisionKind.APPROVE])
def test_a_flagged_column_that_a_person_leaves_out_stays_out_under_the_same_hash(kind):
    asked = flagged()
    queue = flagged(quality_decisions=decided(asked, kind))
    assert only(queue).disposition is Disposition.EXCLUDED
    assert only(queue).reason.startswith("left out by a person")
    assert only(queue).approval_hash == only(asked).approval_hash
    assert queue.items == ()


def test_a_flagged_column_that_a_person_includes_is_routed_by_its_confidence():
    asked = flagged(LabelName.ABANDONED)
    queue = flagged(LabelName.ABANDONED, quality_decisions=decided(asked, DecisionKind.INCLUDE))
    assert only(queue).disposition is Disposition.AUTO_ACCEPTED


def test_one_whose_values_contradict_its_name_is_accepted_by_a_person_alone():
    queue = flagged(quality_decisions=decided(flagged(), DecisionKind.INCLUDE))
    assert only(queue).disposition is Disposition.PENDING_REVIEW
    (item,) = queue.items
    assert item.kind is ItemKind.MAPPING
    assert item.reason.startswith("it is used though its values contradict its name")
    after = flagged(
        quality_decisions=decided(flagged(), DecisionKind.INCLUDE), approvals=(an_approval(item),)
    )
    assert (only(after).disposition, after.items) == (Disposition.APPROVED, ())


def test_a_column_in_production_is_not_left_out_without_a_word():
    fills = MappingInForce(ref=column(), target=field("reader.surname"), changed=True)
    left_out = {"labels": (a_label(LabelName.MISUSED),), "thresholds": thresholds(exclude=True)}
    queue = routed(in_force=(fills,), **left_out)
    assert only(queue).disposition is Disposition.PENDING_REVIEW
    (item,) = queue.items
    assert item.kind is ItemKind.QUALITY
    assert item.reason == (
        "it fills reader.surname in production and changed since; the column looks misused: 0 of 10 rows filled"
    )
    out = routed(in_force=(fills,), quality_decisions=decided(queue, DecisionKind.APPROVE), **left_out)
    assert (only(out).disposition, out.items) == (Disposition.EXCLUDED, ())
    elsewhere = MappingInForce(ref=column("other"), target=field("reader.surname"), changed=True)
    assert only(routed(in_force=(elsewhere,), **left_out)).disposition is Disposition.EXCLUDED


def test_a_flagged_column_included_for_a_field_is_approved():
    asked = flagged()
    queue = flagged(
        quality_decisions=decided(asked, DecisionKind.INCLUDE), approvals=(an_approval(asked.items[0]),)
    )
    assert (only(queue).disposition, only(queue).target) == (Disposition.APPROVED, field("reader.surname"))
    assert only(queue).approval_hash == only(asked).approval_hash


def test_inclusion_without_a_field_does_not_mean_that_it_maps_to_nothing():
    asked = flagged(LabelName.ABANDONED)
    queue = flagged(
        LabelName.ABANDONED,
        quality_decisions=decided(asked, DecisionKind.INCLUDE),
        approvals=(an_approval(asked.items[0], target=None),),
    )
    assert only(queue).disposition is Disposition.AUTO_ACCEPTED


def test_a_decision_about_another_label_does_not_hold():
    decisions = decided(flagged(), DecisionKind.INCLUDE)
    queue = routed(
        suggests("reader.surname", 0.99),
        labels=(a_label(LabelName.TEST_ONLY),),
        thresholds=thresholds(exclude=False),
        quality_decisions=decisions,
    )
    assert kinds(queue) == [ItemKind.QUALITY]


def test_a_likely_meaning_without_a_field_is_asked_about():
    queue = routed(suggests(None, 0.3), verdicts=(a_verdict("birth_date", 0.8),))
    (item,) = queue.items
    assert (item.kind, item.target) == (ItemKind.CLASSIFICATION, None)
    assert item.reason == (
        "it looks like birth_date, but no field was found; confidence 0.80 is below 0.97, which reader (critical) needs"
    )
    assert only(queue).disposition is Disposition.UNMAPPED


@pytest.mark.parametrize(
    "verdict",
    [
        a_verdict("birth_date", 0.98),
        a_verdict("birth_date", 0.4),
        a_verdict(None, 0.8),
        a_verdict("birth_date", 0.8, entity=None),
        a_verdict("birth_date", 0.8, entity="ghost"),
        a_verdict("color", 0.8),
    ],
    ids=["sure", "unlikely", "unknown", "nobody's", "no such entity", "no such field"],
)
def test_a_meaning_that_would_change_nothing_is_not_asked_about(verdict):
    assert routed(suggests(None, 0.3), verdicts=(verdict,)).items == ()


def test_a_meaning_is_not_asked_about_when_another_column_fills_its_field():
    other = suggests("reader.born", 0.98, ref=column("dob"))
    queue = routed(suggests(None, 0.3), other, verdicts=(a_verdict("birth_date", 0.8),))
    assert queue.items == ()


def test_two_columns_that_claim_a_field_of_one_source_both_wait():
    queue = routed(
        suggests("reader.born", 0.99, ref=column("a")), suggests("reader.born", 0.98, ref=column("b", "old"))
    )
    assert [one.disposition for one in queue.columns] == [Disposition.PENDING_REVIEW] * 2
    assert [item.reason for item in queue.items] == [
        "reader.born admits one source, and old.b claims it as well",
        "reader.born admits one source, and people.a claims it as well",
    ]


def test_a_weak_rival_does_not_hold_up_a_sure_one():
    queue = routed(
        suggests("reader.born", 0.99, ref=column("a")), suggests("reader.born", 0.6, ref=column("b"))
    )
    assert [one.disposition for one in queue.columns] == [
        Disposition.AUTO_ACCEPTED,
        Disposition.PENDING_REVIEW,
    ]


def test_a_field_of_many_sources_is_no_conflict():
    queue = routed(
        suggests("reader.phone", 0.99, ref=column("a")), suggests("reader.phone", 0.99, ref=column("b"))
    )
    assert queue.items == ()


def test_a_newcomer_waits_where_a_person_approved_another_column():
    doubt = routed(suggests("reader.born", 0.8, ref=column("a")))
    queue = routed(
        suggests("reader.born", 0.8, ref=column("a")),
        suggests("reader.born", 0.99, ref=column("b")),
        approvals=(an_approval(doubt.items[0]),),
    )
    assert [one.disposition for one in queue.columns] == [Disposition.APPROVED, Disposition.PENDING_REVIEW]


def doubtful(**given):
    return routed(suggests("reader.surname", 0.8), **given)


def test_an_approval_is_carried_over_while_nothing_changed():
    asked = doubtful()
    queue = doubtful(approvals=(an_approval(asked.items[0]),))
    assert (only(queue).disposition, only(queue).confidence) == (Disposition.APPROVED, 1.0)
    assert only(queue).approval_hash == asked.items[0].approval_hash
    assert queue.items == ()


@pytest.mark.parametrize(
    "change",
    [
        {"fingerprints": {column(): "f2"}},
        {"data_types": {column(): "date"}},
        {"labels": (a_label(LabelName.MISUSED),), "thresholds": thresholds(exclude=False)},
        {"canonical": LIBRARY.but(entities=(LIBRARY.entities[1],))},
    ],
    ids=["content", "type", "quality", "target gone"],
)
def test_an_approval_falls_when_what_it_was_about_changes(change):
    approval = an_approval(doubtful().items[0])
    assert only(doubtful(approvals=(approval,), **change)).disposition is not Disposition.APPROVED


def test_an_approval_falls_when_its_field_is_defined_anew():
    approval = an_approval(doubtful().items[0])
    reader = LIBRARY.entities[0]
    surname = reader.fields[1].but(description="Name at birth.")
    changed = LIBRARY.but(
        entities=(
            reader.but(fields=(reader.fields[0], surname, *reader.fields[2:])),
            LIBRARY.entities[1],
        )
    )
    queue = doubtful(approvals=(approval,), canonical=changed)
    assert kinds(queue) == [ItemKind.MAPPING]


@pytest.mark.parametrize("confidence", [0.3, 0.99])
def test_what_a_person_decided_and_then_changed_comes_back_however_sure_the_matcher_is(confidence):
    approval = an_approval(doubtful().items[0])
    queue = routed(
        suggests("reader.surname", confidence), approvals=(approval,), fingerprints={column(): "f2"}
    )
    (item,) = queue.items
    assert (item.kind, item.target, item.had) == (ItemKind.MAPPING, field("reader.surname"), confidence)
    assert item.reason.startswith(
        "os:ann chose reader.surname, and the column or the field changed since; confidence"
    )
    assert only(queue).disposition is Disposition.PENDING_REVIEW


def test_a_new_source_of_a_field_in_production_waits_however_sure_the_matcher_is():
    before = MappingInForce(ref=column("before"), target=field("reader.surname"))
    queue = routed(suggests("reader.surname", 0.99), in_force=(before,))
    (item,) = queue.items
    assert item.reason == f"in production reader.surname comes from {column('before')}, which is gone"


@pytest.mark.parametrize("confidence", [0.3, 0.99])
def test_what_is_in_production_and_changed_waits_however_sure_the_matcher_is(confidence):
    changed = MappingInForce(ref=column(), target=field("reader.surname"), changed=True)
    (item,) = routed(suggests("reader.surname", confidence), in_force=(changed,)).items
    assert (item.kind, item.target) == (ItemKind.MAPPING, field("reader.surname"))
    assert item.reason.startswith("it fills reader.surname in production and changed since; confidence")


@pytest.mark.parametrize("confidence", [0.3, 0.99])
def test_what_people_put_in_production_waits_once_their_decision_is_taken_back(confidence):
    decided = MappingInForce(ref=column(), target=field("reader.surname"), decided=True)
    (item,) = routed(suggests("reader.surname", confidence), in_force=(decided,)).items
    assert item.reason.startswith("it fills reader.surname in production by a decision that was taken back; ")


def test_what_is_in_production_and_did_not_change_goes_through():
    in_force = (MappingInForce(ref=column(), target=field("reader.surname")),)
    queue = routed(suggests("reader.surname", 0.99), in_force=in_force)
    assert (only(queue).disposition, queue.items) == (Disposition.AUTO_ACCEPTED, ())


def test_a_decision_that_came_back_holds_once_it_is_made_anew():
    first = an_approval(doubtful().items[0])
    changed = {"fingerprints": {column(): "f2"}}
    asked = routed(suggests("reader.surname", 0.3), approvals=(first,), **changed)
    queue = routed(
        suggests("reader.surname", 0.3), approvals=(first, an_approval(asked.items[0], when=2)), **changed
    )
    assert (only(queue).disposition, queue.items) == (Disposition.APPROVED, ())


def test_a_column_that_was_to_map_to_nothing_is_left_alone_while_nothing_is_proposed():
    approval = an_approval(doubtful().items[0], target=None)
    queue = routed(suggests(None, 0.9), approvals=(approval,), fingerprints={column(): "f2"})
    assert (only(queue).disposition, queue.items) == (Disposition.UNMAPPED, ())


def test_an_approval_survives_another_suggestion_by_the_matcher():
    approval = an_approval(doubtful().items[0])
    queue = routed(suggests("reader.born", 0.99), approvals=(approval,))
    assert (only(queue).disposition, only(queue).target) == (Disposition.APPROVED, field("reader.surname"))


def test_an_override_is_carried_over_to_the_field_that_was_chosen():
    queue = doubtful(approvals=(an_approval(doubtful().items[0], target="reader.phone"),))
    assert (only(queue).disposition, only(queue).target) == (Disposition.APPROVED, field("reader.phone"))


@pytest.mark.parametrize("chosen", ["reader.phone", None])
def test_a_decision_against_a_suggestion_with_a_rule_holds_when_that_is_not_suggested_any_more(chosen):
    rule = TransformRule(cast=Cast.DATE, date_format="%d.%m.%Y")
    (shown,) = routed(suggests("reader.born", 0.8, rule=rule)).items
    queue = routed(suggests(None, 0.9), approvals=(an_approval(shown, target=chosen),))
    assert (only(queue).target, queue.items) == (field(chosen) if chosen else None, ())


def test_maps_to_nothing_is_carried_over():
    queue = doubtful(approvals=(an_approval(doubtful().items[0], target=None),))
    assert (only(queue).disposition, only(queue).target) == (Disposition.UNMAPPED, None)
    assert queue.items == ()


def test_an_approval_of_a_rule_holds_with_that_rule():
    rule = TransformRule(cast=Cast.DATE, date_format="%d.%m.%Y")
    asked = routed(suggests("reader.born", 0.8, rule=rule))
    queue = routed(
        suggests("reader.born", 0.8, rule=rule), approvals=(an_approval(asked.items[0], rule=rule),)
    )
    assert only(queue).disposition is Disposition.APPROVED
    assert asked.items[0].approval_hash != routed(suggests("reader.born", 0.8)).items[0].approval_hash


def test_a_failed_demanded_check_takes_a_person_and_two_to_live_with_it():
    queue = routed(suggests("reader.surname", 0.99), findings=(a_finding(),))
    assert only(queue).disposition is Disposition.PENDING_REVIEW
    mapping, validation = queue.items
    assert (mapping.kind, mapping.required_approvals) == (ItemKind.MAPPING, 1)
    assert mapping.reason == ("a check that reader (critical) demands failed: 12 of 100 values are missing")
    assert (validation.kind, validation.required_approvals) == (ItemKind.VALIDATION, 2)
    assert (validation.expectation_id, validation.had) == ("e1", 0.88)
    assert validation.facts[0].value == "12 of 100"
    assert validation.approval_hash != mapping.approval_hash


def test_a_failed_check_that_is_not_demanded_is_an_item_alone():
    finding = a_finding("note.text", demanded=False)
    queue = routed(suggests("note.text", 0.99), findings=(finding,))
    assert only(queue).disposition is Disposition.AUTO_ACCEPTED
    assert [(item.kind, item.required_approvals) for item in queue.items] == [(ItemKind.VALIDATION, 1)]


def test_a_warning_or_a_finding_about_another_field_raises_nothing():
    queue = routed(
        suggests("reader.surname", 0.99),
        findings=(a_finding(status=FindingStatus.WARNING), a_finding("reader.born")),
    )
    assert only(queue).disposition is Disposition.AUTO_ACCEPTED
    assert queue.items == ()


def test_an_approved_mapping_keeps_its_approval_and_still_shows_the_failed_check():
    approval = an_approval(doubtful().items[0])
    queue = doubtful(approvals=(approval,), findings=(a_finding(),))
    assert only(queue).disposition is Disposition.APPROVED
    assert kinds(queue) == [ItemKind.VALIDATION]


def test_a_waiver_of_a_check_does_not_approve_the_mapping():
    asked = routed(suggests("reader.surname", 0.99), findings=(a_finding(),))
    waiver = an_approval(asked.items[1])
    queue = routed(suggests("reader.surname", 0.99), findings=(a_finding(),), approvals=(waiver,))
    assert only(queue).disposition is Disposition.PENDING_REVIEW


def test_a_column_that_was_not_proposed_is_unmapped():
    queue = routed(labels=(a_label(),))
    assert (only(queue).disposition, only(queue).reason) == (
        Disposition.UNMAPPED,
        "nothing was proposed for it",
    )


def test_an_item_keeps_its_id_when_only_the_confidence_moves():
    first, second = doubtful().items[0], routed(suggests("reader.surname", 0.81)).items[0]
    assert first.id == second.id
    assert first.id != doubtful(fingerprints={column(): "f2"}).items[0].id


TARGETS = st.sampled_from([None, *map(str, LIBRARY.refs())])
COLUMNS = st.lists(
    st.tuples(
        TARGETS,
        st.floats(0, 1),
        st.sampled_from(LabelName),
        st.sampled_from([None, "birth_date"]),
        st.booleans(),
    ),
    max_size=8,
)


@given(columns=COLUMNS, exclude=st.booleans())
def test_every_column_gets_one_disposition_and_at_most_one_item_beside_its_checks(columns, exclude):
    refs = [column(f"c{place}") for place in range(len(columns))]
    zipped = list(zip(refs, columns, strict=True))
    given_ = {
        "labels": tuple(a_label(label, ref) for ref, (_, _, label, _, _) in zipped),
        "verdicts": tuple(a_verdict(meaning, 0.7, ref=ref) for ref, (_, _, _, meaning, _) in zipped),
        "findings": tuple(
            a_finding(target, ref=ref) for ref, (target, _, _, _, bad) in zipped if bad and target
        ),
        "thresholds": thresholds(exclude=exclude),
    }
    proposals = [suggests(target, confidence, ref) for ref, (target, confidence, *_) in zipped]
    queue = routed(*proposals, **given_)
    assert [one.ref for one in queue.columns] == refs
    assert queue == routed(*proposals, **given_)
    assert len({item.id for item in queue.items}) == len(queue.items)
    plain = [item.ref for item in queue.items if item.kind is not ItemKind.VALIDATION]
    assert len(set(plain)) == len(plain)
    for one in queue.columns:
        if one.disposition is Disposition.AUTO_ACCEPTED:
            assert one.confidence >= one.required_threshold
            assert one.target is not None
            assert not any(
                finding.ref == one.ref and finding.target.entity == "reader" for finding in given_["findings"]
            )
        if one.disposition is Disposition.PENDING_REVIEW:
            assert one.ref in plain

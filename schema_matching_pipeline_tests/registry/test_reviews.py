import pytest

from schema_matching_pipeline.errors import (
    BadDecisionError,
    NotAllowedError,
    StaleDecisionError,
    UsageError,
)
from schema_matching_pipeline.model.canonical import RiskClass
from schema_matching_pipeline.model.matching import Cast, Disposition, TransformRule
from schema_matching_pipeline.model.registry import ReviewSync
from schema_matching_pipeline.model.review import Decision, DecisionKind, ItemKind, ItemState
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline_tests.registry.office import (
    ENGINEER,
    PATIENT,
    SECOND_STEWARD,
    STEWARD,
    address,
    doubt,
    field,
    routed,
)


def waiting_columns(*names, confidence=0.8):
    return tuple(
        routed(name, "visit.visit_id", Disposition.PENDING_REVIEW, confidence=confidence) for name in names
    )


def approve(item, **stated):
    return Decision.model_validate({"item_id": item.id, "kind": DecisionKind.APPROVE, **stated})


def test_an_item_is_read_as_routing_made_it_under_an_id_of_its_client(office):
    (column,) = waiting_columns("a")
    office.propose(column)
    (item,) = office.waiting()
    made = doubt(column)
    assert item == made.but(id=item.id)
    assert item.id != made.id
    with office.open() as unit:
        assert unit.reviews.get(item.id) == item
        assert unit.reviews.get(item.id[:8]) == item


def test_two_clients_may_ask_the_same_question(office):
    office.add_client("globex")
    columns = waiting_columns("a")
    office.propose(*columns)
    office.propose(*columns, client="globex")
    (one,), (other,) = office.waiting(), office.waiting("globex")
    with office.open(STEWARD) as unit:
        unit.reviews.decide_many([approve(one)])
    assert office.waiting() == ()
    assert office.waiting("globex") == (other,)
    with office.open() as unit:
        assert unit.reviews.clients_of([approve(other), approve(one)]) == ("acme", "globex")


def test_an_unknown_or_ambiguous_beginning_is_refused(office):
    office.propose(*waiting_columns(*(f"c{number}" for number in range(3))))
    with office.open() as unit:
        for beginning in ("zzzz", office.waiting()[0].id[:3]):
            with pytest.raises(UsageError, match="review item"):
                unit.reviews.get(beginning)


def test_sync_opens_keeps_and_withdraws(office):
    a, b, c = waiting_columns("a", "b", "c")
    office.propose(a, b, c)
    with office.open() as unit:
        assert unit.reviews.sync("acme", [doubt(a), doubt(b)]) == ReviewSync(opened=0, kept=2, withdrawn=1)
        assert unit.reviews.sync("acme", [doubt(c)]) == ReviewSync(opened=1, kept=0, withdrawn=2)
    (item,) = office.waiting()
    assert item.ref == c.ref


def test_what_was_decided_is_not_asked_again(office):
    (column,) = waiting_columns("a")
    office.propose(column)
    (item,) = office.waiting()
    with office.open(STEWARD) as unit:
        decided = unit.reviews.decide(approve(item))
        assert decided.state is ItemState.APPROVED
        assert unit.reviews.sync("acme", [doubt(column)]) == ReviewSync(opened=0, kept=1, withdrawn=0)
    assert office.waiting() == ()
    with office.open() as unit:
        (listed,) = unit.reviews.list(decided=True).items
    assert (listed.client, listed.item.id) == ("acme", item.id)


def test_a_list_goes_by_risk_then_by_confidence_and_by_page(office):
    columns = (
        routed("calm", "visit.ward", Disposition.PENDING_REVIEW, confidence=0.1),
        routed("surer", "patient.sex", Disposition.PENDING_REVIEW, confidence=0.9),
        routed("unsure", "patient.sex", Disposition.PENDING_REVIEW, confidence=0.6),
    )
    office.propose(*columns)
    with office.open() as unit:
        optional = doubt(columns[0], risk_class=RiskClass.OPTIONAL)
        unit.reviews.sync("acme", [optional, doubt(columns[1]), doubt(columns[2])])
        first = unit.reviews.list(client="acme", size=2)
        second = unit.reviews.list(client="acme", size=2, page=2)
        wards = unit.reviews.list(entity="visit")
        quality = unit.reviews.list(kind=ItemKind.QUALITY)
        named = {
            "optional": unit.reviews.list(risk=RiskClass.OPTIONAL),
            "at least .6": unit.reviews.list(at_least=0.6),
            "below .6": unit.reviews.list(below=0.6),
            "old": unit.reviews.list(older_than_days=1),
            "of others": unit.reviews.list(among=("globex",)),
        }
    assert {name: [entry.item.ref.column for entry in page.items] for name, page in named.items()} == {
        "optional": ["calm"],
        "at least .6": ["unsure", "surer"],
        "below .6": ["calm"],
        "old": [],
        "of others": [],
    }
    assert [entry.item.ref.column for entry in first.items] == ["unsure", "surer"]
    assert [entry.item.ref.column for entry in second.items] == ["calm"]
    assert (first.total, first.pages, first.page, first.size) == (3, 2, 1, 2)
    assert [entry.item.ref.column for entry in wards.items] == ["calm"]
    assert (quality.total, quality.pages, quality.items) == (0, 0, ())


def test_the_history_tells_who_said_what_and_why(office):
    office.propose(*waiting_columns("a"))
    (item,) = office.waiting()
    with office.open(STEWARD, reason="the codes say so") as unit:
        unit.reviews.decide(
            Decision(
                item_id=item.id,
                kind=DecisionKind.OVERRIDE,
                target=field("visit.ward"),
                reason="the codes say so",
            )
        )
        (action,) = unit.reviews.history(item.id)
    assert (action.who, action.decision, action.target, action.reason) == (
        STEWARD,
        DecisionKind.OVERRIDE,
        field("visit.ward"),
        "the codes say so",
    )


def test_the_same_word_of_the_same_person_again_changes_nothing(office):
    office.propose(*waiting_columns("a"))
    (item,) = office.waiting()
    with office.open(STEWARD) as unit:
        first = unit.reviews.decide(approve(item))
    with office.open(STEWARD) as unit:
        assert unit.reviews.decide(approve(item)) == first
        assert len(unit.reviews.history(item.id)) == 1


def test_the_second_person_to_decide_is_told_who_was_first(office):
    office.propose(*waiting_columns("a"))
    (item,) = office.waiting()
    with office.open(STEWARD) as unit:
        unit.reviews.decide(approve(item))
    with (
        pytest.raises(StaleDecisionError, match=f"{STEWARD} said approve"),
        office.open(SECOND_STEWARD) as unit,
    ):
        unit.reviews.decide(Decision(item_id=item.id, kind=DecisionKind.REJECT, reason="no"))


def test_a_decision_about_what_changed_since_is_stale(office):
    (column,) = waiting_columns("a")
    office.propose(column)
    (item,) = office.waiting()
    office.propose(column.but(confidence=0.6))
    with pytest.raises(StaleDecisionError, match="changed since it was shown"), office.open(STEWARD) as unit:
        unit.reviews.decide(approve(item, expected_row_version=item.row_version))


@pytest.mark.parametrize("actor", [ENGINEER, "system:pipeline", "policy:standard", "nobody"])
def test_only_stewards_and_administrators_decide(office, actor):
    office.propose(*waiting_columns("a"))
    (item,) = office.waiting()
    with pytest.raises(NotAllowedError, match="may not decide"), office.open(actor) as unit:
        unit.reviews.decide(approve(item))
    assert office.waiting() == (item,)


@pytest.mark.parametrize(
    "stated",
    [
        {"kind": DecisionKind.OVERRIDE, "target": field("patient.shoe_size"), "reason": "why not"},
        {"kind": DecisionKind.OVERRIDE, "reason": "no target"},
        {"kind": DecisionKind.REJECT},
        {"kind": DecisionKind.INCLUDE},
    ],
    ids=["unknown field", "no field", "no reason", "wrong kind"],
)
def test_a_decision_that_makes_no_sense_is_refused(office, stated):
    office.propose(*waiting_columns("a"))
    (item,) = office.waiting()
    with pytest.raises(BadDecisionError), office.open(STEWARD) as unit:
        unit.reviews.decide(approve(item, **stated))


def test_many_decisions_are_recorded_together_or_not_at_all(office):
    office.add_client("globex")
    office.propose(*waiting_columns("a", "b"))
    office.propose(*waiting_columns("a"), client="globex")
    before = (*office.waiting(), *office.waiting("globex"))
    with pytest.raises(BadDecisionError), office.open(STEWARD) as unit:
        unit.reviews.decide_many([*map(approve, before[:2]), approve(before[2], kind=DecisionKind.REJECT)])
    assert (*office.waiting(), *office.waiting("globex")) == before

    with office.open(STEWARD) as unit:
        decided = unit.reviews.decide_many([approve(item) for item in reversed(before)])
        assert {unit.reviews.get(item).state for item in decided} == {ItemState.APPROVED}
    assert decided == tuple(item.id for item in reversed(before))
    assert (*office.waiting(), *office.waiting("globex")) == ()


def test_a_mapping_is_refused_together_with_what_was_found_about_it(office):
    (column,) = waiting_columns("a")
    office.propose(column)
    with office.open() as unit:
        found = doubt(column, id="f1", kind=ItemKind.VALIDATION, expectation_id="e1", candidates=())
        unit.reviews.sync("acme", [doubt(column), found])
    refused = [
        approve(
            item, reason="wrong", **({"kind": DecisionKind.REJECT} if item.kind is ItemKind.MAPPING else {})
        )
        for item in sorted(office.waiting(), key=lambda item: item.kind)
    ]
    assert [decision.kind for decision in refused] == [DecisionKind.REJECT, DecisionKind.APPROVE]
    with office.open(STEWARD) as unit:
        unit.reviews.decide_many(refused)
    assert office.waiting() == ()


def test_the_audit_tells_a_doubt_about_a_whole_table_by_its_table(office):
    (column,) = waiting_columns("a")
    office.propose(column)
    with office.open() as unit:
        table = doubt(column).ref.table
        about = doubt(column, id="t1", kind=ItemKind.VALIDATION, expectation_id="e1", candidates=())
        unit.reviews.sync("acme", [about.but(ref=ColumnRef(table=table, column=""))])
    (item,) = office.waiting()
    with office.open(STEWARD) as unit:
        unit.reviews.decide_many([approve(item, reason="known")])
    with office.open() as unit:
        told = {
            row.column for row in unit.audit.list(limit=50, client="acme") if row.subject == "review_actions"
        }
    assert told == {table}


def test_one_item_cannot_be_decided_twice_at_once(office):
    office.propose(*waiting_columns("a"))
    (item,) = office.waiting()
    with pytest.raises(BadDecisionError, match="named twice"), office.open(STEWARD) as unit:
        unit.reviews.decide_many([approve(item), approve(item)])


def test_an_answered_question_about_meaning_stands_as_maps_to_nothing(office):
    waiting = routed("code_7", None, Disposition.PENDING_REVIEW, confidence=0.6)
    office.propose(waiting)
    with office.open() as unit:
        question = doubt(waiting, kind=ItemKind.CLASSIFICATION, target=None, candidates=())
        unit.reviews.sync("acme", [question])
    (item,) = office.waiting()
    with office.open(STEWARD) as unit:
        unit.reviews.decide(approve(item))
        (approval,) = unit.reviews.standing_approvals("acme")
    assert (approval.target, approval.approval_hash) == (None, waiting.approval_hash)


def test_a_decision_keeps_the_rule_of_the_suggestion_that_was_shown(office):
    shown = TransformRule(cast=Cast.DATETIME, date_format="%d.%m.%Y")
    waiting = routed("begun", "patient.birth_date", Disposition.PENDING_REVIEW, confidence=0.8)
    office.propose(waiting)
    with office.open() as unit:
        unit.reviews.sync("acme", [doubt(waiting, rule=shown)])
    (item,) = office.waiting()
    assert item.rule == shown
    with office.open(STEWARD) as unit:
        unit.reviews.decide(Decision(item_id=item.id, kind=DecisionKind.UNMAP, reason="internal"))
        (approval,) = unit.reviews.standing_approvals("acme")
    assert (approval.shown_rule, approval.rule) == (shown, None)


def test_what_people_decided_counts_for_clients_of_the_same_model_alone(office):
    office.add_client("globex")
    with office.open() as unit:
        unit.canonical.put(PATIENT.but(name="billing"))
        connection = unit.sources.add_connection("initech", "postgresql", address())
        unit.clients.add(
            "initech",
            "Initech",
            connection_id=connection,
            trust_profile="standard",
            canonical_model="billing",
        )
    office.propose(*waiting_columns("a", "b"))
    with office.open(STEWARD) as unit:
        first, second = office.waiting()
        unit.reviews.decide_many(
            [approve(first), Decision(item_id=second.id, kind=DecisionKind.UNMAP, reason="internal")]
        )
    with office.open() as unit:
        (own,) = unit.reviews.reviewed_suggestions("acme")
        assert (own.count, own.right) == (2, 1)
        assert unit.reviews.reviewed_suggestions("globex") == (own,)
        assert unit.reviews.reviewed_suggestions("initech") == ()
        decided = unit.reviews.decided_suggestions("acme")
        assert sorted(each.right for each in decided) == [False, True]
        assert unit.reviews.decided_suggestions("globex") == ()
        assert unit.reviews.decided_suggestions("globex", with_others=True) == decided
        assert unit.reviews.decided_suggestions("initech", with_others=True) == ()

"""What is counted of a client is what there is, whoever changes it meanwhile."""

import pytest

from schema_matching_pipeline.model.matching import Disposition
from schema_matching_pipeline.model.review import Decision, DecisionKind, ItemKind
from schema_matching_pipeline_tests.registry.office import STEWARD, field, ref, routed

ID = routed("id", "patient.patient_id")
ASKED = tuple(
    routed(name, target, Disposition.PENDING_REVIEW, confidence=confidence)
    for name, target, confidence in (
        ("sex", "patient.sex", 0.8),
        ("born", "patient.birth_date", 0.6),
        ("ward", "visit.ward", 0.7),
    )
)


@pytest.fixture
def asked(office):
    office.propose(ID, *ASKED)
    office.validate()
    return office


def figures(office):
    with office.open() as unit:
        (standing,) = unit.standing.list(("acme",))
    return standing.columns, standing.settled, standing.waiting


def reject(unit, item):
    unit.reviews.decide(Decision(item_id=item.id, kind=DecisionKind.REJECT, reason="It is another."))


def test_figures_follow_every_decision(asked):
    assert figures(asked) == (4, 1, 3)
    with asked.open(STEWARD) as unit:
        reject(unit, asked.waiting()[0])
    assert figures(asked) == (4, 2, 2)
    assert figures(asked) == (4, 2, 2)


def test_a_decision_that_others_do_not_see_yet_is_counted_once_they_do(asked):
    assert figures(asked) == (4, 1, 3)
    item, other = asked.waiting()[:2]
    with asked.open(STEWARD) as unit:
        reject(unit, item)
        assert figures(asked) == (4, 1, 3)  # counted while the decision is under way
    assert figures(asked) == (4, 2, 2)
    with asked.open(STEWARD) as unit:
        reject(unit, other)
        (standing,) = unit.standing.list(("acme",))
        assert standing.waiting == 1
    assert figures(asked) == (4, 3, 1)


def test_who_counts_and_takes_it_back_leaves_the_figures_as_they_were(asked):
    assert figures(asked) == (4, 1, 3)

    def think_better_of_it():
        with asked.open(STEWARD) as unit:
            reject(unit, asked.waiting()[0])
            unit.standing.list()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        think_better_of_it()
    assert figures(asked) == (4, 1, 3)


def test_the_furthest_below_are_shown_and_all_are_counted(asked):
    with asked.open() as unit:
        found = unit.tallies.backlog("acme", ItemKind.MAPPING, most=2)
        assert unit.tallies.backlog("acme", ItemKind.QUALITY, most=2).count == 0
    assert (found.count, [item.ref.column for item in found.furthest]) == (3, ["born", "ward"])


def test_columns_are_counted_by_what_they_are_to_become(asked):
    with asked.open() as unit:
        tally = unit.tallies.columns("acme", sure=0.7)
    counted = {(group.disposition, group.asked): group.target for group in tally.groups if not group.asked}
    assert counted == {(Disposition.AUTO_ACCEPTED, False): field("patient.patient_id")}
    assert sum(group.columns for group in tally.groups if group.asked) == 3
    assert tally.below == ()
    waiting = {field(name) for name in ("patient.sex", "patient.birth_date", "visit.ward")}
    assert tally.targets(Disposition.PENDING_REVIEW) == waiting


def test_a_gate_in_short_names_the_first_items_and_counts_the_others(asked):
    with asked.open() as unit:
        whole, short = unit.publications.gate("acme"), unit.publications.gate_in_short("acme", 1)
        assert unit.publications.gate_in_short("acme", 3) == whole
    assert short.items == whole.items[:1]
    assert (short.more_items, short.waiting, short.items_by_kind) == ({"mapping": 2}, 3, {"mapping": 3})
    assert (short.others, short.review_open, short.digest) == (whole.others, False, whole.digest)


def test_a_glance_at_columns_says_who_waits_for_people(asked):
    with asked.open() as unit:
        found = {
            glance.column: (glance.field, glance.disposition) for glance in unit.mappings.glances("acme")
        }
        mapped = unit.mappings.among("acme", [ref("sex")])
    assert found["id"] == ("patient_id", "auto_accepted")
    assert found["sex"] == ("sex", "pending_review")
    assert [each.ref for each in mapped] == [ref("sex")]


def test_the_queue_of_all_clients_counts_what_waits_whether_counted_before_or_not(asked):
    def total():
        with asked.open() as unit:
            return unit.reviews.list(size=1).total

    assert total() == 3
    assert figures(asked) == (4, 1, 3)
    assert total() == 3
    with asked.open(STEWARD) as unit:
        reject(unit, asked.waiting()[0])
    assert total() == 2
    assert figures(asked) == (4, 2, 2)
    assert total() == 2

"""An item tells which other column of its table has the suggested field by now, where that admits one."""

import pytest

from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.matching import Disposition
from schema_matching_pipeline.model.review import Decision, DecisionKind
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline_tests.registry.office import PATIENT, STEWARD, routed

WARD = FieldRef(entity="visit", field="ward")
HOLDER = ColumnRef(table="members", column="town")


def waits(name, target="visit.ward", **stated):
    return routed(name, target, Disposition.PENDING_REVIEW, confidence=0.8, **stated)


def taken_by(office):
    with office.open() as unit:
        return {line.item.ref.column: line.taken_by for line in unit.reviews.list().items}


def test_a_column_that_fills_the_field_already_is_named(office):
    office.propose(routed("town", "visit.ward"), waits("place"))
    assert taken_by(office) == {"place": HOLDER}
    with office.open() as unit:
        wanted = [WARD, FieldRef(entity="visit", field="visit_id")]
        assert unit.reviews.taken("acme", ColumnRef(table="members", column="place"), wanted) == {
            WARD: HOLDER
        }


def test_a_rival_counts_from_its_approval_to_its_end(office):
    office.propose(waits("town"), waits("place"))
    assert taken_by(office) == {"town": None, "place": None}
    (item,) = (item for item in office.waiting() if item.ref == HOLDER)
    with office.open(STEWARD) as unit:
        unit.reviews.decide(Decision(item_id=item.id, kind=DecisionKind.APPROVE))
    assert taken_by(office) == {"place": HOLDER}
    with office.open(STEWARD) as unit:
        unit.reviews.undo(item.id)
    assert taken_by(office) == {"town": None, "place": None}


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(("place", "visit.visit_id"), id="another field"),
        pytest.param(("place", None), id="no field"),
    ],
)
def test_nothing_is_said_of_a_field_that_nobody_else_has(office, other):
    office.propose(routed("town", "visit.ward"), waits(*other))
    assert taken_by(office) == {"place": None}


def test_nothing_is_said_where_a_field_admits_several_columns(office):
    *others, visit = PATIENT.entities
    *first, ward = visit.fields
    many = visit.but(fields=(*first, ward.but(one_source=False)))
    with office.open() as unit:
        unit.canonical.put(PATIENT.but(entities=(*others, many)))
    office.propose(routed("town", "visit.ward"), waits("place"))
    assert taken_by(office) == {"place": None}

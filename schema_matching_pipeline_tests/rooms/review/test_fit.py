"""A client that the canonical model is not about is told so before anybody is asked in vain."""

from __future__ import annotations

import pytest

from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.matching import Disposition
from schema_matching_pipeline.model.policy import ReviewPolicy
from schema_matching_pipeline.model.tally import ColumnGroup
from schema_matching_pipeline.review import poor_fit
from schema_matching_pipeline_tests.rooms.review.builders import LIBRARY

POLICY = ReviewPolicy(fit_confidence=0.9, fit_share=0.5, fit_columns=4)
FIELDS = LIBRARY.refs()  # six


def a_column(target=None, disposition=Disposition.PENDING_REVIEW, is_sure=True):
    return ColumnGroup(
        target=target,
        disposition=disposition if target else Disposition.UNMAPPED,
        asked=False,
        sure=is_sure,
        columns=1,
    )


def columns(sure: int, others: int, **stated):
    targets: list[FieldRef | None] = [*FIELDS[:sure], *([None] * others)]
    return [a_column(target, **stated) for target in targets]


def test_it_names_both_figures_and_the_way_out():
    said = poor_fit(columns(1, 7), LIBRARY, POLICY)
    assert said
    assert "a sure field (0.90 or more) was found for 1 of 8 columns, and a column for 1 of 6 fields" in said
    assert "`smp client add NAME --source SOURCE --canonical MODEL`" in said
    assert "`smp canonical import FILE`" in said


@pytest.mark.parametrize(
    ("sure", "others", "more"),
    [
        pytest.param(2, 2, {}, id="half of the columns have a field"),
        pytest.param(3, 300, {}, id="half of the fields are filled"),
        pytest.param(1, 2, {}, id="too few columns to say it"),
        pytest.param(3, 30, {"is_sure": False, "disposition": Disposition.APPROVED}, id="people said so"),
    ],
)
def test_where_one_of_the_two_shares_is_high_nothing_is_said(sure, others, more):
    assert poor_fit(columns(sure, others, **more), LIBRARY, POLICY) is None


@pytest.mark.parametrize(
    "more", [{"is_sure": False}, {"disposition": Disposition.REJECTED}], ids=["not sure", "refused"]
)
def test_only_what_is_sure_counts(more):
    said = poor_fit(columns(4, 4, **more), LIBRARY, POLICY)
    assert said
    assert "for 0 of 8 columns" in said


def test_columns_that_were_left_out_do_not_count():
    left_out = [a_column(FIELDS[0], Disposition.EXCLUDED) for _ in range(9)]
    assert poor_fit([*columns(2, 2), *left_out], LIBRARY, POLICY) is None

"""Which profile a column's approvals stand on, and what ends them."""

from __future__ import annotations

from schema_matching_pipeline.model.profile import ColumnProfile
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.workflows.profile_source import fingerprints
from schema_matching_pipeline_tests.builders import POLICY, a_column, a_profile, a_table

REF = ColumnRef(table="visits", column="amount")
MOSTLY_FEES = ["12.50"] * 180 + ["paid"] * 20
FEWER_FEES = ["12.50"] * 140 + ["paid"] * 60


def printed(values: list[str], anchor: tuple[ColumnProfile, str] | None) -> tuple[ColumnProfile, str, bool]:
    """The column, its fingerprint, and whether drift is told."""
    column = a_column("amount", values)
    profile = a_profile(a_table("visits", [column]))
    prints, drifted = fingerprints(profile, {REF: anchor} if anchor else {}, POLICY)
    return column, prints[REF], REF in drifted


def test_drift_within_one_kind_of_content_ends_the_approvals_and_is_told_once():
    first, before, _ = printed(MOSTLY_FEES, None)
    second, after, is_told = printed(FEWER_FEES, (first, before))
    assert (after == before, is_told) == (False, True)
    assert printed(FEWER_FEES, (second, after))[1:] == (after, False)


def test_a_column_that_is_what_it_was_again_has_its_old_approvals():
    first, before, _ = printed(MOSTLY_FEES, None)
    second, after, _ = printed(FEWER_FEES, (first, before))
    assert printed(MOSTLY_FEES, (second, after))[1:] == (before, True)


def test_a_column_within_tolerance_keeps_the_fingerprint_of_its_anchor():
    first, before, _ = printed(MOSTLY_FEES, None)
    assert printed([*MOSTLY_FEES, "12.50"], (first, before))[1:] == (before, False)

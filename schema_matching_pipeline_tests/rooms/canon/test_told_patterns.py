"""What a person is told of patterns: plain digits are digits, until the name says what they mean."""

from __future__ import annotations

import pytest

from schema_matching_pipeline.canon.told_patterns import told_patterns
from schema_matching_pipeline.model.profile import PatternShare
from schema_matching_pipeline_tests.builders import a_column

FIVE = [f"0123{number % 9}" for number in range(40)]


@pytest.mark.parametrize("name", ["order_number", "sku", "c", "customer"])
def test_five_digits_are_no_code_of_health_care_where_nothing_else_says_so(name: str) -> None:
    told = told_patterns(a_column(name, FIVE))
    assert [(one.name, one.share) for one in told][:1] == [("5 digits", 1.0)]
    assert {one.name for one in told}.isdisjoint({"cpt", "zip_us", "postal_code"})


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("zip", {"zip_us", "postal_code"}),
        ("plz", {"zip_us", "postal_code"}),
        ("postal_code", {"zip_us", "postal_code"}),
        ("cpt_code", {"cpt"}),
        ("procedure_code", {"cpt"}),
    ],
)
def test_a_name_that_says_what_they_are_decides(name: str, meant: set[str]) -> None:
    told = {one.name for one in told_patterns(a_column(name, FIVE))}
    assert told & {"cpt", "zip_us", "postal_code", "5 digits"} == meant


def test_digits_of_several_lengths_are_told_without_one_as_all_that_they_are() -> None:
    column = a_column("account", [str(1000 + number) for number in range(40)] + FIVE * 2)
    told = {one.name: one.share for one in told_patterns(column)}
    assert told["digits alone"] == 1.0
    with_blanks = column.but(
        shapes=(PatternShare(name="99999", share=0.5), PatternShare(name="9999", share=0.25))
    )
    assert told_patterns(with_blanks)[0] == PatternShare(name="digits alone", share=0.75)


def test_codes_that_are_written_as_such_are_told_without_a_name() -> None:
    with_modifier = a_column("c", [f"992{number:02}-25" for number in range(10, 50)])
    assert with_modifier.patterns == told_patterns(with_modifier)
    assert "cpt" in {one.name for one in told_patterns(with_modifier)}


def test_what_matching_compares_stays_as_it_was_measured() -> None:
    assert {"cpt", "zip_us", "postal_code"} <= {one.name for one in a_column("sku", FIVE).patterns}

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema_matching_pipeline.canon.identifiers import IDENTIFIERS


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("email", "a.b@example.org", "a.b@example"),
        ("phone", "(089) 123-4567", "123-45"),
        ("npi", "1234567893", "1234567894"),
        ("dea_number", "AB1234563", "AB1234564"),
        ("kvnr", "A123456780", "A123456789"),
        ("rvnr", "15070649C103", "15070649C104"),
        ("national_number", "078-05-1120", "0780-51-120"),
        ("contract_number", "KV-2231 77", "private patient"),
        ("iban", "DE89370400440532013000", "DE88370400440532013000"),
        ("isbn", "978-3-16-148410-0", "978-3-16-148410-1"),
        ("ean", "4006381333931", "4006381333932"),
        ("zip_us", "12345-6789", "1234"),
        ("uuid", "8c3f2a0e-6b1d-4c7e-9a53-2d4f6e8b0c1a", "8c3f2a0e-6b1d-4c7e-9a53"),
    ],
)
def test_each_kind_tells_right_from_wrong(kind, right, wrong):
    holds = IDENTIFIERS[kind].holds
    assert (holds(right), holds(wrong)) == (True, False)


def test_the_national_numbers_of_several_countries_are_known():
    holds = IDENTIFIERS["national_number"].holds
    assert holds("65 170839 J 003") == IDENTIFIERS["rvnr"].holds("65 170839 J 003")
    assert holds("12345678Z")  # Spanish
    assert holds("943 476 5919")  # British


def test_a_uuid_may_number_a_member():
    assert IDENTIFIERS["contract_number"].holds("8c3f2a0e-6b1d-4c7e-9a53-2d4f6e8b0c1a")


@given(st.text())
def test_no_text_makes_a_judgement_fail(text):
    assert all(isinstance(identifier.holds(text.strip()), bool) for identifier in IDENTIFIERS.values())

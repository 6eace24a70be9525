from __future__ import annotations

from schema_matching_pipeline_tests.builders import a_measured_source

NUMBERS = [str(number) for number in range(1, 101)]


def test_key_candidates_are_unique_and_exact_the_likeliest_first():
    profile = a_measured_source(
        {
            "people": {
                "label": [f"n{number}" for number in NUMBERS],
                "person_id": NUMBERS,
                "city": ["a", "b"] * 50,
            }
        }
    )
    assert profile.tables[0].key_candidates == (("person_id",), ("label",))


def test_a_column_with_a_gap_is_no_key():
    profile = a_measured_source({"t": {"id": [*NUMBERS[:-1], None]}})
    assert profile.tables[0].key_candidates == ()

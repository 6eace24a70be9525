"""What is told of a field that a column's values cannot fill: only what the profile proves."""

from __future__ import annotations

import pytest

from schema_matching_pipeline.matching import unfit
from schema_matching_pipeline.model.canonical import FieldType
from schema_matching_pipeline.model.policy import MatchPolicy
from schema_matching_pipeline.model.profile import ColumnProfile
from schema_matching_pipeline_tests.builders import a_column

POLICY = MatchPolicy()
WORDS = a_column("ward", ["north", "south", "east", "west"] * 10)
DAYS = a_column("born", [f"19{50 + number}-03-0{number % 9 + 1}" for number in range(40)])


@pytest.mark.parametrize(
    ("column", "field_type", "told"),
    [
        (WORDS, FieldType.DATE, "its values are text; none reads as a date"),
        (WORDS, FieldType.NUMBER, "its values are text; none reads as a number"),
        (WORDS, FieldType.TIME, "its values are text; none reads as a time"),
        (DAYS, FieldType.INTEGER, "its values are dates; none reads as a whole number"),
        (
            a_column("ward", ["north", "south"] * 49 + ["2024-01-05", "12"]).but(shapes=WORDS.shapes),
            FieldType.DATETIME,
            "its values are text; hardly one reads as a date",
        ),
    ],
)
def test_what_hardly_a_value_reads_as_is_told(
    column: ColumnProfile, field_type: FieldType, told: str
) -> None:
    assert unfit(column, field_type, POLICY) == told


@pytest.mark.parametrize(
    ("column", "field_type"),
    [
        pytest.param(WORDS, FieldType.STRING, id="text takes any value"),
        pytest.param(WORDS, FieldType.CODE, id="so do codes"),
        pytest.param(WORDS, FieldType.BOOLEAN, id="words may be translated"),
        pytest.param(DAYS, FieldType.DATE, id="dates are dates"),
        pytest.param(DAYS, FieldType.TIME, id="moments have a time"),
        pytest.param(a_column("n", [str(n) for n in range(1950, 1990)]), FieldType.DATE, id="years"),
        pytest.param(a_column("n", [f"0{n}" for n in range(10, 60)]), FieldType.INTEGER, id="leading zeros"),
        pytest.param(a_column("n", [f"{n} kg" for n in range(10, 60)]), FieldType.NUMBER, id="with a unit"),
        pytest.param(a_column("n", ["0", "1"] * 20), FieldType.NUMBER, id="truths as figures"),
        pytest.param(a_column("ward", ["north", "south"] * 5), FieldType.DATE, id="too few rows"),
        pytest.param(a_column("ward", [None] * 40), FieldType.DATE, id="empty"),
        pytest.param(WORDS.but(shapes=()), FieldType.DATE, id="no shapes, no proof"),
        pytest.param(
            a_column("ward", ["north", "south", "east"] * 12 + ["2024-01-05"] * 4).but(shapes=WORDS.shapes),
            FieldType.DATE,
            id="one in ten is a date",
        ),
    ],
)
def test_nothing_is_told_that_the_profile_does_not_prove(
    column: ColumnProfile, field_type: FieldType
) -> None:
    assert unfit(column, field_type, POLICY) is None

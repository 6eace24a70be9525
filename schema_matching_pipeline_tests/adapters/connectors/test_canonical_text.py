"""The one text form of every value."""

# ruff: noqa: DTZ001 - moments of a client's data have no zone

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schema_matching_pipeline.adapters.connectors.canonical_text import Kind, canonical_text, kind_of_arrow


def _canonical(values: list[object], kind: Kind | None = None) -> list[str | None]:
    array = pa.array(values)
    texts: list[str | None] = canonical_text(array, kind or kind_of_arrow(array.type)).to_pylist()
    return texts


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([True, None, False], ["true", None, "false"]),
        ([7, -3], ["7", "-3"]),
        ([3.0, 12.5, 1e20, 1.5e-7, -0.0], ["3", "12.5", "100000000000000000000", "0.00000015", "0"]),
        ([Decimal("12.50"), Decimal("3.00"), Decimal("100.00")], ["12.5", "3", "100"]),
        ([float("nan"), float("inf"), 1.0], [None, None, "1"]),
        ([date(2024, 5, 31)], ["2024-05-31"]),
        ([datetime(2024, 5, 31, 8, 15)], ["2024-05-31 08:15:00"]),
        ([datetime(2024, 5, 31, 8, 15, 0, 120000)], ["2024-05-31 08:15:00.12"]),
        ([datetime(2024, 5, 31, 8, 15, tzinfo=UTC)], ["2024-05-31 08:15:00Z"]),
        ([time(8, 15)], ["08:15:00"]),
        (["  007 ", "NA", "1.10", "", "\t"], ["007", "NA", "1.10", "", ""]),
    ],
    ids=[
        "booleans",
        "integers",
        "floats",
        "decimals",
        "no figures",
        "days",
        "moments",
        "fractions",
        "zones",
        "times",
        "texts",
    ],
)
def test_a_value_has_one_text(values: list[object], expected: list[str | None]) -> None:
    assert _canonical(values) == expected


@pytest.mark.parametrize(
    ("texts", "kind", "expected"),
    [
        (["t", "f", "1", "0", "TRUE"], Kind.BOOLEAN, ["true", "false", "true", "false", "true"]),
        (["12.50", "1e+20", "NaN"], Kind.NUMBER, ["12.5", "100000000000000000000", None]),
        (
            ["2024-05-31T08:15:00.500", "2024-05-31 08:15:00+00"],
            Kind.MOMENT,
            ["2024-05-31 08:15:00.5", "2024-05-31 08:15:00Z"],
        ),
        (["\\x00ff"], Kind.BINARY, ["0x00ff"]),
    ],
    ids=["booleans", "numbers", "moments", "bytes"],
)
def test_the_words_of_a_server_become_the_same_text(
    texts: list[str], kind: Kind, expected: list[str]
) -> None:
    assert _canonical(list(texts), kind) == expected


@given(st.integers(-(10**15), 10**15), st.integers(0, 6))
def test_a_number_has_the_same_text_whatever_zeros_it_is_written_with(units: int, scale: int) -> None:
    plain = Decimal(units).scaleb(-scale)
    padded = f"{plain:f}" + ("000" if "." in f"{plain:f}" else ".000")
    assert _canonical([f"{plain:f}"], Kind.NUMBER) == _canonical([padded], Kind.NUMBER)


@given(st.lists(st.text(), min_size=1))
def test_canonical_text_of_canonical_text_is_itself(texts: list[str]) -> None:
    once = _canonical(list(texts), Kind.TEXT)
    assert _canonical(list(once), Kind.TEXT) == once


NUMBERS = st.none() | st.integers().map(str) | st.text("0123456789.-+eE", min_size=1, max_size=6)
MOMENTS = (
    st.none()
    | st.datetimes().map(str)
    | st.from_regex(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d(:?\d\d)?)?", fullmatch=True)
)


@example(["-0", "0", "1.0", "+00", "5.", "10", None, "-"], 0)
@example(["-0.5", "0.5", "100"], 0)
@example([None, None], 0)
@given(st.lists(NUMBERS, max_size=6), st.integers(0, 3))
def test_numbers_in_one_piece_become_the_text_that_they_become_in_several(
    texts: list[str | None], start: int
) -> None:
    assert_the_same_in_one_piece_as_in_several(texts, start, Kind.NUMBER)


@example(["2024-05-31 08:15:00", None, "2024-05-31 08:15:00"], 1)
@example(["2024-05-31 08:15:00", "2024-05-31T08:15:00"], 0)
@example(["2024-05-31 08:15+00"], 0)
@given(st.lists(MOMENTS, max_size=6), st.integers(0, 3))
def test_moments_in_one_piece_become_the_text_that_they_become_in_several(
    texts: list[str | None], start: int
) -> None:
    assert_the_same_in_one_piece_as_in_several(texts, start, Kind.MOMENT)


def assert_the_same_in_one_piece_as_in_several(texts: list[str | None], start: int, kind: Kind) -> None:
    """Texts in one piece are looked at by their bytes first, those in several are not."""
    whole = pa.array(texts, pa.string()).slice(start)
    pieces = pa.chunked_array([whole.slice(0, 1), whole.slice(1)], pa.string())
    assert canonical_text(whole, kind).to_pylist() == canonical_text(pieces, kind).to_pylist()

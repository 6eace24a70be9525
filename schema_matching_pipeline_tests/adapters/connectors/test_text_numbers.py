"""A text has one number as long as a collection lasts, however it comes."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st

from schema_matching_pipeline.adapters.connectors.text_numbers import ROOM, TextNumbers

TEXTS = st.lists(st.text(st.characters(codec="utf-8"), max_size=30))
# Of words that differ in their last byte or in zero bytes at their end alone, and on both sides of the longest.
ALIKE = [
    "",
    "\0",
    "\0\0",
    "a",
    "a\0",
    "x" * 22,
    "x" * 23,
    "x" * 23 + "\0",
    "x" * 24,
    "12345678",
    "12345678\0",
]


@example(ALIKE, ALIKE[::-1])
@example(["a", "a"], ["b", "a", "b"])
@given(TEXTS, TEXTS)
def test_texts_have_the_same_number_where_they_are_the_same(first: list[str], second: list[str]) -> None:
    numbers = TextNumbers()
    for texts in (first, second, first):
        found = numbers.of(pa.array(texts, pa.string())).tolist()
        assert [numbers.texts[number] for number in found] == texts
    assert len(numbers.texts) == len({*first, *second})
    assert numbers.room == ROOM - len(numbers.texts)


def test_many_texts_find_their_slots() -> None:
    texts = [f"text {number}" for number in range(ROOM // 2)]
    numbers = TextNumbers()
    assert numbers.of(pa.array(texts)).tolist() == numbers.of(pa.array(texts)).tolist()
    assert sorted(numbers.texts) == sorted(texts)


def test_a_part_of_an_array_is_looked_at_alone() -> None:
    numbers = TextNumbers()
    numbers.of(pa.array(["left", "aside", "kept", "and this text is longer"]).slice(2))
    assert numbers.texts == ["kept", "and this text is longer"]

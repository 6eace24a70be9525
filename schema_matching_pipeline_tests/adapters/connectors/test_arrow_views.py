"""What the buffers of an array tell is what the array tells, whatever part of a longer one it is."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st

from schema_matching_pipeline.adapters.connectors.arrow_views import (
    at_places,
    is_filled,
    numbers_of,
    truths,
)
from schema_matching_pipeline.adapters.connectors.text_bytes import last_bytes_of, sizes_of

START = st.integers(0, 20)
TEXTS = st.lists(st.none() | st.text(st.characters(codec="utf-8"), max_size=4))


@example([], 0)
@given(st.lists(st.integers(-(2**62), 2**62)), START)
def test_numbers_are_those_of_the_array(numbers: list[int], start: int) -> None:
    assert numbers_of(pa.array(numbers, pa.int64()).slice(start), np.int64).tolist() == numbers[start:]


@example([], 0)
@given(st.lists(st.booleans()), START)
def test_truths_are_those_of_the_array(values: list[bool], start: int) -> None:
    assert truths(pa.array(values, pa.bool_()).slice(start)).tolist() == values[start:]


@example([None], 0)
@given(TEXTS, START)
def test_texts_are_filled_that_are_not_null(texts: list[str | None], start: int) -> None:
    found = is_filled(pa.array(texts, pa.string()).slice(start))
    assert found.tolist() == [text is not None for text in texts[start:]]


@example([None, "", "a"], 1)
@given(TEXTS, START)
def test_a_text_that_is_null_or_empty_has_neither_bytes_nor_a_last_one(
    texts: list[str | None], start: int
) -> None:
    array = pa.array(texts, pa.string()).slice(start)
    encoded = [(text or "").encode() for text in texts[start:]]
    assert sizes_of(array).tolist() == list(map(len, encoded))
    assert last_bytes_of(array).tolist() == [text[-1] if text else 0 for text in encoded]


@given(st.lists(st.none() | st.text(max_size=4), min_size=1), st.data())
def test_elements_are_taken_in_the_order_of_their_places(
    texts: list[str | None], data: st.DataObject
) -> None:
    places = data.draw(st.lists(st.integers(0, len(texts) - 1)))
    found = at_places(pa.array(texts, pa.string()), np.array(places, dtype=np.intp)[::-1])
    assert found.to_pylist() == [texts[place] for place in places[::-1]]

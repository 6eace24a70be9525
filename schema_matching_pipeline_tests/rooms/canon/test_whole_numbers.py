"""Whole numbers kept as an array are to everybody the numbers that they are."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schema_matching_pipeline.model.profile import ValueSketch
from schema_matching_pipeline.model.whole_numbers import WholeNumbers

NUMBERS = st.lists(st.integers(0, 2**64 - 1))


def a_sketch(hashes: object) -> ValueSketch:
    return ValueSketch(size=1024, hashes=hashes, distinct=3, complete=True)


@given(NUMBERS, st.integers(-3, 3))
def test_they_are_a_sequence_of_these_numbers(numbers: list[int], place: int) -> None:
    kept = WholeNumbers(np.array(numbers, dtype=np.uint64))
    assert (list(kept), len(kept), bool(kept)) == (numbers, len(numbers), bool(numbers))
    assert kept[place:] == tuple(numbers[place:])
    assert kept != [*numbers, 1]
    assert {kept: 1}[WholeNumbers(np.array(numbers, dtype=np.uint64))] == 1


@given(NUMBERS)
def test_a_sketch_is_the_same_however_its_hashes_come_and_wherever_it_was(numbers: list[int]) -> None:
    sketch = a_sketch(tuple(numbers))
    assert sketch == a_sketch(WholeNumbers(np.array(numbers, dtype=np.uint64)))
    assert sketch == pickle.loads(pickle.dumps(sketch))  # noqa: S301 - our own
    assert sketch == ValueSketch.model_validate_json(sketch.canonical_json())
    assert sketch.model_dump(mode="json")["hashes"] == numbers


@pytest.mark.parametrize("hashes", [(-1,), (2**64,), ("a",), None])
def test_what_64_bits_do_not_hold_is_no_hash(hashes: object) -> None:
    with pytest.raises(ValidationError):
        a_sketch(hashes)

"""What is read ahead comes in its order, with its errors in their places."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event, get_ident

import pytest

from schema_matching_pipeline.adapters.connectors.read_ahead import read_ahead

PATIENCE = 10.0  # seconds


def test_the_next_are_made_while_one_is_worked_on():
    made = [Event() for _ in range(4)]

    def items() -> Iterator[int]:
        for place, event in enumerate(made):
            event.set()
            yield place

    coming = read_ahead(items(), most=2)

    assert next(coming) == 0
    assert made[2].wait(PATIENCE)
    assert not made[3].is_set()
    assert list(coming) == [1, 2, 3]


def test_they_are_made_in_another_thread():
    [maker] = read_ahead((get_ident() for _ in range(1)), most=1)

    assert maker != get_ident()


def test_an_error_comes_after_what_was_made_before_it():
    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("the third")

    coming = read_ahead(items(), most=2)

    assert [next(coming), next(coming)] == [1, 2]
    with pytest.raises(ValueError, match="the third"):
        next(coming)


def test_whoever_wants_no_more_leaves_the_rest_unmade():
    made = list[int]()

    def items() -> Iterator[int]:
        for place in range(100):
            made.append(place)
            yield place

    for _ in read_ahead(items(), most=2):
        break

    assert len(made) <= 4

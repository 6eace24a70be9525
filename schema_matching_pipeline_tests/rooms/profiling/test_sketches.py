from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from schema_matching_pipeline.model.profile import ValueSketch
from schema_matching_pipeline.profiling.sketches import contained_share, value_sketch, word_sketch
from schema_matching_pipeline_tests.builders import a_measurement

HASHES = st.sets(st.integers(0, 2**63 - 1), min_size=1, max_size=60)


def sketch_of(hashes, size=1024):
    ordered = sorted(hashes)
    return ValueSketch(
        size=size, hashes=tuple(ordered[:size]), distinct=len(ordered), complete=len(ordered) <= size
    )


@given(HASHES, HASHES)
def test_complete_sketches_give_the_exact_share(part, whole):
    assert contained_share(sketch_of(part), sketch_of(whole)) == len(part & whole) / len(part)


@given(HASHES, HASHES, st.integers(1, 20))
def test_a_column_lies_wholly_in_any_column_that_holds_it_however_short_the_sketch(part, more, size):
    known = sketch_of(part | more, size)
    if any(value <= known.hashes[-1] for value in part):
        assert contained_share(sketch_of(part), known) == 1.0


def test_a_column_without_values_has_no_sketch():
    assert value_sketch(a_measurement(values=[None, ""]), 1024) is None


def test_a_sketch_says_whether_every_value_is_in_it():
    measured = a_measurement(values=[str(number) for number in range(50)])
    sketches = [value_sketch(measured, size) for size in (1024, 10)]
    told = [(len(sketch.hashes), sketch.distinct, sketch.complete) for sketch in sketches if sketch]
    assert told == [(50, 50, True), (10, 50, False)]


def test_words_are_sketched_beside_values():
    sketch = word_sketch(a_measurement(values=["body height", "body weight"]), 1024)
    assert sketch is not None
    assert (sketch.distinct, sketch.complete) == (3, True)

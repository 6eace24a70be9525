from hypothesis import given
from hypothesis import strategies as st

from schema_matching_pipeline.canon.sketch_merge import merge_sketches
from schema_matching_pipeline.model.profile import ValueSketch


def sketch_of(values, size):
    kept = tuple(sorted(values)[:size])
    return ValueSketch(size=size, hashes=kept, distinct=len(values), complete=len(kept) == len(values))


SETS = st.lists(st.frozensets(st.integers(0, 2**64 - 1), min_size=1, max_size=30), min_size=1, max_size=4)


@given(SETS, st.integers(1, 40))
def test_merged_sketches_are_the_sketch_of_the_union(sets, size):
    merged = merge_sketches([sketch_of(values, size) for values in sets], size)
    union = frozenset().union(*sets)
    whole = sketch_of(union, size)
    assert merged is not None
    assert merged.hashes == whole.hashes[: len(merged.hashes)]
    assert merged.complete == (len(merged.hashes) == len(union))
    if merged.complete:
        assert merged == whole


@given(SETS)
def test_the_order_of_sketches_does_not_matter(sets):
    sketches = [sketch_of(values, 10) for values in sets]
    assert merge_sketches(sketches, 10) == merge_sketches(sketches[::-1], 10)


def test_nothing_together_is_nothing():
    assert merge_sketches([], 10) is None
    assert merge_sketches([sketch_of({1}, 10)], 10, without=frozenset({1})) is None


def test_many_values_are_counted_by_how_close_the_smallest_hashes_lie():
    evenly = frozenset(place * 2**64 // 10_000 for place in range(1, 10_000))
    merged = merge_sketches([sketch_of(evenly, 256)], 256)
    assert merged is not None
    assert not merged.complete
    assert 9_900 <= merged.distinct <= 10_100

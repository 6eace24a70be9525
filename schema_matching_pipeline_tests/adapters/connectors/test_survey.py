"""A pass over distinct values in batches tells the same however they are divided."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import example, given
from hypothesis import strategies as st

from schema_matching_pipeline.adapters.connectors.executors.survey import have_margin, survey
from schema_matching_pipeline.adapters.connectors.value_hash import hash_text, lots_of

TEXTS = st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=1, max_size=40, unique=True)


@example(["a", "\x1fb"])
@example(["a", "ü "])
@example(["\u3000", "\x00"])
@given(TEXTS)
def test_white_space_at_an_end_is_what_arrow_trims(texts: list[str]) -> None:
    values = pa.array(texts)
    assert have_margin(values) == (pc.utf8_trim_whitespace(values).to_pylist() != texts)


@example(["abcd", "abcde", "Müller", "😀"])
@given(TEXTS)
def test_lots_are_those_of_the_hashes(texts: list[str]) -> None:
    assert lots_of(pa.array(texts)).tolist() == [hash_text(b"key", text) >> 60 for text in texts]


@example(["b", "a", "ü", "long one"], 1)
@given(TEXTS, st.integers(1, 7))
def test_a_survey_tells_the_same_in_batches_of_any_size(texts: list[str], size: int) -> None:
    counts = [1 + len(text) % 3 for text in texts]
    values = pa.table({"t": texts, "n": pa.array(counts, pa.int64())})
    found = survey(values.to_batches(max_chunksize=size), top=3, lots=8)
    by_count = sorted(zip(counts, texts, strict=True), key=lambda pair: (-pair[0], pair[1].encode()))
    lengths = [len(text) for text in texts]
    assert (found.distinct, found.rows) == (len(texts), sum(counts))
    assert (found.lengths.minimum, found.lengths.maximum) == (min(lengths), max(lengths))
    assert found.frequent.column("t").to_pylist() == [text for _, text in by_count[:3]]
    assert found.drawn.column("t").to_pylist() == [text for text in texts if hash_text(b"k", text) >> 60 < 8]

"""What is told of few values out of what is known of each is what a look at all of them tells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schema_matching_pipeline.adapters.connectors.days import GLANCE, read_days
from schema_matching_pipeline.adapters.connectors.executors.few_values import FewValues, look_up_few
from schema_matching_pipeline.adapters.connectors.executors.ordered_figures import weighted_summary
from schema_matching_pipeline.adapters.connectors.executors.tally import number_summary
from schema_matching_pipeline.adapters.connectors.text_words import distinct_words
from schema_matching_pipeline.adapters.connectors.value_hash import ValueHashes, hash_text
from schema_matching_pipeline.model.policy import ProfilePolicy

KEY = b"key"
POLICY = ProfilePolicy()
TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=30),
    st.text("0123456789.,-+eE", min_size=1, max_size=26),
    st.dates().map(str),
    st.datetimes().map(lambda moment: str(moment)[:19]),
    st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}:[0-9.é\n]{2})?", fullmatch=True),
    st.sampled_from(
        ["31.12.2024", "5/31/2024", "20240531", "a", "a\0", "1.", ".5", "-", "1e5", "1,5", "Ward 7"]
    ),
)
COLUMNS = st.lists(st.lists(TEXTS, min_size=1, max_size=20, unique=True), min_size=1, max_size=4)


def looked_up(columns: Sequence[Sequence[str]], hashes: ValueHashes | None = None) -> list[FewValues]:
    arrays = [pa.array(texts, pa.string()) for texts in columns]
    return list(look_up_few(arrays, hashes or ValueHashes(KEY)))


@example([["1", "-2.5", "007"], ["1", "x"], ["1,5", "2"], ["-"]])
@given(COLUMNS)
def test_figures_of_plain_numbers_are_those_that_a_look_at_all_of_them_gives(
    columns: list[list[str]],
) -> None:
    for texts, known in zip(columns, looked_up(columns), strict=True):
        counts = np.arange(1, len(texts) + 1)
        by_a_look = number_summary(pa.array(texts), counts, POLICY)
        if known.are_numbers():
            assert weighted_summary(known.facts.number, counts) == by_a_look
        elif not known.may_be_numbers(200):
            assert by_a_look is None


@example(
    [
        ["2024-05-31", "2024-02-29"],
        ["2023-02-29"],
        ["0999-01-01"],
        ["2024-05-31 08:15:00", "2024-05-31T00:00:00"],
    ]
)
@example([["2024-05-31", "2024-05-31 08:15:00"], ["x", "2024-05-31"], ["31.12.2024", "20240531"]])
@given(COLUMNS)
def test_days_are_those_that_a_look_at_all_of_them_gives(columns: list[list[str]]) -> None:
    for texts, known in zip(columns, looked_up(columns), strict=True):
        days = read_days(pa.array(texts), least_share=POLICY.type_share)
        found = pc.min_max(days).as_py() if days is not None else None
        if (span := known.iso_span()) is not None:
            assert found == {"min": span[0], "max": span[1]}
        elif not known.may_be_days(GLANCE):
            assert found is None


@example([["b", "a"], ["a\0\0\0", "a"], ["x" * 30, "x"]])
@given(COLUMNS)
def test_the_most_frequent_come_first_and_equally_frequent_ones_by_their_text(
    columns: list[list[str]],
) -> None:
    for texts, known in zip(columns, looked_up(columns), strict=True):
        counts = np.array([len(text) % 3 for text in texts])
        found = [texts[place] for place in known.by_count(counts).tolist()]
        assert found == sorted(texts, key=lambda text: (-(len(text) % 3), text))


@given(COLUMNS, COLUMNS)
def test_texts_tell_the_same_whoever_asked_before(first: list[list[str]], second: list[list[str]]) -> None:
    hashes = ValueHashes(KEY)
    looked_up(first, hashes)
    for texts, known, anew in zip(second, looked_up(second, hashes), looked_up(second), strict=True):
        assert list(known.texts) == texts
        assert known.hashes.tolist() == [hash_text(KEY, text) for text in texts]
        assert known.facts.length.tolist() == list(map(len, texts))
        for now, then in zip(known.facts, anew.facts, strict=True):
            np.testing.assert_array_equal(now, then)


@example([["Ward 7", "ward-7a"], ["Größe 7", "GRÖSSE"], ["\u2013", "x"], ["Ward 7"]])
@given(COLUMNS)
def test_words_are_those_of_each_column(columns: list[list[str]]) -> None:
    hashes = ValueHashes(KEY)
    known = [values.texts for values in looked_up(columns, hashes)]
    for _ in range(2):
        found = hashes.words_of_each(known, 5)
        assert found is not None
        for texts, (smallest, count) in zip(columns, found, strict=True):
            words = {word for text in texts for word in distinct_words([text])}
            assert smallest.tolist() == sorted(hash_text(KEY, word) for word in words)[:5]
            assert count == len(words)


def test_words_of_texts_that_are_not_kept_are_not_told() -> None:
    [known] = looked_up([["a b"]])
    assert ValueHashes(KEY).words_of_each([known.texts], 5) is None


@pytest.mark.parametrize("texts", [["2024-05-31"], ["2024-05-31 08:15:00", "2024-06-01T00:00:00"]])
def test_days_in_iso_form_need_no_closer_look(texts: list[str]) -> None:
    [known] = looked_up([texts])
    assert known.iso_span() == (date(2024, 5, 31), date.fromisoformat(texts[-1][:10]))

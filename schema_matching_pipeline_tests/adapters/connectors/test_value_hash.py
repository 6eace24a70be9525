"""Keyed hashes are the same from every engine, and ordered."""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schema_matching_pipeline.adapters.connectors import value_hash
from schema_matching_pipeline.adapters.connectors.value_hash import ValueHashes, hash_text

KEY = bytes(range(32))
MANY = [str(number) for number in range(10_001)]
GIVEN_NAMES = ["anna", "bo", "clara", "david", "eleonora", "fritz", "gudrun", "ida", "julian", "max", "tom"]


def test_a_hash_is_a_lot_and_the_beginning_of_sha_256_over_key_and_text() -> None:
    digest = hashlib.sha256(KEY + "Müller".encode()).hexdigest()
    lot = (7 * ord("r") + 11 * ord("ü") + 13 * ord("M") + 5 * ord("l") + 17 * 6) % 16
    assert f"{hash_text(KEY, 'Müller'):016x}" == f"{lot:x}{digest[:15]}"


@pytest.mark.parametrize(
    "texts",
    [
        [str(100_000 + number) for number in range(20_000)],
        [hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest() for number in range(20_000)],
    ],
    ids=["numbers", "identifiers"],
)
def test_lots_are_drawn_about_equally_often(texts: list[str]) -> None:
    lots = Counter(hash_text(KEY, text) >> 60 for text in texts)
    assert len(lots) == 16
    assert max(lots.values()) < 2 * min(lots.values())


def test_addresses_that_end_alike_fall_into_several_lots() -> None:
    texts = [f"{name}.{number}@example.org" for name in GIVEN_NAMES for number in range(2_000)]
    assert len({hash_text(KEY, text) >> 60 for text in texts}) > 8


@settings(max_examples=20)
@example(["1", "ü", "\x00", "😀", 'a"b'])
@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=1, unique=True))
def test_python_and_duckdb_give_the_same_hashes_in_the_same_order(texts: list[str]) -> None:
    by_loop, places = ValueHashes(KEY).smallest(texts, 10)
    by_duckdb, other_places = value_hash._by_duckdb(KEY, texts, 10)
    assert by_loop.tolist() == by_duckdb.tolist() == sorted(hash_text(KEY, text) for text in texts)[:10]
    assert [texts[place] for place in places] == [texts[place] for place in other_places]


@settings(max_examples=10)
@example(["", "😀", "ab"])
@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1))
def test_a_value_has_its_hash_also_where_an_earlier_column_held_it(texts: list[str]) -> None:
    hashes = ValueHashes(KEY)
    for column in (texts, [*texts, "more"], MANY, texts):
        assert hashes.of(column).tolist() == [hash_text(KEY, text) for text in column]


def test_many_values_are_hashed_like_few() -> None:
    texts = [f"value {number}" for number in range(25_000)]
    hashes, places = ValueHashes(KEY).smallest(texts, 5)
    assert hashes.tolist() == sorted(hash_text(KEY, text) for text in texts)[:5]
    assert [hash_text(KEY, texts[place]) for place in places] == hashes.tolist()


def test_another_key_gives_other_hashes() -> None:
    assert hash_text(KEY, "M") != hash_text(KEY[::-1], "M")

"""Keyed hashes are the same from every engine, and ordered."""

from __future__ import annotations

import hashlib

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schema_matching_pipeline.adapters.connectors import value_hash
from schema_matching_pipeline.adapters.connectors.value_hash import hash_text, smallest_hashes

KEY = bytes(range(32))


def test_a_hash_is_the_first_eight_bytes_of_sha_256_over_key_and_text() -> None:
    digest = hashlib.sha256(KEY + "Müller".encode()).hexdigest()
    assert hash_text(KEY, "Müller") == int(digest[:16], 16)


@settings(max_examples=20)
@example(["", "ü", "\x00", "😀", 'a"b'])
@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1, unique=True))
def test_python_and_duckdb_give_the_same_hashes_in_the_same_order(texts: list[str]) -> None:
    array = pa.array(texts, pa.string())
    by_loop, places = smallest_hashes(KEY, array, 10)
    by_duckdb, other_places = value_hash._by_duckdb(KEY, array, 10)
    assert by_loop.tolist() == by_duckdb.tolist() == sorted(hash_text(KEY, text) for text in texts)[:10]
    assert [texts[place] for place in places] == [texts[place] for place in other_places]


def test_many_values_are_hashed_like_few() -> None:
    texts = [f"value {number}" for number in range(6_000)]
    hashes, places = smallest_hashes(KEY, pa.array(texts), 5)
    assert hashes.tolist() == sorted(hash_text(KEY, text) for text in texts)[:5]
    assert [hash_text(KEY, texts[place]) for place in places] == hashes.tolist()


def test_another_key_gives_other_hashes() -> None:
    assert hash_text(KEY, "M") != hash_text(KEY[::-1], "M")

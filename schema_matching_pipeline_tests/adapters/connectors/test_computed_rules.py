"""A value of several columns is the same in pandas, in PostgreSQL and in DuckDB."""

from __future__ import annotations

import random

import duckdb
import pandas as pd
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from schema_matching_pipeline.adapters.connectors.rules import (
    compute_expression,
    compute_series,
    listed_codes,
)
from schema_matching_pipeline.model.rule import Coalesce, Computed, Concat, Lookup, OneColumn, Where

TEXTS = (None, "", " ", "\u00a0", "Ada", " Lovelace ", "日本", "it's", "007", "-")
TABLE = sa.table("people", sa.column("id", sa.Integer()), *(sa.column(name, sa.Text()) for name in "abc"))

WORDS = (
    ("Ada", "countess"),
    (" Lovelace", "family"),
    ("-", " "),
    ("007", "spy"),
    ("007", "agent"),
    (None, "nobody"),
)
LISTED = sa.table("words", sa.column("code", sa.Text()), sa.column("word", sa.Text()))


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    chance = random.Random(7)
    return pd.DataFrame({name: chance.choices(TEXTS, k=10_000) for name in "abc"}, dtype=object)


@pytest.mark.parametrize(
    "rule",
    [
        Concat(columns=("a", "b", "c"), separator=", "),
        Concat(columns=("b", "a"), separator=""),
        Coalesce(columns=("c", "a")),
        OneColumn(columns=("b",)),
        Where(columns=("a",), by="c", among=("Ada", "-")),
        Lookup(columns=("b",), table="words", key="code", value="word"),
    ],
)
def test_ten_thousand_rows_are_computed_alike_in_every_engine(rule: Computed, frame, module_registry):
    made = compute_series(frame, rule, listed_codes(*zip(*WORDS, strict=True)))
    expected = [None if pd.isna(text) else text for text in made]
    assert any(expected)
    value = compute_expression(TABLE, rule, LISTED)
    asked = sa.select(value).select_from(TABLE).order_by(TABLE.columns["id"])
    rows = [{"id": place, **row} for place, row in enumerate(frame.to_dict("records"))]
    engine = sa.create_engine(module_registry.owner_url)
    with engine.connect() as connection:
        connection.execute(sa.text("CREATE TEMPORARY TABLE people (id integer, a text, b text, c text)"))
        connection.execute(TABLE.insert(), rows)
        connection.execute(sa.text("CREATE TEMPORARY TABLE words (code text, word text)"))
        connection.execute(LISTED.insert(), [{"code": code, "word": word} for code, word in WORDS])
        assert list(connection.scalars(asked)) == expected
    engine.dispose()
    spoken = asked.compile(
        dialect=postgresql.dialect(paramstyle="qmark"), compile_kwargs={"render_postcompile": True}
    )
    with duckdb.connect() as duck:
        duck.register("people", frame.assign(id=range(len(frame))))
        duck.register("words", pd.DataFrame(WORDS, columns=["code", "word"], dtype=object))
        bound = [spoken.params[place] for place in spoken.positiontup or ()]
        assert [row[0] for row in duck.execute(str(spoken), bound).fetchall()] == expected


def test_names_join_without_their_blanks_and_nothing_filled_is_null():
    frame = pd.DataFrame({"a": [" Ada ", None], "b": ["Lovelace", " "]}, dtype=object)
    assert compute_series(frame, Concat(columns=("a", "b"))).tolist() == ["Ada Lovelace", None]


def test_of_two_texts_for_a_code_the_least_counts_and_a_code_without_one_is_null():
    rule = Lookup(columns=("a",), table="words", key="code", value="word")
    made = compute_series(
        pd.DataFrame({"a": [" 007", "-", "x", None]}, dtype=object),
        rule,
        listed_codes(*zip(*WORDS, strict=True)),
    )
    assert made.tolist() == ["agent", None, None, None]

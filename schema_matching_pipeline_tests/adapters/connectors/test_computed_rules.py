"""A value of several columns is the same in pandas, in PostgreSQL and in DuckDB."""

from __future__ import annotations

import random

import duckdb
import pandas as pd
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from schema_matching_pipeline.adapters.connectors.rules import compute_expression, compute_series
from schema_matching_pipeline.model.rule import Coalesce, Computed, Concat

TEXTS = (None, "", " ", "\u00a0", "Ada", " Lovelace ", "日本", "it's", "007", "-")
TABLE = sa.table("people", sa.column("id", sa.Integer()), *(sa.column(name, sa.Text()) for name in "abc"))


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
    ],
)
def test_ten_thousand_rows_are_computed_alike_in_every_engine(rule: Computed, frame, module_registry):
    expected = [None if pd.isna(text) else text for text in compute_series(frame, rule)]
    asked = sa.select(compute_expression(TABLE, rule)).order_by(TABLE.columns["id"])
    rows = [{"id": place, **row} for place, row in enumerate(frame.to_dict("records"))]
    engine = sa.create_engine(module_registry.owner_url)
    with engine.connect() as connection:
        connection.execute(sa.text("CREATE TEMPORARY TABLE people (id integer, a text, b text, c text)"))
        connection.execute(TABLE.insert(), rows)
        assert list(connection.scalars(asked)) == expected
    engine.dispose()
    spoken = asked.compile(dialect=postgresql.dialect(paramstyle="qmark"))
    with duckdb.connect() as duck:
        duck.register("people", frame.assign(id=range(len(frame))))
        bound = [spoken.params[place] for place in spoken.positiontup or ()]
        assert [row[0] for row in duck.execute(str(spoken), bound).fetchall()] == expected


def test_names_join_without_their_blanks_and_nothing_filled_is_null():
    frame = pd.DataFrame({"a": [" Ada ", None], "b": ["Lovelace", " "]}, dtype=object)
    assert compute_series(frame, Concat(columns=("a", "b"))).tolist() == ["Ada Lovelace", None]

"""What the rest of a column's table says, beside the client's other tables and by itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema_matching_pipeline.matching.context import context_features
from schema_matching_pipeline.matching.engine import Ranking, rank_fields
from schema_matching_pipeline.matching.side import Side, canonical_side, client_side
from schema_matching_pipeline.matching.weights import packaged_weights
from schema_matching_pipeline.matching.words import FloatMatrix
from schema_matching_pipeline.model.classification import Classification
from schema_matching_pipeline_tests.builders import a_column, a_table
from schema_matching_pipeline_tests.rooms.matching.cases import KNOWLEDGE, MEMBERS

DESCRIBED = ("pages", "title", "year")  # what every kind of publication has under the same names
SURE, FAIRLY_SURE = 6.0, 4.0  # log-odds


def a_side(**tables: tuple[str, ...]) -> Side:
    profiled = [a_table(name, [a_column(column) for column in columns]) for name, columns in tables.items()]
    return client_side(profiled, Classification(verdicts=()))


MODEL = a_side(author=("born", "full_name"), publication=("publication_id", *DESCRIBED))


def test_a_table_that_is_one_kind_of_several_says_more_of_its_entity_alone():
    alone = support(report=FAIRLY_SURE)
    among_kinds = support(report=FAIRLY_SURE, article=SURE, book=SURE)
    assert alone == pytest.approx((0.9, 0.0), abs=0.02)
    assert among_kinds[0] < 0.4
    assert sum(among_kinds) == pytest.approx(sum(alone), abs=0.02)


def test_a_table_says_no_more_alone_where_no_other_wants_its_entity():
    columns = a_side(report=("code", *DESCRIBED), staff=("badge", "born", "full_name"))
    odds = where_sure(columns, report=SURE, staff=SURE)
    gain = context_features(odds, columns, MODEL)["from_table_alone"]
    assert gain.max() == pytest.approx(0.0, abs=0.02)


@given(st.integers(0, 2**32 - 1))
def test_what_a_table_says_more_alone_is_a_share_of_it_and_never_less_than_nothing(seed):
    columns = a_side(report=("code", *DESCRIBED), article=DESCRIBED, book=("code", "title"))
    shape = len(columns.columns), len(MODEL.columns)
    odds = np.random.default_rng(seed).normal(0.0, SURE, shape).astype(np.float32)
    gain = context_features(odds, columns, MODEL)["from_table_alone"]
    assert gain.min() >= 0.0
    assert gain.max() <= 1.0


def test_what_a_table_says_alone_brings_its_key_nearer_and_is_told_as_what_tables_add():
    packaged = packaged_weights()
    deaf = packaged.but(context=packaged.context | {"from_table_alone": 0.0})
    columns = a_side(report=("code", *DESCRIBED), article=("code", *DESCRIBED), book=("code", *DESCRIBED))
    heard, unheard = (rank_fields(columns, MODEL, weights, kept=6) for weights in (packaged, deaf))
    row, field = place(columns, "report", "code"), place(MODEL, "publication", "publication_id")
    assert share(heard, "tables", row, field) > share(unheard, "tables", row, field)
    assert np.allclose(heard.shares["ranking"][:, 0], 0.0, atol=1e-4)


def test_against_a_canonical_model_it_changes_the_order_and_not_how_sure_a_field_is():
    packaged = packaged_weights()
    tables = [a_table(name, MEMBERS.columns) for name in ("members", "guests", "trainers")]
    columns, fields = client_side(tables, Classification(verdicts=())), canonical_side(KNOWLEDGE)
    loud, deaf = (
        rank_fields(
            columns,
            fields,
            packaged.but(context=packaged.context | {"from_table_alone": weight}),
            kept=5,
            knowledge=KNOWLEDGE,
        )
        for weight in (9.0, 0.0)
    )
    guest = place(columns, "guests", "email_addr")
    entities = [[fields.refs[field].table for field in ranking.fields[guest, :4]] for ranking in (loud, deaf)]
    assert entities[0].count("member") == 4 > entities[1].count("member")
    same = loud.fields[:, 0] == deaf.fields[:, 0]
    assert same.sum() > len(tables) * len(MEMBERS.columns) / 2
    assert np.array_equal(loud.logits[same, 0], deaf.logits[same, 0])


def support(**surety: float) -> tuple[float, float]:
    """What a report's other columns say for its code as the key of publications, and what they would say more alone."""
    columns = a_side(**dict.fromkeys(surety, ("code", *DESCRIBED)))
    told = context_features(where_sure(columns, **surety), columns, MODEL)
    pair = place(columns, "report", "code"), place(MODEL, "publication", "publication_id")
    return float(told["from_table"][pair]), float(told["from_table_alone"][pair])


def where_sure(columns: Side, **surety: float) -> FloatMatrix:
    """Log-odds by which columns of a table are as sure as that of the field with their name, and of no other."""
    odds = np.full((len(columns.columns), len(MODEL.columns)), -SURE, dtype=np.float32)
    for row, column in enumerate(columns.columns):
        for position, field in enumerate(MODEL.columns):
            if column.name == field.name:
                odds[row, position] = surety[column.table]
    return odds


def place(side: Side, table: str, name: str) -> int:
    return next(i for i, column in enumerate(side.columns) if (column.table, column.name) == (table, name))


def share(ranking: Ranking, name: str, row: int, field: int) -> float:
    return float(ranking.shares[name][row, ranking.fields[row].tolist().index(field)])

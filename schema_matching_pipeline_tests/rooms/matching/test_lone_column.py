"""A column that alone speaks for what its table is about."""

from __future__ import annotations

import numpy as np
import pytest

from schema_matching_pipeline.matching.engine import Ranking
from schema_matching_pipeline.matching.lone_column import doubt_lone
from schema_matching_pipeline.matching.side import Side, SideColumn, SideTable
from schema_matching_pipeline.model.policy import MatchPolicy

FIELDS = SideColumn("guest", "name"), SideColumn("room", "beds"), SideColumn("room", "floor")
NAME, BEDS, FLOOR = range(len(FIELDS))
SURE, LIKELY, HARDLY = 3.0, 1.2, 0.5


def doubted(logit=SURE, *, other=(FLOOR, HARDLY), table="stock", named=0.0, before=np.nan):
    """Confidence and objection of a column that goes to the beds, beside one of another or the same table."""
    columns = SideColumn("stock", "beds"), SideColumn(table, "other")
    fields = np.array([[BEDS, NAME], [other[0], NAME if other[0] != NAME else FLOOR]])
    logits = np.array([[logit, logit - 1], [other[1], -5.0]])
    scores = {"table_name": np.zeros((2, 3)), "history": np.full((2, 3), np.nan)}
    scores["table_name"][0, BEDS], scores["history"][0, BEDS] = named, before
    ranking = Ranking(
        fields=fields,
        logits=logits,
        shares={"names": logits.copy()},
        scores={name: score.astype(np.float32) for name, score in scores.items()},
    )
    tables = tuple(map(SideTable, dict.fromkeys(("stock", table))))
    sides = Side(tables, columns), Side((SideTable("guest"), SideTable("room")), FIELDS)
    moved, objections = doubt_lone(ranking, *sides, MatchPolicy())
    np.testing.assert_allclose(sum(moved.shares.values()), moved.logits)
    assert (np.diff(moved.logits, axis=1) < 0).all()
    return float(moved.confidence[0, 0]), objections.get((0, BEDS), "")


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({}, id="no other column is likely"),
        pytest.param({"other": (NAME, SURE)}, id="another column goes to another entity"),
        pytest.param({"other": (FLOOR, SURE), "table": "rooms"}, id="a column of another table goes there"),
        pytest.param({"before": 0.8}, id="columns of that name in other tables went there"),
    ],
)
def test_a_lone_column_is_asked_about_however_sure_it_is(more):
    confidence, said = doubted(**more)
    assert 0.89 < confidence < MatchPolicy().nothing_outweighed
    assert said == "neither its name nor another column of stock surely speaks for room"


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"other": (FLOOR, LIKELY)}, id="another column likely goes there"),
        pytest.param({"named": 0.2}, id="the table's name says so"),
        pytest.param({"before": 1.0}, id="a table of that name went there before"),
    ],
)
def test_one_in_company_stays_sure(more):
    confidence, said = doubted(**more)
    assert (round(confidence, 3), said) == (0.953, "")


def test_what_is_not_sure_stays_as_it_is():
    confidence, said = doubted(LIKELY)
    assert (round(confidence, 3), said) == (0.769, "")

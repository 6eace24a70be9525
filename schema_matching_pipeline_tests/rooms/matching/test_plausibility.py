"""What the data say against a field however well its name fits."""

from __future__ import annotations

import numpy as np
import pytest

from schema_matching_pipeline.matching.engine import Ranking
from schema_matching_pipeline.matching.plausibility import doubt_implausible
from schema_matching_pipeline.matching.side import Side, SideColumn, SideTable
from schema_matching_pipeline.model.policy import MatchPolicy
from schema_matching_pipeline_tests.builders import a_column

POLICY = MatchPolicy()
FIELDS = (
    SideColumn("guest", "died_on", semantic_type="death_date"),
    SideColumn("guest", "guest_id", in_key=True),
    SideColumn("guest", "hotel_id", refers_to="hotel"),
    SideColumn("guest", "name"),
    SideColumn("hotel", "stars"),
    SideColumn("room", "beds"),
    SideColumn("room", "floor"),
)
ENTITIES = SideTable("guest", other_names=("visitor",)), SideTable("hotel"), SideTable("room")
DIED, KEY, HOTEL, NAME, STARS, BEDS, FLOOR = range(len(FIELDS))
NUMBERS = [str(number) for number in range(40)]
DAYS = [f"2024-05-{day:02d}" for day in range(1, 29)]


def doubted(
    column: SideColumn,
    field: int,
    logit: float = 2.0,
    others: tuple[tuple[str, int], ...] = (),
    besides: tuple[SideColumn, ...] = (),
):
    """Confidence and objection of one pair beside columns (table, field) that have their fields for sure.

    Columns ``besides`` fit nothing.
    """
    more = [SideColumn(table, f"c{n}", profile=a_column("c", "aab")) for n, (table, _) in enumerate(others)]
    columns = [column, *more, *besides]
    tables = sorted({each.table for each in columns})
    rows = [
        [field, (field + 1) % len(FIELDS)],
        *([best, (best + 1) % len(FIELDS)] for _, best in others),
        *([STARS, BEDS] for _ in besides),
    ]
    logits = np.array([[logit, -1.0], *([3.0, -1.0] for _ in others), *([-5.0, -6.0] for _ in besides)])
    ranking = Ranking(fields=np.array(rows), logits=logits, shares={"names": logits.copy()}, scores={})
    sides = Side(tuple(map(SideTable, tables)), tuple(columns)), Side(ENTITIES, FIELDS)
    moved, objections = doubt_implausible(ranking, *sides, POLICY)
    np.testing.assert_allclose(sum(moved.shares.values()), moved.logits)
    assert (np.diff(moved.logits, axis=1) <= 0).all()
    rank = moved.fields[0].tolist().index(field)
    return float(moved.confidence[0, rank]), objections.get((0, field), "")


@pytest.mark.parametrize(
    ("column", "field", "others", "said"),
    [
        pytest.param(
            SideColumn("gast", "c", profile=a_column("c", DAYS)), DIED, (),
            "100% of its rows are filled, the field only where somebody died", id="a day of death in every row",
        ),
        pytest.param(
            SideColumn("gast", "c", profile=a_column("c", ["a", "b"] * 20)), KEY, (),
            "its values repeat, the field is the key of guest", id="a key that repeats",
        ),
        pytest.param(
            SideColumn("gast", "c", profile=a_column("c", NUMBERS), refers_to="zimmer"), HOTEL,
            (("zimmer", BEDS), ("zimmer", FLOOR)),
            "it refers to zimmer, which goes to room; the field refers to hotel", id="a link to another entity",
        ),
        pytest.param(
            SideColumn("gast", "c", profile=a_column("c", NUMBERS, in_primary_key=True)), HOTEL, (),
            "it is the key of its own table, the field refers to hotel", id="the table's own key as a link",
        ),
    ],
)  # fmt: skip
def test_the_data_speak_against_a_field(column, field, others, said):
    confidence, objection = doubted(column, field, others=others)
    assert (objection, confidence < 0.2) == (said, True)


@pytest.mark.parametrize(
    ("column", "field", "others"),
    [
        pytest.param(SideColumn("gast", "c", profile=a_column("c", [*DAYS, *[None] * 40])), DIED, (), id="few died"),
        pytest.param(SideColumn("gast", "c", profile=a_column("c", NUMBERS)), KEY, (), id="a key"),
        pytest.param(SideColumn("gast", "c", profile=a_column("c", ["a", "b"])), KEY, (), id="too few rows to say"),
        pytest.param(
            SideColumn("gast", "c", profile=a_column("c", ["a", "b"] * 20)), KEY,
            (("gast", BEDS), ("gast", FLOOR)), id="a key told again in a table of another entity",
        ),
        pytest.param(
            SideColumn("gast", "c", profile=a_column("c", NUMBERS), refers_to="haus"), HOTEL, (),
            id="a link to a table of no known entity",
        ),
    ],
)  # fmt: skip
def test_what_is_plausible_stays_as_it_was(column, field, others):
    assert doubted(column, field, others=others) == (pytest.approx(0.881, abs=0.001), "")


def test_what_was_nearly_sure_is_still_asked_about():
    column = SideColumn("gast", "c", profile=a_column("c", DAYS))
    assert POLICY.review_floor <= doubted(column, DIED, logit=3.0)[0] < 0.51


@pytest.mark.parametrize("name", ["guest", "GUEST_ID", "visitors"])
def test_a_table_that_links_to_an_entity_by_its_name_is_none_of_it(name):
    booking = (
        SideColumn("buchung", "id", profile=a_column("id", NUMBERS, table="buchung"), in_key=True),
        SideColumn("buchung", name, profile=a_column(name, [*NUMBERS[:30], *NUMBERS[:10]], table="buchung")),
    )
    column = SideColumn("buchung", "c", profile=a_column("c", "ab" * 20, table="buchung"))
    confidence, objection = doubted(column, NAME, besides=booking)
    assert objection == f"its table has a key of its own and links to guest by {name}"
    assert confidence < 0.2
    assert doubted(column, NAME, besides=booking[1:])[1] == ""


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(NUMBERS, id="a number for each row"),
        pytest.param(["1", "2"] * 20, id="few values"),
        pytest.param([f"guest {number % 30}" for number in range(40)], id="text"),
    ],
)
def test_a_column_called_as_an_entity_is_not_always_a_link(values):
    besides = (
        SideColumn("buchung", "id", profile=a_column("id", NUMBERS, table="buchung"), in_key=True),
        SideColumn("buchung", "guest", profile=a_column("guest", values, table="buchung")),
    )
    column = SideColumn("buchung", "c", profile=a_column("c", "ab" * 20, table="buchung"))
    assert doubted(column, NAME, besides=besides)[1] == ""

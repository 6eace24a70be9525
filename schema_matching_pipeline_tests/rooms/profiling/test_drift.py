from __future__ import annotations

import random

import pytest

from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.profiling import content_fingerprint, drift
from schema_matching_pipeline_tests.builders import a_column

POLICY = ProfilePolicy()


def codes(rows, kinds, seed=1, gaps=0.0):
    chance = random.Random(seed)
    return [None if chance.random() < gaps else chance.choice(kinds) for _ in range(rows)]


def test_thirty_quiet_nights_raise_no_alarm():
    anchor = a_column("status", codes(400, ["open", "shut", "held"], gaps=0.2))
    nights = [
        drift(
            anchor, a_column("status", codes(400 + 5 * night, ["open", "shut", "held"], night, 0.2)), POLICY
        )
        for night in range(30)
    ]
    assert nights == [()] * 30


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (codes(200, ["a", "b"]), codes(200, ["a", "b"], gaps=0.6), "filled share 100% became"),
        (codes(200, ["a", "b"]), [None] * 200, "filled share 100% became 0%"),
        ([str(n) for n in range(200)], [f"x{n}" for n in range(200)], "values were integer and are text"),
        (["2020-01-02", "2021-03-04"] * 50, ["02.01.2020", "25.03.2021"] * 50, "dates were written as"),
        (
            [str(n) for n in range(200)],
            [str(n % 150) for n in range(200)],
            "values were unique and are not any more",
        ),
        (codes(200, ["open", "shut"]), codes(200, ["open", "gone", "lost"]), "67% of the distinct values"),
        (
            ["ann@example.org"] * 60,
            ["(619) 555-2222"] * 60,
            "pattern email 100% to 0%, phone 0% to 100% of the values",
        ),
        (codes(100, ["a", "b"]), [], "the table has no rows any more"),
    ],
    ids=["emptier", "emptied", "retyped", "redated", "repeated", "strangers", "repurposed", "no rows"],
)
def test_a_change_is_told_in_words(before, after, reason):
    told = drift(a_column("c", before), a_column("c", after), POLICY)
    assert any(line.startswith(reason) for line in told), told


def test_what_follows_from_another_writing_is_not_told_as_well():
    days = [f"2020-{month:02}-{day:02}" for month in range(1, 13) for day in range(13, 28)]
    turned = [f"{day[5:7]}/{day[8:]}/{day[:4]}" for day in days]
    told = drift(a_column("seen", days), a_column("seen", turned), POLICY)
    assert told == ("dates were written as %Y-%m-%d and are written as %m/%d/%Y",)


def test_another_declared_type_is_told():
    assert drift(a_column("c", ["1"], data_type="int"), a_column("c", ["1"], data_type="text"), POLICY) == (
        "declared type int became text",
    )


def test_a_growing_table_has_not_drifted():
    before, after = codes(300, ["a", "b", "c"]), codes(3_000, ["a", "b", "c"], seed=2)
    assert drift(a_column("c", before), a_column("c", after), POLICY) == ()


def test_slow_change_adds_up_against_the_anchor():
    anchor = a_column("c", codes(1_000, ["a"], gaps=0.05))
    steps = [
        drift(anchor, a_column("c", codes(1_000, ["a"], gaps=0.05 * step)), POLICY) for step in range(1, 8)
    ]
    assert steps[0] == ()
    assert steps[-1] != ()


def test_the_fingerprint_stands_while_content_is_of_the_same_kind():
    before = content_fingerprint(a_column("status", codes(300, ["open", "shut"])))
    assert content_fingerprint(a_column("status", codes(310, ["open", "shut"], seed=5))) == before


@pytest.mark.parametrize(
    "drifted",
    [codes(300, ["open", "gone", "lost"]), codes(300, ["open", "shut"], gaps=0.6)],
    ids=["other codes", "emptier"],
)
def test_content_that_drifted_has_another_fingerprint_and_the_old_one_when_it_is_back(drifted):
    before = content_fingerprint(a_column("status", codes(300, ["open", "shut"])))
    assert content_fingerprint(a_column("status", drifted)) != before
    assert content_fingerprint(a_column("status", codes(320, ["open", "shut"], seed=9))) == before


@pytest.mark.parametrize("values", [["1", "2"] * 9, ["2020-01-02"] * 9, ["ann@example.org"] * 9, []])
def test_another_kind_of_content_has_another_fingerprint(values):
    assert content_fingerprint(a_column("c", values)) != content_fingerprint(
        a_column("c", ["open", "shut"] * 9)
    )

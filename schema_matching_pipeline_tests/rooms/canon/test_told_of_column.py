"""What leaves about a column: of each kind of evidence what is allowed, and never a value."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema_matching_pipeline.canon.masking import mask_shape
from schema_matching_pipeline.canon.told_of_column import told_of_column
from schema_matching_pipeline.model.llm import USUALLY_TOLD, Told
from schema_matching_pipeline_tests.builders import a_column

WARD = a_column(
    "ward_cd", ["Blue Ward", "East"] * 200, comment="Ada Lovelace lay here", data_type="varchar(20)"
)
HELD = {
    Told.NAMES: {"table", "name"},
    Told.TYPES: {"type", "value_type"},
    Told.STATISTICS: {"filled", "distinct"},
    Told.PATTERNS: {"patterns", "shapes", "rules_say"},
    Told.COMMENTS: {"comment"},
    Told.MASKED_VALUES: {"masked_values"},
}


def test_where_nothing_is_allowed_nothing_is_told():
    assert told_of_column(WARD, (), meaning="code") == {}


@pytest.mark.parametrize("kind", Told)
def test_of_each_kind_what_it_says_and_no_more(kind: Told):
    assert set(told_of_column(WARD, (kind,), meaning="code")) == HELD[kind]


def test_comments_and_values_are_not_told_usually():
    shown = told_of_column(WARD, USUALLY_TOLD, meaning="code")
    assert not {"comment", "masked_values"} & set(shown)


def test_of_values_only_shapes_are_told_however_frequent_they_are():
    assert WARD.top_values[0].value.text in {"Blue Ward", "East"}
    shown = told_of_column(WARD, tuple(Told))
    assert shown["masked_values"] in (["Xxxx Xxxx", "Xxxx"], ["Xxxx", "Xxxx Xxxx"])
    assert "Blue" not in json.dumps(shown)


def test_of_values_that_few_rows_hold_or_that_identify_somebody_not_even_shapes_are_told():
    rare = a_column("code", ["K-1", "K-2"])
    assert told_of_column(rare, (Told.MASKED_VALUES,)) == {"masked_values": []}
    person = WARD.but(personal=True)
    assert told_of_column(person, (Told.MASKED_VALUES,)) == {"masked_values": []}


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ("varchar(20)", "varchar(20)"),
        ("numeric(10, 2)", "numeric(10, 2)"),
        ("enum('Blue Ward','East')", "enum"),
        ('set("hiv+")', "set"),
    ],
)
def test_values_that_a_type_lists_are_not_told(declared, told):
    assert told_of_column(WARD.but(data_type=declared), (Told.TYPES,))["type"] == told


def test_names_and_comments_are_one_line_printable_and_short():
    hostile = a_column("a\x1b[31m\n\u202eIgnore previous" + "x" * 900, comment="b\0\n" + "y" * 900)
    shown = told_of_column(hostile, (Told.NAMES, Told.COMMENTS))
    name, comment = str(shown["name"]), str(shown["comment"])
    assert name.isprintable()
    assert comment.isprintable()
    assert (len(name) <= 80, len(comment) <= 200) == (True, True)


@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=12), st.sets(st.sampled_from(Told)))
def test_whatever_the_policy_no_value_leaves_but_as_its_shape(values, told):
    column = a_column("c", values * 6).but(patterns=(), shapes=())
    shown = told_of_column(column, told).get("masked_values", [])
    assert isinstance(shown, list)
    assert set(shown) <= {mask_shape(text) for value in values for text in (value, value.strip())}

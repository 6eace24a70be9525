from __future__ import annotations

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schema_matching_pipeline.canon.masking import count_masked, mask_shape
from schema_matching_pipeline.model.policy import ProfilePolicy

POLICY = ProfilePolicy()
SAFE = set(string.punctuation + " xX9·…")


def shown(value, count, *, personal=False):
    """The one value as it leaves."""
    [one] = count_masked([(value, count)], personal=personal, policy=POLICY)
    return one.value.text


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("1962-03-14", "9999-99-99"),
        ("ann.b@example.org", "xxx.x@xxxxxxx.xxx"),
        ("Ärzte", "Xxxxx"),
        ("٣٤ ½", "99 9"),
        ("李雷", "xx"),
        ("a\tb\n", "x·x·"),
        ("", ""),
    ],
)
def test_a_shape_keeps_punctuation_and_nothing_else(value, shape):
    assert mask_shape(value) == shape


def test_a_long_shape_is_cut_and_says_so():
    assert mask_shape("a" * 41, limit=40) == "x" * 40 + "…"


@given(st.text())
@example("ǅ")
@example("ª²①𝟘")
def test_a_shape_holds_no_letter_or_digit_of_the_value(value):
    assert set(mask_shape(value, limit=200)) <= SAFE


@given(st.text(max_size=100), st.integers(0, 10**6))
def test_a_personal_value_leaves_as_its_shape_however_frequent(value, count):
    assert shown(value, count, personal=True) == mask_shape(value)


@given(st.text(max_size=100), st.integers(0, POLICY.rare_count - 1))
def test_a_rare_value_leaves_as_its_shape(value, count):
    assert shown(value, count) == mask_shape(value)


@given(st.text(alphabet=string.ascii_letters, min_size=1, max_size=30))
def test_values_of_the_same_shape_cannot_be_told_apart(value):
    moved = "".join(("b" if c != "b" else "c") if c.islower() else ("B" if c != "B" else "C") for c in value)
    assert mask_shape(moved) == mask_shape(value)


def test_a_frequent_value_that_is_not_personal_is_shown():
    assert shown("female", POLICY.rare_count) == "female"


def test_a_shown_value_is_cut_and_its_control_characters_replaced():
    assert shown("a\x1b[31m" + "b" * 100, 99) == "a·[31m" + "b" * 54 + "…"

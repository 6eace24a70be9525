from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schema_matching_pipeline.canon.absent import is_placeholder, is_sentinel
from schema_matching_pipeline.canon.masking import mask_shape
from schema_matching_pipeline.profiling.dates import date_form, iso_form
from schema_matching_pipeline.profiling.fillers import (
    is_test_value,
    look_for_made_up,
    may_be_placeholder,
    may_be_sentinel,
)
from schema_matching_pipeline.profiling.shape_kinds import DIGITS, ISO_DAY, kind_of_shape
from schema_matching_pipeline.profiling.shapes import shapes_of

WRITTEN = st.text(alphabet="0123456789-+./:,' ()TeEaApPmMnNuUlLx", min_size=1, max_size=20)
DATES = st.dates(min_value=date(1000, 1, 1)).map(date.isoformat) | st.sampled_from(
    ["3/4/2021", "03.04.21", "2021-3-4", "2021/03/04 10:00 PM", "3. Mai 2020", "Mar 4, 2021", "4-Mar-21", "sept_x 3rd, 1999"]
)  # fmt: skip
FILLERS = st.sampled_from(["9999-12-31", "-1", "-99.0", "99991231x", "1/1/1900", "8888", "N/A", "Null", "--", "?", "k. A.", "00/00/0000"])  # fmt: skip
TYPED = st.sampled_from(["1111111", "222-22-2222", "(555) 555-5555", "123456789", "098-765-4321", "2222-22-22"])  # fmt: skip


@given(WRITTEN | FILLERS)
def test_what_stands_for_no_value_has_a_shape_that_may(text):
    if is_sentinel(text):
        assert may_be_sentinel(mask_shape(text))
    if is_placeholder(text):
        assert may_be_placeholder(mask_shape(text))


@given(st.lists(WRITTEN | TYPED | st.text(min_size=1), min_size=1, max_size=5))
@example(["test", "1111-11-11"])
def test_made_up_values_are_the_same_among_others_as_alone(texts):
    alone = [place for place, text in enumerate(texts) if is_test_value(text)]
    assert list(look_for_made_up(texts, shapes_of(texts, limit=40)).surely) == alone


@given(WRITTEN | DATES)
def test_the_shape_of_a_date_is_not_taken_for_another_kind(text):
    if date_form(text) is not None:
        assert kind_of_shape(mask_shape(text)) in {None, ISO_DAY}


@given(
    DATES | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?: [0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?", fullmatch=True)
)
def test_days_as_iso_writes_them_have_one_form_however_it_is_found(text):
    if kind_of_shape(mask_shape(text)) == ISO_DAY:
        assert iso_form(text) == date_form(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("7", "integer"), ("-12", DIGITS), ("1.5", "decimal"), ("1.500", "thousands_point"), ("1e5", None), ("10:30", None),
     ("1,5", None), ("12 Main St", "text"), ("value 12", "text"), ("{}", None), ("2021-13-45", ISO_DAY), ("a" * 41, None)],
)  # fmt: skip
def test_a_shape_tells_the_kind_only_where_all_its_values_have_it(text, kind):
    assert kind_of_shape(mask_shape(text)) == kind


def test_values_with_letters_of_other_alphabets_are_looked_at_one_by_one():
    shapes = shapes_of(["12", "٣٤"], limit=40)
    assert shapes.told(kind_of_shape) == [DIGITS, None]
    assert shapes.where(lambda _: False) == [1]

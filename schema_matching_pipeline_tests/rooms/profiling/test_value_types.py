from __future__ import annotations

from datetime import date

import pytest

from schema_matching_pipeline.model.profile import ValueType
from schema_matching_pipeline_tests.builders import a_column


@pytest.mark.parametrize(
    ("values", "value_type"),
    [
        (["1", "22", "-3"], ValueType.INTEGER),
        (["1.5", "2", "3e4"], ValueType.DECIMAL),
        (["1,5", "22,75"], ValueType.DECIMAL),
        (["1,234", "12,000,000"], ValueType.INTEGER),
        (["1,234.56", "7.10"], ValueType.DECIMAL),
        (["1.234,56", "7,10"], ValueType.DECIMAL),
        (["01945", "10115"], ValueType.TEXT),
        (["2021-03-04", "1999-12-31"], ValueType.DATE),
        (["2021-03-04T10:00:00Z", "2021-03-05 11:30"], ValueType.DATETIME),
        (["04.03.2021", "31.12.1999"], ValueType.DATE),
        (["3. Mai 2020", "12. Dezember 2021"], ValueType.DATE),
        (["Mar 4, 2021", "Dec 31, 1999"], ValueType.DATE),
        (["2021-02-45", "2021-14-01"], ValueType.TEXT),
        (["10:30", "23:59:59"], ValueType.TIME),
        (["Y", "N"], ValueType.BOOLEAN),
        (["ja", "nein"], ValueType.BOOLEAN),
        (["TRUE", "false"], ValueType.BOOLEAN),
        (["M", "F"], ValueType.TEXT),
        (["3f2504e0-4f89-41d3-9a0c-0305e82c3301"], ValueType.UUID),
        (["42074991-ae56-27a7-2ea3-24eea2a12206", "42074991-0056-2707-2003-240002012206"], ValueType.UUID),
        (['{"a": 1}', "[1, 2]"], ValueType.JSON),
        (["yes, please", "no"], ValueType.TEXT),
        ([None, "", "  "], ValueType.EMPTY),
    ],
    ids=str,
)
def test_values_tell_their_type(values, value_type):
    assert a_column(values=values).value_type is value_type


def test_zeros_and_ones_are_truths_unless_the_name_counts():
    assert a_column("is_open", ["0", "1"]).value_type is ValueType.BOOLEAN
    assert a_column("refills", ["0", "1"]).value_type is ValueType.INTEGER


def test_eight_digits_are_dates_only_where_the_name_says_so():
    values = ["20210304", "19991231"]
    assert a_column("visit_date", values).value_type is ValueType.DATE
    assert a_column("article", values).value_type is ValueType.INTEGER


def test_placeholders_say_nothing_about_the_type():
    column = a_column(values=["1", "2", "N/A", "N/A", "unknown"])
    assert (column.value_type, column.type_share) == (ValueType.INTEGER, 1.0)


def test_a_few_strangers_leave_the_type_and_are_counted():
    column = a_column(values=[str(number) for number in range(95)] + ["abc"] * 5)
    assert (column.value_type, column.type_share) == (ValueType.INTEGER, 0.95)


def test_too_many_strangers_make_it_text():
    column = a_column(values=["1"] * 80 + ["abc"] * 20)
    assert (column.value_type, column.type_share) == (ValueType.TEXT, 1.0)
    assert [(share.name, share.share) for share in column.type_shares] == [("integer", 0.8), ("text", 0.2)]


@pytest.mark.parametrize(
    ("values", "form", "first"),
    [
        (["03/04/2021", "25/04/2021"], "%d/%m/%Y", date(2021, 4, 3)),
        (["03/04/2021", "04/25/2021"], "%m/%d/%Y", date(2021, 3, 4)),
        (["03.04.2021", "05.06.2021"], "%d.%m.%Y", date(2021, 4, 3)),
        (["3/4/21", "4/25/21"], "%m/%d/%y", date(2021, 3, 4)),
    ],
)
def test_the_order_of_day_and_month_is_decided_for_the_column(values, form, first):
    dates = a_column("seen", values).dates
    assert dates is not None
    assert (dates.format, dates.first) == (form, first)


def test_an_undecided_order_of_day_and_month_is_reported():
    assert a_column(values=["03/04/2021", "05/06/2021"]).notes == ("ambiguous_day_month",)
    assert a_column(values=["03/04/2021", "25/06/2021"]).notes == ()


def test_several_forms_of_dates_are_reported():
    assert a_column(values=["2021-03-04", "25.04.2021"]).notes == ("several_date_formats",)


def test_a_sentinel_is_not_the_last_day():
    dates = a_column(values=["2020-05-01", "2021-06-01", "9999-12-31"]).dates
    assert dates is not None
    assert (dates.first, dates.last) == (date(2020, 5, 1), date(2021, 6, 1))


def test_a_blob_is_binary_whatever_its_text():
    assert a_column(values=["6162", "6364"], data_type="BLOB").value_type is ValueType.BINARY

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schema_matching_pipeline.model.policy import QualityPolicy
from schema_matching_pipeline.model.quality import LabelName
from schema_matching_pipeline.model.source import ColumnRef, ForeignKey
from schema_matching_pipeline.quality import assess_quality, score_tables
from schema_matching_pipeline.quality.label import LABELS
from schema_matching_pipeline_tests.builders import Values, a_column, a_measured_source, a_profile, a_table

ROWS = 200
DAYS = [date(2015, 1, 1) + timedelta(days=15 * row) for row in range(ROWS)]  # 2015 to 2023
DATES = [day.isoformat() for day in DAYS]
PHONES = [f"(619) 555-{number:04d}" for number in range(40)]
EMAILS = [f"ann{number}@mail.org" for number in range(40)]
NAMES = ["Maria Perez", "Thomas Keller", "Anna Novak", "Joe", "Mike Hart"] * 8
NOTES = [f"please call back about letter {number}" for number in range(40)]
UUIDS = [f"3f2504e0-4f89-41d3-9a0c-{number:012d}" for number in range(60)]


def label_of(column):
    return assess_quality(a_profile(a_table("t", [column]))).labels[0]


def dated(name, values, **columns):
    """The label of a column in a table whose rows were made on DAYS."""
    rows = {"visits": {"created": DATES, name: values, **columns}}
    profile = a_measured_source(rows, days={"visits": DAYS}, activity="created")
    return assess_quality(profile).of(ColumnRef(table="visits", column=name))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([None] * 4, "None of 4 rows has a value."),
        ([None, "", "  "], "None of 3 rows has a value, 2 of them blank."),
        (["N/A"] * 4, "All 4 values are placeholders that stand for none."),
        (["0000-00-00"] * 4, "All 4 values are placeholders that stand for none."),
        (["0"] * 20, "All 20 values are zero, as a default writes it."),
        (["0.00"] * 20, "All 20 values are zero, as a default writes it."),
        ([], "The table has no rows."),
    ],
)
def test_a_column_that_holds_nothing_is_empty(values, reason):
    label = label_of(a_column("c", values))
    assert (label.label, label.reason) == (LabelName.EMPTY, reason)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("c", [None] * 99 + ["x"]),
        ("c", ["N/A", "open"]),
        ("c", ["M"] * 20),
        ("c", ["0"] * 19 + ["1"]),
        ("c", ["0"] * 3),
        ("is_deleted", ["0"] * 20),
        ("discontinued", ["0"] * 20),
    ],
)
def test_a_column_that_holds_something_is_not_empty(name, values):
    assert label_of(a_column(name, values)).label is LabelName.GOOD


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("note", ["test", "Test 2", "asdf", "dummy"]),
        ("fax", ["000-000-0000"]),
        ("ssn", ["999-12-3456"] * 9 + ["212-45-6789"]),
        ("email", ["test@test.com", "foo@example.com"]),
        ("name", ["Max Mustermann", "John Doe"]),
        ("text", ["Lorem ipsum dolor sit amet"]),
        ("c", ["xxx", "aaaa"]),
    ],
)
def test_a_column_of_made_up_values_is_test_only(name, values):
    assert label_of(a_column(name, values)).label is LabelName.TEST_ONLY


def test_values_that_may_be_made_up_are_so_in_the_company_of_those_that_surely_are():
    column = a_column("remark", ["test", "asdf", "asd", "borrar"] * 5)
    assert (label_of(column).label, column.test_share) == (LabelName.TEST_ONLY, 1.0)
    assert a_column("action", ["insert", "delete", "update"] * 5).test_share == 0
    assert a_column("room", ["test", *map(str, range(100, 130))]).test_share == pytest.approx(
        2 / 31, abs=0.001
    )


def test_a_few_made_up_values_are_only_noted():
    label = label_of(a_column("note", ["test"] + ["really so"] * 3))
    assert (label.label, label.notes) == (LabelName.GOOD, ("test_rows",))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("email", PHONES),
        ("phone", EMAILS),
        ("home_phone", NAMES),
        ("status_code", NOTES),
        ("visit_date", NAMES),
        ("END_YEAR", [f"{day}T10:00:00Z" for day in DATES[:40]]),
        ("contact_relationship", NAMES),
        ("city", PHONES),
        ("zip", EMAILS),
        ("amount", NOTES),
        ("last_name", DATES[:40]),
        ("gender", PHONES),
        ("birthdate", EMAILS),
        ("address", EMAILS),
        ("STOP", ["0aaf89ac-d414-0802-f805-b1f01f863b14"] * 4),
        ("rental_rate", EMAILS),
        ("status", EMAILS),
        ("invoice_date", ["Received #4 {April 20, 1999}"] * 4),
    ],
)
def test_values_that_contradict_the_name_are_misuse(name, values):
    assert label_of(a_column(name, values)).label is LabelName.MISUSED


def test_a_misuse_is_told_to_the_steward_in_words_and_figures():
    label = label_of(a_column("email", PHONES[:3] + EMAILS[:1]))
    assert (
        label.reason == "The name announces e-mail addresses, but 75 % of the 4 values are telephone numbers."
    )
    assert [(fact.name, fact.value) for fact in label.facts] == [
        ("filled", "4 of 4"),
        ("announced", "e-mail addresses"),
        ("are telephone numbers", "75 %"),
        ("are e-mail addresses", "25 %"),
    ]
    assert label.confidence == 0.75


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("email_verified", ["Y", "N"] * 20),
        ("hipaa_mail", ["YES", "NO"] * 20),
        ("phone_type", ["home", "work"] * 20),
        ("code_text", NOTES),
        ("description", NOTES),
        ("relationship", ["self", "spouse", "child"] * 9),
        ("state", ["CA", "California"] * 20),
        ("phone", ["6195552222", "5088451232 or 978-342-9781"] * 20),
        ("year", ["2019", "2020"] * 20),
        ("code", ["ACTIVE", "CLOSED"] * 20),
        ("title", ["Mr.", "Ms."] * 20),
        ("period_date", ["Spring 2004", "Q1 2021"] * 20),
        ("status", ["in treatment", "closed"] * 20),
        ("email", ["anna", "555-1212"]),
        ("data", NOTES),
        ("city", ["Madison", "Charlotte"] * 20),
        ("value", ["12", "positive", "see note below please"] * 9),
    ],
)
def test_values_that_do_not_plainly_contradict_the_name_are_no_misuse(name, values):
    assert label_of(a_column(name, values)).label is LabelName.GOOD


def test_a_short_comment_speaks_where_the_name_is_silent():
    assert label_of(a_column("f17", EMAILS, comment="Home phone")).label is LabelName.MISUSED
    assert (
        label_of(a_column("f17", EMAILS, comment="who to ask first, by phone or else by letter")).label
        is LabelName.GOOD
    )


def test_a_key_of_another_thing_than_the_name_speaks_of_is_misuse():
    profile = a_measured_source(
        {
            "encounters": {"id": UUIDS},
            "claims": {"appointment_id": UUIDS[:30] * 2, "encounter_id": UUIDS[:20] * 3},
        }
    )
    labels = assess_quality(profile).by_ref()
    wrong = labels[ColumnRef(table="claims", column="appointment_id")]
    assert (wrong.label, wrong.reason) == (
        LabelName.MISUSED,
        "The name speaks of appointment, but the values are those of encounters.id.",
    )
    assert labels[ColumnRef(table="claims", column="encounter_id")].label is LabelName.GOOD


def test_a_declared_reference_is_meant_so_whatever_its_name():
    declared = ForeignKey(columns=("appointment_id",), referred_table="encounters", referred_columns=("id",))
    profile = a_measured_source(
        {"encounters": {"id": UUIDS}, "claims": {"appointment_id": UUIDS[:30] * 2}},
        foreign_keys={"claims": (declared,)},
    )
    assert (
        assess_quality(profile).by_ref()[ColumnRef(table="claims", column="appointment_id")].label
        is LabelName.GOOD
    )


def test_a_key_of_the_same_name_is_meant_so_whatever_its_table_is_called():
    profile = a_measured_source({"appointments": {"visit_id": UUIDS}, "claims": {"visit_id": UUIDS[:30] * 2}})
    assert (
        assess_quality(profile).by_ref()[ColumnRef(table="claims", column="visit_id")].label is LabelName.GOOD
    )


def test_a_person_may_be_named_by_any_of_the_roles_persons_have():
    profile = a_measured_source({"users": {"id": UUIDS}, "visits": {"physician_id": UUIDS[:30] * 2}})
    assert (
        assess_quality(profile).by_ref()[ColumnRef(table="visits", column="physician_id")].label
        is LabelName.GOOD
    )


def test_values_that_stop_while_rows_go_on_are_abandoned():
    label = dated("fax", [PHONES[row % 40] if row < 100 else None for row in range(ROWS)])
    assert (label.label, label.reason) == (
        LabelName.ABANDONED,
        "Filled in 82 % of the rows up to 2019-01, and in none of about 78 rows since, the newest of 2023-03.",
    )
    assert ("last value", "2019-01-25") in [(fact.name, fact.value) for fact in label.facts]


@pytest.mark.parametrize("filler", ["N/A", "-", "unbekannt", "0000-00-00"])
def test_a_filler_in_every_row_since_is_no_use(filler):
    label = dated("fax", [PHONES[row % 40] if row < 100 else filler for row in range(ROWS)])
    assert label.label is LabelName.ABANDONED
    assert label.reason == (
        "Filled in 82 % of the rows up to 2019-01, and in none of about 78 rows since, the newest of 2023-03:"
        " they hold a filler that stands for no value."
    )
    assert ("rows with the filler", "100") in [(fact.name, fact.value) for fact in label.facts]


def test_zero_in_every_row_since_is_no_use_where_it_is_no_answer():
    amounts = [str(3 + row % 9) if row < 100 else "0" for row in range(ROWS)]
    answers = [str(row % 2) if row < 100 else "0" for row in range(ROWS)]
    assert dated("weight", amounts).label is LabelName.ABANDONED
    assert dated("insured", answers).label is LabelName.GOOD


@pytest.mark.parametrize(
    "filled",
    [
        lambda row: row % 3 == 0,  # sparse but alive
        lambda row: row < 190,  # stopped too recently
        lambda row: row in {3, 50},  # hardly ever used
        lambda row: row < 100 or row == 199,  # still used
    ],
    ids=["sparse", "recent", "rare", "alive"],
)
def test_fillers_do_not_make_a_column_in_use_abandoned(filled):
    values = [f"v{row}" if filled(row) else "N/A" for row in range(ROWS)]
    assert dated("remark", values).label is LabelName.GOOD


@pytest.mark.parametrize(
    "filled",
    [
        lambda row: row >= 100,  # new
        lambda row: row % 3 == 0,  # sparse but alive
        lambda row: row < 190,  # stopped too recently
        lambda row: row in {3, 50},  # hardly ever used
        lambda row: row < 100 or row == 199,  # still used
    ],
    ids=["new", "sparse", "recent", "rare", "alive"],
)
def test_a_column_in_use_is_not_abandoned(filled):
    values = [f"v{row}" if filled(row) else None for row in range(ROWS)]
    assert dated("remark", values).label is LabelName.GOOD


def test_a_column_is_not_abandoned_where_few_rows_came_since():
    days = [date(2010, 1, 1) + timedelta(days=row) for row in range(100)] + [date(2020, 1, 1)] * 4
    rows: dict[str, dict[str, Values]] = {
        "t": {"created": [day.isoformat() for day in days], "fax": ["x1"] * 100 + [None] * 4}
    }
    profile = a_measured_source(rows, days={"t": days}, activity="created")
    assert assess_quality(profile).labels[1].label is LabelName.GOOD


def test_a_few_stray_rows_long_after_the_last_value_do_not_make_a_column_abandoned():
    days = [date(2010, 1, 1) + timedelta(days=row % 1000) for row in range(1500)] + [date(2020, 1, 1)] * 20
    rows: dict[str, dict[str, Values]] = {
        "t": {"created": [day.isoformat() for day in days], "fax": ["x1", "x2"] * 750 + [None] * 20}
    }
    profile = a_measured_source(rows, days={"t": days}, activity="created")
    assert assess_quality(profile).labels[1].label is LabelName.GOOD


def test_without_an_activity_column_nothing_is_called_abandoned():
    profile = a_measured_source({"t": {"fax": [*PHONES, *[None] * 100]}})
    assert assess_quality(profile).labels[0].label is LabelName.GOOD


@pytest.mark.parametrize(
    ("values", "label", "also"),
    [
        ([*["test"] * 20, *[None] * 180], LabelName.TEST_ONLY, ("abandoned", "constant")),
        ([*NAMES, *[None] * 160], LabelName.MISUSED, ("abandoned", "personal_data")),
        ([None] * ROWS, LabelName.EMPTY, ()),
    ],
)
def test_of_several_labels_the_stronger_is_the_main_one_and_the_others_are_noted(values, label, also):
    found = dated("relationship", values)
    assert (found.label, found.notes) == (label, also)


@pytest.mark.parametrize(
    ("name", "values", "note"),
    [
        ("kind", ["a"] * 10, "constant"),
        ("mixed", ["1", "2", "3", "four"], "mixed_types"),
        ("seen", ["2021-03-04", "25.04.2021"], "mixed_formats"),
        ("size", ["12 oz", "16 oz.", "12 oz", "12 ounces"], "mixed_formats"),
        ("ends", ["2021-03-04", "9999-12-31"], "sentinel_values"),
        ("days", ["12", "30", "45", "999"], "sentinel_values"),
        ("lon", [*[f"-7{number % 9}.{number}" for number in range(90)], *["-999"] * 10], "sentinel_values"),
        ("visits", [str(number % 50) for number in range(200)] + ["many"], "outliers"),
        ("minutes", [str(number % 50) for number in range(200)] + ["90000"], "outliers"),
        ("last_name", ["Keller", "Brandt"], "personal_data"),
        ("town", ["Sao Paulo", "K\u00c3\u00b6ln"], "lost_letters"),
        ("town", ["Sao Paulo", "\u00c3\u2013lberg"], "lost_letters"),
        ("town", ["Sao Paulo", "K\ufffdln"], "lost_letters"),
        ("created", [*[f"{1975 + number % 45}-02-03" for number in range(200)], "2068-03-04"], "outliers"),
        ("email", [*["ann@example.org"] * 20, *["(619) 555-2222"] * 10], "partly_misused"),
        ("status_code", [*["A1", "B2"] * 15, *["wants to be called in the morning"] * 10], "partly_misused"),
    ],
)
def test_lesser_findings_are_noted_and_flag_nothing(name, values, note):
    label = label_of(a_column(name, values))
    assert (label.label, note in label.notes) == (LabelName.GOOD, True)


WORDS_OF_30 = ["".join(letters) for letters in product("abc", "aeiou", "kl")]


def test_a_score_in_words_is_no_misuse_where_it_is_one_of_few_grades():
    assert label_of(a_column("quality_score", ["pass", "warn", "fail"] * 10)).label is LabelName.GOOD
    assert label_of(a_column("rental_rate", [f"as agreed with {word}" for word in WORDS_OF_30])).flagged


@pytest.mark.parametrize("name", ["gender", "is_active"])
def test_far_more_values_than_answers_are_misuse(name):
    column = a_column(name, [f"{word} disorder" for word in WORDS_OF_30 + [w[::-1] for w in WORDS_OF_30]])
    label = label_of(column)
    assert (label.label, "60 different values" in label.reason) == (LabelName.MISUSED, True)
    assert label_of(a_column(name, ["f", "m", "female", "male", "x"] * 9)).label is LabelName.GOOD


def test_what_is_said_of_birth_is_no_date_of_birth():
    assert label_of(a_column("premature_at_birth", ["Yes", "No", "Unknown"] * 10)).label is LabelName.GOOD


def test_postal_codes_that_fill_the_declared_room_are_as_long_as_they_must_be():
    values = ["94043-1351", "2113", "V6C 1G8"]
    assert "truncated" not in label_of(a_column("postal_code", values, data_type="nvarchar(10)")).notes


def test_texts_that_fill_the_declared_room_look_cut_off():
    values = ["a short one", "one that fills the r", "another"]
    assert "truncated" in label_of(a_column("words", values, data_type="varchar(20)")).notes
    assert "truncated" not in label_of(a_column("words", values, data_type="varchar(21)")).notes


@pytest.mark.parametrize(
    ("name", "values", "note"),
    [
        ("ship_postal_code", ["12209", "WA1 1DP"] * 20, "mixed_types"),
        ("publisher_id", ["9901", "9952", "9999"] * 20, "sentinel_values"),
        ("change", ["-1", "-2", "5"] * 20, "sentinel_values"),
        ("depth", ["-999", "-998", "-640", "5"] * 20, "sentinel_values"),
        ("account_code", [*[str(number % 50) for number in range(200)], "90000"], "outliers"),
        ("size", ["12 oz", "16 oz", "12 oz"], "mixed_formats"),
        ("phone", [*["(619) 555-2222"] * 20, "see e-mail"], "partly_misused"),
        ("town", ["São Paulo", "Köln", "Ñuñoa", "Đà Nẵng"], "lost_letters"),
        ("created", [f"{1970 + number % 50}-02-03" for number in range(200)], "outliers"),
        ("created", ["1970-02-03", "2020-02-03"] * 20, "outliers"),
        ("born_by", [*[f"{1700 + number}-02-03" for number in range(200)], "1650-03-04"], "outliers"),
        ("paid", [*["20.50", "8", "120"] * 30, *["900"] * 5, "8200.00"], "outliers"),
        ("iso_code", ["".join(letters) for letters in product("abcx", repeat=3)], "test_rows"),
        ("status_code", ["open", "shut", "in work"] * 10, "partly_misused"),
    ],
)
def test_what_only_looks_like_a_lesser_finding_is_not_noted(name, values, note):
    assert note not in label_of(a_column(name, values)).notes


WORDS = ("sold", "kept", "an", "old", "attic", "of", "her", "sister", "garden", "in", "May", "twice", "house")


def test_texts_that_all_end_at_one_length_look_cut_off():
    told = [" ".join(WORDS[place % (3 + place % 11) :: 1 + place % 3]) for place in range(60)]
    whole = [f"{text} {place}" for place, text in enumerate(told) if text]
    assert "truncated" in label_of(a_column("story", [text[:20] for text in whole])).notes
    assert "truncated" not in label_of(a_column("story", whole)).notes


def test_codes_of_one_form_are_not_cut_off():
    codes = [f"AB {number:05d} X" for number in range(1000, 1200)]
    assert (
        "truncated"
        not in label_of(a_column("ref", [*codes, "A", "BC", "DEF", "GHIJ", "KLMNO", "PQRSTU"])).notes
    )


def test_every_column_gets_exactly_one_label_in_the_profiles_order():
    profile = a_measured_source({"a": {"x": ["1"], "y": [None]}, "b": {}, "c": {"z": ["q"]}})
    assert [str(label.ref) for label in assess_quality(profile).labels] == ["a.x", "a.y", "c.z"]


def test_the_policy_decides():
    column = a_column("note", ["test"] * 6 + ["really so"] * 4)
    report = assess_quality(a_profile(a_table("t", [column])), QualityPolicy(test_share=0.5))
    assert report.labels[0].label is LabelName.TEST_ONLY


def test_every_rule_has_a_manual():
    assert set(LABELS) == {
        "abandoned", "constant", "empty", "lost_letters", "misused", "mixed_types", "outliers", "personal_data", "sentinel_values", "test_only", "truncated",
    }  # fmt: skip
    assert all(LABELS[name].__doc__ for name in LABELS)


@given(st.text(max_size=20), st.lists(st.none() | st.text(min_size=13, max_size=30), max_size=12))
@example("email", ["(619) 555-2222"] * 3)
@example("note", ["test patient 4711"] * 3)
@example("amount", ["inf", "nan"])
def test_any_column_can_be_labelled_and_no_reason_quotes_a_value(name, values):
    label = label_of(a_column(name, values))
    told = " ".join((label.reason, *(fact.value for fact in label.facts)))
    spoken = [value.strip() for value in values if value and len(value.strip()) > 12]
    assert [value for value in spoken if value in told] == []


def test_a_table_scores_the_mean_of_its_columns_and_the_worst_comes_first():
    columns = [a_column("a", [None] * 4), a_column("b", ["x", "y"] * 10), a_column("c", ["x"] * 20)]
    report = assess_quality(a_profile(a_table("sound", columns[1:2]), a_table("poor", columns)))
    assert list(score_tables(report).items()) == [("poor", 63.3), ("sound", 100.0)]

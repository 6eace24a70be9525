from __future__ import annotations

import pytest

from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import PlanKind
from schema_matching_pipeline.profiling import plan_profile
from schema_matching_pipeline_tests.builders import a_source_column, a_source_table

POLICY = ProfilePolicy()


def dated(*names, data_type="timestamp"):
    return a_source_table("visits", [a_source_column(name, data_type=data_type) for name in names])


@pytest.mark.parametrize(
    ("rows", "is_file", "kind"),
    [
        (10, False, PlanKind.SMALL),
        (50_000, False, PlanKind.SMALL),
        (50_001, False, PlanKind.MEDIUM),
        (5_000_001, False, PlanKind.LARGE),
        (None, False, PlanKind.MEDIUM),
        (10, True, PlanKind.MEDIUM),
        (99_000_000, True, PlanKind.MEDIUM),
    ],
)
def test_size_and_place_choose_the_executor(rows, is_file, kind):
    assert plan_profile(a_source_table(row_estimate=rows), POLICY, is_file=is_file).kind is kind


def test_only_a_large_table_is_sampled():
    large = plan_profile(a_source_table(row_estimate=9_000_000), POLICY, is_file=False)
    small = plan_profile(a_source_table(row_estimate=9), POLICY, is_file=False)
    assert (large.sample_rows, small.sample_rows) == (100_000, None)


@pytest.mark.parametrize("rows", [9, 60_000, None], ids=str)
def test_data_that_stay_are_measured_in_place_without_a_sample_whatever_their_size(rows):
    plan = plan_profile(a_source_table(row_estimate=rows), POLICY, is_file=False, data_stays=True)
    assert (plan.kind, plan.sample_rows, plan.data_stays) == (PlanKind.LARGE, 0, True)


def test_of_data_that_stay_columns_that_announce_a_person_are_hidden():
    names = ["patient_id", "last_name", "date_of_birth", "email", "ssn", "gender", "visit_count", "status"]
    table = a_source_table("patients", names)
    kept = plan_profile(table, POLICY, is_file=False, data_stays=True)
    assert kept.hidden_columns == ("last_name", "date_of_birth", "email", "ssn")
    assert plan_profile(table, POLICY, is_file=False).hidden_columns == ()


def test_columns_are_measured_in_slices_that_cover_each_once():
    names = [f"c{place}" for place in range(60)]
    slices = plan_profile(a_source_table("t", names), POLICY, is_file=True).slices
    assert [len(part) for part in slices] == [25, 25, 10]
    assert [name for part in slices for name in part] == names


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (("dob", "created_at"), "created_at"),
        (("updated_at", "visit_date"), "visit_date"),
        (("regdate", "date"), "date"),
        (("geburtsdatum", "erstellt_am"), "erstellt_am"),
        (("fecha_nacimiento", "fecha_creacion"), "fecha_creacion"),
        (("last_changed", "Besuchsdatum"), "Besuchsdatum"),
        (("birth_date", "expiry_date", "date_of_death", "valid_until"), None),
    ],
)
def test_activity_is_told_by_when_rows_were_made_never_by_their_subject(names, chosen):
    assert plan_profile(dated(*names), POLICY, is_file=False).activity_column == chosen


def test_text_may_tell_activity_where_its_name_speaks_of_a_date():
    table = dated("note", "created_by", "service_date", data_type="varchar")
    assert plan_profile(table, POLICY, is_file=True).activity_candidates == ("service_date",)


def test_a_text_that_says_when_a_row_was_changed_tells_activity_though_it_names_no_date():
    table = dated("updated_by", "last_updated", data_type="varchar")
    assert plan_profile(table, POLICY, is_file=True).activity_candidates == ("last_updated",)


def test_the_year_of_a_date_alone_tells_no_activity():
    table = dated("begin_date_year", "begin_date_month", "entry_date", data_type="varchar")
    assert plan_profile(table, POLICY, is_file=True).activity_candidates == ("entry_date",)


def test_legacy_compounds_of_text_tell_activity_by_their_endings():
    table = dated("BEHENDE", "GEBDAT", "BEHBEG", "RECHDAT", data_type="varchar")
    assert plan_profile(table, POLICY, is_file=True).activity_candidates == ("BEHBEG", "RECHDAT")


def test_a_number_never_tells_activity():
    assert plan_profile(dated("created", data_type="integer"), POLICY, is_file=False).activity_column is None

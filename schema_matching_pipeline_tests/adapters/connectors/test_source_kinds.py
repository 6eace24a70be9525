"""One behaviour, every kind of source."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.errors import SourceDriftedError, SourceError
from schema_matching_pipeline.model.profile import LengthSummary, NumberSummary, PlanKind
from schema_matching_pipeline.model.source import ColumnRef, ForeignKey, SourceColumn, SourceTable
from schema_matching_pipeline_tests.adapters.connectors.conftest import DATABASES, KINDS
from schema_matching_pipeline_tests.adapters.connectors.measuring import (
    a_plan,
    address,
    column,
    measured,
    snapshot_of,
)
from schema_matching_pipeline_tests.adapters.connectors.practice_source import (
    PATIENT_COLUMNS,
    VISIT_COLUMNS,
    write_csv,
)

Practice = Callable[[str], str]
every_kind = pytest.mark.parametrize("kind", KINDS)


def _table_name(kind: str, table: str) -> str:
    return f"practice_{table}" if kind == "xlsx" else table


@every_kind
def test_a_snapshot_lists_tables_and_columns_in_order(
    kind: str, sources: Sources, practice: Practice
) -> None:
    snapshot = snapshot_of(sources, practice(kind))
    assert [(table.name, tuple(column.name for column in table.columns)) for table in snapshot.tables] == [
        (_table_name(kind, "patients"), PATIENT_COLUMNS),
        (_table_name(kind, "visits"), VISIT_COLUMNS),
    ]
    assert snapshot.troubles == ()


@pytest.mark.parametrize("kind", DATABASES)
def test_a_database_tells_its_keys_and_what_may_be_null(
    kind: str, sources: Sources, practice: Practice
) -> None:
    patients = snapshot_of(sources, practice(kind)).tables[0]
    assert (patients.primary_key, patients.unique_keys) == (("patient_id",), (("code",),))
    assert [column.nullable for column in patients.columns[1:]] == [False, True, True]


@every_kind
@pytest.mark.parametrize("plan", PlanKind, ids=str)
def test_every_source_and_every_executor_gives_the_same_figures(
    kind: str, plan: PlanKind, sources: Sources, practice: Practice, tmp_path_factory: pytest.TempPathFactory
) -> None:
    reference = tmp_path_factory.mktemp("reference")
    expected = measured(sources, write_csv(reference), "visits", activity_candidates=("seen_at",))
    found = measured(
        sources, practice(kind), _table_name(kind, "visits"), plan, activity_candidates=("seen_at",)
    )
    assert found.columns == expected.columns
    assert (found.row_count, found.last_activity, found.activity_column, found.estimated) == (
        5,
        date(2024, 2, 1),
        "seen_at",
        False,
    )


@every_kind
def test_figures_are_what_one_counts_by_hand(kind: str, sources: Sources, practice: Practice) -> None:
    location = practice(kind)
    visits = measured(sources, location, _table_name(kind, "visits"), activity_candidates=("seen_at",))
    patient, charge, remark = (column(visits, name) for name in ("patient_id", "charge", "remark"))
    assert (patient.row_count, patient.null_count, patient.blank_count, patient.distinct_count) == (
        5,
        0,
        0,
        4,
    )
    assert patient.values == (("1", 2), ("2", 1), ("4", 1), ("9", 1))
    assert charge.numbers == NumberSummary(
        minimum=-4.75,
        maximum=100.25,
        mean=27.75,
        stddev=1789.40625**0.5,
        quantiles=(-4.75, -4.75, 3.0, 12.5, 100.25),
    )
    assert (charge.null_count, charge.distinct_count) == (1, 4)
    assert charge.values == (("-4.75", 1), ("100.25", 1), ("12.5", 1), ("3", 1))
    assert remark.values[0] == ("check-up", 2)
    assert remark.lengths == LengthSummary(minimum=8, maximum=23, mean=14.5)
    assert (remark.active_from, remark.active_to) == (date(2022, 11, 30), date(2024, 2, 1))


@every_kind
def test_leading_zeros_and_the_word_na_survive(kind: str, sources: Sources, practice: Practice) -> None:
    patients = measured(sources, practice(kind), _table_name(kind, "patients"))
    assert column(patients, "code").values == (("007", 1), ("008", 1), ("0100", 1), ("0101", 1))
    assert ("NA", 1) in column(patients, "surname").values
    born = column(patients, "born_on")
    assert (born.first_date, born.last_date, born.null_count) == (date(1962, 3, 14), date(2001, 2, 28), 1)


@every_kind
def test_a_connection_test_says_what_it_sees(kind: str, sources: Sources, practice: Practice) -> None:
    tested = sources.test(address(practice(kind)))
    assert (tested.success, tested.code) == (True, "OK")
    assert tested.message == "It answers and shows 2 table(s) with 9 columns."


@every_kind
def test_a_table_that_is_not_there_is_a_source_fault(kind: str, sources: Sources, practice: Practice) -> None:
    vanished = SourceTable(name="gone", columns=(SourceColumn(name="x", position=0, data_type="text"),))
    with sources.open(address(practice(kind))) as source, pytest.raises(SourceDriftedError, match="gone"):
        source.measure(a_plan(vanished))


@every_kind
def test_columns_are_measured_alone_when_the_plan_has_only_some(
    kind: str, sources: Sources, practice: Practice
) -> None:
    with sources.open(address(practice(kind))) as source:
        table = source.snapshot().tables[1]
        plan = a_plan(table).but(slices=(("charge",), ("visit_id",)))
        assert [found.name for found in source.measure(plan).columns] == ["charge", "visit_id"]


def test_nothing_is_left_behind_when_a_source_is_closed(
    sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary, data = tmp_path / "temporary", tmp_path / "data"
    temporary.mkdir()
    data.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    measured(sources, write_csv(data), "visits", PlanKind.MEDIUM)
    assert list(temporary.iterdir()) == []


def test_foreign_keys_of_nested_records_lead_to_their_parent(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "patients.json").write_text(
        '[{"name": "A", "visits": [{"on": "2020-01-01"}, {"on": "2020-01-02"}]}]'
    )
    tables = {table.name: table for table in snapshot_of(sources, tmp_path).tables}
    assert tables["patients"].primary_key == ("_id",)
    assert tables["patients_visits"].foreign_keys == (
        ForeignKey(columns=("_parent_id",), referred_table="patients", referred_columns=("_id",)),
    )


@every_kind
def test_values_are_given_as_they_are_those_of_more_rows_first(
    kind: str, sources: Sources, practice: Practice
) -> None:
    place = address(practice(kind))
    surname = ColumnRef(table=_table_name(kind, "patients"), column="surname")
    assert sources.values(place, surname, rows=100, most=10) == ("Müller", "O'Brien", "NA")
    assert sources.values(place, surname, rows=100, most=1) == ("Müller",)
    with pytest.raises(SourceError, match="nickname"):
        sources.values(place, surname.but(column="nickname"), rows=100, most=1)

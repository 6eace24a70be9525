"""Real clients' files and databases: always a result or a trouble with its reason, never a crash."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.errors import SourceUnreadableError
from schema_matching_pipeline.model.profile import PlanKind
from schema_matching_pipeline_tests.adapters.connectors.measuring import a_plan, address, measured

SHARED = Path(os.environ.get("SMP_SHARED", Path(__file__).parents[4] / "shared")) / "clients"
pytestmark = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the shared clients are not beside the checkout (SMP_SHARED)"
)


def _outcomes(sources: Sources, folder: Path) -> tuple[int, int]:
    """How many tables were measured, and how many could not be read."""
    read, unreadable = 0, 0
    with sources.open(address(folder)) as source:
        snapshot = source.snapshot()
        for table in snapshot.tables:
            try:
                found = source.measure(a_plan(table))
                assert [column.name for column in found.columns] == [column.name for column in table.columns]
                read += 1
            except SourceUnreadableError:
                unreadable += 1
    return read, unreadable + len(snapshot.troubles)


@pytest.mark.parametrize(
    ("folder", "least_share"),
    [
        ("csv_spectrum/raw/csvs", 1.0),
        ("messytables/raw", 0.9),
        ("pollock/raw/polluted/csv", 0.5),
        ("raha", 1.0),
    ],
)
def test_dialects_that_break_readers_give_a_result_or_a_reason(
    folder: str, least_share: float, sources: Sources
) -> None:
    read, unreadable = _outcomes(sources, SHARED / folder)
    assert read >= least_share * (read + unreadable)


def test_every_table_of_a_real_export_is_measured_alike_by_two_executors(sources: Sources) -> None:
    with sources.open(address(SHARED / "synthea" / "raw")) as source:
        tables = source.snapshot().tables
        assert len(tables) == 18
        for table in tables:
            dates = tuple(
                column.name for column in table.columns if column.name in {"START", "DATE", "BIRTHDATE"}
            )
            small = source.measure(a_plan(table, activity_candidates=dates))
            assert source.measure(a_plan(table, PlanKind.MEDIUM, activity_candidates=dates)) == small


def test_a_real_sqlite_database_is_found_by_its_path(sources: Sources) -> None:
    [path] = (SHARED / "chinook" / "raw").glob("*.sqlite")
    found = measured(sources, path, "Invoice", activity_candidates=("InvoiceDate",))
    assert (found.row_count, found.activity_column) == (412, "InvoiceDate")


def test_bundles_of_one_patient_each_are_the_tables_of_all_patients(sources: Sources) -> None:
    folder = SHARED / "fhir_r4" / "raw"
    with sources.open(address(folder)) as source:
        tables = {table.name: table for table in source.snapshot().tables}
        patient = source.measure(a_plan(tables["Patient"]))
    # What the origin of the bundles says there is.
    assert {name: tables[name].row_estimate for name in ("Patient", "Observation", "Claim", "Condition")} == {
        "Patient": 19, "Observation": 961, "Claim": 205, "Condition": 71,
    }  # fmt: skip
    assert patient.row_count == 19
    assert "birthDate" in {column.name for column in patient.columns}
    people = {file.stem.split("_")[0] for file in folder.iterdir()}
    assert not [name for name in tables if any(person in name for person in people)]

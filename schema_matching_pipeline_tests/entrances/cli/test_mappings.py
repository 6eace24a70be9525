"""``smp mappings``: the same columns in every format."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from random import Random

import pytest
import yaml

from schema_matching_pipeline_tests.entrances.cli.terminal import Terminal
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS, write_tables

HEADER = [
    "source_table",
    "source_column",
    "canonical_entity",
    "canonical_field",
    "confidence",
    "status",
    "quality_label",
    "validation_status",
]
STATUSES = {"auto_accepted", "pending_review", "approved", "rejected", "excluded", "unmapped"}


def _from_csv(text: str) -> list[dict[str, object]]:
    rows = csv.DictReader(io.StringIO(text))
    assert rows.fieldnames == HEADER
    return [
        {name: float(cell) if cell and name == "confidence" else cell or None for name, cell in row.items()}
        for row in rows
    ]


def test_csv_has_the_documented_columns_and_every_column_of_the_client(smp: Terminal, acme: str) -> None:
    found = {row["source_column"]: row for row in _from_csv(smp("mappings", acme, "--format", "csv").out)}
    assert set(found) == set(PATIENTS)
    assert {row["status"] for row in found.values()} <= STATUSES
    birth = found["date_of_birth"]
    assert (birth["canonical_entity"], birth["canonical_field"]) == ("patient", "birth_date")
    assert (birth["quality_label"], birth["validation_status"]) == ("good", "validated")
    assert (found["old_remark"]["status"], found["old_remark"]["quality_label"]) == (
        "pending_review",
        "empty",
    )


def test_csv_json_and_yaml_say_the_same(smp: Terminal, acme: str) -> None:
    from_csv = _from_csv(smp("mappings", acme, "--format", "csv").out)
    from_json = smp("mappings", acme, "--format", "json").json
    assert [{name: row[name] for name in HEADER} for row in from_json] == from_csv
    assert smp("mappings", acme, "--json").json == from_json
    assert yaml.safe_load(smp("mappings", acme, "--format", "yaml").out) == from_json


def test_a_table_is_not_folded_where_it_goes_to_a_file(smp: Terminal, acme: str) -> None:
    lines = smp("mappings", acme).out.splitlines()
    for row in _from_csv(smp("mappings", acme, "--format", "csv").out):
        (line,) = (
            line for line in lines if line.startswith(f"{row['source_table']}.{row['source_column']} ")
        )
        assert str(row["status"]) in line


def test_a_status_chooses_columns(smp: Terminal, acme: str) -> None:
    waiting = smp("mappings", acme, "--status", "pending_review", "--json").json
    assert {row["status"] for row in waiting} == {"pending_review"}
    assert len(waiting) == len(smp.waiting(acme))


PARCEL = """\
name: parcel
entities:
  - name: parcel
    fields:
      - {name: parcel_id, type: identifier}
      - {name: customs, type: number, semantic_type: amount}
      - {name: duty, type: number, semantic_type: amount}
      - {name: postage, type: number, semantic_type: amount}
"""
ROWS, DRAWN = 200, Random(1)
PARCELS = {
    "parcel_id": tuple(str(7000 + number) for number in range(ROWS)),
    "postage": tuple(f"{DRAWN.uniform(1, 90):.2f}" for _ in range(ROWS)),
    "freight": tuple(f"{DRAWN.uniform(1, 90):.2f}" for _ in range(ROWS)),
    "discount": tuple(f"{DRAWN.uniform(0, 9):.2f}" for _ in range(ROWS)),
}


def test_a_column_whose_meaning_is_asked_about_waits_for_review_until_that_is_decided(
    smp: Terminal, tmp_path: Path
) -> None:
    smp = smp.of("meaning")
    (tmp_path / "parcel.yaml").write_text(PARCEL)
    assert smp("canonical", "import", tmp_path / "parcel.yaml").code == 0
    source = write_tables(tmp_path / "parcels", parcels=PARCELS)
    assert smp("client", "add", "post", "--source", source, "--canonical", "parcel").code == 0
    assert smp("onboard", "post").code == 3

    def status() -> str:
        rows = smp("mappings", "post", "--json").json
        return str(next(row["status"] for row in rows if row["source_column"] == "discount"))

    (asked,) = (item for item in smp.waiting("post") if item["ref"]["column"] == "discount")
    assert (asked["kind"], status()) == ("classification", "pending_review")
    waiting = smp("mappings", "post", "--status", "pending_review", "--json").json
    assert smp("status", "post", "--json").json["dispositions"]["pending_review"] == len(waiting)
    assert smp("review", "override", asked["id"], "--nothing", "--reason", "No customs.").code == 0
    assert status() == "unmapped"


def test_the_best_candidate_is_shown_where_it_is_asked_for(smp: Terminal, acme: str) -> None:
    (birth,) = (
        row
        for row in smp("mappings", acme, "--candidates", "--json").json
        if row["source_column"] == "date_of_birth"
    )
    assert (birth["best_entity"], birth["best_field"]) == ("patient", "birth_date")
    assert birth["best_confidence"] == pytest.approx(birth["confidence"])

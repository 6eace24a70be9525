"""Measures quality labels: on clients with known truth, and on faults planted in other real tables.

    .venv/bin/python -m bench.quality_labels CLIENTS_DIR TASKS_DIR --openemr URL --seeds 11 12 13 [--show]

CLIENTS_DIR holds synthea and openemr with their quality_truth.csv, and the tables that faults are planted in;
URL is a server with openemr's rows. Precision, recall and F1 are of both pooled. An untouched column counts as
good; a lesser finding is counted against an untouched column unless its raw values plainly have the fault.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr

from bench.planting import CODED, FEWEST_ROWS, LABELS, NOTES, Table, plant, real_tables, write_tables
from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.model.quality import QualityLabel
from schema_matching_pipeline.model.source import SourceAddress
from schema_matching_pipeline.quality import assess_quality
from schema_matching_pipeline.workflows.profile_source import measure_source

KEY = b"bench"
NOTES_OF = {"mixed_formats": {"mixed_formats", "mixed_types"}}
_FILLERS = frozenset(
    ("n/a", "na", "-", "--", "?", "unknown", "null", "none", "-1", "nan", "not available", "/", "#n/a")
)
_TYPED = re.compile(r"-?\d+(?:\.\d+)?|\d{4}-\d\d-\d\d.*")
_SAYS = re.compile(r"[1-9A-Za-z]{2}")  # a constant that says something
Judged = tuple[str, str, QualityLabel]  # where, the true label, the label given


def main() -> None:
    """Prints the figures of the clients, of each seed, pooled, and of dirty cells."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clients", type=Path)
    parser.add_argument("tasks", type=Path)
    parser.add_argument("--openemr")
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13])
    parser.add_argument("--show", action="store_true", help="every wrong label, by name")
    asked = parser.parse_args()
    known = list(_clients(asked.clients, asked.openemr))
    print(json.dumps({"clients": figures(known)}))
    _show(known, asked.show)
    for seed in asked.seeds:
        planted = list(_planted(asked.clients, asked.tasks, seed))
        _show(planted, asked.show)
        print(json.dumps({"seed": seed, "planted": figures(planted), "pooled": figures(known + planted)}))
    print(json.dumps({"dirty cells": dirty_cells(asked.clients / "raha")}, indent=1))


def figures(judged: list[Judged]) -> dict[str, object]:
    """Per label how many were right, given and true, with F1; and the share of good columns flagged."""
    good = [label for _, true, label in judged if true in {"good", *NOTES}]
    flagged = sum(label.flagged for label in good)
    return {
        **{name: _scored(judged, name) for name in (*LABELS, *NOTES)},
        "good columns flagged": f"{flagged} of {len(good)} ({flagged / len(good):.1%})",
    }


def _scored(judged: list[Judged], name: str) -> dict[str, object]:
    given = [(true, label) for _, true, label in judged if _gives(label, name)]
    right = sum(true == name for true, _ in given)
    wanted = sum(true == name for _, true, _ in judged)
    precision, recall = right / len(given) if given else 1.0, right / wanted if wanted else 1.0
    score = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"right": right, "given": len(given), "true": wanted, "f1": round(score, 3)}


def _gives(label: QualityLabel, name: str) -> bool:
    if name in LABELS:
        return str(label.label) == name
    return not label.flagged and bool(NOTES_OF.get(name, {name}) & set(label.notes))


def _show(judged: list[Judged], asked: bool) -> None:
    for where, true, label in judged if asked else ():
        found = [name for name in (*LABELS, *NOTES) if _gives(label, name)]
        if found != ([] if true == "good" else [true]):
            print(f"  {where:70s} is {true:15s} found {found} {label.reason}")


def _clients(clients: Path, openemr: str | None) -> Iterator[Judged]:
    places = {"synthea": str(clients / "synthea/raw"), **({"openemr": openemr} if openemr else {})}
    for name, location in places.items():
        labels = _labels(profiled(location))
        with (clients / name / "quality_truth.csv").open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                table, column, true = row["source_table"], row["source_column"], row["label"]
                for key, label in labels.items():
                    if key[0] == table and column in {"*", key[1]}:
                        yield f"{name}.{table}.{key[1]}", true, _without_notes(label)


def _without_notes(label: QualityLabel) -> QualityLabel:
    """Of clients the main label alone is known."""
    return label.but(notes=())


def _planted(clients: Path, tasks: Path, seed: int) -> Iterator[Judged]:
    tables = real_tables(clients, tasks)
    truth, made_up = plant(tables, seed), _made_up_columns(clients)
    by_name = {(table.source, table.name): table for table in tables}
    with tempfile.TemporaryDirectory() as folder:
        for home in write_tables(tables, Path(folder)):
            for (table, column), label in _labels(profiled(str(home))).items():
                true = truth.get((home.stem, table, column)) or _already(
                    by_name[home.stem, table], column, made_up
                )
                if true:
                    yield f"{home.stem}.{table}.{column}", true, label


def _made_up_columns(clients: Path) -> frozenset[str]:
    """Columns of the generator of synthea, which made synthea_1k too, that hold nothing but its patterns."""
    with (clients / "synthea/quality_truth.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["label"] == "test_only"]
    return frozenset(f"{row['source_table']}.{row['source_column']}" for row in rows)


def _already(table: Table, column: str, made_up: frozenset[str]) -> str | None:
    """What an untouched column is: good, plainly empty, constant or made up, or undecided.

    Undecided is one whose raw values plainly have a lesser fault: many fillers, or numbers among other values
    where the name speaks of no code, which may be written either way.
    """
    values = table.values(table.columns.index(column))
    if not values:
        return "empty"
    if table.source == "synthea_1k" and f"{table.name}.{column}" in made_up:
        return "test_only"
    if len(set(values)) == 1:
        return "constant" if len(values) >= FEWEST_ROWS and _SAYS.search(values[0]) else None
    fillers = sum(value.casefold() in _FILLERS for value in values)
    typed = sum(_TYPED.fullmatch(value) is not None for value in values)
    mixed = 0.04 < typed / len(values) < 0.96 and not CODED.search(column)
    return None if fillers >= 0.04 * len(values) or mixed else "good"


def profiled(location: str) -> SourceProfile:
    """The profile of a source."""
    policy = ProfilePolicy()
    with Sources(KEY, policy).open(SourceAddress(location=SecretStr(location))) as source:
        return measure_source(source, source.snapshot(), policy)


def _labels(profile: SourceProfile) -> dict[tuple[str, str], QualityLabel]:
    return {(label.ref.table, label.ref.column): label for label in assess_quality(profile).labels}


def dirty_cells(raha: Path) -> dict[str, object]:
    """Cells that differ from their clean twin, by column, and what the column of dirty cells is noted as."""
    found: dict[str, object] = {}
    for home in sorted(path.parent for path in raha.glob("*/dirty.csv")):
        wrong = _wrong_cells(home)
        labels = _labels(profiled(str(home / "dirty.csv")))
        told = NOTES_OF["mixed_formats"] | {"outliers", "sentinel_values", "lost_letters"}
        notes = {column: sorted(told & set(label.notes)) for (_, column), label in labels.items()}
        caught = sum(count for column, count in wrong.items() if notes[column])
        found[home.name] = {
            "wrong cells": sum(wrong.values()),
            "in noted columns": caught,
            "columns": {column: [count, notes[column]] for column, count in wrong.items()},
            "noted without a wrong cell": [name for name, note in notes.items() if note and not wrong[name]],
        }
    return found


def _wrong_cells(home: Path) -> Counter[str]:
    with (
        (home / "dirty.csv").open(encoding="utf-8") as dirty,
        (home / "clean.csv").open(encoding="utf-8") as clean,
    ):
        header, *rows = list(csv.reader(dirty))
        twins = list(csv.reader(clean))[1:]
    return Counter(
        column
        for row, twin in zip(rows, twins, strict=True)
        for column, value, right in zip(header, row, twin, strict=True)
        if value != right
    )


if __name__ == "__main__":
    main()

"""Onboards real clients with known truth and prints precision, recall and quality labels.

    .venv/bin/python -m bench.onboard_clients CLIENT_DIR SOURCE [--schema S] [--trust-profile P]

CLIENT_DIR holds truth.csv and quality_truth.csv; SOURCE is a URL or a path. A throw-away installation is used.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

LABELS = ("empty", "abandoned", "misused", "test_only", "good")
Pair = tuple[str, str]


def main() -> None:
    """Runs one client and prints its figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("client_dir", type=Path)
    parser.add_argument("source")
    parser.add_argument("--schema")
    parser.add_argument("--trust-profile", default="standard")
    asked = parser.parse_args()
    name = asked.client_dir.name.replace(".", "-").lower()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SMP_HOME"] = f"{folder}/home"
        print(json.dumps(run(name, asked), indent=2))


def run(name: str, asked: argparse.Namespace) -> dict[str, object]:
    """Adds and onboards the client, then measures what came out."""
    schema = ["--schema", asked.schema] if asked.schema else []
    try:
        smp(
            "client",
            "add",
            name,
            "--source",
            asked.source,
            *schema,
            "--trust-profile",
            asked.trust_profile,
            "--no-start",
        )
        started = time.perf_counter()
        status = json.loads(smp("onboard", name, "--json", may_wait=True))
        seconds = time.perf_counter() - started
        mapped = json.loads(smp("mappings", name, "--format", "json"))
        tops = top_candidates(name)
    finally:
        smp("down")
    return {
        "client": name,
        "trust_profile": asked.trust_profile,
        "seconds": round(seconds, 1),
        "state": status["run"]["state"],
        "columns": len(mapped),
        "status": dict(Counter(row["status"] for row in mapped)),
        "matching": matching_figures(mapped, tops, asked.client_dir / "truth.csv"),
        "quality": quality_figures(mapped, asked.client_dir / "quality_truth.csv"),
    }


def smp(*words: str, may_wait: bool = False) -> str:
    """The output of one command."""
    done = subprocess.run(
        [sys.executable, "-m", "schema_matching_pipeline.entrances.cli.main", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in {0, *({3} if may_wait else set())}:
        sys.exit(f"smp {' '.join(words)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def top_candidates(name: str) -> dict[Pair, Pair | None]:
    """The best candidate of every column, whatever became of it."""
    rows = json.loads(smp("mappings", name, "--format", "json", "--candidates"))
    return {
        (row["source_table"], row["source_column"]): (row["best_entity"], row["best_field"])
        if row["best_entity"]
        else None
        for row in rows
    }


def matching_figures(
    mapped: list[dict[str, str]], tops: dict[Pair, Pair | None], truth_file: Path
) -> dict[str, object]:
    """Precision and recall of what was accepted automatically, and of the best candidate.

    A column without a truth row is unmapped on purpose, so accepting it is wrong. Recall counts the columns
    that have an exact truth and hold values.
    """
    right: dict[Pair, set[Pair]] = defaultdict(set)
    exact: set[Pair] = set()
    for row in read_csv(truth_file):
        column = (row["source_table"], row["source_column"])
        right[column].add((row["canonical_entity"], row["canonical_field"]))
        if row["grade"] == "exact":
            exact.add(column)
    filled = {
        (row["source_table"], row["source_column"]) for row in mapped if row["quality_label"] != "empty"
    }
    wanted = exact & filled
    accepted = {
        (row["source_table"], row["source_column"]): (row["canonical_entity"], row["canonical_field"])
        for row in mapped
        if row["status"] == "auto_accepted"
    }
    good = {column for column, field in accepted.items() if field in right[column]}
    top = {column for column in wanted if tops.get(column) in right[column]}
    return {
        "auto_accepted": len(accepted),
        "auto_accepted_right": len(good),
        "auto_accepted_precision": share(len(good), len(accepted)),
        "auto_accepted_recall": share(len(good & wanted), len(wanted)),
        "top1_recall": share(len(top), len(wanted)),
        "columns_with_exact_truth_and_values": len(wanted),
        "wrongly_accepted": sorted(
            f"{'.'.join(c)} -> {'.'.join(f)}" for c, f in accepted.items() if f not in right[c]
        ),
        "top1_missed": sorted(f"{'.'.join(c)} -> {'.'.join(tops.get(c) or ('', ''))}" for c in wanted - top),
    }


def quality_figures(mapped: list[dict[str, str]], truth_file: Path) -> dict[str, object]:
    """Precision, recall and F1 of every label over the columns the truth speaks of."""
    truth = expand(read_csv(truth_file), mapped)
    given = {(row["source_table"], row["source_column"]): row["quality_label"] for row in mapped}
    figures: dict[str, object] = {}
    for label in LABELS:
        hits = sum(given.get(column) == label for column, true in truth.items() if true == label)
        precision = share(hits, sum(given.get(column) == label for column in truth))
        recall = share(hits, sum(true == label for true in truth.values()))
        figures[label] = {
            "n": sum(true == label for true in truth.values()),
            "precision": precision,
            "recall": recall,
        }
    wrong = {
        ".".join(c): f"{given.get(c)} instead of {true}" for c, true in truth.items() if given.get(c) != true
    }
    flagged = sum(given.get(column) != "good" for column, true in truth.items() if true == "good")
    figures["good_columns_flagged"] = share(flagged, sum(true == "good" for true in truth.values()))
    figures["wrong"] = wrong
    return figures


def expand(rows: list[dict[str, str]], mapped: list[dict[str, str]]) -> dict[Pair, str]:
    """The truth by column; ``*`` stands for every column of a table."""
    columns = defaultdict(list)
    for row in mapped:
        columns[row["source_table"]].append(row["source_column"])
    truth: dict[Pair, str] = {}
    for row in rows:
        names = columns[row["source_table"]] if row["source_column"] == "*" else [row["source_column"]]
        truth |= {(row["source_table"], column): row["label"] for column in names}
    return truth


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def share(part: int, whole: int) -> float | None:
    """Part of whole, three digits; None of nothing."""
    return round(part / whole, 3) if whole else None


if __name__ == "__main__":
    main()

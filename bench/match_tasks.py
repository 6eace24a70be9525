"""Matches every task of a folder in bench format and prints the scores by family.

    .venv/bin/python -m bench.match_tasks TASKS_DIR SCORE_PY [TASK ...]

SCORE_PY is the scorer that lies beside the tasks. Each task is matched by `smp match`, with default settings.
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

SHOWN = ("mrr", "r@1", "r@5", "r@gt", "f1", "cov@p95", "nomatch_acc")
BAR = 0.95
Figures = dict[str, float]


def main() -> None:
    """Runs the tasks and prints one line a task, a line a family, and the mean over tasks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks_dir", type=Path)
    parser.add_argument("score_py", type=Path)
    parser.add_argument("tasks", nargs="*")
    asked = parser.parse_args()
    names = asked.tasks or sorted(path.name for path in asked.tasks_dir.iterdir() if path.is_dir())
    results = {name: run(asked.tasks_dir / name, asked.score_py) for name in names}
    show(results, asked.tasks_dir)


def run(task: Path, score_py: Path) -> Figures:
    """The figures of one task."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "predictions.csv"
        started = time.perf_counter()
        command = [
            sys.executable,
            "-m",
            "schema_matching_pipeline.entrances.cli.main",
            "match",
            str(task / "source"),
            str(task / "target"),
            "--output",
            str(output),
        ]
        subprocess.run(command, check=True, capture_output=True, text=True)
        seconds = time.perf_counter() - started
        scored = subprocess.run(
            [sys.executable, str(score_py), str(task), str(output), "--json"],
            check=True,
            capture_output=True,
            text=True,
        )
        accepted, right = at_bar(task, output)
    figures: Figures = json.loads(scored.stdout)
    print(
        f"{task.name:34s} "
        + " ".join(f"{figures.get(key, float('nan')):6.3f}" for key in SHOWN)
        + f" {right:4d}/{accepted:<4d} {seconds:5.1f} s",
        flush=True,
    )
    return figures | {"accepted": accepted, "right": right, "seconds": seconds}


def at_bar(task: Path, output: Path) -> tuple[int, int]:
    """How many columns have a best candidate of at least the bar, and how many of those are right."""
    meta = json.loads((task / "meta.json").read_text(encoding="utf-8"))
    truth = defaultdict(set)
    for row in csv.DictReader((task / "truth.csv").open(encoding="utf-8", newline="")):
        truth[row["source_table"], row["source_column"]].add((row["target_table"], row["target_column"]))
    ignored = {tuple(column) for column in meta.get("ignore_source_columns", ())} - set(truth)
    best: dict[tuple[str, str], tuple[float, tuple[str, str]]] = {}
    for row in csv.DictReader(output.open(encoding="utf-8", newline="")):
        column = (row["source_table"], row["source_column"])
        candidate = (float(row["score"]), (row["target_table"], row["target_column"]))
        if column not in ignored and (column not in best or candidate[0] > best[column][0]):
            best[column] = candidate
    accepted = {column: target for column, (score, target) in best.items() if score >= BAR}
    return len(accepted), sum(target in truth[column] for column, target in accepted.items())


def show(results: dict[str, Figures], tasks_dir: Path) -> None:
    """Means by family and over all tasks, and the pooled precision at the bar."""
    families = defaultdict(list)
    for name, figures in results.items():
        meta = json.loads((tasks_dir / name / "meta.json").read_text(encoding="utf-8"))
        families[meta["family"]].append(figures)
    print("\n" + " " * 34 + " ".join(f"{key:>6s}" for key in SHOWN))
    for family, members in sorted(families.items()):
        print(f"{family + f' ({len(members)})':34s}" + means(members))
    print(f"{f'all ({len(results)})':34s}" + means(list(results.values())))
    accepted, right = (sum(figures[key] for figures in results.values()) for key in ("accepted", "right"))
    columns = sum(figures["n_src"] for figures in results.values())
    if accepted:
        print(
            f"at confidence {BAR}: {accepted:.0f} of {columns:.0f} columns, precision {right / accepted:.3f}"
        )


def means(members: list[Figures]) -> str:
    """The mean of each shown figure over those that have it."""
    cells = []
    for key in SHOWN:
        known = [figures[key] for figures in members if key in figures]
        cells.append(f"{statistics.mean(known):6.3f}" if known else "     -")
    return " ".join(cells)


if __name__ == "__main__":
    main()

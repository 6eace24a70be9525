"""Prints how rankings do on their tasks: by task, by family, in the mean, and how confidence holds."""

from __future__ import annotations

import importlib.util
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from types import ModuleType

import numpy as np
import numpy.typing as npt

from bench.tasks import Task
from schema_matching_pipeline.matching.engine import Ranking

SHOWN = ("mrr", "r@1", "r@5", "r@gt", "f1", "cov@p95", "nomatch_acc")
BAR, FLOOR = 0.95, 0.5
BINS = 10
BARS = (0.97, 0.95, 0.9, 0.85, 0.8, 0.5)
Figures = dict[str, float]


def report(ranked: Sequence[tuple[Task, Ranking]], scorer: ModuleType) -> Figures:
    """Prints the table and gives the means over tasks."""
    if not ranked:
        return {}
    figures = {task.name: _figures(task, ranking, scorer) for task, ranking in ranked}
    for name, each in figures.items():
        print(_line(name, each))
    families = defaultdict(list)
    for task, _ in ranked:
        families[task.family].append(figures[task.name])
    print()
    for family, members in sorted(families.items()):
        print(_line(f"{family} ({len(members)})", _mean(members)))
    means = _mean(list(figures.values()))
    print(_line(f"all ({len(figures)})", means))
    _print_confidence(figures)
    _print_reliability(ranked)
    return means


def scorer_of(file: Path) -> ModuleType:
    """The scorer that lies beside the tasks, as a module."""
    spec = importlib.util.spec_from_file_location("task_scorer", file)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{file} is no Python file.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _figures(task: Task, ranking: Ranking, scorer: ModuleType) -> Figures:
    confidence = ranking.confidence
    predictions = [
        ((ref.table, ref.column), (target.table, target.column), float(confidence[row, rank]))
        for row, ref in enumerate(task.columns.refs)
        for rank, position in enumerate(ranking.fields[row].tolist())
        for target in (task.fields.refs[position],)
    ]
    columns = [(ref.table, ref.column) for ref in task.columns.refs]
    figures: Figures = scorer.evaluate(
        columns, task.true_pairs, predictions, FLOOR, task.ignored, task.nothing_is_known
    )
    best = confidence[:, 0]
    right = task.truth[np.arange(len(best)), ranking.fields[:, 0]]
    accepted = (best >= BAR) & task.judged
    return figures | {"accepted": float(accepted.sum()), "right": float((accepted & right).sum())}


def _line(name: str, figures: Figures) -> str:
    cells = " ".join(f"{figures[key]:6.3f}" if key in figures else "     -" for key in SHOWN)
    counts = f" {figures['right']:5.0f}/{figures['accepted']:<5.0f}" if "accepted" in figures else ""
    return f"{name:30s}{cells}{counts}"


def _mean(members: Sequence[Figures]) -> Figures:
    return {key: mean(known) for key in SHOWN if (known := [m[key] for m in members if key in m])}


def _print_confidence(figures: dict[str, Figures]) -> None:
    accepted, right = (sum(each[key] for each in figures.values()) for key in ("accepted", "right"))
    shares = [each["right"] / each["accepted"] for each in figures.values() if each["accepted"]]
    columns = sum(each["n_src"] for each in figures.values())
    if accepted:
        print(
            f"at confidence {BAR}: {accepted:.0f} of {columns:.0f} columns, precision pooled "
            f"{right / accepted:.3f}, mean over {len(shares)} tasks {mean(shares):.3f}, worst {min(shares):.3f}"
        )


def _print_reliability(ranked: Sequence[tuple[Task, Ranking]]) -> None:
    """How many best pairs reach each bar and how many of those are right, all tasks pooled; and how far off."""
    best = np.concatenate([ranking.confidence[task.judged, 0] for task, ranking in ranked])
    right = np.concatenate(
        [
            task.truth[np.arange(len(task.judged)), ranking.fields[:, 0]][task.judged]
            for task, ranking in ranked
        ]
    )
    reached = (f"{bar:.2f} {right[best >= bar].sum()}/{(best >= bar).sum()}" for bar in BARS)
    print(f"right of those that reach: {', '.join(reached)}")
    print(f"expected calibration error: {_calibration_error(best, right):.3f}")


def _calibration_error(best: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> float:
    """The mean distance between confidence and truth over bins of the best pairs."""
    place = np.minimum((best * BINS).astype(int), BINS - 1)
    gaps = [
        abs(best[place == b].mean() - right[place == b].mean()) * (place == b).sum()
        for b in set(place.tolist())
    ]
    return float(sum(gaps) / len(best))

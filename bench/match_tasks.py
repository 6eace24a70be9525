"""Matches every task of a folder in bench format by the packaged weights and prints the scores by family.

    .venv/bin/python -m bench.match_tasks TASKS_DIR SCORE_PY [TASK ...] [--cache DIR]

SCORE_PY is the scorer that lies beside the tasks. Rankings are those of `smp match` with default settings.
The packaged weights have seen these tasks; figures out of family come from ``bench.train_matcher``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.report import report, scorer_of
from bench.tasks import load_tasks
from schema_matching_pipeline.matching.engine import rank_fields
from schema_matching_pipeline.matching.weights import packaged_weights
from schema_matching_pipeline.model.policy import MatchPolicy


def main() -> None:
    """Ranks the fields of every task and prints what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks_dir", type=Path)
    parser.add_argument("score_py", type=Path)
    parser.add_argument("tasks", nargs="*")
    parser.add_argument("--cache", type=Path)
    asked = parser.parse_args()
    tasks = load_tasks(asked.tasks_dir, asked.cache, asked.tasks or None)
    kept, weights = MatchPolicy().candidates_kept, packaged_weights()
    ranked = [(task, rank_fields(task.columns, task.fields, weights, kept=kept)) for task in tasks]
    report(ranked, scorer_of(asked.score_py))


if __name__ == "__main__":
    main()

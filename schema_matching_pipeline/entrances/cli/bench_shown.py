"""Scores of matching tasks as people and programs see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import mean

from rich.console import Console
from rich.text import Text

from schema_matching_pipeline.canon.reliability import calibration_error, reliability_of
from schema_matching_pipeline.entrances.cli.output import table
from schema_matching_pipeline.model.bench import TaskScore
from schema_matching_pipeline.model.reliability import JudgedSuggestion
from schema_matching_pipeline.workflows.score_task import OURS

LEGEND = (
    "MRR and R@k over columns with a target; R@GT: true pairs among as many best ones; F1 of the one-to-one whole at "
    "the review floor; cov.: share of columns that one bar accepts at a precision of 95 %; none: columns without a "
    "target that are left alone. Means over tasks."
)
BAR = 0.95  # the confidence whose precision is told by task
BARS = (0.99, BAR, 0.9, 0.8, 0.5)
_FIGURES: Mapping[str, Callable[[TaskScore], float | None]] = {
    "MRR": lambda score: score.mrr,
    "R@1": lambda score: score.hit_at_1,
    "R@5": lambda score: score.hit_at_5,
    "R@GT": lambda score: score.recall_at_truth,
    "F1": lambda score: score.f1,
    "cov.": lambda score: score.coverage_at_95,
    "none": lambda score: score.nothing_accuracy,
}
_HEADER = (*_FIGURES, f"right at {BAR:.2f}", "seconds")


def summary_of(scores: Sequence[TaskScore]) -> dict[str, object]:
    """The scores for programs: of every task and matcher, their means by matcher, and how confidence holds."""
    return {
        "tasks": [score.model_dump(mode="json", exclude={"best_pairs"}) for score in scores],
        "means": {matcher: means(each) for matcher, each in _grouped(scores, by_matcher).items()},
        "confidence": _reliability(scores),
    }


def draw_scores(console: Console, scores: Sequence[TaskScore]) -> None:
    """Draws a row a task, a row a family and the means, each by matcher, and how far confidence can be trusted."""
    if not scores:
        return
    right = tuple(range(2, 2 + len(_HEADER)))
    by_task = [(score.task, score.matcher, *_cells([score])) for score in scores]
    console.print(table("Tasks", ("task", "matcher", *_HEADER), by_task, right=right))
    families = _grouped(scores, lambda score: score.family)
    by_family = [
        (f"{family} ({len(each)})", matcher, *_cells(each))
        for family, members in (*sorted(families.items()), ("all", scores))
        for matcher, each in _grouped(members, by_matcher).items()
    ]
    console.print(table("Families", ("family", "matcher", *_HEADER), by_family, right=right))
    console.print(Text(LEGEND, style="dim"))
    pairs = _our_best(scores)
    reached = [
        (f"{bar:.2f}", count, good, _written(good / count if count else None))
        for bar, count, good in _reached(pairs)
    ]
    console.print(table("Confidence", ("bar", "reach it", "right", "precision"), reached, right=(0, 1, 2, 3)))
    error = f"First candidates of all tasks; expected calibration error {calibration_error(reliability_of(pairs)):.3f}."
    console.print(Text(error, style="dim"))


def by_matcher(score: TaskScore) -> str:
    """The matcher a score is of."""
    return score.matcher


def means(scores: Sequence[TaskScore]) -> dict[str, float | None]:
    """The mean of each figure over the tasks that have it."""
    known = {
        name: [value for score in scores if (value := figure(score)) is not None]
        for name, figure in _FIGURES.items()
    }
    return {name: mean(values) if values else None for name, values in known.items()}


def _grouped(scores: Iterable[TaskScore], key: Callable[[TaskScore], str]) -> dict[str, list[TaskScore]]:
    grouped: defaultdict[str, list[TaskScore]] = defaultdict(list)
    for score in scores:
        grouped[key(score)].append(score)
    return dict(grouped)


def _cells(scores: Sequence[TaskScore]) -> tuple[str, ...]:
    """The figures of one row; a score of a peer is no confidence, so it is held against no bar."""
    sure = [pair.right for pair in _our_best(scores) if pair.confidence >= BAR]
    held = f"{sum(sure)} of {len(sure)}" if scores[0].matcher == OURS else ""
    return (*map(_written, means(scores).values()), held, f"{sum(score.seconds for score in scores):.1f}")


def _written(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _our_best(scores: Iterable[TaskScore]) -> list[JudgedSuggestion]:
    return [pair for score in scores if score.matcher == OURS for pair in score.best_pairs]


def _reached(pairs: Sequence[JudgedSuggestion]) -> list[tuple[float, int, int]]:
    """For each bar how many pairs reach it, and how many of those are right."""
    sure = {bar: [pair.right for pair in pairs if pair.confidence >= bar] for bar in BARS}
    return [(bar, len(each), sum(each)) for bar, each in sure.items()]


def _reliability(scores: Sequence[TaskScore]) -> dict[str, object]:
    pairs = _our_best(scores)
    bars = [{"bar": bar, "reached": count, "right": good} for bar, count, good in _reached(pairs)]
    return {"bars": bars, "calibration_error": calibration_error(reliability_of(pairs))}

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
from schema_matching_pipeline.workflows.score_task import OURS, AskedModel

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
        "confidence": _reliability_of(_our_best(scores)),
    }


def model_summary(scores: Sequence[TaskScore], asked: AskedModel) -> dict[str, object]:
    """What a language model took, and how far the means with it lie from those without, for programs."""
    with_model = [score for score in scores if score.matcher == asked.name]
    use = asked.ledger.total
    return {
        "model": asked.model.model,
        "told": list(asked.told),
        "columns_asked": asked.columns,
        "columns_answered": asked.answered,
        "use": {**use.model_dump(mode="json"), "tokens": use.tokens},
        "difference": _differences(scores, asked),
        "confidence": _reliability_of(_best(with_model)),
    }


def draw_scores(console: Console, scores: Sequence[TaskScore], asked: AskedModel | None = None) -> None:
    """Draws a row a task, a row a family and the means, each by matcher, and how far confidence can be trusted.

    Where a language model was ``asked``, also what it took and what difference it made.
    """
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
    if asked is not None:
        _draw_model(console, scores, asked)


def _draw_model(console: Console, scores: Sequence[TaskScore], asked: AskedModel) -> None:
    alone, heard = (
        means([score for score in scores if score.matcher == matcher]) for matcher in (OURS, asked.name)
    )
    rows = [
        (name, _written(alone[name]), _written(heard[name]), "-" if change is None else f"{change:+.3f}")
        for name, change in _differences(scores, asked).items()
    ]
    held = {
        matcher: _held([score for score in scores if score.matcher == matcher])
        for matcher in (OURS, asked.name)
    }
    rows.append((f"right at {BAR:.2f}", held[OURS], held[asked.name], ""))
    header = ("figure", "without", f"with {asked.model.model}", "difference")
    console.print(table("Language model", header, rows, right=(1, 2, 3)))
    use = asked.ledger.total
    cost = f"cost {use.cost:.4f}" if not use.unpriced else "cost not known, for want of prices"
    console.print(
        Text(
            f"{asked.columns} column(s) asked about, {asked.answered} answered; {use.calls} question(s), "
            f"{use.prompt_tokens:,} + {use.completion_tokens:,} tokens, {cost}.",
            style="dim",
        )
    )


def _differences(scores: Sequence[TaskScore], asked: AskedModel) -> dict[str, float | None]:
    """How far each mean with the model lies above the one without."""
    alone, heard = (
        means([score for score in scores if score.matcher == matcher]) for matcher in (OURS, asked.name)
    )
    pairs = {name: (alone[name], heard[name]) for name in _FIGURES}
    return {
        name: None if before is None or after is None else after - before
        for name, (before, after) in pairs.items()
    }


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
    is_ours = scores[0].matcher == OURS or scores[0].matcher.startswith(f"{OURS} ")
    held = _held(scores) if is_ours else ""
    return (*map(_written, means(scores).values()), held, f"{sum(score.seconds for score in scores):.1f}")


def _held(scores: Sequence[TaskScore]) -> str:
    sure = [pair.right for pair in _best(scores) if pair.confidence >= BAR]
    return f"{sum(sure)} of {len(sure)}"


def _written(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _our_best(scores: Iterable[TaskScore]) -> list[JudgedSuggestion]:
    return _best(score for score in scores if score.matcher == OURS)


def _best(scores: Iterable[TaskScore]) -> list[JudgedSuggestion]:
    return [pair for score in scores for pair in score.best_pairs]


def _reached(pairs: Sequence[JudgedSuggestion]) -> list[tuple[float, int, int]]:
    """For each bar how many pairs reach it, and how many of those are right."""
    sure = {bar: [pair.right for pair in pairs if pair.confidence >= bar] for bar in BARS}
    return [(bar, len(each), sum(each)) for bar, each in sure.items()]


def _reliability_of(pairs: Sequence[JudgedSuggestion]) -> dict[str, object]:
    bars = [{"bar": bar, "reached": count, "right": good} for bar, count, good in _reached(pairs)]
    return {"bars": bars, "calibration_error": calibration_error(reliability_of(pairs))}

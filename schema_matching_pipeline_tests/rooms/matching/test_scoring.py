"""The figures of a task, each by hand."""

from __future__ import annotations

import pytest

from schema_matching_pipeline.matching import TaskPrediction, score_predictions
from schema_matching_pipeline.model.bench import TaskScore, TaskTruth
from schema_matching_pipeline.model.reliability import JudgedSuggestion
from schema_matching_pipeline.model.source import ColumnRef


def ref(name: str, table: str = "s") -> ColumnRef:
    return ColumnRef(table=table, column=name)


def score(
    predicted: list[tuple[str, str, float]],
    true: list[str],
    columns: str = "abcd",
    *,
    ignored: str = "",
    nothing_is_known: bool = True,
    floor: float = 0.5,
) -> TaskScore:
    """The score of pairs written as source and target letter; ``true`` pairs as "ax": a to x."""
    predictions = [
        TaskPrediction(source_table="s", source_column=c, target_table="t", target_column=f, score=s)
        for c, f, s in predicted
    ]
    truth = TaskTruth(
        name="task",
        family="family",
        pairs=tuple((ref(pair[0]), ref(pair[1], "t")) for pair in true),
        ignored=frozenset(map(ref, ignored)),
        nothing_is_known=nothing_is_known,
    )
    return score_predictions(predictions, truth, [ref(c) for c in columns], matcher="any", floor=floor)


def test_all_right() -> None:
    found = score([("a", "x", 0.9), ("b", "y", 0.9), ("c", "z", 0.9), ("d", "w", 0.1)], ["ax", "by", "cz"])
    assert found.mrr == found.hit_at_1 == found.recall_at_truth == found.f1 == found.nothing_accuracy == 1.0
    assert found.coverage_at_95 == 0.75


def test_nothing_predicted() -> None:
    found = score([], ["ax", "by"])
    assert found.mrr == found.hit_at_20 == found.recall_at_truth == found.f1 == found.coverage_at_95 == 0.0
    assert found.nothing_accuracy == 1.0
    assert found.best_pairs == ()


def test_ranks_first_second_and_absent() -> None:
    predicted = [("a", "x", 0.9), ("b", "q", 0.8), ("b", "y", 0.7), ("c", "r", 0.6)]
    found = score(predicted, ["ax", "by", "cz"])
    assert found.mrr == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert found.hit_at_1 == pytest.approx(1 / 3)
    assert found.hit_at_5 == pytest.approx(2 / 3)


def test_recall_at_truth_looks_at_the_best_pairs_of_the_whole_list() -> None:
    predicted = [("a", "q", 0.99), ("b", "r", 0.98), ("a", "x", 0.5), ("b", "y", 0.4), ("c", "z", 0.3)]
    assert score(predicted, ["ax", "by", "cz"]).recall_at_truth == pytest.approx(1 / 3)


def test_the_one_to_one_whole_mends_a_clash() -> None:
    predicted = [("a", "x", 0.9), ("a", "y", 0.1), ("b", "x", 0.85), ("b", "y", 0.8)]
    found = score(predicted, ["ax", "by"], "ab")
    assert (found.hit_at_1, found.f1) == (0.5, 1.0)


def test_recall_is_held_against_what_one_to_one_can_reach() -> None:
    found = score([("a", "x", 0.9), ("a", "y", 0.8)], ["ax", "ay"], "a")
    assert (found.recall, found.recall_at_truth) == (1.0, 1.0)


def test_a_column_without_a_target_counts_unless_it_is_ignored_or_nobody_knows() -> None:
    predicted = [("a", "x", 0.9), ("d", "w", 0.8)]
    found = score(predicted, ["ax"], "ad")
    assert (found.precision, found.nothing_accuracy, found.columns) == (0.5, 0.0, 2)
    assert found.best_pairs == (
        JudgedSuggestion(confidence=0.9, right=True),
        JudgedSuggestion(confidence=0.8, right=False),
    )
    ignoring = score(predicted, ["ax"], "ad", ignored="d")
    assert (ignoring.precision, ignoring.nothing_accuracy, ignoring.columns) == (1.0, None, 1)
    unknown = score(predicted, ["ax"], "ad", nothing_is_known=False)
    assert (unknown.nothing_accuracy, len(unknown.best_pairs)) == (None, 1)


def test_coverage_ends_where_precision_falls_and_equal_scores_stand_together() -> None:
    assert (
        score([("a", "x", 0.9), ("b", "q", 0.8), ("c", "z", 0.7)], ["ax", "by", "cz"]).coverage_at_95 == 0.25
    )
    together = [("a", "x", 0.9), ("b", "q", 0.9)]
    assert score(together, ["ax", "by"], "ab").coverage_at_95 == 0.0


def test_of_equal_scores_the_earlier_counts_as_the_better() -> None:
    assert score([("a", "y", 0.5), ("a", "x", 0.5)], ["ax"], "a").mrr == 0.5

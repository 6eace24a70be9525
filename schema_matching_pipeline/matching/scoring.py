"""How well ranked predictions meet a known truth, by the measures that published matchers report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from schema_matching_pipeline.matching.task import TaskPrediction
from schema_matching_pipeline.model.bench import TaskScore, TaskTruth
from schema_matching_pipeline.model.reliability import JudgedSuggestion
from schema_matching_pipeline.model.source import ColumnRef

Pair = tuple[ColumnRef, ColumnRef]
PRECISE = 0.95  # the precision that coverage is told for
_LEAST = 1e-6  # a pair that was predicted with 0 is still better than none


def score_predictions(
    predictions: Sequence[TaskPrediction],
    truth: TaskTruth,
    columns: Sequence[ColumnRef],
    *,
    matcher: str,
    floor: float,
    seconds: float = 0.0,
) -> TaskScore:
    """The figures of one matcher on one task.

    ``mrr`` is the mean reciprocal rank of a column's first true target, ``hit_at_k`` the share of columns with one among
    their first k, both over columns that have a true target. ``recall_at_truth`` is Valentine's Recall@GroundTruth:
    the share of true pairs among as many best pairs of the whole list. ``precision``, ``recall`` and ``f1`` are of the
    one-to-one whole with the greatest sum, as far as it reaches ``floor``; recall is held against the most pairs that a
    one-to-one whole can have right. ``coverage_at_95`` is the largest share of judged columns that one bar would accept
    of that whole at a precision of 95 %, ``nothing_accuracy`` the share of columns without a target that it leaves
    alone. Of equal scores the earlier prediction counts as the better one.
    """
    true_pairs = frozenset(truth.pairs)
    wanted: defaultdict[ColumnRef, set[ColumnRef]] = defaultdict(set)
    for source, target in truth.pairs:
        wanted[source].add(target)
    ignored = truth.ignored - wanted.keys()
    best = _best_scores(predictions, ignored)
    ranked = _ranked(best)
    firsts = [_first_true(ranked.get(column, ()), targets) for column, targets in wanted.items()]
    whole = sorted(_one_to_one(best).items(), key=lambda pair: -pair[1])
    proposed = [pair for pair, score in whole if score >= floor]
    judged = [column for column in dict.fromkeys(columns) if column not in ignored]
    nothing = [column for column in judged if column not in wanted] if truth.nothing_is_known else []
    right, most = sum(pair in true_pairs for pair in proposed), _most_right(true_pairs)
    taken = {source for source, _ in proposed}
    return TaskScore(
        task=truth.name,
        family=truth.family,
        matcher=matcher,
        mrr=_share(sum(1 / first for first in firsts if first), len(firsts)),
        hit_at_1=_hits(firsts, 1),
        hit_at_5=_hits(firsts, 5),
        hit_at_10=_hits(firsts, 10),
        hit_at_20=_hits(firsts, 20),
        recall_at_truth=_recall_at_truth(best, true_pairs),
        precision=_share(right, len(proposed)),
        recall=_share(right, most),
        f1=_share(2 * right, len(proposed) + most),
        coverage_at_95=_share(_coverage([pair in true_pairs for pair, _ in whole], whole), len(judged)),
        nothing_accuracy=_share(sum(column not in taken for column in nothing), len(nothing))
        if nothing
        else None,
        columns=len(judged),
        best_pairs=tuple(
            JudgedSuggestion(confidence=score, right=(column, target) in true_pairs)
            for column in judged
            if (column in wanted or truth.nothing_is_known) and column in ranked
            for target, score in ranked[column][:1]
        ),
        seconds=seconds,
    )


def _best_scores(predictions: Sequence[TaskPrediction], ignored: frozenset[ColumnRef]) -> dict[Pair, float]:
    best: dict[Pair, float] = {}
    for each in predictions:
        source = ColumnRef(table=each.source_table, column=each.source_column)
        pair = source, ColumnRef(table=each.target_table, column=each.target_column)
        if source not in ignored and each.score > best.get(pair, -1.0):
            best[pair] = each.score
    return best


def _ranked(best: Mapping[Pair, float]) -> dict[ColumnRef, list[tuple[ColumnRef, float]]]:
    ranked: defaultdict[ColumnRef, list[tuple[ColumnRef, float]]] = defaultdict(list)
    for (source, target), score in best.items():
        ranked[source].append((target, score))
    return {source: sorted(found, key=lambda one: -one[1]) for source, found in ranked.items()}


def _first_true(ranked: Sequence[tuple[ColumnRef, float]], targets: set[ColumnRef]) -> int:
    """The rank of the first true target, from 1 on; 0 where none was found."""
    return next((rank for rank, (target, _) in enumerate(ranked, 1) if target in targets), 0)


def _hits(firsts: Sequence[int], k: int) -> float:
    return _share(sum(0 < first <= k for first in firsts), len(firsts))


def _recall_at_truth(best: Mapping[Pair, float], true_pairs: frozenset[Pair]) -> float:
    in_order = sorted(best, key=lambda pair: -best[pair])
    return _share(sum(pair in true_pairs for pair in in_order[: len(true_pairs)]), len(true_pairs))


def _one_to_one(best: Mapping[Pair, float]) -> dict[Pair, float]:
    """The one-to-one whole with the greatest sum of scores."""
    from scipy.optimize import linear_sum_assignment  # a fifth of what a command takes to start

    sources = {source: row for row, source in enumerate(dict.fromkeys(source for source, _ in best))}
    targets = {target: column for column, target in enumerate(dict.fromkeys(target for _, target in best))}
    gain = np.zeros((len(sources), len(targets)))
    for (source, target), score in best.items():
        gain[sources[source], targets[target]] = score + _LEAST
    rows, chosen = linear_sum_assignment(gain, maximize=True)
    taken = set(zip(rows.tolist(), chosen.tolist(), strict=True))
    return {pair: score for pair, score in best.items() if (sources[pair[0]], targets[pair[1]]) in taken}


def _most_right(true_pairs: frozenset[Pair]) -> int:
    """How many pairs of the truth fit into one one-to-one whole."""
    return len(_one_to_one(dict.fromkeys(true_pairs, 1.0)))


def _coverage(right: Sequence[bool], whole: Sequence[tuple[Pair, float]]) -> int:
    """How many pairs the lowest bar accepts at which the share of right ones is high enough."""
    covered = so_far = 0
    for count, is_right in enumerate(right, 1):
        so_far += is_right
        is_a_bar = count == len(whole) or whole[count][1] != whole[count - 1][1]
        if is_a_bar and so_far >= PRECISE * count:
            covered = count
    return covered


def _share(part: float, whole: int) -> float:
    return part / whole if whole else 0.0

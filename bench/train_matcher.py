"""Trains the matcher's weights on a folder of tasks, and measures them out of family.

    .venv/bin/python -m bench.train_matcher TASKS_DIR SCORE_PY [--cache DIR] [--write FILE]
        [--client NAME=LOCATION=TRUTH_CSV ...]

Every figure that is printed comes from weights that were fitted on the tasks of other families alone.
``--write`` then fits once more on all tasks and writes the weights as JSON. ``--cache`` keeps the profiles
of the tasks, so that they are measured once.

Small logistic models are fitted one after the other, each on what the one before says of families it
did not see: the gated combiner on the signals; the context on tables and rivals; the confidence on how the
chosen pair stands, and another on how those behind it do. Each is fitted from nothing, so that weights of what
only the left out family shows stay at nothing. Tasks with rows are learned from twice, with their rows and
without. A client with known truth, against the packaged canonical model, is a family of its own, and teaches what to
rank first as any task does; how sure a pair with that model is, clients alone teach, each judged by what the others taught. A client is learned from whole and in parts of
a few tables: a small client has as many columns that lead nowhere, and fewer others to tell so.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.client_parts import load_client_parts
from bench.fitting import Matrix, Penalty, Sample, Vector, fit, join
from bench.report import report, scorer_of
from bench.tasks import Task, load_client, load_tasks, without_rows
from schema_matching_pipeline.matching.combiner import log_odds
from schema_matching_pipeline.matching.confidence import (
    confidence_features,
    runner_up_features,
    weigh_confidence,
)
from schema_matching_pipeline.matching.context import context_features, weigh_context
from schema_matching_pipeline.matching.engine import Ranking, rank_fields, signal_scores
from schema_matching_pipeline.matching.features import GATES, Features, features_of
from schema_matching_pipeline.matching.weights import CombinerWeights, GatedWeight, Provenance, SignalWeights

HARD_NEGATIVES = 25  # the likeliest wrong fields of each column
RANDOM_NEGATIVES = 10
PLAIN_PULL, GATED_PULL = 0.0002, 0.001  # pull of the weights towards zero
CONTEXT_PULL = 0.0005
RARE_PULL = 0.00005  # of what few columns show, and what decides where it is shown
RARE = frozenset({"unvouched"})
CLIENTS_PULL = 0.001  # a few clients are taken at their word less than many tasks
RANKING = 2.0  # how much the order within a column counts beside the odds of each pair
SEED = 7
KEPT = 20  # candidates of each column
NOT_NEGATIVE = (
    "odds",
    "above_row",
    "ahead_in_column",
    "ahead_of_many",
    "mutual",
    "votes",
    "from_table",
    "from_entity",
    "settled",
    "undivided",
    "own_name",
    "table_name",
    "surest",
    "from_table_of_many",
)  # more of these never makes a pair less likely
TOLD_BY_CLIENTS = (
    "odds",
    "above_row",
    "ahead_of_many",
    "from_table",
    "from_entity",
    "settled",
    "undivided",
    "own_name",
    "table_name",
)
RUNNERS_UP = 5  # candidates behind the best one that are learned from
TOLD_OF_RUNNERS_UP = ("best", "behind")  # more of either never makes one less likely
BY_HAND = {  # tasks have no earlier clients to learn these from
    "history": SignalWeights(
        features=(
            GatedWeight(plain=4.0, gated=(0.0, 0.0, 0.0)),
            GatedWeight(plain=2.0, gated=(0.0, 0.0, 0.0)),
        )
    ),
    "known_values": SignalWeights(
        features=(
            GatedWeight(plain=3.0, gated=(0.0, 0.0, 0.0)),
            GatedWeight(plain=1.0, gated=(0.0, 0.0, 0.0)),
        )
    ),
}


@dataclass(frozen=True)
class Prepared:
    """A task with what is computed once."""

    task: Task
    scores: Mapping[str, Matrix]
    features: Features
    picked: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]


def main() -> None:
    """Fits out of family, prints the figures, and writes the weights where asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks_dir", type=Path)
    parser.add_argument("score_py", type=Path)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--client", action="append", default=[], metavar="NAME=LOCATION=TRUTH_CSV")
    asked = parser.parse_args()
    tasks = load_tasks(asked.tasks_dir, asked.cache)
    bare = [task for each in tasks if (task := without_rows(each))]
    clients = [
        load_client(name, at, Path(truth), asked.cache) for name, at, truth in map(_split, asked.client)
    ]
    parts = [
        part
        for name, at, truth in map(_split, asked.client)
        for part in load_client_parts(name, at, Path(truth), asked.cache)
    ]
    prepared, prepared_clients, prepared_parts = (
        [prepare(task) for task in each] for each in (tasks, clients, parts)
    )
    by_family = out_of_family(
        [*prepared, *(prepare(task) for task in bare)], prepared_clients, prepared_parts
    )
    score = scorer_of(asked.score_py)
    for some in (prepared, prepared_clients, prepared_parts):
        report([(p.task, _rank(p.task, by_family)) for p in some], score)
    if asked.write:
        families = tuple(sorted({p.task.family for p in (*prepared, *prepared_clients)}))
        whole = by_family[""].but(provenance=_provenance(families))
        asked.write.write_text(whole.model_dump_json(indent=1) + "\n", encoding="utf-8")


def _split(client: str) -> list[str]:
    """Name, location and truth of a client; a location may hold the sign itself."""
    name, _, rest = client.partition("=")
    location, _, truth = rest.rpartition("=")
    return [name, location, truth]


def _rank(task: Task, by_family: Mapping[str, CombinerWeights]) -> Ranking:
    return rank_fields(task.columns, task.fields, by_family[task.family], kept=KEPT, knowledge=task.knowledge)


def prepare(task: Task) -> Prepared:
    """All scores and features of a task, and the pairs to learn from."""
    scores = signal_scores(task.columns, task.fields, task.knowledge)
    return Prepared(task, scores, features_of(task.columns, task.fields, scores), _pick(task, scores))


def out_of_family(
    prepared: Sequence[Prepared], clients: Sequence[Prepared], parts: Sequence[Prepared]
) -> dict[str, CombinerWeights]:
    """For each family the weights that the others teach; under "" those of all.

    Tasks and clients teach what to rank first; tasks how sure a pair of two schemas is, clients how sure one with a
    model is.
    """
    everyone = [*prepared, *clients]
    families = sorted({p.task.family for p in everyone})
    combiners = _ranking_weights([*prepared, *clients], families)
    contexts = {p.task.name: _context(p, combiners[p.task.family]) for p in [*everyone, *parts]}
    heard = {
        p.task.name: weigh_context(contexts[p.task.name], combiners[p.task.family].context)
        for p in [*everyone, *parts]
    }
    judged = {
        p.task.name: confidence_features(
            weigh_context(contexts[p.task.name], _judging(p, combiners).context),
            contexts[p.task.name],
            p.scores,
            p.task.columns,
            p.task.fields,
        )
        for p in [*everyone, *parts]
    }
    names = list(next(iter(judged.values())))
    third = _fit_without(
        prepared,
        families,
        lambda p: _chosen_sample(p, judged[p.task.name], heard[p.task.name]),
        _free_penalty(len(names) + 1, NOT_NEGATIVE, names),
        0.0,
    )
    for family, weights in third.items():
        combiners[family] = combiners[family].but(
            confidence=_named(weights, names), canonical_confidence=_named(weights, names)
        )
    best = {
        p.task.name: weigh_confidence(judged[p.task.name], combiners[p.task.family].confidence)
        for p in prepared
    }
    behind = _fit_without(
        prepared,
        families,
        lambda p: _runner_up_sample(p, best[p.task.name], heard[p.task.name]),
        _free_penalty(len(TOLD_OF_RUNNERS_UP) + 1, TOLD_OF_RUNNERS_UP, TOLD_OF_RUNNERS_UP),
        0.0,
    )
    for family, weights in behind.items():
        combiners[family] = combiners[family].but(runner_up=_named(weights, TOLD_OF_RUNNERS_UP))
    if len(clients) <= 1:  # a client that is alone is judged by the confidence of tasks
        return combiners
    return _with_clients_confidence(combiners, families, [*clients, *parts], judged, heard)


def _with_clients_confidence(
    combiners: Mapping[str, CombinerWeights],
    families: Sequence[str],
    clients: Sequence[Prepared],
    judged: Mapping[str, Mapping[str, Matrix]],
    heard: Mapping[str, Matrix],
) -> dict[str, CombinerWeights]:
    """Confidence against a canonical model, and the surety of "no target": only clients teach them.

    They are too few to teach more than a few weights, so what is the same for a whole client is left out.
    """
    told = {p.task.name: {name: judged[p.task.name][name] for name in TOLD_BY_CLIENTS} for p in clients}
    third = _fit_without(
        clients,
        families,
        lambda p: _chosen_sample(p, told[p.task.name], heard[p.task.name]),
        Penalty(
            np.array([1e-6, *([CLIENTS_PULL] * len(TOLD_BY_CLIENTS))]),
            np.array([False, *([True] * len(TOLD_BY_CLIENTS))]),
        ),
        0.0,
    )
    with_confidence = {
        family: combiners[family].but(canonical_confidence=_named(weights, TOLD_BY_CLIENTS))
        for family, weights in third.items()
    }
    logits = {
        p.task.name: weigh_confidence(told[p.task.name], with_confidence[p.task.family].canonical_confidence)
        for p in clients
    }
    fourth = _fit_without(
        clients,
        families,
        lambda p: _nothing_sample(p, logits[p.task.name], heard[p.task.name]),
        Penalty(np.full(2, 1e-4), np.zeros(2, dtype=np.bool_)),
        0.0,
    )
    return {family: with_confidence[family].but(nothing=_named(w, ["best"])) for family, w in fourth.items()}


def _ranking_weights(prepared: Sequence[Prepared], families: Sequence[str]) -> dict[str, CombinerWeights]:
    """The weights of signals and context; a family that is not among the tasks gets those of all tasks."""
    signals = _fitted(prepared[0].features)
    first = _fit_without(prepared, families, _signal_sample, _signal_penalty(signals), RANKING)
    combiners = {family: _combiner(weights, signals) for family, weights in first.items()}
    contexts = {p.task.name: _context(p, combiners[p.task.family]) for p in prepared}
    names = list(next(iter(contexts.values())))
    second = _fit_without(
        prepared,
        families,
        lambda p: _pair_sample(p, contexts[p.task.name]),
        _context_penalty(names),
        RANKING,
    )
    return {family: combiners[family].but(context=_named(w, names)) for family, w in second.items()}


def _judging(p: Prepared, combiners: Mapping[str, CombinerWeights]) -> CombinerWeights:
    """The weights that tell how sure the pairs of a task are: against a canonical model other ones than order it."""
    weights = combiners[p.task.family]
    return weights if p.task.knowledge is None else weights.against_model()


def _context(p: Prepared, weights: CombinerWeights) -> dict[str, Matrix]:
    return context_features(log_odds(p.features, weights), p.task.columns, p.task.fields)


def _fit_without(
    prepared: Sequence[Prepared],
    families: Sequence[str],
    sample_of: Callable[[Prepared], Sample],
    penalty: Penalty,
    ranking: float,
) -> dict[str, Vector]:
    samples = [(p.task.family, sample_of(p)) for p in prepared]
    whole = fit(join([sample for _, sample in samples]), penalty, ranking=ranking)
    fitted = {"": whole}
    for family in families:
        if all(name != family for name, _ in samples):
            fitted[family] = whole
            continue
        others = join([sample for name, sample in samples if name != family])
        fitted[family] = fit(others, penalty, ranking=ranking)
    return fitted


def _pick(task: Task, scores: Mapping[str, Matrix]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The true pairs of each judged column, its likeliest wrong ones, and some at random."""
    rough = np.nansum(np.stack([matrix for name, matrix in scores.items() if name not in BY_HAND]), axis=0)
    chance = np.random.default_rng(SEED)
    rows, columns = [], []
    for row in np.flatnonzero(task.judged):
        hard = np.argsort(-rough[row], kind="stable")[:HARD_NEGATIVES]
        some = chance.choice(rough.shape[1], min(RANDOM_NEGATIVES, rough.shape[1]), replace=False)
        picked = np.unique(np.concatenate([hard, some, np.flatnonzero(task.truth[row])]))
        rows.append(np.full(len(picked), row))
        columns.append(picked)
    return np.concatenate(rows), np.concatenate(columns)


def _weights(task: Task, rows: npt.NDArray[np.intp], truth: Vector) -> Vector:
    """Every column weighs the same, half for its true pairs; a task weighs as the root of its columns."""
    count = np.bincount(rows, minlength=task.truth.shape[0])
    right = np.bincount(rows, weights=truth, minlength=task.truth.shape[0])
    half = np.where(right[rows] > 0, 0.5, 1.0)
    weight = np.where(truth > 0, 0.5 / np.maximum(right[rows], 1), half / np.maximum(count - right, 1)[rows])
    return np.asarray(weight * 4 / np.sqrt(task.judged.sum()))


def _sample(p: Prepared, design: Matrix, pairs: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]) -> Sample:
    truth = p.task.truth[pairs].astype(np.float64)
    starts = np.flatnonzero(np.diff(pairs[0], prepend=-1))
    return Sample(design, truth, _weights(p.task, pairs[0], truth), starts)


def _signal_sample(p: Prepared) -> Sample:
    gates = [gate[p.picked] for gate in p.features.gates]
    parts = [np.ones(len(p.picked[0]), dtype=np.float32)]
    parts += [matrix[p.picked] for name in _fitted(p.features) for matrix in p.features.signals[name]]
    columns = [part * gate for part in parts for gate in (np.float32(1.0), *gates)]
    return _sample(p, np.stack(columns, axis=1).astype(np.float32), p.picked)


def _fitted(features: Features) -> list[str]:
    """The signals whose weights are learned from tasks."""
    return [name for name in features.signals if name not in BY_HAND]


def _signal_penalty(signals: Sequence[str]) -> Penalty:
    features = 1 + 4 * len(signals)
    strength = np.tile([PLAIN_PULL, *([GATED_PULL] * len(GATES))], features)
    strength[: 1 + len(GATES)] = 1e-6
    compared = [False, *([True, True, True, False] * len(signals))]
    not_negative = np.array([flag and not gate for flag in compared for gate in range(1 + len(GATES))])
    return Penalty(strength, not_negative)


def _combiner(weights: Vector, signals: Sequence[str]) -> CombinerWeights:
    table = weights.reshape(-1, 1 + len(GATES)).round(4).tolist()
    each = [GatedWeight(plain=row[0], gated=tuple(row[1:])) for row in table]
    by_signal = {
        name: SignalWeights(features=tuple(each[1 + 4 * i : 5 + 4 * i])) for i, name in enumerate(signals)
    }
    return CombinerWeights(
        provenance=_provenance(()),
        intercept=each[0],
        signals=by_signal | BY_HAND,
        context={},
        confidence={},
        canonical_confidence={},
        runner_up={},
        nothing={"base": 0.0, "best": -1.0},
    )


def _provenance(families: tuple[str, ...]) -> Provenance:
    return Provenance(
        script="bench/train_matcher.py",
        trained_on=families,
        date=datetime.now(UTC).date().isoformat(),
        note="The weights of history and known_values are set by hand: tasks have no earlier clients.",
    )


def _pair_sample(p: Prepared, features: Mapping[str, Matrix]) -> Sample:
    columns = [np.ones(len(p.picked[0]), dtype=np.float32), *(m[p.picked] for m in features.values())]
    return _sample(p, np.stack(columns, axis=1).astype(np.float32), p.picked)


def _context_penalty(names: Sequence[str]) -> Penalty:
    wanted = ["odds", "above_row", "from_table", "from_table_alone", "from_entity"]
    return _free_penalty(len(names) + 1, wanted, names)


def _free_penalty(size: int, not_negative: Sequence[str], names: Sequence[str]) -> Penalty:
    strength = np.full(size, CONTEXT_PULL)
    strength[0] = 1e-6
    strength[1:][[name in RARE for name in names]] = RARE_PULL
    return Penalty(strength, np.array([False, *(name in not_negative for name in names)]))


def _chosen_sample(p: Prepared, features: Mapping[str, Matrix], heard: Matrix) -> Sample:
    """The best pair of every judged column."""
    rows = np.flatnonzero(p.task.judged)
    pairs = (rows, heard[rows].argmax(axis=1))
    columns = [np.ones(len(rows), dtype=np.float32), *(matrix[pairs] for matrix in features.values())]
    truth = np.asarray(p.task.truth[pairs], dtype=np.float64)
    weight = np.full(len(rows), 4 * p.task.weight / np.sqrt(len(rows)))
    return Sample(np.stack(columns, axis=1).astype(np.float32), truth, weight, np.arange(len(rows)))


def _runner_up_sample(p: Prepared, logits: Matrix, heard: Matrix) -> Sample:
    """The candidates behind the best one of every judged column; ``logits`` are those of the confidence of all pairs."""
    features = runner_up_features(logits[np.arange(len(heard)), heard.argmax(axis=1)], heard)
    judged = np.flatnonzero(p.task.judged)
    order = np.argsort(-heard[judged], axis=1, kind="stable")[:, 1 : 1 + RUNNERS_UP]
    rows = np.repeat(judged, order.shape[1])
    pairs = (rows, order.ravel())
    columns = [np.ones(len(rows), dtype=np.float32), *(features[name][pairs] for name in TOLD_OF_RUNNERS_UP)]
    truth = np.asarray(p.task.truth[pairs], dtype=np.float64)
    weight = np.full(len(rows), 4 * p.task.weight / np.sqrt(len(rows)))
    return Sample(np.stack(columns, axis=1).astype(np.float32), truth, weight, np.arange(len(rows)))


def _nothing_sample(p: Prepared, logits: Matrix, heard: Matrix) -> Sample:
    """Whether each judged column has no target at all, by the confidence of its best pair."""
    rows = np.flatnonzero(p.task.judged)
    best = np.clip(logits[rows, heard[rows].argmax(axis=1)], -9, 9)
    design = np.stack([np.ones(len(rows)), best], axis=1).astype(np.float32)
    weight = np.full(len(rows), 4 * p.task.weight / np.sqrt(len(rows)))
    return Sample(design, (~p.task.truth[rows].any(axis=1)).astype(np.float64), weight, np.arange(len(rows)))


def _named(weights: Vector, names: Sequence[str]) -> dict[str, float]:
    return dict(zip(("base", *names), weights.round(4).tolist(), strict=True))


if __name__ == "__main__":
    main()

"""Columns that people of earlier clients mapped to nothing: asked about less, never dropped where much speaks for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from schema_matching_pipeline.canon.names import name_tokens
from schema_matching_pipeline.matching.decided import DECISIONS
from schema_matching_pipeline.matching.engine import MOST_CERTAIN, STEP, Ranking
from schema_matching_pipeline.matching.figures import cosine_of_shares
from schema_matching_pipeline.matching.side import Side, SideColumn
from schema_matching_pipeline.matching.words import DoubleMatrix
from schema_matching_pipeline.model.knowledge import PastMapping
from schema_matching_pipeline.model.policy import MatchPolicy
from schema_matching_pipeline.model.profile import ColumnProfile

Rows = npt.NDArray[np.bool_]
_Place = tuple[tuple[str, ...], tuple[str, ...]]


def nothing_before(columns: Side, past: Sequence[PastMapping], policy: MatchPolicy) -> Rows:
    """For each column whether people of earlier clients mapped one like it to nothing.

    One like it has the same name in a table of the same name, which no client has in force for any field; and
    its values look the same, unless several clients agree about the name.
    """
    in_force = {_place(each.ref.table, each.ref.column) for each in past if each.target is not None}
    refused: defaultdict[_Place, list[PastMapping]] = defaultdict(list)
    for each in past:
        if each.target is None:
            refused[_place(each.ref.table, each.ref.column)].append(each)
    return np.array(
        [
            (place := _place(column.table, column.name)) not in in_force
            and _is_meant(column, refused.get(place, ()), policy)
            for column in columns.columns
        ],
        dtype=np.bool_,
    )


def doubt_refused(ranking: Ranking, refused: Rows, policy: MatchPolicy) -> Ranking:
    """The ranking with little confidence in the refused columns; what much speaks for stays at the review floor.

    A whole row moves alike, so its order stays. Earlier decisions alone neither drop a column that is otherwise
    matched strongly, or by values it is known by, nor let it through without a person.
    """
    floor = float(np.log(policy.review_floor / (1 - policy.review_floor))) + STEP
    best = ranking.logits[:, :1]
    wished = np.where(
        _stands_up(ranking, floor, policy)[:, None], np.minimum(floor - best, 0.0), -policy.nothing_before
    )
    bounded = np.maximum(wished, np.minimum(-MOST_CERTAIN - ranking.logits, 0.0))
    moved = np.where(refused[:, None], bounded, 0.0)
    earlier = ranking.shares.get(DECISIONS, np.zeros_like(moved))
    shares = {**ranking.shares, DECISIONS: np.asarray(earlier + moved, dtype=np.float64)}
    return replace(ranking, logits=np.asarray(ranking.logits + moved), shares=shares)


def are_alike(column: ColumnProfile | None, other: ColumnProfile | None, policy: MatchPolicy) -> bool:
    """Whether the values have one type and the same shapes; columns without values are alike in having none."""
    if column is None or other is None or column.value_type is not other.value_type:
        return False
    if not column.shapes and not other.shapes:
        return True
    return bool(cosine_of_shares([column.shapes], [other.shapes])[0, 0] >= policy.nothing_likeness)


def _is_meant(column: SideColumn, refused: Iterable[PastMapping], policy: MatchPolicy) -> bool:
    clients = {each.client for each in refused}
    return len(clients) >= policy.nothing_clients or any(
        are_alike(column.profile, each.looks, policy) for each in refused
    )


def _stands_up(ranking: Ranking, floor: float, policy: MatchPolicy) -> Rows:
    """Rows whose best field is sure by a margin, or whose values are known of it, whatever people said elsewhere."""
    best = ranking.logits[:, 0]
    sure = best >= np.log(policy.nothing_outweighed / (1 - policy.nothing_outweighed))
    proven = _best_known(ranking) >= policy.nothing_disproven
    return np.asarray(sure | (proven & (best >= floor)), dtype=np.bool_)


def _best_known(ranking: Ranking) -> DoubleMatrix:
    """How much of each column's values its best field is known to hold."""
    known = ranking.scores.get("known_values")
    if known is None:
        return np.zeros(len(ranking.fields))
    return np.nan_to_num(np.take_along_axis(known, ranking.fields[:, :1], axis=1)[:, 0]).astype(np.float64)


def _place(table: str, column: str) -> _Place:
    return name_tokens(table), name_tokens(column)

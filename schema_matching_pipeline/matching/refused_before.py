"""Pairs that people of earlier clients refused: less likely for columns like theirs, and never dropped for that alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from schema_matching_pipeline.canon.names import name_tokens
from schema_matching_pipeline.matching.decided import DECISIONS
from schema_matching_pipeline.matching.earlier_nothing import are_alike
from schema_matching_pipeline.matching.engine import MOST_CERTAIN, STEP, Ranking
from schema_matching_pipeline.matching.plausibility import Objections, in_order
from schema_matching_pipeline.matching.side import Side, SideColumn
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.knowledge import PastMapping, RefusedBefore
from schema_matching_pipeline.model.policy import MatchPolicy

_Pair = tuple[tuple[str, ...], FieldRef]


def doubt_refused_before(
    ranking: Ranking,
    columns: Side,
    fields: Side,
    refused: Sequence[RefusedBefore],
    past: Sequence[PastMapping],
    policy: MatchPolicy,
) -> tuple[Ranking, Objections]:
    """The ranking with refused pairs moved down, and the objections in words.

    A column is like a refused one that has its name and whose values look the same; that is more where several clients'
    people agree. What any client has in force under that name is no mistake of the name. A suggestion that
    is nearly sure is asked about all the same.
    """
    known = _refused(refused, past)
    moved = np.zeros_like(ranking.logits)
    found: dict[tuple[int, int], str] = {}
    floor = float(np.log(policy.review_floor / (1 - policy.review_floor))) + STEP
    sure = float(np.log(policy.nothing_outweighed / (1 - policy.nothing_outweighed)))
    for row, column in enumerate(columns.columns if known else ()):
        name = name_tokens(column.name)
        for rank, field in enumerate(ranking.fields[row].tolist()):
            target = FieldRef(entity=fields.columns[field].table, field=fields.columns[field].name)
            clients = _clients(column, known.get((name, target), ()), policy)
            if clients:
                logit = float(ranking.logits[row, rank])
                lowest = floor if logit >= sure else -MOST_CERTAIN
                moved[row, rank] = min(0.0, max(-policy.refused_before * clients, lowest - logit))
                found[row, field] = _in_words(clients)
    if not found:
        return ranking, {}
    earlier = ranking.shares.get(DECISIONS, np.zeros_like(moved))
    shares = {**ranking.shares, DECISIONS: np.asarray(earlier + moved, dtype=np.float64)}
    return in_order(replace(ranking, logits=ranking.logits + moved, shares=shares)), found


def _refused(
    refused: Sequence[RefusedBefore], past: Sequence[PastMapping]
) -> Mapping[_Pair, Sequence[RefusedBefore]]:
    in_force = {(name_tokens(each.ref.column), each.target) for each in past if each.target is not None}
    known: defaultdict[_Pair, list[RefusedBefore]] = defaultdict(list)
    for each in refused:
        pair = (name_tokens(each.ref.column), each.target)
        if pair not in in_force:
            known[pair].append(each)
    return known


def _clients(column: SideColumn, refused: Sequence[RefusedBefore], policy: MatchPolicy) -> int:
    """How many clients' people refused the pair for a column like this one, as far as more of them count."""
    clients = {each.client for each in refused if are_alike(column.profile, each.looks, policy)}
    return min(len(clients), policy.nothing_clients)


def _in_words(clients: int) -> str:
    who = "an earlier client" if clients == 1 else "several earlier clients"
    return f"people of {who} refused it for a column of this name whose values look the same"

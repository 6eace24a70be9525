"""The kept candidates of every column as values, each with the shares of its confidence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from schema_matching_pipeline.matching.engine import Ranking
from schema_matching_pipeline.matching.words import DoubleMatrix
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.matching import Candidate, SignalScore
from schema_matching_pipeline.model.policy import MatchPolicy

OTHER = "other"  # all shares too small to be told one by one


def candidates_of(
    ranking: Ranking, targets: Sequence[FieldRef], policy: MatchPolicy
) -> tuple[tuple[Candidate, ...], ...]:
    """For every column its candidates, best first; shares below the policy's least are told as one."""
    names = sorted(ranking.shares)
    shares = np.stack([ranking.shares[name] for name in names], axis=-1)
    small = np.abs(shares) < policy.least_share
    rest = np.where(small, shares, 0.0).sum(axis=-1)
    rows = zip(
        ranking.fields.tolist(),
        ranking.confidence.tolist(),
        shares.tolist(),
        small.tolist(),
        _raw_scores(ranking, names).tolist(),
        rest.tolist(),
        strict=True,
    )
    return tuple(
        tuple(
            Candidate(
                target=targets[position],
                confidence=confidence,
                signals=(
                    *(
                        SignalScore(signal=name, score=score, share=share)
                        for name, share, score, told_together in zip(names, each, raw, hidden, strict=True)
                        if not told_together
                    ),
                    *((SignalScore(signal=OTHER, score=0.0, share=left),) if left else ()),
                ),
            )
            for position, confidence, each, hidden, raw, left in zip(*row, strict=True)
        )
        for row in rows
    )


def _raw_scores(ranking: Ranking, names: Sequence[str]) -> DoubleMatrix:
    """Raw scores of the candidates by name; 0 where a signal knows nothing, or the share is no signal's."""
    nothing = np.zeros(ranking.fields.shape)
    found = [
        np.nan_to_num(np.take_along_axis(ranking.scores[name], ranking.fields, axis=1))
        if name in ranking.scores
        else nothing
        for name in names
    ]
    return np.stack(found, axis=-1).astype(np.float64)

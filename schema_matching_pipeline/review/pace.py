"""When somebody accepts what is suggested faster than anybody reads it."""

from __future__ import annotations

from schema_matching_pipeline.model.policy import ReviewPolicy
from schema_matching_pipeline.model.review import ReviewPace


def is_hasty(pace: ReviewPace, policy: ReviewPolicy) -> bool:
    """Whether nearly all of the last decisions accepted a suggestion within a moment; of fewer nothing is said.

    >>> policy = ReviewPolicy()
    >>> [is_hasty(ReviewPace(decisions=50, at_once=many), policy) for many in (47, 48)]
    [False, True]
    >>> is_hasty(ReviewPace(decisions=49, at_once=49), policy)
    False
    """
    return pace.decisions >= policy.pace_decisions and pace.at_once > policy.pace_share * pace.decisions

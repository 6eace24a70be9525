"""The stored parts of a candidate's score, put together by what they look at, as bars of a plot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from schema_matching_pipeline.matching import confidence_steps
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.matching import Candidate, SignalScore

WIDTH = 200.0  # of a bar, in its own units
_GROUPS = {
    "names": ("name_tokens", "qualified_name", "spelling", "table_name"),
    "meaning": ("meaning", "description", "text", "name_in_description", "description_has_name"),
    "values": ("known_values", "value_overlap", "word_overlap"),
    "shape": ("shape_fit", "distribution", "type_fit", "keys"),
    "experience": ("history", "decisions"),
    "context": ("tables", "rivals", "agreement", "ranking"),
    "model": ("language_model",),
}
_GROUP_OF = {signal: group for group, signals in _GROUPS.items() for signal in signals}
_IN_WORDS = {
    "names": "names",
    "meaning": "meaning",
    "values": "values",
    "shape": "type and shape",
    "experience": "earlier decisions",
    "context": "other columns",
    "model": "language model",
    "rest": "base rate and the rest",
}
_LEAST = 0.05  # of log-odds; less moves no figure that is shown


class ScorePart(Frozen):
    """One part of the score: what it adds to the log-odds, and where its bar stands."""

    group: str
    in_words: str
    share: float
    x: float
    width: float


class ScoreBar(Frozen):
    """The parts side by side, those against on the left of ``zero``; they sum to the log-odds of the confidence."""

    parts: tuple[ScorePart, ...]
    zero: float


class ScoreLine(Frozen):
    """One signal in words: what it found, and what it adds."""

    in_words: str
    found: str
    share: float


def score_bar(candidate: Candidate) -> ScoreBar:
    """The parts of the candidate's score as bars, the largest nearest to the middle.

    >>> from schema_matching_pipeline.model.canonical import FieldRef
    >>> signals = (SignalScore(signal="base", score=0, share=-1), SignalScore(signal="spelling", score=0.9, share=3))
    >>> bar = score_bar(Candidate(target=FieldRef(entity="a", field="b"), confidence=0.88, signals=signals))
    >>> bar.zero, [(part.group, part.x, part.width) for part in bar.parts]
    (50.0, [('rest', 0.0, 50.0), ('names', 50.0, 150.0)])
    """
    summed = _summed(candidate.signals)
    scale = WIDTH / (sum(abs(share) for _, share in summed) or 1.0)
    against = [part for part in summed if part[1] < 0]
    zero = -sum(share for _, share in against) * scale
    parts, reached = [], zero
    for group, share in sorted(against, key=lambda part: part[1]):
        reached += share * scale
        parts.append(_part(group, share, reached, scale))
    reached = zero
    for group, share in sorted((part for part in summed if part[1] > 0), key=lambda part: -part[1]):
        parts.append(_part(group, share, reached, scale))
        reached += share * scale
    return ScoreBar(parts=tuple(parts), zero=round(zero, 1))


def score_lines(candidate: Candidate) -> tuple[ScoreLine, ...]:
    """Every signal of the candidate in words."""
    return tuple(
        ScoreLine(
            in_words=step.in_words,
            found="" if step.score is None else f"{step.score:.0%}".replace("%", " %"),
            share=step.share,
        )
        for step in confidence_steps(candidate)
    )


def _summed(signals: Sequence[SignalScore]) -> list[tuple[str, float]]:
    shares: defaultdict[str, float] = defaultdict(float)
    for signal in signals:
        shares[_GROUP_OF.get(signal.signal, "rest")] += signal.share
    return [(group, share) for group, share in shares.items() if abs(share) >= _LEAST]


def _part(group: str, share: float, x: float, scale: float) -> ScorePart:
    return ScorePart(
        group=group,
        in_words=_IN_WORDS[group],
        share=share,
        x=round(max(x, 0.0), 1),
        width=round(abs(share) * scale, 1),
    )

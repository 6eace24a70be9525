"""The way from nothing known to a confidence, one signal after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import exp

from schema_matching_pipeline.model.explained import ConfidenceStep
from schema_matching_pipeline.model.matching import Candidate, SignalScore

BASE = "base"
_IN_WORDS = {
    BASE: "how rarely any pair is right",
    "name_tokens": "words of the two names",
    "qualified_name": "names together with their tables' names",
    "spelling": "spelling of the two names",
    "table_name": "the table's name against the entity",
    "meaning": "meaning of the column against that of the field",
    "known_values": "values known of the field",
    "value_overlap": "values both sides have",
    "word_overlap": "words in the values of both sides",
    "contained": "values of one side among those of the other",
    "announced_kind": "form of the values against what is announced",
    "shape_fit": "shapes of the values",
    "distribution": "distribution of the values",
    "type_fit": "kind of the values against the field's type",
    "description": "the two descriptions",
    "text": "names and descriptions together",
    "name_in_description": "the column's name in the field's description",
    "description_has_name": "the field's name in the column's description",
    "keys": "part played as a key",
    "history": "what stewards mapped before",
    "tables": "where the other columns of the table go",
    "rivals": "other columns and fields that want the same",
    "agreement": "how many signals agree",
    "language_model": "what a language model chose",
    "decisions": "what was decided about suggestions so far",
    "ranking": "place among all candidates",
    "other": "all smaller shares",
}
_NO_COMPARISON = frozenset(
    {BASE, "tables", "rivals", "agreement", "language_model", "decisions", "ranking", "other"}
)


def confidence_steps(candidate: Candidate) -> tuple[ConfidenceStep, ...]:
    """From the base rate by the largest share first to the confidence of the candidate.

    >>> from schema_matching_pipeline.model.canonical import FieldRef
    >>> signals = (SignalScore(signal="base", score=0, share=-2), SignalScore(signal="spelling", score=0.9, share=3))
    >>> to = FieldRef(entity="patient", field="birth_date")
    >>> [round(step.confidence, 2) for step in confidence_steps(Candidate(target=to, confidence=0.73, signals=signals))]
    [0.12, 0.73]
    """
    return tuple(_steps(sorted(candidate.signals, key=lambda one: (one.signal != BASE, -abs(one.share)))))


def _steps(signals: Iterable[SignalScore]) -> Iterator[ConfidenceStep]:
    reached = 0.0
    for signal in signals:
        reached += signal.share
        yield ConfidenceStep(
            signal=signal.signal,
            in_words=_IN_WORDS.get(signal.signal, signal.signal.replace("_", " ")),
            score=None if signal.signal in _NO_COMPARISON else signal.score,
            share=signal.share,
            confidence=1 / (1 + exp(-reached)),
        )

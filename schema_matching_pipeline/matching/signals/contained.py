"""Values of one side among those that the other side holds or describes."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from schema_matching_pipeline.canon.absent import is_placeholder
from schema_matching_pipeline.canon.names import name_tokens
from schema_matching_pipeline.matching.evidence import Evidence
from schema_matching_pipeline.matching.overlap import sketch_containment
from schema_matching_pipeline.matching.side import Side, SideColumn
from schema_matching_pipeline.matching.signal import SIGNALS
from schema_matching_pipeline.matching.words import FloatMatrix, IntVector, stem
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import ValueSketch, ValueType

_RARE = ProfilePolicy().rare_count


@SIGNALS.register("contained")
def contained(columns: Side, fields: Side, _evidence: Evidence) -> FloatMatrix:
    """How much of the values of either side is among those that the other holds, or names in its description.

    Having fewer values than the other side takes nothing away: a client uses some of the codes that a field admits. Of a
    description only the frequent values of the other side are looked for that may be shown.
    Unknown where neither side can tell.
    """
    (left, left_words), (right, right_words) = _texts(columns), _texts(fields)
    held, words = sketch_containment(left, right), sketch_containment(left_words, right_words)
    said, said_back = _said(columns, fields), _said(fields, columns).T
    return np.asarray(np.fmax.reduce([held, words, said, said_back]), dtype=np.float32)


def _texts(side: Side) -> tuple[list[ValueSketch | None], list[ValueSketch | None]]:
    """Sketches of values and of their words, of columns of text: that a figure is among others is chance."""
    known = [
        column if column.profile and column.profile.value_type is ValueType.TEXT else None
        for column in side.columns
    ]
    return [column.sketch if column else None for column in known], [
        column.word_sketch if column else None for column in known
    ]


def _said(shown: Side, described: Side) -> FloatMatrix:
    """The share of each column's shown values whose words all stand in a description (shown x described)."""
    scores = np.full((len(shown.columns), len(described.columns)), np.nan, dtype=np.float32)
    values = [(row, words) for row, column in enumerate(shown.columns) for words in _shown_values(column)]
    texts = [_words(column.description) for column in described.columns]
    if not values or not any(texts):
        return scores
    known = sorted({word for _, words in values for word in words})
    position = {word: index for index, word in enumerate(known)}
    asked = _incidence([words for _, words in values], position)
    there = _incidence([[word for word in text if word in position] for text in texts], position)
    found = (asked @ there.T).toarray() >= np.array([len(words) for _, words in values])[:, None]
    owner: IntVector = np.array([row for row, _ in values], dtype=np.intp)
    rows, starts = np.unique(owner, return_index=True)
    counted = np.diff(np.append(starts, len(owner)))
    shares = np.add.reduceat(found.astype(np.float32), starts, axis=0) / counted[:, None]
    scores[rows] = shares
    scores[:, [not text for text in texts]] = np.nan
    return scores


def _shown_values(column: SideColumn) -> list[list[str]]:
    """The words of the values that enough rows hold, of a column of text that identifies nobody."""
    profile = column.profile
    if profile is None or profile.personal or profile.value_type is not ValueType.TEXT:
        return []
    frequent = [each.value.text for each in profile.top_values if each.count >= _RARE]
    return [words for text in frequent if not is_placeholder(text) and (words := _words(text))]


def _words(text: str) -> list[str]:
    return sorted({stem(token) for token in name_tokens(text)})


def _incidence(bags: list[list[str]], position: dict[str, int]) -> csr_array:
    lengths = [len(bag) for bag in bags]
    flat = np.array([position[word] for bag in bags for word in bag], dtype=np.intp)
    starts = np.concatenate(([0], np.cumsum(lengths)))
    return csr_array((np.ones(len(flat), dtype=np.float32), flat, starts), shape=(len(bags), len(position)))

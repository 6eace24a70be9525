"""What several signals look at, computed once for both sides: how names hit names, and what texts say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from schema_matching_pipeline.canon.names import name_tokens
from schema_matching_pipeline.canon.thesaurus import FILLERS
from schema_matching_pipeline.matching.side import Side
from schema_matching_pipeline.matching.words import (
    FloatMatrix,
    IntVector,
    Names,
    names_of,
    token_hits,
    word_similarity,
)
from schema_matching_pipeline.model.knowledge import Knowledge

OTHER_NAME = 0.97  # a synonym counts a little less than the name itself
FROM_TABLE = 0.8  # a token found in the name of the table rather than of the column
FROM_DESCRIPTION = 0.7  # a token found in the field's description rather than in its name
SURELY_FOUND = 0.75  # in a description less alike than this is not alike
MOST_WORDS = 40  # of a description; what comes later is detail


@dataclass(frozen=True)
class Evidence:
    """Shared findings: name fits as matrices, and what earlier clients taught where there were any.

    ``names``, ``qualified_names`` and ``described_names`` are columns x fields, ``tables`` is tables x entities; all in 0..1.
    """

    names: FloatMatrix
    qualified_names: FloatMatrix
    described_names: FloatMatrix
    tables: FloatMatrix
    knowledge: Knowledge | None = None


@dataclass(frozen=True)
class _Vocabulary:
    """Every name of both sides, and which field or entity each name of the second belongs to."""

    left: Names
    right: Names
    columns: int
    field_names: int
    field_owner: IntVector
    entity_owner: IntVector
    own_name: FloatMatrix


def gather_evidence(columns: Side, fields: Side, knowledge: Knowledge | None = None) -> Evidence:
    """Everything that more than one signal needs, for all pairs at once."""
    vocabulary = _vocabulary(columns, fields)
    similarity = word_similarity(vocabulary.left.words, vocabulary.right.words)
    forward = _forward(vocabulary, fields, similarity)
    backward = _backward(vocabulary, columns, similarity)
    plain, qualified, tables = (_harmonic(there, back) for there, back in zip(forward, backward, strict=True))
    described = _mostly_there(_forward_described(vocabulary, fields, similarity), backward[0])
    return Evidence(
        names=best_by(plain * vocabulary.own_name, vocabulary.field_owner),
        qualified_names=best_by(qualified * vocabulary.own_name, vocabulary.field_owner),
        described_names=best_by(described * vocabulary.own_name, vocabulary.field_owner),
        tables=best_by(tables, vocabulary.entity_owner),
        knowledge=knowledge,
    )


def _vocabulary(columns: Side, fields: Side) -> _Vocabulary:
    column_bags = [name_tokens(column.name) for column in columns.columns]
    everyone = [*column_bags, *(name_tokens(field.name) for field in fields.columns)]
    names = [
        (i, n)
        for i, field in enumerate(fields.columns)
        for n in (field.name, *field.other_names, *field.taught_names)
    ]
    entities = [(i, n) for i, table in enumerate(fields.tables) for n in (table.name, *table.other_names)]
    owner = np.array([index for index, _ in names], dtype=np.intp)
    return _Vocabulary(
        left=names_of([*column_bags, *_bags(table.name for table in columns.tables)], everyone),
        right=names_of([*_bags(name for _, name in names), *_bags(name for _, name in entities)], everyone),
        columns=len(column_bags),
        field_names=len(names),
        field_owner=owner,
        entity_owner=np.array([index for index, _ in entities], dtype=np.intp),
        own_name=np.where(np.diff(owner, prepend=-1) > 0, 1.0, OTHER_NAME).astype(np.float32),
    )


def _bags(names: Iterable[str]) -> list[tuple[str, ...]]:
    return [name_tokens(name) for name in names]


def _forward(vocabulary: _Vocabulary, fields: Side, similarity: FloatMatrix) -> tuple[FloatMatrix, ...]:
    """Shares of each column's (and table's) name found in the names of the other side."""
    hits = token_hits(vocabulary.left, vocabulary.right, similarity)
    by_name, by_entity_name = hits[:, : vocabulary.field_names], hits[:, vocabulary.field_names :]
    table_of_name = fields.table_index[vocabulary.field_owner]
    with_table = np.maximum(
        by_name, FROM_TABLE * best_by(by_entity_name, vocabulary.entity_owner)[:, table_of_name]
    )
    weights = vocabulary.left.token_weights
    of_columns, of_tables = weights[: vocabulary.columns], weights[vocabulary.columns :]
    return of_columns @ by_name, of_columns @ with_table, of_tables @ by_entity_name


def _forward_described(vocabulary: _Vocabulary, fields: Side, similarity: FloatMatrix) -> FloatMatrix:
    """Shares of each column's name found in the names of the fields, or else in their descriptions."""
    hits = token_hits(vocabulary.left, vocabulary.right, similarity)[:, : vocabulary.field_names]
    texts = names_of([said_words(field.description) for field in fields.columns], [])
    if texts.tokens:
        alike = word_similarity(vocabulary.left.words, texts.words)
        alike[alike < SURELY_FOUND] = 0.0
        said = token_hits(vocabulary.left, texts, alike)
        hits = np.maximum(hits, FROM_DESCRIPTION * said[:, vocabulary.field_owner])
    return np.asarray(vocabulary.left.token_weights[: vocabulary.columns] @ hits)


def said_words(text: str) -> tuple[str, ...]:
    """The words of a description that carry meaning, as far as they are no detail."""
    return tuple(token for token in name_tokens(text) if token not in FILLERS)[:MOST_WORDS]


def _backward(vocabulary: _Vocabulary, columns: Side, similarity: FloatMatrix) -> tuple[FloatMatrix, ...]:
    """Shares of each field's (and entity's) names found in the names of this side; same shapes as forward."""
    hits = token_hits(vocabulary.right, vocabulary.left, np.ascontiguousarray(similarity.T))
    by_column, by_table = hits[:, : vocabulary.columns], hits[:, vocabulary.columns :]
    with_table = np.maximum(by_column, FROM_TABLE * by_table[:, columns.table_index])
    weights = vocabulary.right.token_weights
    of_fields, of_entities = weights[: vocabulary.field_names], weights[vocabulary.field_names :]
    return (of_fields @ by_column).T, (of_fields @ with_table).T, (of_entities @ by_table).T


def _harmonic(there: FloatMatrix, back: FloatMatrix) -> FloatMatrix:
    """The harmonic mean: high only where each name is found in the other."""
    return np.asarray(2 * there * back / np.maximum(there + back, 1e-9), dtype=np.float32)


def _mostly_there(there: FloatMatrix, back: FloatMatrix) -> FloatMatrix:
    """A mean in which the first counts double."""
    return np.asarray((2 * there + back) / 3, dtype=np.float32)


def best_by(by_name: FloatMatrix, owner: IntVector) -> FloatMatrix:
    """The best of all names or looks of each owner (owners in ascending order, none missing); NaN where all are."""
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    return np.asarray(np.fmax.reduceat(by_name, starts, axis=1), dtype=np.float32)

"""Names of one side in the descriptions of the other."""

from __future__ import annotations

import numpy as np

from schema_matching_pipeline.canon.names import name_tokens
from schema_matching_pipeline.matching.evidence import Evidence, said_words
from schema_matching_pipeline.matching.side import Side, SideColumn
from schema_matching_pipeline.matching.signal import SIGNALS
from schema_matching_pipeline.matching.words import FloatMatrix, found_in, names_of, word_similarity


@SIGNALS.register("name_in_description")
def name_in_description(columns: Side, fields: Side, _evidence: Evidence) -> FloatMatrix:
    """How much of the column's name is found in the field's name and description together.

    Unknown for fields without a description.
    """
    return _named_in(columns, fields)


@SIGNALS.register("description_has_name")
def description_has_name(columns: Side, fields: Side, _evidence: Evidence) -> FloatMatrix:
    """How much of the field's name is found in the column's name and description together.

    Unknown for columns without a description.
    """
    return np.ascontiguousarray(_named_in(fields, columns).T)


def _named_in(named: Side, described: Side) -> FloatMatrix:
    bags = [name_tokens(column.name) for column in named.columns]
    texts = [_text_tokens(column) for column in described.columns]
    if not any(column.description for column in described.columns):
        return np.full((len(bags), len(texts)), np.nan, dtype=np.float32)
    names, others = names_of(bags, texts), names_of(texts, texts)
    scores = found_in(names, others, word_similarity(names.words, others.words))
    scores[:, [not column.description for column in described.columns]] = np.nan
    return scores


def _text_tokens(column: SideColumn) -> tuple[str, ...]:
    return (*name_tokens(column.name), *said_words(column.description))

"""Mappings as texts and vectors, and what is found by them."""

from __future__ import annotations

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.source import ColumnRef


class EmbeddableMapping(Frozen):
    """An accepted mapping, and the text and model of its vector where it has one."""

    id: str
    source_field: str
    canonical_entity: str
    canonical_field: str
    embedded_text: str | None = None
    embedded_model: str | None = None


class MappingText(Frozen):
    """The text that stands for one mapping."""

    mapping_id: str
    text: str


class SimilarMapping(Frozen):
    """An accepted mapping near a text; ``similarity`` is the cosine, 1 for the same direction."""

    client: str
    ref: ColumnRef
    target: FieldRef
    similarity: float


class EmbeddingOutcome(Frozen):
    """What embedding a client's mappings came to; ``left`` had to wait, since this month's budget is used up."""

    client: str
    model: str
    embedded: int = 0
    kept: int = 0
    removed: int = 0
    left: int = 0

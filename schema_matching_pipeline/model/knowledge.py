"""All a run may know beside the client's own data, fixed at its start."""

from __future__ import annotations

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import CanonicalSchema, FieldRef
from schema_matching_pipeline.model.matching import TransformRule
from schema_matching_pipeline.model.profile import ColumnProfile, ValueSketch
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.trust import Thresholds


class ColumnVariant(Frozen):
    """A column name seen for a field, with how many clients used it so and the tables it stood in."""

    target: FieldRef
    name: str
    table: str
    clients: int


class FieldValues(Frozen):
    """What the value bank knows of a field: a sketch of verified values, and how many clients showed it."""

    target: FieldRef
    sketch: ValueSketch
    clients: int


class FieldExample(Frozen):
    """A column that an earlier client published for a field: how its values look, without its values."""

    target: FieldRef
    profile: ColumnProfile


class PastMapping(Frozen):
    """An approved mapping of an earlier client; ``target`` None where its people mapped the column to nothing.

    ``looks`` is the profile of a column mapped to nothing, without its values.
    """

    client: str
    ref: ColumnRef
    target: FieldRef | None
    data_type: str = ""
    looks: ColumnProfile | None = None


class RefusedBefore(Frozen):
    """A pair that people of an earlier client refused; ``looks`` is the profile of its column, without its values."""

    client: str
    ref: ColumnRef
    target: FieldRef
    looks: ColumnProfile | None = None


class RejectedPair(Frozen):
    """A pair that a person refused; it does not come back until the data change.

    The hash is that of what was shown, with the ``rule`` that was; ``drifted`` is whether the column did since.
    """

    ref: ColumnRef
    target: FieldRef
    approval_hash: str
    rule: TransformRule | None = None
    drifted: bool = False


class ReviewedSuggestions(Frozen):
    """Suggestions of about the same certainty that people decided on: how many, and how many were right.

    ``log_odds`` is the certainty before any decision was heard.
    """

    log_odds: float
    count: int
    right: int


class Knowledge(Frozen):
    """The canonical schema, the thresholds, and what earlier decisions taught."""

    canonical: CanonicalSchema
    thresholds: Thresholds
    variants: tuple[ColumnVariant, ...] = ()
    field_values: tuple[FieldValues, ...] = ()
    examples: tuple[FieldExample, ...] = ()
    past_mappings: tuple[PastMapping, ...] = ()
    rejected_pairs: tuple[RejectedPair, ...] = ()
    refused_before: tuple[RefusedBefore, ...] = ()
    reviewed: tuple[ReviewedSuggestions, ...] = ()

    @property
    def version(self) -> str:
        """Identifies this knowledge; stamped on every result."""
        return self.fingerprint()[:16]

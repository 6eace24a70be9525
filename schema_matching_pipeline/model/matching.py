"""Proposals: which canonical field each column fills, how surely, and why."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Self, assert_never

from pydantic import Field, model_validator

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.rule import (
    Coalesce,
    Computed,
    Concat,
    Lookup,
    OneColumn,
    SplitAt,
    Step,
    Transformed,
    Where,
)
from schema_matching_pipeline.model.source import ColumnRef


class SignalScore(Frozen):
    """One signal's raw score (0..1) for a pair, and its share of the confidence in log-odds."""

    signal: str
    score: float
    share: float


class Candidate(Frozen):
    """One canonical field that a column may fill. Shares sum to the logit of ``confidence``."""

    target: FieldRef
    confidence: float = Field(ge=0.0, le=1.0)
    signals: tuple[SignalScore, ...] = ()


class MappingSource(StrEnum):
    """Where a correspondence comes from."""

    AUTO_DETECTED = "auto_detected"
    HISTORY = "rag"
    LANGUAGE_MODEL = "llm"
    MANUAL = "manual"


class Disposition(StrEnum):
    """What is to become of a column, as people see it in lists and exports."""

    AUTO_ACCEPTED = "auto_accepted"
    PENDING_REVIEW = "pending_review"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXCLUDED = "excluded"
    UNMAPPED = "unmapped"


class Cast(StrEnum):
    """The type a value is read as."""

    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"


class TransformRule(Frozen):
    """How a value becomes the target's value: by a cast, with its date format if any, or by a chain of steps.

    Where it is ``computed``, it is so from other columns before anything else. What a rule has none of is not
    written, as it was before there was any: approvals are bound to that text.
    """

    cast: Cast | None = None
    date_format: str | None = None
    steps: tuple[Step, ...] = Field(default=(), exclude_if=lambda steps: not steps)
    computed: Computed | None = Field(default=None, exclude_if=lambda computed: computed is None)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.steps and (self.cast or self.date_format):
            raise ValueError("a rule has a cast or steps, not both; as steps, a cast is to_date, say")
        if self.steps:
            Transformed(steps=self.steps)
        return self

    @property
    def chain(self) -> Transformed | None:
        """The steps as a chain; None where there are none."""
        return Transformed(steps=self.steps) if self.steps else None

    @property
    def in_words(self) -> str:
        """The cast or the steps by name, as people see them.

        >>> TransformRule(cast=Cast.DATE, date_format="%d.%m.%Y").in_words
        'read as date, %d.%m.%Y'
        """
        made = _computed_in_words(self.computed) if self.computed else ""
        if self.steps:
            return ", ".join(filter(None, (made, *map(_step_in_words, self.steps))))
        return ", ".join(filter(None, (made, f"read as {self.cast}" if self.cast else "", self.date_format)))


def _step_in_words(step: Step) -> str:
    if isinstance(step, SplitAt):
        return f"what stands {step.side} the {step.which} {step.separator!r}"
    return step.step


def _computed_in_words(rule: Computed) -> str:
    match rule:
        case Concat():
            return f"{' and '.join(rule.columns)} with {rule.separator!r} between"
        case Coalesce():
            return f"the first filled of {', '.join(rule.columns)}"
        case OneColumn():
            return f"of {rule.columns[0]}"
        case Where():
            return f"{rule.columns[0]} where {rule.by} is {' or '.join(rule.among)}"
        case Lookup():
            return f"{rule.table}.{rule.value} where {rule.table}.{rule.key} is {rule.columns[0]}"
        case _:
            assert_never(rule)


class Correspondence(Frozen):
    """One column and the field proposed for it; ``target`` None means "no target", itself with a confidence.

    A column whose rule is computed is none of the source's: it is derived from those that the rule reads.
    ``question`` says why a person is to be asked about a field that is less likely than the review floor;
    ``at_rest`` that nobody is asked at all, since production has it so, or a person refused what else was suggested,
    and nothing changed.
    """

    ref: ColumnRef
    target: FieldRef | None
    confidence: float = Field(ge=0.0, le=1.0)
    candidates: tuple[Candidate, ...] = ()
    source: MappingSource = MappingSource.AUTO_DETECTED
    rule: TransformRule | None = None
    explanation: str = ""
    objections: tuple[str, ...] = ()
    conflicts: tuple[ColumnRef, ...] = ()
    question: str = ""
    at_rest: bool = False


class ModelChoice(Frozen):
    """Which of the fields it was shown a language model chose for a column; None where none of them.

    ``answered`` is whether it gave an answer that can be used; without one it chose nothing and refused nothing, and
    ``why_not`` says why.
    """

    ref: ColumnRef
    shown: tuple[FieldRef, ...]
    chosen: FieldRef | None = None
    confidence: float = Field(default=0.0, ge=0.0, le=1.0)
    answered: bool = True
    why_not: str = ""


class MappingProposal(Frozen):
    """One correspondence for every usable column of a client."""

    correspondences: tuple[Correspondence, ...]
    canonical_digest: str
    knowledge_version: str

    def by_ref(self) -> dict[ColumnRef, Correspondence]:
        """Correspondences by column."""
        return {correspondence.ref: correspondence for correspondence in self.correspondences}


class MappedColumn(Frozen):
    """A correspondence as the registry holds it: routed, perhaps decided. One row of ``smp mappings``.

    ``decided_by`` is who decided it, empty where no person did.
    """

    ref: ColumnRef
    target: FieldRef | None = None
    disposition: Disposition
    confidence: float
    proposed_confidence: float
    required_threshold: float
    source: MappingSource
    rule: TransformRule | None = None
    mapping_type: str = "direct"
    coercion_function: str | None = None
    explanation: str = ""
    objections: tuple[str, ...] = ()
    data_type: str = ""
    quality_label: str = ""
    validation_status: str = "pending"
    approval_hash: str = ""
    version: int = 1
    decided_by: str = ""
    decided_at: datetime | None = None


class NearColumn(Frozen):
    """A column that fills nothing, and how sure it is that it fills a field somebody looks for."""

    ref: ColumnRef
    confidence: float


class AlikeMapping(Frozen):
    """An accepted mapping that fills the same field, or is of a column of the same name; ``decided_by`` a person, if any."""

    client: str
    ref: ColumnRef
    target: FieldRef
    decided_by: str | None = None


class MappingInForce(Frozen):
    """A mapping in production, whether people decided it, and whether its column changed beyond tolerance since."""

    ref: ColumnRef
    target: FieldRef
    decided: bool = False
    changed: bool = False


class ColumnAtRest(Frozen):
    """What became, without any person, of a column in production; since then neither it nor the canonical model changed."""

    ref: ColumnRef
    target: FieldRef | None = None
    rule: TransformRule | None = None
    confidence: float


class Publication(Frozen):
    """The receipt of a publication."""

    client: str
    version: int
    digest: str
    mappings: int
    published_at: str
    approved_by: str
    repeated: bool = False

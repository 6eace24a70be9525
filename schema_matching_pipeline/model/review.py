"""What waits for a person, what a person may decide, and what the gate says."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum

from pydantic import Field

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import FieldRef, RiskClass
from schema_matching_pipeline.model.matching import Candidate, Disposition, TransformRule
from schema_matching_pipeline.model.quality import EvidenceFact
from schema_matching_pipeline.model.source import ColumnRef

OBJECTION = "objection"
"""The name of the facts that speak against a suggestion."""


class ItemKind(StrEnum):
    """What is doubtful."""

    QUALITY = "quality"
    CLASSIFICATION = "classification"
    MAPPING = "mapping"
    VALIDATION = "validation"


class ItemState(StrEnum):
    """Where an item stands."""

    OPEN = "open"
    AWAITING_SECOND = "awaiting_second"
    RECONCILE = "reconcile"  # as it awaits a second person, one said something else than the first
    SPOT_CHECK = (
        "spot_check"  # it asks blind about what was accepted; it waits for a person, and nothing waits for it
    )
    APPROVED = "approved"
    REJECTED = "rejected"
    OVERRIDDEN = "overridden"
    WITHDRAWN = "withdrawn"  # the reason for the item is gone: the data or the target changed


WAITING = frozenset({ItemState.OPEN, ItemState.AWAITING_SECOND, ItemState.RECONCILE, ItemState.SPOT_CHECK})
"""The states in which an item waits for a person."""


class DecisionKind(StrEnum):
    """What a person may say about an item."""

    APPROVE = "approve"
    REJECT = "reject"
    OVERRIDE = "override"  # another field than the suggested one
    UNMAP = "unmap"  # maps to nothing, because
    EXCLUDE = "exclude"  # a flagged column is not to be used
    INCLUDE = "include"  # a flagged column is to be used all the same


class ActionKind(StrEnum):
    """What may be found in the history of an item: a decision, or that one was taken back."""

    APPROVE = "approve"
    REJECT = "reject"
    OVERRIDE = "override"
    UNMAP = "unmap"
    EXCLUDE = "exclude"
    INCLUDE = "include"
    UNDO = "undo"


class ReviewItem(Frozen):
    """One doubtful thing; its id comes from content, so that a re-run does not ask twice.

    ``needed`` and ``had`` are the effective threshold and the confidence, for validation items the share of
    values that should hold and that does; ``expectation_id`` is set for those. ``rule`` is that of the suggestion
    shown, of which the hash speaks, whatever a person then chooses. A ``spot_check`` suggests nothing until it is
    answered: it has ``choices``, by name, and its ``needed`` and ``had`` are one answer, and none yet.
    """

    id: str
    kind: ItemKind
    ref: ColumnRef
    target: FieldRef | None = None
    risk_class: RiskClass
    reason: str
    needed: float
    had: float
    candidates: tuple[Candidate, ...] = ()
    choices: tuple[FieldRef, ...] = ()
    facts: tuple[EvidenceFact, ...] = ()
    expectation_id: str | None = None
    required_approvals: int = 1
    approval_hash: str = ""
    rule: TransformRule | None = None
    state: ItemState = ItemState.OPEN
    row_version: int = 1
    spot_check: bool = False

    @property
    def objections(self) -> tuple[str, ...]:
        """What speaks against the suggestion, in words."""
        return tuple(fact.value for fact in self.facts if fact.name == OBJECTION)

    @property
    def asks_blind(self) -> bool:
        """Whether it is a spot check that nobody answered yet, so that what was accepted is not told."""
        return self.state is ItemState.SPOT_CHECK

    @property
    def is_confirmed(self) -> bool:
        """Whether it was a spot check, and its answer what was accepted."""
        return self.spot_check and self.state is ItemState.APPROVED

    @property
    def asks_for_a_column(self) -> bool:
        """Whether it is about a required field that no column fills, and so about a table alone."""
        return self.kind is ItemKind.VALIDATION and not self.ref.column and self.target is not None

    @property
    def asks_for_a_table(self) -> bool:
        """Whether it is about a table that could not be read."""
        return self.kind is ItemKind.VALIDATION and not self.ref.column and self.target is None


class ReviewPace(Frozen):
    """Of a person's last ``decisions``, made one by one, so many accepted a suggestion ``at_once`` after the one before.

    ``hasty`` where that is nearly all of them.
    """

    decisions: int
    at_once: int
    hasty: bool = False

    @property
    def in_words(self) -> str:
        """What the person is told.

        >>> ReviewPace(decisions=50, at_once=48, hasty=True).in_words
        'You approved 48 of your last 50 items within two seconds each, which is too fast to read them. Nobody else is told.'
        """
        too_fast = ", which is too fast to read them" if self.hasty else ""
        return (
            f"You approved {self.at_once} of your last {self.decisions} items within two seconds each{too_fast}. "
            "Nobody else is told."
        )


class SpotCheck(Frozen):
    """A column that comes back to be asked about blind, and what it was accepted for, which the registry keeps to itself.

    ``checked_item`` is the item that a person approved together with others; None where nobody looked at the column.
    """

    id: str
    ref: ColumnRef
    approval_hash: str
    choices: tuple[FieldRef, ...]
    target: FieldRef
    risk_class: RiskClass
    reason: str
    needed: float
    had: float
    candidates: tuple[Candidate, ...] = ()
    objections: tuple[str, ...] = ()
    rule: TransformRule | None = None
    checked_item: str | None = None


class QueueOrder(StrEnum):
    """In which order open items are listed."""

    VALUE = "value"  # what an answer is worth: rows it is for, times risk, times how open the question is
    RISK = "risk"  # the riskiest and least certain first
    AGE = "age"  # the oldest first
    CONFIDENCE = "confidence"  # the surest first
    TABLE = "table"
    ROWS = "rows"  # the most rows first


class QualityDecision(Frozen):
    """What a person said about a flagged column; it stands while the hash of what was asked does."""

    ref: ColumnRef
    kind: DecisionKind
    approval_hash: str


class RoutedColumn(Frozen):
    """What review decided to do with one column, before any person looked."""

    ref: ColumnRef
    disposition: Disposition
    target: FieldRef | None
    confidence: float
    required_threshold: float
    reason: str
    approval_hash: str


class ReviewQueue(Frozen):
    """The outcome of routing: a disposition for every column, an item for every doubt."""

    columns: tuple[RoutedColumn, ...]
    items: tuple[ReviewItem, ...]


class Decision(Frozen):
    """What one person decided about one item; ``rule`` says how the values become those of another field.

    Decisions of one ``batch_id`` were made together, and are taken back together.
    """

    item_id: str
    kind: DecisionKind
    target: FieldRef | None = None
    rule: TransformRule | None = None
    reason: str = ""
    expected_row_version: int | None = None
    batch_id: str | None = None


class HoldingItem(Frozen):
    """Something that keeps a gate closed, in words, with who may decide it.

    ``rule`` is why a person is asked, as the item says it; what is no review item speaks for itself.
    """

    kind: str
    what: str
    needed: str
    who: str
    item_id: str | None = None
    rule: str = ""

    @property
    def awaits_the_pipeline(self) -> bool:
        """Whether no person decides it: a run does away with it."""
        return self.who.startswith("the pipeline")

    def who_may_decide(self, client: str) -> str:
        """Who may decide it, with the command where that is the pipeline itself."""
        return f"{self.who}: smp onboard {client}" if self.awaits_the_pipeline else self.who

    def in_a_line(self, client: str) -> str:
        """All of it, as a refusal names it."""
        why = f": {self.rule}" if self.rule else ""
        return f"{self.kind}: {self.what}{why} (needed: {self.needed}; may decide: {self.who_may_decide(client)})"


class GateState(Frozen):
    """What the registry says about a client's two gates, at its newest version.

    ``more_items`` counts, by their kind, review items that hold the gate and are not named: whoever only looks at it is
    told the first of them.
    """

    client: str
    version: int | None
    digest: str | None
    validated: bool
    approved: bool
    published_version: int | None
    holding_review: tuple[HoldingItem, ...] = ()
    holding_final: tuple[HoldingItem, ...] = ()
    more_items: dict[str, int] = Field(default_factory=dict)

    @property
    def items(self) -> tuple[HoldingItem, ...]:
        """The review items that wait for a decision and are named, as the queue lists them."""
        return tuple(held for held in self.holding_review if held.item_id is not None)

    @property
    def items_by_kind(self) -> dict[str, int]:
        """How many review items wait for a decision, named or not."""
        return dict(Counter(held.kind for held in self.items) + Counter(self.more_items))

    @property
    def waiting(self) -> int:
        """How many review items wait for a decision, of all kinds together."""
        return len(self.items) + sum(self.more_items.values())

    @property
    def others(self) -> tuple[HoldingItem, ...]:
        """What holds a gate and is no review item: a run to come, the final approval."""
        return tuple(held for held in (*self.holding_review, *self.holding_final) if held.item_id is None)

    @property
    def review_open(self) -> bool:
        """Nothing waits for a decision and no check is in ERROR."""
        return self.version is not None and not self.holding_review

    @property
    def final_open(self) -> bool:
        """Publication may go ahead."""
        return self.review_open and not self.holding_final

"""One review item as the desk shows it: what is asked, what can be answered, and the figures beside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from schema_matching_pipeline.canon.figures import compared, threshold
from schema_matching_pipeline.entrances.api.ui.queue_query import SAID_KINDS
from schema_matching_pipeline.entrances.api.ui.score_parts import (
    ScoreBar,
    ScoreLine,
    score_bar,
    score_lines,
)
from schema_matching_pipeline.entrances.reports.profiled.view import ColumnView
from schema_matching_pipeline.model.access import Actor, Role
from schema_matching_pipeline.model.canonical import FieldRef, RiskClass
from schema_matching_pipeline.model.matching import Candidate
from schema_matching_pipeline.model.quality import EvidenceFact, LabelName, QualityLabel
from schema_matching_pipeline.model.registry import ItemAction
from schema_matching_pipeline.model.review import WAITING, ActionKind, ItemKind, ItemState, ReviewItem
from schema_matching_pipeline.review import meaning_of_approval
from schema_matching_pipeline.workflows.examine_item import ExaminedItem, TargetField

_DECIDED = frozenset({ItemState.APPROVED, ItemState.REJECTED, ItemState.OVERRIDDEN})
MORE_FACTS = frozenset({"looks like", "beside it", "refers to"})
TELLING = 0.1  # where no shape holds for more of the values, shapes say nothing
CANDIDATES_SHOWN = 9  # as many as there are keys
WORTH_SHOWING = 0.02  # the confidence below which a candidate is none
REASONS: dict[str, tuple[str, ...]] = {
    "reject": (
        "The names are alike, the meaning is another.",
        "The values are not those of this field.",
        "Another column of the table is the right one.",
        "The column is not used any more.",
    ),
    "unmap": (
        "The model has no field for it.",
        "It is technical: keys, stamps, flags of the program.",
        "It repeats what another column says.",
        "The column is not used any more.",
    ),
    "waive": (
        "The data are as they are; it is known and accepted.",
        "It is being mended at the source.",
        "The client does not have it.",
    ),
    "include": (
        "It is in use again.",
        "The label is wrong: the values are real.",
        "It is needed all the same.",
    ),
    "exclude": ("It is not in use.", "It holds test data.", "It is not to leave the source."),
}


@dataclass(frozen=True)
class CandidateView:
    """One field that may be meant, under the number of its key."""

    number: int
    candidate: Candidate
    target: TargetField
    is_suggested: bool

    @cached_property
    def bar(self) -> ScoreBar:
        """The parts of its score."""
        return score_bar(self.candidate)

    @cached_property
    def lines(self) -> tuple[ScoreLine, ...]:
        """Every signal in words."""
        return score_lines(self.candidate)


@dataclass(frozen=True)
class ChoiceView:
    """One field that a spot check may be answered with, under the number of its key."""

    number: int
    target: TargetField


@dataclass(frozen=True)
class ItemView:
    """One item, for the person who looks at it."""

    found: ExaminedItem
    actor: Actor

    @property
    def item(self) -> ReviewItem:
        """The item itself."""
        return self.found.detail.item

    @property
    def kind(self) -> str:
        """What is doubtful, in words."""
        return SAID_KINDS[self.item.kind]

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        return self.item.state in WAITING

    @property
    def column(self) -> ColumnView | None:
        """Its column with figures and a plot; None where it was not profiled."""
        if self.found.column is None:
            return None
        unlabelled = QualityLabel(ref=self.item.ref, label=LabelName.GOOD, confidence=1.0, reason="")
        return ColumnView(self.found.column, self.found.label or unlabelled, self.found.references)

    @property
    def more_facts(self) -> tuple[EvidenceFact, ...]:
        """What the values look like and what stands beside them; of shapes, where one holds for many."""
        column = self.found.column
        telling = column is not None and bool(column.shapes) and column.shapes[0].share >= TELLING
        shown = MORE_FACTS | ({"written like"} if telling else frozenset())
        return tuple(fact for fact in self.found.detail.evidence.column if fact.name in shown)

    @cached_property
    def candidates(self) -> tuple[CandidateView, ...]:
        """The likely candidates by number; the suggested one is the first."""
        targets = {each.ref: each for each in self.found.targets}
        ranked = sorted(self.item.candidates, key=lambda one: one.target != self.item.target)
        likely = [
            one for one in ranked if one.confidence >= WORTH_SHOWING or one.target == self.item.target
        ] or ranked[:1]
        return tuple(
            CandidateView(number, one, targets[one.target], one.target == self.item.target)
            for number, one in enumerate(likely[:CANDIDATES_SHOWN], start=1)
        )

    @property
    def choices(self) -> tuple[ChoiceView, ...]:
        """The fields that a spot check may be answered with, by number and name."""
        targets = {each.ref: each for each in self.found.targets}
        return tuple(
            ChoiceView(number, targets[ref]) for number, ref in enumerate(self.item.choices, start=1)
        )

    @property
    def legend(self) -> tuple[tuple[str, str], ...]:
        """What the colours of the bars mean, as far as they are used."""
        return tuple(
            {part.group: part.in_words for each in self.candidates for part in each.bar.parts}.items()
        )

    @property
    def less_likely(self) -> int:
        """How many candidates are not shown."""
        return len(self.item.candidates) - len(self.candidates)

    @property
    def figures(self) -> tuple[str, str] | None:
        """The confidence it has and the one it needs; None where it is about no suggestion."""
        if self.item.kind in {ItemKind.QUALITY, ItemKind.VALIDATION} or self.item.asks_blind:
            return None
        return compared(self.item.had, self.item.needed)

    @property
    def rule_of_threshold(self) -> str:
        """Which rule sets what is needed; an item without a field is about an entity that its reason alone names."""
        rule, item = self.found.threshold, self.item
        needed = rule.effective_threshold if item.target else item.needed
        of_entity = rule.entity if item.target else "the entity it may belong to"
        return (
            f"{threshold(needed)} is the higher one of what the profile {self.found.profile}"
            f" and the risk class of {of_entity} ({item.risk_class}) ask."
        )

    @property
    def meaning(self) -> str:
        """What it means to approve it."""
        return meaning_of_approval(self.item)

    @property
    def asks_before_approval(self) -> bool:
        """Whether an approval is asked about once more: what is critical is."""
        return self.item.risk_class is RiskClass.CRITICAL

    @property
    def needs_reason_to_approve(self) -> bool:
        """Whether approving it is a waiver, which takes a reason."""
        return self.item.kind is ItemKind.VALIDATION

    @property
    def may_map(self) -> bool:
        """Whether its column can be given a field."""
        return bool(self.item.ref.column)

    @property
    def may_edit_rule(self) -> bool:
        """Whether it can be said how the values of its column become those of a field."""
        return self.may_map and self.item.kind is not ItemKind.VALIDATION and not self.item.asks_blind

    @property
    def may_reject(self) -> bool:
        """Whether there is a suggestion to refuse."""
        return self.may_map and self.item.target is not None and self.item.kind is not ItemKind.QUALITY

    @property
    def may_exclude(self) -> bool:
        """Whether it can be said that the column is not used, other than by approving."""
        return self.item.kind is ItemKind.MAPPING and not self.item.asks_blind

    @property
    def approves_no_field(self) -> bool:
        """Whether to approve it is to say that no field fits, so that this is not offered twice."""
        return self.item.kind is ItemKind.CLASSIFICATION

    @property
    def approve_word(self) -> str:
        """What the button says that approves."""
        match self.item.kind:
            case ItemKind.MAPPING if self.item.asks_blind:
                return "Answer"
            case ItemKind.QUALITY:
                return "Leave it out"
            case ItemKind.CLASSIFICATION:
                return "No field"
            case ItemKind.VALIDATION:
                return "Live with it"
        return "Approve"

    @property
    def people(self) -> str:
        """Who else must approve it; empty where one person is enough."""
        agreed = self.found.detail.agreed
        if agreed:
            return f"{', '.join(agreed)} approved it; another steward or administrator must approve it, too."
        if self.item.state is ItemState.RECONCILE:
            return "Two people said different things; a third settles it, or one of the two."
        if self.found.detail.blind:
            return "One person decided. The other decides without knowing what the first one said."
        needed = self.item.required_approvals
        return "" if needed == 1 else f"It takes {needed} different people to approve it."

    @property
    def is_mine_already(self) -> bool:
        """Whether the person approved it and now waits for another."""
        return self.actor.login in self.found.detail.agreed

    @property
    def may_take_back(self) -> bool:
        """Whether the person may take the decision back that was made about it, if nothing rests on that."""
        said = self._standing
        if self.item.spot_check:
            return False
        return said is not None and (said.who == self.actor.login or self.actor.role is Role.ADMIN)

    @property
    def to_take_back(self) -> str:
        """Who may take the decision back, for whoever may not."""
        said = self._standing
        if said is None or self.may_take_back:
            return ""
        if self.item.spot_check:
            return "The answer to a spot check is not taken back."
        return f"{said.who} or an administrator can take it back while nothing published rests on it."

    @property
    def _standing(self) -> ItemAction | None:
        """The decision that closed it; None while it is open."""
        history = self.found.detail.history
        said = [act for act in history if not act.taken_back and act.decision is not ActionKind.UNDO]
        return said[-1] if said and self.item.state in _DECIDED else None

    @property
    def target(self) -> FieldRef | None:
        """The field that is suggested."""
        return self.item.target

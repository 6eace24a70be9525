"""How far automatic work is trusted: profiles, risk classes and the thresholds that follow."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import RiskClass
from schema_matching_pipeline.model.ids import ClientId


class TrustProfile(Frozen):
    """The four switches of a trust profile."""

    name: str
    auto_accept_threshold: float = Field(ge=0.0, le=1.0)
    review_required_before_production: bool
    auto_exclude_flagged_columns: bool
    auto_verify_high_occurrence_values: bool


class RiskRule(Frozen):
    """What a risk class demands; ``entities`` overrides the canonical model's own classes."""

    name: RiskClass
    entities: tuple[str, ...] = ()
    minimum_confidence: float = Field(ge=0.0, le=1.0)
    validation_required: bool


class TrustConfig(Frozen):
    """The whole of ``schema-matching.yml``."""

    trust_profiles: tuple[TrustProfile, ...]
    default_trust_profile: str
    risk_classes: tuple[RiskRule, ...]
    review_floor: float = Field(default=0.5, ge=0.0, le=1.0)

    def profile(self, name: str | None) -> TrustProfile | None:
        """The profile of that name; the default one for None."""
        wanted = name or self.default_trust_profile
        return next((profile for profile in self.trust_profiles if profile.name == wanted), None)


class EntityThreshold(Frozen):
    """What one entity needs: effective threshold = max(profile threshold, entity minimum)."""

    entity: str
    risk_class: RiskClass
    effective_threshold: float
    validation_required: bool


class AdjustmentKind(StrEnum):
    """What became of a threshold."""

    TIGHTENED = "tightened"  # by itself: decisions show too many wrong suggestions
    SUGGESTED = "suggested"  # it may fall again, if an administrator says so
    RELAXED = "relaxed"
    DECLINED = "declined"


class TrustAdjustment(Frozen):
    """One change of an entity's threshold, or one suggested, with the decisions it rests on.

    ``bound`` is Wilson's for the share of wrong suggestions: the lower one of a threshold that rose, else the upper one.
    """

    client: ClientId
    entity: str
    kind: AdjustmentKind
    threshold_before: float
    threshold: float
    decided: int
    wrong: int
    bound: float
    reason: str | None = None
    made_by: str
    made_at: datetime


class Accuracy(Frozen):
    """How suggestions fared with people: of an entity, or (where ``signal`` is set) those one signal spoke for most.

    ``at_least`` is the share right that is sure at 95 %: Wilson's lower bound.
    """

    entity: str
    signal: str | None
    decided: int
    right: int
    at_least: float


class SpotCheckFigures(Frozen):
    """How blind questions about accepted columns fared: how many wait, were answered, and found something else.

    The share of wrong ones lies from ``at_least`` to ``at_most`` at 95 %: Wilson's interval.
    """

    waiting: int
    answered: int
    wrong: int
    at_least: float
    at_most: float


class TrustInForce(TrustConfig):
    """The configuration, and what decisions made of thresholds: the newest adjustment of each client's entities."""

    adjustments: tuple[TrustAdjustment, ...] = ()


class ClientTrust(Frozen):
    """How suggestions about a client fared with people, and what that made of its thresholds, the newest first.

    ``spot_check_share`` is how much of what is accepted without anybody looking at it alone comes back.
    """

    spot_check_share: float
    spot_checks: SpotCheckFigures
    accuracy: tuple[Accuracy, ...]
    adjustments: tuple[TrustAdjustment, ...]


class Thresholds(Frozen):
    """All thresholds of one client, fixed for a run.

    ``warnings`` name what the configuration says of entities that the client's canonical model does not have.
    """

    profile: TrustProfile
    review_floor: float
    entities: tuple[EntityThreshold, ...]
    warnings: tuple[str, ...] = ()

    def of(self, entity: str | None) -> EntityThreshold:
        """The threshold of an entity; the strictest kind where the entity is unknown."""
        strictest = EntityThreshold(
            entity=entity or "",
            risk_class=RiskClass.CRITICAL,
            effective_threshold=1.0,
            validation_required=True,
        )
        return next((threshold for threshold in self.entities if threshold.entity == entity), strictest)

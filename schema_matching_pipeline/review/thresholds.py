"""Trust profile and risk class to the one threshold that counts for an entity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from schema_matching_pipeline.errors import UnknownNameError
from schema_matching_pipeline.model.canonical import CanonicalEntity, CanonicalSchema, RiskClass
from schema_matching_pipeline.model.trust import (
    EntityThreshold,
    RiskRule,
    Thresholds,
    TrustConfig,
    TrustProfile,
)


def effective_thresholds(
    config: TrustConfig,
    profile_name: str | None,
    canonical: CanonicalSchema,
    review_floor: float | None = None,
) -> Thresholds:
    """What every entity of the model needs: the higher one of the profile's threshold and its class's minimum.

    ``profile_name`` None means the default profile, ``review_floor`` None the configuration's.

    Raises:
        UnknownNameError: there is no such profile.
    """
    profile = config.profile(profile_name)
    if profile is None:
        raise UnknownNameError(
            "trust profile", profile_name or "", (known.name for known in config.trust_profiles)
        )
    return Thresholds(
        profile=profile,
        review_floor=config.review_floor if review_floor is None else review_floor,
        entities=tuple(_entity_threshold(entity, config, profile) for entity in canonical.entities),
        warnings=unknown_entities(
            config, [entity.name for entity in canonical.entities], f"{canonical.name} has no"
        ),
    )


def with_raised(thresholds: Thresholds, raised: Mapping[str, float]) -> Thresholds:
    """The thresholds, where decisions raised some: of both the higher one counts, so that nothing falls by that."""
    return thresholds.but(
        entities=tuple(
            entity.but(effective_threshold=max(entity.effective_threshold, raised.get(entity.entity, 0.0)))
            for entity in thresholds.entities
        )
    )


def unknown_entities(config: TrustConfig, known: Sequence[str], denial: str) -> tuple[str, ...]:
    """A sentence for each entity that a risk class names and that is not among the known ones, the nearest with it."""
    return tuple(
        f"risk_classes.{rule.name}.entities: {denial} entity {name!r}.{_nearest(name, known)}"
        for rule in config.risk_classes
        for name in rule.entities
        if name not in known
    )


def _nearest(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=3)
    return f" Did you mean {' or '.join(map(repr, close))}?" if close else ""


def _entity_threshold(entity: CanonicalEntity, config: TrustConfig, profile: TrustProfile) -> EntityThreshold:
    risk_class = _risk_class(entity, config)
    rule = _rule(risk_class, config)
    return EntityThreshold(
        entity=entity.name,
        risk_class=risk_class,
        effective_threshold=max(profile.auto_accept_threshold, rule.minimum_confidence),
        validation_required=rule.validation_required,
    )


def _risk_class(entity: CanonicalEntity, config: TrustConfig) -> RiskClass:
    """The class the configuration moves the entity into, else the canonical model's own."""
    moved = (rule.name for rule in config.risk_classes if entity.name in rule.entities)
    return next(moved, entity.risk_class)


def _rule(risk_class: RiskClass, config: TrustConfig) -> RiskRule:
    """The rule of a class; the strictest one where the configuration has none."""
    strictest = RiskRule(name=risk_class, minimum_confidence=1.0, validation_required=True)
    return next((rule for rule in config.risk_classes if rule.name is risk_class), strictest)

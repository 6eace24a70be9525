"""Evaluates the checks of a phase for one client, from what the registry holds now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from schema_matching_pipeline.errors import UsageError
from schema_matching_pipeline.model.check import CheckVerdict
from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.model.review import ReviewItem
from schema_matching_pipeline.model.source import SourceChange
from schema_matching_pipeline.model.validation import ValidationReport
from schema_matching_pipeline.profiling import Look, baselines, profile_drift
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.review import checks
from schema_matching_pipeline.workflows.classify_columns import current_classification
from schema_matching_pipeline.workflows.gather_knowledge import client_thresholds
from schema_matching_pipeline.workflows.label_columns import current_profile, current_report
from schema_matching_pipeline.workflows.run_state import RunStamp, open_client
from schema_matching_pipeline.workflows.world import World

Verdicts = tuple[CheckVerdict, ...]
Evaluations = Mapping[Phase, Callable[[World, UnitOfWork, str], Verdicts]]


def evaluate_checks(
    world: World, client: str, phase: Phase, *, run: RunStamp, release: bool = False
) -> Verdicts:
    """The verdicts of the phase's checks, stored for people; in a release what waits counts as an error.

    Raises:
        UsageError: the phase has not run for this client yet.
    """
    with open_client(world, client, run) as unit:
        verdicts = _told(_EVALUATIONS, phase, world, unit, client)
        if release:
            verdicts = tuple(checks.for_release(verdict) for verdict in verdicts)
        unit.checks.store(client, verdicts)
    return verdicts


def current_checks(world: World, unit: UnitOfWork, client: str) -> Verdicts:
    """What the checks of the phases that ran say now, by name, decisions made since included.

    What only a profile can tell stays as the last one told it; so does a phase whose trust profile is gone.
    """
    stored = unit.checks.current(client)
    now = {verdict.name: verdict for verdict in stored}
    for phase in {verdict.asset for verdict in stored}:
        with suppress(UsageError):
            now.update((verdict.name, verdict) for verdict in _told(_LIVE, phase, world, unit, client))
    return tuple(now[verdict.name] for verdict in stored)


def _told(evaluations: Evaluations, phase: Phase, world: World, unit: UnitOfWork, client: str) -> Verdicts:
    return tuple(checks.told_about(verdict, client) for verdict in evaluations[phase](world, unit, client))


def _profiles(world: World, unit: UnitOfWork, client: str) -> Verdicts:
    profile = current_profile(unit, client)
    return (
        *_completeness(world, unit, client),
        checks.profile_drift(_drift(world, unit, client, profile), world.policies.review),
        *_freshness(world, unit, client),
        checks.source_unchanged(unit.profiles.changes(client), world.policies.review),
    )


def _completeness(world: World, unit: UnitOfWork, client: str) -> Verdicts:
    read, unread = len(unit.profiles.row_counts(client)), unit.profiles.unread(client)
    return (checks.profile_complete(read, unread, unit.reviews.waived(client), world.policies.review),)


def _live_profiles(world: World, unit: UnitOfWork, client: str) -> Verdicts:
    return (*_completeness(world, unit, client), *_freshness(world, unit, client))


def _freshness(world: World, unit: UnitOfWork, client: str) -> Verdicts:
    profiled_at = unit.profiles.profiled_at(client)
    return (checks.profile_fresh(profiled_at, world.clock.now(), world.policies.profile),)


def _drift(world: World, unit: UnitOfWork, client: str, profile: SourceProfile) -> tuple[SourceChange, ...]:
    """What moved since earlier profiles, the one under test not among them; nothing where there is none."""
    policy = world.policies.profile
    now, *earlier = (look.profiled_at for look in unit.profiles.history(client, policy.drift_looks))
    past = [Look(unit.profiles.taken(client, at), at.date()) for at in baselines(earlier, now, policy)]
    return profile_drift(past, Look(profile, now.date()), policy)


def _labels(world: World, unit: UnitOfWork, client: str) -> Verdicts:
    report, items = current_report(unit, client), _open_items(unit, client)
    return (checks.flagged_columns_reviewed(report, items, world.policies.review),)


def _classifications(world: World, unit: UnitOfWork, client: str) -> Verdicts:
    thresholds = client_thresholds(world, unit, client)
    found, items = current_classification(unit, client), _open_items(unit, client)
    return (checks.classification_threshold(found, thresholds, items, world.policies.review),)


def _mappings(world: World, unit: UnitOfWork, client: str) -> Verdicts:
    columns, items = unit.mappings.current(client), _open_items(unit, client)
    canonical = unit.canonical.get(unit.clients.get(client).canonical_model)
    return (
        checks.mapping_threshold(columns, items, world.policies.review),
        checks.required_fields_covered(
            canonical, columns, unit.reviews.waived(client), world.policies.review
        ),
    )


def _validations(world: World, unit: UnitOfWork, client: str) -> Verdicts:
    report = unit.validations.current(client) or ValidationReport(findings=())
    return (checks.validation_demanded_passed(report, unit.reviews.waived(client), world.policies.review),)


def _last_validations(world: World, unit: UnitOfWork, client: str) -> Verdicts:
    verdicts = _validations(world, unit, client)
    if unit.publications.gate(client).validated:
        return verdicts
    return tuple(checks.to_be_validated(verdict) for verdict in verdicts)


def _publications(world: World, unit: UnitOfWork, client: str) -> Verdicts:
    return (checks.nothing_pending(unit.publications.gate(client), world.policies.review),)


def _open_items(unit: UnitOfWork, client: str) -> tuple[ReviewItem, ...]:
    return unit.reviews.open_items(client)


_EVALUATIONS: Evaluations = {
    Phase.COLUMN_PROFILES: _profiles,
    Phase.QUALITY_LABELS: _labels,
    Phase.CLASSIFICATIONS: _classifications,
    Phase.MAPPINGS: _mappings,
    Phase.VALIDATION_REPORTS: _validations,
    Phase.PUBLISHED_MAPPINGS: _publications,
}
_LIVE: Evaluations = {
    **_EVALUATIONS,
    Phase.COLUMN_PROFILES: _live_profiles,
    Phase.VALIDATION_REPORTS: _last_validations,
}

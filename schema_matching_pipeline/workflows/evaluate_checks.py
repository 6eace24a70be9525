"""Evaluates the checks of a phase for one client, from what the registry holds now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from schema_matching_pipeline.errors import UsageError
from schema_matching_pipeline.model.check import CheckVerdict
from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.model.review import GateState, ItemKind
from schema_matching_pipeline.model.source import SourceChange
from schema_matching_pipeline.model.tally import Backlog, ColumnTally, LabelGroup
from schema_matching_pipeline.model.trust import Thresholds
from schema_matching_pipeline.profiling import Look, baselines, profile_drift
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.review import checks
from schema_matching_pipeline.workflows.classify_columns import not_classified
from schema_matching_pipeline.workflows.gather_knowledge import client_thresholds
from schema_matching_pipeline.workflows.label_columns import current_profile, labels_counted, not_labelled
from schema_matching_pipeline.workflows.run_state import RunStamp, open_client
from schema_matching_pipeline.workflows.world import World

Verdicts = tuple[CheckVerdict, ...]

HOLDING_NAMED = 100
"""So many items that hold a gate are named to whoever only looks at it; of the others it is told how many there are."""


@dataclass(frozen=True)
class ClientReading:
    """What the registry holds of one client, each part read once, where something asks for it."""

    world: World
    unit: UnitOfWork
    client: str

    @cached_property
    def columns(self) -> ColumnTally:
        """What its columns are to become."""
        return self.unit.tallies.columns(self.client, sure=self.world.policies.review.fit_confidence)

    @cached_property
    def labels(self) -> tuple[LabelGroup, ...]:
        """The labels of its columns, with what people decided about them; empty where there are none yet."""
        return labels_counted(self.unit, self.client)

    @cached_property
    def gate(self) -> GateState:
        """What keeps it from publication, in short."""
        return self.unit.publications.gate_in_short(self.client, HOLDING_NAMED)

    @cached_property
    def thresholds(self) -> Thresholds:
        """What it goes by."""
        return client_thresholds(self.world, self.unit, self.client)

    def backlog(self, kind: ItemKind) -> Backlog:
        """What waits for people of one kind; as many by themselves as a check shows."""
        return self.unit.tallies.backlog(self.client, kind, most=self.world.policies.review.rows_shown)

    @cached_property
    def waived(self) -> frozenset[str]:
        """The expectations whose failure people live with."""
        return self.unit.reviews.waived(self.client)


Evaluations = Mapping[Phase, Callable[[ClientReading], Verdicts]]


def evaluate_checks(
    world: World, client: str, phase: Phase, *, run: RunStamp, release: bool = False
) -> Verdicts:
    """The verdicts of the phase's checks, stored for people; in a release what waits counts as an error.

    Raises:
        UsageError: the phase has not run for this client yet.
    """
    with open_client(world, client, run) as unit:
        verdicts = _told(_EVALUATIONS, phase, ClientReading(world, unit, client))
        if release:
            verdicts = tuple(checks.for_release(verdict) for verdict in verdicts)
        unit.checks.store(client, verdicts)
    return verdicts


def current_checks(reading: ClientReading) -> Verdicts:
    """What the checks of the phases that ran say now, by name, decisions made since included.

    What only a profile can tell stays as the last one told it; so does a phase whose trust profile is gone.
    """
    stored = reading.unit.checks.current(reading.client)
    now = {verdict.name: verdict for verdict in stored}
    for phase in {verdict.asset for verdict in stored}:
        with suppress(UsageError):
            now.update((verdict.name, verdict) for verdict in _told(_LIVE, phase, reading))
    return tuple(now[verdict.name] for verdict in stored)


def _told(evaluations: Evaluations, phase: Phase, reading: ClientReading) -> Verdicts:
    return tuple(checks.told_about(verdict, reading.client) for verdict in evaluations[phase](reading))


def _profiles(of: ClientReading) -> Verdicts:
    profile = current_profile(of.unit, of.client)
    return (
        *_completeness(of),
        checks.profile_drift(_drift(of, profile), of.world.policies.review),
        *_freshness(of),
        checks.source_unchanged(of.unit.profiles.changes(of.client), of.world.policies.review),
    )


def _completeness(of: ClientReading) -> Verdicts:
    read, unread = len(of.unit.profiles.row_counts(of.client)), of.unit.profiles.unread(of.client)
    return (checks.profile_complete(read, unread, of.waived, of.world.policies.review),)


def _live_profiles(of: ClientReading) -> Verdicts:
    return (*_completeness(of), *_freshness(of))


def _freshness(of: ClientReading) -> Verdicts:
    profiled_at = of.unit.profiles.profiled_at(of.client)
    return (checks.profile_fresh(profiled_at, of.world.clock.now(), of.world.policies.profile),)


def _drift(of: ClientReading, profile: SourceProfile) -> tuple[SourceChange, ...]:
    """What moved since earlier profiles, the one under test not among them; nothing where there is none."""
    policy = of.world.policies.profile
    now, *earlier = (look.profiled_at for look in of.unit.profiles.history(of.client, policy.drift_looks))
    past = [Look(of.unit.profiles.taken(of.client, at), at.date()) for at in baselines(earlier, now, policy)]
    return profile_drift(past, Look(profile, now.date()), policy)


def _labels(of: ClientReading) -> Verdicts:
    if not of.labels:
        raise not_labelled(of.client)
    waiting = of.backlog(ItemKind.QUALITY)
    return (checks.flagged_columns_reviewed(of.labels, waiting, of.world.policies.review),)


def _classifications(of: ClientReading) -> Verdicts:
    if not of.unit.classifications.were_made(of.client):
        raise not_classified(of.client)
    found, waiting = of.unit.tallies.meanings(of.client), of.backlog(ItemKind.CLASSIFICATION)
    return (checks.classification_threshold(found, of.thresholds, waiting, of.world.policies.review),)


def _mappings(of: ClientReading) -> Verdicts:
    canonical = of.unit.canonical.get(of.unit.clients.get(of.client).canonical_model)
    return (
        checks.mapping_threshold(of.columns, of.backlog(ItemKind.MAPPING), of.world.policies.review),
        checks.required_fields_covered(canonical, of.columns, of.waived, of.world.policies.review),
    )


def _validations(of: ClientReading) -> Verdicts:
    demands = of.unit.tallies.demands(of.client)
    return (checks.validation_demanded_passed(demands, of.waived, of.world.policies.review),)


def _last_validations(of: ClientReading) -> Verdicts:
    verdicts = _validations(of)
    if of.unit.publications.validated_at(of.client):
        return verdicts
    return tuple(checks.to_be_validated(verdict) for verdict in verdicts)


def _publications(of: ClientReading) -> Verdicts:
    return (checks.nothing_pending(of.gate, of.world.policies.review),)


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

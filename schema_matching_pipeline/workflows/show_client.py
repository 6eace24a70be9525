"""Where a client stands, in one value for people."""

from __future__ import annotations

from collections import Counter

from pydantic import field_serializer

from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.check import CheckVerdict
from schema_matching_pipeline.model.matching import Disposition
from schema_matching_pipeline.model.pipeline import PipelineRun
from schema_matching_pipeline.model.registry import ClientRecord
from schema_matching_pipeline.model.review import GateState
from schema_matching_pipeline.model.source import SourceChange
from schema_matching_pipeline.quality import score_groups
from schema_matching_pipeline.review import poor_fit
from schema_matching_pipeline.workflows.evaluate_checks import ClientReading, current_checks
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


class ClientStatus(Frozen):
    """A client's pipeline, columns by disposition, checks and gates; ``scores`` of its tables, the lowest first.

    ``warnings`` name entities of the risk classes that the client's canonical model does not have, and say where it is likely
    the wrong model.
    """

    client: ClientRecord
    run: PipelineRun | None
    dispositions: tuple[tuple[str, int], ...]
    gate: GateState
    checks: tuple[CheckVerdict, ...]
    scores: tuple[tuple[str, float], ...] = ()
    warnings: tuple[str, ...] = ()

    @field_serializer("dispositions", "scores", when_used="json")
    def _by_name(self, counted: tuple[tuple[str, float], ...]) -> dict[str, float]:
        return dict(counted)


def show_changes(world: World, actor: Actor, client: str) -> tuple[SourceChange, ...]:
    """What the newest profile found changed in the client's source since the one before.

    Raises:
        UnknownNameError: there is no such client in the actor's tenant.
    """
    require(actor, Permission.READ, client)
    with open_as(world, actor) as unit:
        return unit.profiles.changes(unit.clients.get(client).slug)


def show_client(world: World, actor: Actor, client: str) -> ClientStatus:
    """Where the client stands now.

    Raises:
        UnknownNameError: there is no such client in the actor's tenant.
    """
    require(actor, Permission.READ, client)
    with open_as(world, actor) as unit:
        record = unit.clients.get(client)
        reading = ClientReading(world, unit, client)
        return ClientStatus(
            client=record,
            run=unit.runs.latest_or_none(client),
            dispositions=count_dispositions(reading),
            gate=reading.gate,
            checks=current_checks(reading),
            scores=tuple(score_groups(reading.labels).items()),
            warnings=(*reading.thresholds.warnings, *_misfit(reading, record)),
        )


def _misfit(reading: ClientReading, record: ClientRecord) -> tuple[str, ...]:
    """That the client's canonical model is likely the wrong one, where it is."""
    canonical = reading.unit.canonical.get(record.canonical_model)
    said = poor_fit(reading.columns.groups, canonical, reading.world.policies.review)
    return (said,) if said else ()


def count_dispositions(reading: ClientReading) -> tuple[tuple[str, int], ...]:
    """How many of the client's columns stand how."""
    counted = Counter[str]()
    for group in reading.columns.groups:
        counted[Disposition.PENDING_REVIEW if group.asked else group.disposition] += group.columns
    return tuple(sorted((str(disposition), columns) for disposition, columns in counted.items()))

"""A client's newest profile with its quality labels, for people to browse."""

from __future__ import annotations

from datetime import datetime

from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.model.quality import QualityReport
from schema_matching_pipeline.model.registry import ClientRecord
from schema_matching_pipeline.quality import score_tables
from schema_matching_pipeline.workflows.label_columns import current_profile, current_report
from schema_matching_pipeline.workflows.note_export import note_export
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


class ShownProfile(Frozen):
    """What was measured, when, how good each column is with people's word about it, and the tables' scores."""

    client: ClientRecord
    taken_at: datetime
    profile: SourceProfile
    report: QualityReport
    scores: tuple[tuple[str, float], ...]


def show_profile(world: World, actor: Actor, client: str) -> ShownProfile:
    """The client's newest profile.

    Raises:
        UnknownNameError: there is no such client in the actor's tenant.
        UsageError: it was not profiled and labelled yet.
    """
    require(actor, Permission.READ, client)
    with open_as(world, actor) as unit:
        record = unit.clients.get(client)
        report = current_report(unit, client)
        return ShownProfile(
            client=record,
            taken_at=unit.profiles.profiled_at(client) or record.created_at,
            profile=current_profile(unit, client),
            report=report,
            scores=tuple(score_tables(report).items()),
        )


def export_profile(world: World, actor: Actor, client: str, form: str) -> ShownProfile:
    """The same, to leave as a file of that ``form``; the audit says who took how many columns.

    Raises:
        UnknownNameError, UsageError: as above.
    """
    found = show_profile(world, actor, client)
    note_export(world, actor, found.client.slug, "profile", form, len(found.profile.columns))
    return found

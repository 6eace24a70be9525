"""Every column of a client as the registry holds it."""

from __future__ import annotations

from collections import defaultdict

from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.matching import Candidate, MappedColumn
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.validation import FindingStatus, ValidationOutcome, ValidationReport
from schema_matching_pipeline.review import asked_columns, shown_disposition, validation_outcome
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


class MappingLine(Frozen):
    """One column as it stands, and the best candidate of its newest proposal; ``validation`` where it fills a field."""

    mapped: MappedColumn
    validation: ValidationOutcome | None = None
    best: Candidate | None = None


def list_mappings(world: World, actor: Actor, client: str) -> tuple[MappingLine, ...]:
    """The client's columns with their fields and dispositions, by table and column.

    Raises:
        UnknownNameError: there is no such client in the actor's tenant.
    """
    require(actor, Permission.READ, client)
    with open_as(world, actor) as unit:
        unit.clients.get(client)
        found, proposal = unit.mappings.current(client), unit.mappings.proposal(client)
        failed, waived = _failed(unit.validations.current(client)), unit.reviews.waived(client)
        complete = unit.publications.gate(client).validated
        asked = asked_columns(unit.reviews.open_items(client))
    proposed = proposal.by_ref() if proposal else {}
    ordered = sorted(found, key=lambda mapped: (mapped.ref.table, mapped.ref.column))
    return tuple(
        MappingLine(
            mapped=mapped.model_copy(
                update={"disposition": shown_disposition(mapped.disposition, mapped.ref, asked)}
            ),
            validation=validation_outcome(mapped, failed[mapped.ref], waived, complete=complete),
            best=next(iter(proposed[mapped.ref].candidates), None) if mapped.ref in proposed else None,
        )
        for mapped in ordered
    )


def _failed(report: ValidationReport | None) -> defaultdict[ColumnRef, list[str]]:
    """The expectations that failed, by column."""
    failed: defaultdict[ColumnRef, list[str]] = defaultdict(list)
    for finding in report.findings if report else ():
        if finding.status is FindingStatus.FAILED:
            failed[finding.ref].append(finding.expectation_id)
    return failed

"""Every column of a client as the registry holds it, and those that somebody looks for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum

from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.matching import Candidate, Disposition, MappedColumn
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.validation import FindingStatus, ValidationOutcome, ValidationReport
from schema_matching_pipeline.review import asked_columns, shown_disposition, validation_outcome
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


class MappingLine(Frozen):
    """One column as it stands, and the best candidate of its newest proposal; ``validation`` where it fills a field.

    ``item`` is the review item that asks about it, where one does.
    """

    mapped: MappedColumn
    validation: ValidationOutcome | None = None
    best: Candidate | None = None
    item: str | None = None

    @property
    def confidence(self) -> float | None:
        """How sure the field is; None where the column fills none."""
        return self.mapped.confidence if self.mapped.target else None


class MappingOrder(StrEnum):
    """What lines are put in order by; those that have nothing there come last."""

    COLUMN = "column"
    FIELD = "field"
    CONFIDENCE = "confidence"
    STATUS = "status"


class MappingFilter(Frozen):
    """Which lines are looked for, and in which order; None leaves a question open.

    ``at_least`` and ``below`` are bounds of the confidence of the field; ``text`` is a part of the name of a table,
    column, entity or field, whatever its case.
    """

    table: str | None = None
    entity: str | None = None
    status: Disposition | None = None
    at_least: float | None = None
    below: float | None = None
    text: str | None = None
    order: MappingOrder = MappingOrder.COLUMN
    descending: bool = False


def list_mappings(
    world: World, actor: Actor, client: str, *, candidates: bool = True
) -> tuple[MappingLine, ...]:
    """The client's columns with their fields and dispositions, by table and column; without best candidates if told so.

    Raises:
        UnknownNameError: there is no such client in the actor's tenant.
    """
    require(actor, Permission.READ, client)
    with open_as(world, actor) as unit:
        unit.clients.get(client)
        found = unit.mappings.current(client)
        proposal = unit.mappings.proposal(client) if candidates else None
        failed, waived = _failed(unit.validations.current(client)), unit.reviews.waived(client)
        complete = unit.publications.is_validated(client)
        open_items = unit.reviews.open_items(client)
    asked, items = asked_columns(open_items), {item.ref: item.id for item in reversed(open_items)}
    proposed = proposal.by_ref() if proposal else {}
    ordered = sorted(found, key=lambda mapped: (mapped.ref.table, mapped.ref.column))
    return tuple(
        MappingLine(
            mapped=_as_shown(mapped, asked),
            validation=validation_outcome(mapped, failed[mapped.ref], waived, complete=complete),
            best=next(iter(proposed[mapped.ref].candidates), None) if mapped.ref in proposed else None,
            item=items.get(mapped.ref),
        )
        for mapped in ordered
    )


def _as_shown(mapped: MappedColumn, asked: Collection[ColumnRef]) -> MappedColumn:
    disposition = shown_disposition(mapped.disposition, mapped.ref, asked)
    return mapped if disposition is mapped.disposition else mapped.but(disposition=disposition)


def add_best(
    world: World, actor: Actor, client: str, lines: Iterable[MappingLine]
) -> tuple[MappingLine, ...]:
    """The lines with the best candidates of their columns, of a page of which few tables need be read.

    Raises:
        NotAllowedError: the actor has nothing to do with the client.
    """
    require(actor, Permission.READ, client)
    lines = tuple(lines)
    with open_as(world, actor) as unit:
        tables = {line.mapped.ref.table for line in lines}
        proposed = {
            ref: each for table in tables for ref, each in unit.mappings.proposed_of(client, table).items()
        }
    return tuple(
        line.but(best=next(iter(proposed[line.mapped.ref].candidates), None))
        if line.mapped.ref in proposed
        else line
        for line in lines
    )


def export_mappings(
    world: World, actor: Actor, client: str, wanted: MappingFilter, form: str
) -> tuple[MappingLine, ...]:
    """The lines that pass the filter, to leave as a file of that ``form``; the audit says who took how many of them.

    Raises:
        UnknownNameError: there is no such client in the actor's tenant.
    """
    found = find_mappings(list_mappings(world, actor, client), wanted)
    asked = wanted.model_dump(mode="json", exclude_defaults=True)
    with open_as(world, actor) as unit:
        unit.audit.note_export(client, "mappings", form, asked, len(found))
    return found


def find_mappings(lines: Iterable[MappingLine], wanted: MappingFilter) -> tuple[MappingLine, ...]:
    """The lines that pass the filter, in its order; equals stay as they were."""
    found = [line for line in lines if _passes(line, wanted)]
    key = _ORDERS[wanted.order]
    having = sorted((line for line in found if key(line)), key=key, reverse=wanted.descending)
    return (*having, *(line for line in found if not key(line)))


def _passes(line: MappingLine, wanted: MappingFilter) -> bool:
    mapped, confidence = line.mapped, line.confidence
    names = f"{mapped.ref}\n{mapped.target or ''}".casefold()
    return (
        wanted.table in {None, mapped.ref.table}
        and (wanted.entity is None or (mapped.target is not None and mapped.target.entity == wanted.entity))
        and wanted.status in {None, mapped.disposition}
        and (wanted.at_least is None or (confidence is not None and confidence >= wanted.at_least))
        and (wanted.below is None or (confidence is not None and confidence < wanted.below))
        and (wanted.text is None or wanted.text.casefold() in names)
    )


# An empty key is that of a line which has nothing to be put in order by.
_ORDERS: Mapping[MappingOrder, Callable[[MappingLine], tuple[str, ...] | tuple[float, ...]]] = {
    MappingOrder.COLUMN: lambda line: (line.mapped.ref.table, line.mapped.ref.column),
    MappingOrder.FIELD: lambda line: (
        (line.mapped.target.entity, line.mapped.target.field) if line.mapped.target else ()
    ),
    MappingOrder.CONFIDENCE: lambda line: () if line.confidence is None else (line.confidence,),
    MappingOrder.STATUS: lambda line: (str(line.mapped.disposition),),
}


def _failed(report: ValidationReport | None) -> defaultdict[ColumnRef, list[str]]:
    """The expectations that failed, by column."""
    failed: defaultdict[ColumnRef, list[str]] = defaultdict(list)
    for finding in report.findings if report else ():
        if finding.status is FindingStatus.FAILED:
            failed[finding.ref].append(finding.expectation_id)
    return failed

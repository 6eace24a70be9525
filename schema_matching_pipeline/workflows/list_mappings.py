"""Every column of a client as the registry holds it, and those that somebody looks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from math import ceil
from operator import itemgetter

from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.matching import Candidate, Disposition, MappedColumn
from schema_matching_pipeline.model.registry import Page
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.tally import ColumnGlance
from schema_matching_pipeline.model.validation import ValidationOutcome
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.review import validation_outcome
from schema_matching_pipeline.workflows.note_export import note_export
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

    @property
    def glance(self) -> ColumnGlance:
        """As much of it as lists are searched and put in order by."""
        ref, target = self.mapped.ref, self.mapped.target
        return ColumnGlance(
            table=ref.table,
            column=ref.column,
            entity=target.entity if target else None,
            field=target.field if target else None,
            disposition=self.mapped.disposition,
            confidence=self.confidence,
        )


class MappingsShown(Frozen):
    """A page of the columns that somebody looks for, and what all of the client's columns can be looked for by.

    ``whole`` is how many columns the client has, ``tables`` and ``entities`` which they are of and fill.
    """

    page: Page[MappingLine]
    whole: int
    tables: tuple[str, ...]
    entities: tuple[str, ...]


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


def list_mappings(world: World, actor: Actor, client: str) -> tuple[MappingLine, ...]:
    """The client's columns with their fields, dispositions and best candidates, by table and column.

    Raises:
        UnknownNameError: there is no such client in the actor's tenant.
    """
    require(actor, Permission.READ, client)
    with open_as(world, actor) as unit:
        unit.clients.get(client)
        found = find_columns(unit.mappings.glances(client), MappingFilter())
        return _with_best(unit, client, lines_of(unit, client, found), whole=True)


def show_mappings(
    world: World, actor: Actor, client: str, wanted: MappingFilter, page: int, size: int, *, best: bool
) -> MappingsShown:
    """A page of the client's columns that pass the filter, in its order; with their ``best`` candidates if told so.

    Raises:
        UnknownNameError: there is no such client in the actor's tenant.
    """
    require(actor, Permission.READ, client)
    with open_as(world, actor) as unit:
        unit.clients.get(client)
        glances = unit.mappings.glances(client)
        found = find_columns(glances, wanted)
        lines = lines_of(unit, client, found[(page - 1) * size : page * size])
        shown = _with_best(unit, client, lines, whole=False) if best else lines
    return MappingsShown(
        page=Page[MappingLine](
            total=len(found), page=page, size=size, pages=ceil(len(found) / size), items=shown
        ),
        whole=len(glances),
        tables=tuple(sorted({each.table for each in glances})),
        entities=tuple(sorted({each.entity for each in glances if each.entity})),
    )


def lines_of(unit: UnitOfWork, client: str, glances: Sequence[ColumnGlance]) -> tuple[MappingLine, ...]:
    """The columns in full, in the order in which they were found."""
    refs = [ColumnRef(table=each.table, column=each.column) for each in glances]
    mapped = {each.ref: each for each in unit.mappings.among(client, refs)}
    failed, waived = unit.validations.failed(client, refs), unit.reviews.waived(client)
    items, validated_at = unit.reviews.asking_about(client, refs), unit.publications.validated_at(client)
    return tuple(
        MappingLine(
            mapped=_as_shown(mapped[ref], Disposition(glance.disposition)),
            validation=validation_outcome(mapped[ref], failed.get(ref, ()), waived, validated_at),
            item=items.get(ref),
        )
        for ref, glance in zip(refs, glances, strict=True)
        if ref in mapped  # a run may have taken it away since
    )


def _as_shown(mapped: MappedColumn, disposition: Disposition) -> MappedColumn:
    return mapped if disposition is mapped.disposition else mapped.but(disposition=disposition)


def _with_best(
    unit: UnitOfWork, client: str, lines: Iterable[MappingLine], *, whole: bool
) -> tuple[MappingLine, ...]:
    """The lines with the best candidates of their columns; of a page, few tables of the proposal need be read."""
    lines = tuple(lines)
    if whole:
        proposal = unit.mappings.proposal(client)
        proposed = proposal.by_ref() if proposal else {}
    else:
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
    note_export(world, actor, client, "mappings", form, len(found), **asked)
    return found


def find_mappings(lines: Iterable[MappingLine], wanted: MappingFilter) -> tuple[MappingLine, ...]:
    """The lines that pass the filter, in its order; equals stay as they were."""
    known = {line.glance: line for line in lines}
    return tuple(known[glance] for glance in find_columns(known, wanted))


def find_columns(glances: Iterable[ColumnGlance], wanted: MappingFilter) -> tuple[ColumnGlance, ...]:
    """The columns that pass the filter, in its order; equals by table and column."""
    tests = tuple(_tests(wanted))
    found = [glance for glance in glances if all(test(glance) for test in tests)] if tests else glances
    by_name = sorted(found, key=itemgetter(0, 1))
    if wanted.order is MappingOrder.COLUMN:
        return tuple(reversed(by_name) if wanted.descending else by_name)
    keyed = [(_ORDERS[wanted.order](glance), glance) for glance in by_name]
    having = sorted((pair for pair in keyed if pair[0]), key=itemgetter(0), reverse=wanted.descending)
    return (*(glance for _, glance in having), *(glance for key, glance in keyed if not key))


def _tests(wanted: MappingFilter) -> Iterator[Callable[[ColumnGlance], bool]]:
    """What a column must pass, as far as it is asked for."""
    if wanted.table is not None:
        yield lambda glance: glance.table == wanted.table
    if wanted.entity is not None:
        yield lambda glance: glance.entity == wanted.entity
    if wanted.status is not None:
        yield lambda glance: glance.disposition == wanted.status
    if (least := wanted.at_least) is not None:
        yield lambda glance: glance.confidence is not None and glance.confidence >= least
    if (bound := wanted.below) is not None:
        yield lambda glance: glance.confidence is not None and glance.confidence < bound
    if wanted.text is not None:
        part = wanted.text.casefold()
        yield lambda glance: part in _names_of(glance)


def _names_of(glance: ColumnGlance) -> str:
    target = f"{glance.entity}.{glance.field}" if glance.field is not None else ""
    return f"{glance.table}.{glance.column}\n{target}".casefold()


# An empty key is that of a column which has nothing to be put in order by.
_ORDERS: Mapping[MappingOrder, Callable[[ColumnGlance], tuple[str, ...] | tuple[float, ...]]] = {
    MappingOrder.FIELD: lambda glance: (
        () if glance.entity is None or glance.field is None else (glance.entity, glance.field)
    ),
    MappingOrder.CONFIDENCE: lambda glance: () if glance.confidence is None else (glance.confidence,),
    MappingOrder.STATUS: lambda glance: (glance.disposition,),
}

"""One review item with all that a person looks at before deciding."""

from __future__ import annotations

from schema_matching_pipeline.matching import unfit
from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import (
    CanonicalEntity,
    CanonicalField,
    CanonicalSchema,
    FieldRef,
    RiskClass,
)
from schema_matching_pipeline.model.matching import AlikeMapping
from schema_matching_pipeline.model.policy import MatchPolicy
from schema_matching_pipeline.model.profile import ColumnProfile, TableProfile
from schema_matching_pipeline.model.quality import QualityLabel
from schema_matching_pipeline.model.registry import EarlierAction, Reveal
from schema_matching_pipeline.model.review import WAITING, ItemKind, ReviewItem
from schema_matching_pipeline.model.source import ColumnRef, ForeignKey, SourceChange
from schema_matching_pipeline.model.trust import EntityThreshold, Thresholds
from schema_matching_pipeline.review import Suggestion, contrary_evidence
from schema_matching_pipeline.workflows.gather_knowledge import thresholds_of
from schema_matching_pipeline.workflows.list_review import ReviewDetail, detail_of, found_by, table_of
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World

ALIKE_SHOWN = 8


class TargetField(Frozen):
    """A field that is suggested or could be meant, with its definition; None where the model has none such any more.

    ``taken_by`` is the other column of the table that fills it already, where it admits one; ``unfit`` says that hardly
    a value of the column can be one of the field's, where the profile proves it.
    """

    ref: FieldRef
    field: CanonicalField | None
    entity: CanonicalEntity | None
    taken_by: ColumnRef | None = None
    unfit: str | None = None


class ExaminedItem(Frozen):
    """One item and what is known about it.

    ``against`` speaks against the suggestion; ``alike`` are accepted mappings to its field, or of columns of its name;
    ``earlier`` is what was said of its column before; ``reveals`` are who saw its values; ``threshold`` under ``profile`` is what its entity needs;
    ``critical`` are the entities of the model whose fields are critical, none where the item asks blind.
    """

    detail: ReviewDetail
    column: ColumnProfile | None
    references: tuple[ForeignKey, ...]
    label: QualityLabel | None
    targets: tuple[TargetField, ...]
    against: tuple[str, ...]
    changes: tuple[SourceChange, ...]
    alike: tuple[AlikeMapping, ...]
    earlier: tuple[EarlierAction, ...]
    reveals: tuple[Reveal, ...]
    profile: str
    threshold: EntityThreshold
    critical: tuple[str, ...] = ()

    @property
    def target(self) -> TargetField | None:
        """The field that is suggested."""
        return next((each for each in self.targets if each.ref == self.detail.item.target), None)


def examine_item(world: World, actor: Actor, item: str) -> ExaminedItem:
    """One item by its id or the beginning of it, with everything that is known of its column and its field.

    Raises:
        UnknownNameError: no item begins so.
        BadDecisionError: more than one does.
    """
    require(actor, Permission.READ)
    with open_as(world, actor) as unit:
        line = found_by(unit, actor, item)
        found, client = line.item, line.client
        record = unit.clients.get(client)
        canonical = unit.canonical.get(record.canonical_model)
        table = table_of(unit, line)
        detail = detail_of(world, unit, actor, line, canonical, table)
        column = table.column(found.ref.column) if table else None
        label = unit.quality.of(client, found.ref)
        thresholds = thresholds_of(world, unit, record, canonical)
        targets = _targets(found, canonical, column, world.policies.match)
        if found.ref.column:
            taken = unit.reviews.taken(client, found.ref, [each.ref for each in targets])
            targets = tuple(each.but(taken_by=taken.get(each.ref)) for each in targets)
        return ExaminedItem(
            detail=detail,
            column=column,
            references=_references(table, found),
            label=label,
            targets=targets,
            against=_against(detail, column, label, targets),
            changes=unit.profiles.changes_of(client, found.ref),
            alike=unit.mappings.alike(client, found.ref, found.target, among=actor.clients, most=ALIKE_SHOWN),
            earlier=unit.reviews.earlier(client, found) if found.ref.column and not found.asks_blind else (),
            reveals=unit.marks.reveals(client, found.id),
            profile=thresholds.profile.name,
            threshold=thresholds.of(found.target.entity if found.target else None),
            critical=() if found.asks_blind else _critical(thresholds),
        )


def _critical(thresholds: Thresholds) -> tuple[str, ...]:
    return tuple(each.entity for each in thresholds.entities if each.risk_class is RiskClass.CRITICAL)


def _targets(
    item: ReviewItem, canonical: CanonicalSchema, column: ColumnProfile | None, policy: MatchPolicy
) -> tuple[TargetField, ...]:
    suggested = (item.target,) if item.target else ()
    refs = dict.fromkeys((*suggested, *item.choices, *(one.target for one in item.candidates)))
    fields = {ref: canonical.field(ref) for ref in refs}
    return tuple(
        TargetField(
            ref=ref,
            field=field,
            entity=canonical.entity(ref.entity),
            unfit=unfit(column, field.type, policy) if column and field else None,
        )
        for ref, field in fields.items()
    )


def _references(table: TableProfile | None, item: ReviewItem) -> tuple[ForeignKey, ...]:
    return tuple(key for key in (table.foreign_keys if table else ()) if item.ref.column in key.columns)


def _against(
    detail: ReviewDetail,
    column: ColumnProfile | None,
    label: QualityLabel | None,
    targets: tuple[TargetField, ...],
) -> tuple[str, ...]:
    item = detail.item
    if item.target is None or not item.ref.column:
        return ()
    return contrary_evidence(
        Suggestion(
            target=item.target,
            column=column,
            field=next((each.field for each in targets if each.ref == item.target), None),
            label=None if item.kind is ItemKind.QUALITY else label,  # there it is the question itself
            candidates=item.candidates,
            objections=item.objections or detail.evidence.objections,
            findings=detail.evidence.findings,
            conflicts=detail.evidence.conflicts,
            taken_by=_taker(item, targets),
        )
    )


def _taker(item: ReviewItem, targets: tuple[TargetField, ...]) -> ColumnRef | None:
    """Who has the suggested field already, of an item that is still to be decided."""
    if item.kind is ItemKind.VALIDATION or item.state not in WAITING:
        return None
    return next((each.taken_by for each in targets if each.ref == item.target), None)

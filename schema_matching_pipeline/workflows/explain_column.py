"""Why a column got the field it has, or another one did not: the parts of its confidence."""

from __future__ import annotations

from schema_matching_pipeline.errors import UnknownNameError
from schema_matching_pipeline.matching import confidence_steps
from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.explained import ExplainedColumn
from schema_matching_pipeline.model.matching import Candidate, Correspondence, MappedColumn
from schema_matching_pipeline.workflows.list_mappings import lines_of
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World


def explain_column(
    world: World, actor: Actor, client: str, column: str, target: FieldRef | None = None
) -> ExplainedColumn:
    """How the confidence of ``target`` came about; of the column's own field, else its best candidate, where None.

    Raises:
        NotAllowedError: the actor may not see this client.
        UnknownNameError: the client has no such column, or the field is none of its candidates.
    """
    require(actor, Permission.READ, client)
    with open_as(world, actor) as unit:
        unit.clients.get(client)
        known = {f"{glance.table}.{glance.column}": glance for glance in unit.mappings.glances(client)}
        if column not in known:
            raise UnknownNameError("column", column, known, hint=f"See `smp mappings {client}`.")
        (line,) = lines_of(unit, client, [known[column]])
        proposed = unit.mappings.proposed(client, line.mapped.ref)
    mapped = line.mapped
    candidates = proposed.candidates if proposed else ()
    shown = _shown(candidates, mapped, target, client)
    return ExplainedColumn(
        ref=mapped.ref,
        disposition=mapped.disposition,
        mapped_to=mapped.target,
        needed=mapped.required_threshold,
        reason=mapped.explanation,
        objections=mapped.objections,
        target=shown.target if shown else None,
        rank=candidates.index(shown) + 1 if shown else 0,
        confidence=shown.confidence if shown else None,
        nothing=_nothing(proposed),
        steps=confidence_steps(shown) if shown else (),
        candidates=candidates,
        derived=mapped.rule.in_words if mapped.rule and mapped.rule.computed else "",
    )


def _shown(
    candidates: tuple[Candidate, ...], mapped: MappedColumn, target: FieldRef | None, client: str
) -> Candidate | None:
    by_field = {str(one.target): one for one in candidates}
    if target is not None and str(target) not in by_field:
        hint = f"Only the likeliest fields of a column are kept; see `smp explain {client} {mapped.ref}`."
        raise UnknownNameError("candidate", str(target), by_field, hint=hint)
    own = by_field.get(str(target or mapped.target))
    return own or next(iter(candidates), None)


def _nothing(proposed: Correspondence | None) -> float | None:
    return proposed.confidence if proposed and proposed.target is None else None

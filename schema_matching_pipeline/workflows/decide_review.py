"""A person's decisions about open items, and the final approval."""

from __future__ import annotations

from collections.abc import Sequence

from schema_matching_pipeline.errors import GateClosedError, StaleDecisionError, UnknownNameError
from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.pipeline import RequestKind
from schema_matching_pipeline.model.review import Decision, DecisionKind, GateState
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.review import Made, made_of
from schema_matching_pipeline.workflows.aftermath import Decided, before_deciding, decided, show_decided
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.run_state import newest_run
from schema_matching_pipeline.workflows.world import World


def decide_items(
    world: World, actor: Actor, decisions: Sequence[Decision], *, candidates: bool = True
) -> Decided:
    """Records the decisions, all or none, and gives the items as they stand now, with what is left.

    The items come without their candidates if told so.

    Raises:
        NotAllowedError: the actor may not decide, or may not be the second person.
        StaleDecisionError: somebody else decided first.
        BadDecisionError: a decision makes no sense; none was recorded.
    """
    require(actor, Permission.DECIDE)
    reason = decisions[0].reason if len(decisions) == 1 else None
    with open_as(world, actor, reason=reason) as unit:
        clients = unit.reviews.clients_of(decisions)
        for client in clients:
            require(actor, Permission.DECIDE, client)
        before = before_deciding(unit, clients)
        items = unit.reviews.decide_many([_still_derived(unit, decision) for decision in decisions])
        show_decided(unit, before)
    with open_as(world, actor) as unit:
        made = decided(unit, items, before, candidates=candidates)
        return made.but(warnings=_filled_twice(unit, made, decisions[0])) if len(decisions) == 1 else made


def _filled_twice(unit: UnitOfWork, made: Decided, decision: Decision) -> tuple[str, ...]:
    """That another column of the table has the field as well, which admits one, where the decision gave it to this one."""
    (item,), client = made.items, made.left[0].client
    target = decision.target or item.target
    if target is None or made_of(item, decision) is not Made.MAPPED:
        return ()
    taken = unit.reviews.taken(client, item.ref, [target])
    return tuple(
        f"{other} fills {target} as well, which admits one column of a table: take one of the two back."
        for other in taken.values()
    )


def _still_derived(unit: UnitOfWork, decision: Decision) -> Decision:
    """A derived column stays made of what it is made of, whichever field a person gives it."""
    if decision.kind is not DecisionKind.OVERRIDE:
        return decision
    shown = unit.reviews.find(decision.item_id, candidates=False).item.rule
    if shown is None or shown.computed is None:
        return decision
    given = decision.rule
    return decision.but(rule=given.but(computed=shown.computed) if given else shown)


def check_field(world: World, actor: Actor, client: str, field: FieldRef) -> None:
    """Passes where the client's canonical model has the field.

    Raises:
        UnknownNameError: it has not; the fields that may be meant are named.
    """
    require(actor, Permission.READ, client)
    with open_as(world, actor) as unit:
        model = unit.clients.get(client).canonical_model
        known = unit.canonical.get(model).refs()
    if field not in known:
        alike = [str(ref) for ref in known if ref.entity == field.entity or ref.field == field.field]
        hint = f"All of them: smp canonical show {model}"
        raise UnknownNameError("field", str(field), alike or map(str, known), hint=hint)


def approve_final(
    world: World, actor: Actor, client: str, reason: str = "", *, version: int | None = None
) -> GateState:
    """Approves the client's newest version for production; only if it is still that ``version``, where one is named.

    Raises:
        UnknownNameError: there is no such client in the actor's tenant.
        NotAllowedError: the actor may not approve.
        GateClosedError: something still waits; nothing was approved.
        StaleDecisionError: the newest version is another one; nothing was approved.
    """
    require(actor, Permission.APPROVE_FINAL, client)
    with open_as(world, actor, reason=reason or None) as unit:
        unit.clients.get(client)
        newest, digest = _newest(unit, client, version)
        unit.publications.approve_final(client, newest, digest, reason)
        return unit.publications.gate(client)


def approve_run(
    world: World, actor: Actor, run_id: str, reason: str = "", *, version: int | None = None
) -> GateState:
    """Approves for production what a run proposed; only if that is still the ``version``, where one is named.

    Raises:
        UnknownNameError: the actor's tenant has no such run.
        NotAllowedError: the actor may not approve.
        StaleDecisionError: the client has a newer run, or a newer version; nothing was approved.
        GateClosedError: something still waits; nothing was approved.
    """
    return approve_final(world, actor, _client_of(world, actor, run_id), reason, version=version)


def refuse_run(
    world: World, actor: Actor, run_id: str, reason: str, *, version: int | None = None
) -> GateState:
    """Refuses for production what a run proposed; only if that is still the ``version``, where one is named.

    Raises:
        UnknownNameError: the actor's tenant has no such run.
        NotAllowedError: the actor may not approve, and so not refuse.
        StaleDecisionError: the client has a newer run, or a newer version; nothing was refused.
        BadDecisionError: the reason is missing.
    """
    return refuse_final(world, actor, _client_of(world, actor, run_id), reason, version=version)


def _client_of(world: World, actor: Actor, run_id: str) -> ClientId:
    require(actor, Permission.APPROVE_FINAL)
    with open_as(world, actor) as unit:
        return newest_run(unit, actor, Permission.APPROVE_FINAL, run_id).client


def refuse_final(
    world: World, actor: Actor, client: str, reason: str, *, version: int | None = None
) -> GateState:
    """Refuses the client's newest version for production, until somebody approves it or it changes.

    Where a ``version`` is named, only if it is still that one.

    Raises:
        UnknownNameError: there is no such client in the actor's tenant.
        NotAllowedError: the actor may not approve, and so not refuse.
        BadDecisionError: the reason is missing.
        GateClosedError: there is nothing to refuse yet.
        StaleDecisionError: the newest version is another one; nothing was refused.
    """
    require(actor, Permission.APPROVE_FINAL, client)
    with open_as(world, actor, reason=reason or None) as unit:
        unit.clients.get(client)
        newest, digest = _newest(unit, client, version)
        return unit.publications.refuse_final(client, newest, digest, reason)


def _newest(unit: UnitOfWork, client: ClientId, shown: int | None) -> tuple[int, str]:
    """Number and digest of the newest version, which the law asks for once more; it is the one ``shown``, if one was."""
    state = unit.publications.gate(client)
    if state.version is None or state.digest is None:
        raise GateClosedError(client, "final", ("no mapping has been proposed yet",))
    if shown not in {None, state.version}:
        raise StaleDecisionError(
            f"Version {shown} of client {client!r} is not the newest one as it stands: version {state.version} was settled"
            f" at {unit.publications.settled_at(client, state.version):%Y-%m-%d %H:%M} UTC, from what was proposed and"
            " decided since. Nothing was said about either. Look at it, and say which one you mean."
        )
    return state.version, state.digest


def request_run(world: World, actor: Actor, client: str, kind: RequestKind) -> str:
    """Asks for a run of the client's pipeline; the key under which it will be launched, once.

    Raises:
        NotAllowedError: the actor may not run pipelines.
    """
    require(actor, Permission.RUN_PIPELINE, client)
    with open_as(world, actor) as unit:
        return unit.requests.add(client, kind, actor.login).run_key

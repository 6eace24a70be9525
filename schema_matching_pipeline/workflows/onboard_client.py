"""Brings a new client into the registry."""

from __future__ import annotations

from contextlib import AbstractContextManager

from schema_matching_pipeline.errors import (
    AlreadyExistsError,
    BadDecisionError,
    SourceError,
    UnknownNameError,
)
from schema_matching_pipeline.model.access import Actor, Permission, require, require_whole_tenant
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import CanonicalSchema
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.pipeline import Phase, RequestKind
from schema_matching_pipeline.model.registry import ClientRecord
from schema_matching_pipeline.model.source import SourceAddress
from schema_matching_pipeline.model.trust import TrustProfile
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.workflows.run_state import phase_to_resume
from schema_matching_pipeline.workflows.world import World


class NewClient(Frozen):
    """What is needed to bring a client in."""

    slug: ClientId
    name: str
    address: SourceAddress
    source_kind: str
    trust_profile: str | None = None
    canonical: CanonicalSchema | str = "practice"


def open_as(world: World, actor: Actor, *, reason: str | None = None) -> AbstractContextManager[UnitOfWork]:
    """A unit of work in the actor's tenant, signed by the actor."""
    return world.registry.open(
        actor.tenant_id,
        actor.login,
        key=actor.key.get_secret_value() if actor.key else None,
        reason=reason,
        trace_id=actor.trace_id,
        address=actor.address,
        agent=actor.agent,
    )


def add_client(world: World, actor: Actor, new: NewClient, *, start: bool = True) -> ClientRecord:
    """Tests the source, then stores the client with its encrypted connection and, if wanted, asks for its onboarding.

    Raises:
        NotAllowedError: the actor may not manage clients.
        SourceError: the source does not answer; nothing was stored.
        UnknownNameError: no such trust profile or canonical model.
        AlreadyExistsError: the slug is taken.
    """
    require_whole_tenant(actor, Permission.MANAGE_CLIENTS)
    profile = chosen_profile(world, new.trust_profile)
    with open_as(world, actor) as unit:
        if any(record.slug == new.slug for record in unit.clients.list()):
            raise AlreadyExistsError(
                "client",
                new.slug,
                hint=f"Choose another name, see `smp status {new.slug}`, or give it another source: `smp client set {new.slug} --source ...`.",
            )
    outcome = world.sources.test(new.address)
    if not outcome.success:
        raise SourceError(outcome.message, source=new.slug)
    with open_as(world, actor) as unit:
        record = _store(unit, new, profile)
        if start:
            unit.requests.add(new.slug, RequestKind.ONBOARD, actor.login)
    return record


def ask_onboarding(world: World, actor: Actor, client: str, *, from_start: bool = False) -> str:
    """Asks for the client's onboarding; the key under which it will be launched, once.

    A pipeline that failed goes on from the phase it failed in, unless it is wanted ``from_start`` or the client
    was put on another source or trust profile since.

    Raises:
        NotAllowedError: the actor may not run pipelines.
        UnknownNameError: there is no such client in the actor's tenant.
        BadDecisionError: the client is at rest.
    """
    require(actor, Permission.RUN_PIPELINE, client)
    with open_as(world, actor) as unit:
        require_active(unit, client)
        failed_in = phase_to_resume(world, unit, client)
        return unit.requests.add(client, request_kind(failed_in, from_start), actor.login).run_key


def require_active(unit: UnitOfWork, client: str) -> None:
    """Passes when the client is worked on.

    Raises:
        UnknownNameError: there is no such client.
        BadDecisionError: it is at rest.
    """
    if not unit.clients.get(client).active:
        raise BadDecisionError(
            f"Client {client!r} and its source are at rest, so nothing was started. "
            f"Bring them back first: smp client set {client} --active"
        )


def request_kind(failed_in: Phase | None, from_start: bool) -> RequestKind:
    """What is asked for, by the phase in which the newest run failed."""
    if from_start:
        return RequestKind.REPROFILE
    return RequestKind.RELEASE if failed_in is Phase.PUBLISHED_MAPPINGS else RequestKind.ONBOARD


def chosen_profile(world: World, name: str | None) -> TrustProfile:
    """The trust profile of that name; None is the default one.

    Raises:
        UnknownNameError: there is none; the known ones are listed.
    """
    profile = world.trust.profile(name)
    if profile is None:
        raise UnknownNameError("trust profile", str(name), (p.name for p in world.trust.trust_profiles))
    return profile


def _store(unit: UnitOfWork, new: NewClient, profile: TrustProfile) -> ClientRecord:
    if isinstance(new.canonical, CanonicalSchema):
        unit.canonical.put(new.canonical)
        model = new.canonical.name
    else:
        model = unit.canonical.get(new.canonical).name
    connection = unit.sources.add_connection(new.slug, new.source_kind, new.address)
    return unit.clients.add(
        new.slug,
        new.name,
        connection_id=connection,
        trust_profile=new.trust_profile,
        canonical_model=model,
        review_required=profile.review_required_before_production,
    )

"""Changes of a client after it was added: its trust profile, its source, whether it is worked on, whether it stays."""

from __future__ import annotations

from pydantic import Field

from schema_matching_pipeline.errors import SourceError
from schema_matching_pipeline.model.access import Actor, Permission, require, require_whole_tenant
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.registry import ClientRecord
from schema_matching_pipeline.model.source import SourceAddress
from schema_matching_pipeline.workflows.onboard_client import chosen_profile, open_as
from schema_matching_pipeline.workflows.world import World


class ClientChange(Frozen):
    """What is to change; None leaves it as it is. ``default_profile`` puts the client under the installation's.

    Data that stay with the client go on staying there when the source moves, until it is said that they may leave.
    A schema goes on counting while the kind of source is the same; an empty ``schema_name`` drops it. A source is
    tested before it is stored unless it is ``untested``. Of what is accepted without anybody looking at it alone,
    ``spot_check_share`` comes back, 0 for none.
    """

    trust_profile: str | None = None
    default_profile: bool = False
    active: bool | None = None
    address: SourceAddress | None = None
    source_kind: str | None = None
    schema_name: str | None = None
    data_stays: bool | None = None
    spot_check_share: float | None = Field(default=None, ge=0.0, le=1.0)
    untested: bool = False


def change_client(world: World, actor: Actor, client: str, change: ClientChange) -> ClientRecord:
    """The client as it stands after the change; the next run goes by it, a running one does not.

    Raises:
        NotAllowedError: the actor may not manage this client.
        UnknownNameError: no such client or trust profile.
        SourceError: the new source does not answer; nothing was changed.
    """
    require(actor, Permission.MANAGE_CLIENTS, client)
    profile = chosen_profile(world, change.trust_profile)
    address = _new_address(world, actor, client, change)
    if address is not None and not change.untested:
        outcome = world.sources.test(address)
        if not outcome.success:
            raise SourceError(outcome.message, source=client)
    with open_as(world, actor) as unit:
        record = unit.clients.get(client)
        if change.default_profile or change.trust_profile is not None:
            unit.clients.set_trust_profile(
                client, change.trust_profile, review_required=profile.review_required_before_production
            )
        if change.spot_check_share is not None:
            unit.clients.set_spot_check_share(client, change.spot_check_share)
        if change.active is not None:
            unit.clients.set_active(client, change.active)
        if address is not None:
            kind = change.source_kind or record.source_kind
            unit.sources.change_address(record.connection_id, kind, address)
        return unit.clients.get(client)


def require_client(world: World, actor: Actor, client: str) -> None:
    """Passes when there is such a client, before anybody is asked anything about it.

    Raises:
        NotAllowedError: the actor may not manage clients.
        UnknownNameError: there is no such client.
    """
    require(actor, Permission.MANAGE_CLIENTS, client)
    with open_as(world, actor) as unit:
        unit.clients.get(client)


def remove_client(world: World, actor: Actor, client: str) -> None:
    """Takes a client that nothing was made of out of the registry, and its source with it.

    Raises:
        NotAllowedError: the actor may not manage clients.
        UnknownNameError: there is no such client.
        InUseError: runs, profiles or decisions depend on it; it can be put to rest.
    """
    require_whole_tenant(actor, Permission.MANAGE_CLIENTS)
    with open_as(world, actor) as unit:
        unit.clients.remove(client)


def _new_address(world: World, actor: Actor, client: str, change: ClientChange) -> SourceAddress | None:
    if change.address is None and change.data_stays is None and change.schema_name is None:
        return None
    with open_as(world, actor) as unit:
        record = unit.clients.get(client)
        present = unit.sources.address(record.connection_id)
    wanted = change.address or present
    stays = present.data_stays if change.data_stays is None else change.data_stays
    is_same_kind = change.source_kind in {None, record.source_kind}
    schema = wanted.schema_name or (present.schema_name if is_same_kind else None)
    if change.schema_name is not None:
        schema = change.schema_name or None
    return wanted.but(data_stays=stays, schema_name=schema)

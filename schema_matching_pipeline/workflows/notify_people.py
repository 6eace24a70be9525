"""Tells people what came about, without being asked: urgent news at once, the rest once a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from schema_matching_pipeline.errors import SmpError
from schema_matching_pipeline.model.access import (
    Actor,
    Permission,
    is_theirs,
    require,
    require_whole_tenant,
)
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import ClientId, TenantId
from schema_matching_pipeline.model.notification import (
    Channel,
    Message,
    MessageLine,
    News,
    Outgoing,
    ToldNews,
    Topic,
)
from schema_matching_pipeline.model.pipeline import PipelineState
from schema_matching_pipeline.registry.repositories.standing import ClientStanding
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.world import World

DAILY_HOUR = 7  # UTC
MOST_ATTEMPTS = 12
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
_MACHINERY = "system:notify"


class NewChannel(Frozen):
    """A channel that somebody wants to open."""

    kind: str
    options: Mapping[str, str]
    client: ClientId | None = None
    urgent_only: bool = False


class Notified(Frozen):
    """What one round did: news told, messages handed over, messages that could not be."""

    told: int
    sent: int
    failed: int


def notify_people(world: World, desk: str) -> Notified:
    """Writes down what came about since the last round, in every tenant, and hands over what is due.

    ``desk`` is the address that links begin with. What a channel does not take is tried again, twelve times, after a
    minute first and then ever later.
    """
    tenants = dict.fromkeys(tenant for _, tenant, active in world.registry.all_clients() if active)
    rounds = [_notify_tenant(world, tenant, desk) for tenant in tenants]
    return Notified(
        told=sum(one.told for one in rounds),
        sent=sum(one.sent for one in rounds),
        failed=sum(one.failed for one in rounds),
    )


def open_channel(world: World, actor: Actor, new: NewChannel) -> Channel:
    """The channel that was opened; it is told what comes about from now on.

    Raises:
        NotAllowedError: the actor may not manage that client, or not all of them.
        UnknownNameError: there is no such client or kind of channel.
        BadDecisionError: an option is missing, unknown or wrong.
    """
    _require_manager(actor, new.client)
    shown = world.channels.shown(new.kind, new.options)
    with open_as(world, actor) as unit:
        if new.client is not None:
            unit.clients.get(new.client)
        added = unit.notifications.add(
            new.kind, shown, new.options, client=new.client, urgent_only=new.urgent_only
        )
        return unit.notifications.channel(added)[0]


def list_channels(world: World, actor: Actor) -> tuple[Channel, ...]:
    """The channels of the tenant that the actor has to do with."""
    require(actor, Permission.READ)
    with open_as(world, actor) as unit:
        known = unit.notifications.channels()
    return tuple(one for one in known if one.client is None or is_theirs(actor, one.client))


def close_channel(world: World, actor: Actor, channel: str) -> Channel:
    """The channel that was closed.

    Raises:
        NotAllowedError: the actor may not manage its client.
        UnknownNameError: no id begins so.
    """
    require(actor, Permission.MANAGE_CLIENTS)
    with open_as(world, actor) as unit:
        return unit.notifications.remove(channel)


def try_channel(world: World, actor: Actor, channel: str, desk: str) -> Channel:
    """Sends a message by the channel that says it is a test.

    Raises:
        NotAllowedError: the actor may not manage its client.
        UnknownNameError: no id begins so.
        NotificationError: it could not be handed over.
    """
    require(actor, Permission.MANAGE_CLIENTS)
    with open_as(world, actor) as unit:
        found, options = unit.notifications.channel(channel)
    _require_manager(actor, found.client)
    line = MessageLine(text="This is a test. News of clients will come by this channel.", link=f"{desk}/")
    world.channels.open(found.kind, options).send(
        Message(id=world.clock.new_id(), subject="Schema Matching: a test", lines=(line,))
    )
    return found


def newest_news(world: World, actor: Actor, limit: int = 50) -> tuple[ToldNews, ...]:
    """The newest news of the clients the actor has to do with."""
    require(actor, Permission.READ)
    with open_as(world, actor) as unit:
        return unit.notifications.newest(limit, actor.clients)


def news_of(line: ClientStanding) -> Iterator[News]:
    """What there is to tell about a client as it stands; the same as long as it stands so."""

    def made(topic: Topic, key: object, headline: str, place: str) -> News:
        return News(client=line.client, topic=topic, key=f"{topic}/{key}", headline=headline, place=place)

    review, page = f"/review?client={line.client}", f"/clients/{line.client}"
    if line.critical and line.newest_critical:
        what = "1 critical item waits" if line.critical == 1 else f"{line.critical:,} critical items wait"
        yield made(
            Topic.CRITICAL_WAITS,
            line.newest_critical.isoformat(),
            f"{line.name}: {what} for a decision.",
            review,
        )
    elif line.waiting and line.newest:
        what = "1 item waits" if line.waiting == 1 else f"{line.waiting:,} items wait"
        yield made(Topic.ITEMS_WAIT, line.newest.isoformat(), f"{line.name}: {what} for a decision.", review)
    if line.state == PipelineState.FAILED and line.updated_at:
        yield made(
            Topic.PIPELINE_FAILED, line.updated_at.isoformat(), f"{line.name}: the pipeline failed.", page
        )
    if line.state == PipelineState.AWAITING_APPROVAL and line.updated_at:
        said = f"{line.name}: the mapping waits for the final approval."
        yield made(Topic.APPROVAL_WAITS, line.updated_at.isoformat(), said, page)
    if line.published:
        said = f"{line.name}: version {line.published} of the mapping was published."
        yield made(Topic.PUBLISHED, line.published, said, page)


def next_daily(now: datetime) -> datetime:
    """The next moment at which news that is not urgent goes out.

    >>> from datetime import UTC
    >>> str(next_daily(datetime(2024, 5, 31, 9, tzinfo=UTC)))
    '2024-06-01 07:00:00+00:00'
    """
    today = now.replace(hour=DAILY_HOUR, minute=0, second=0, microsecond=0)
    return today if today > now else today + timedelta(days=1)


def _notify_tenant(world: World, tenant: TenantId, desk: str) -> Notified:
    now = world.clock.now()
    with world.registry.open(tenant, _MACHINERY) as unit:
        news = [one for line in unit.standing.list() if line.active for one in news_of(line)]
        told = unit.notifications.tell(news, now=now, daily=next_daily(now))
        due = unit.notifications.due(now)
    failures = [failure for one in due if (failure := _hand_over(world, tenant, one, desk)) is not None]
    return Notified(told=told, sent=len(due) - len(failures), failed=len(failures))


def _hand_over(world: World, tenant: TenantId, outgoing: Outgoing, desk: str) -> str | None:
    """Why a channel did not take what it was owed; None where it did. Each is settled by itself."""
    failed = None
    try:
        channel = world.channels.open(outgoing.channel.kind, outgoing.options)
        channel.send(message_of(outgoing, desk))
    except SmpError as error:
        failed = str(error)
    now, attempts = world.clock.now(), outgoing.attempts + 1
    gives_up = attempts >= MOST_ATTEMPTS
    with world.registry.open(tenant, _MACHINERY) as unit:
        unit.notifications.settle(
            outgoing,
            sent_at=now if failed is None or gives_up else None,
            due_at=now + min(FIRST_WAIT * 2**outgoing.attempts, LONGEST_WAIT) if failed else None,
            failed=failed,
        )
    return failed


def message_of(outgoing: Outgoing, desk: str) -> Message:
    """All that is due as one message."""
    lines = tuple(
        MessageLine(text=one.news.headline, link=f"{desk}{one.news.place}") for one in outgoing.news
    )
    subject = lines[0].text if len(lines) == 1 else f"Schema Matching: {len(lines)} news"
    newest = outgoing.news[-1].id
    return Message(id=f"{outgoing.channel.id}.{newest}", subject=subject, lines=lines)


def _require_manager(actor: Actor, client: ClientId | None) -> None:
    if client is None:
        require_whole_tenant(actor, Permission.MANAGE_CLIENTS)
    require(actor, Permission.MANAGE_CLIENTS, client)

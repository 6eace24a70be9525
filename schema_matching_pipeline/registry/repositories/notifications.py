"""News of clients, and what which channel owes of it; the address of a channel is sealed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import uuid4

from pydantic import TypeAdapter

from schema_matching_pipeline.errors import UnknownNameError
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.notification import URGENT, Channel, News, Outgoing, ToldNews
from schema_matching_pipeline.registry.encryption import Sealed, SecretBox
from schema_matching_pipeline.registry.transaction import Transaction, from_json, to_json

_TOLD = TypeAdapter(tuple[ToldNews, ...])
_COLUMNS = "id::text, kind, client, shown, urgent_only, created_at, failed"

_ADD = """
insert into smp.notification_channels (id, client, kind, shown, options_encrypted, key_id, urgent_only)
values (cast(:id as uuid), :client, :kind, :shown, :blob, :key_id, :urgent_only)
"""
# News that stands already is not told again; a channel owes what was told since it was opened.
_TELL = """
with told as (
    insert into smp.news (client, topic, key, headline, place)
    select client, topic, key, headline, place
    from jsonb_to_recordset(cast(:news as jsonb)) as n (client text, topic text, key text, headline text, place text)
    on conflict (key, client, tenant_id) do nothing returning id, client, topic
), owed as (
    insert into smp.deliveries (channel_id, news_id, due_at)
    select c.id, told.id, case when told.topic = any (:urgent) then cast(:now as timestamptz) else cast(:daily as timestamptz) end
    from told join smp.notification_channels c on c.client is null or c.client = told.client
    where told.topic = any (:urgent) or not c.urgent_only returning 1
)
select (select count(*) from told) as told, (select count(*) from owed) as owed
"""
_DUE = """
select c.id::text, kind, c.client, shown, urgent_only, created_at, failed, options_encrypted, key_id,
       max(d.attempts) as attempts,
       jsonb_agg(jsonb_build_object('id', n.id, 'at', n.at, 'news', jsonb_build_object('client', n.client,
           'topic', n.topic, 'key', n.key, 'headline', n.headline, 'place', n.place)) order by n.id)::text as news
from smp.deliveries d join smp.notification_channels c on c.id = d.channel_id join smp.news n on n.id = d.news_id
where d.sent_at is null and d.due_at <= :now group by c.id, c.tenant_id order by c.created_at, c.id
"""
_SETTLE = """
update smp.deliveries set attempts = attempts + 1, sent_at = :sent_at, due_at = coalesce(:due_at, due_at)
where channel_id = cast(:channel as uuid) and news_id = any (:news) and sent_at is null
"""
_NEWEST = """
select jsonb_agg(jsonb_build_object('id', id, 'at', at, 'news', jsonb_build_object('client', client, 'topic', topic,
    'key', key, 'headline', headline, 'place', place)) order by id desc)::text as news
from (select * from smp.news where cast(:among as text[]) is null or client = any (cast(:among as text[]))
      order by id desc limit :limit) as newest
"""


class Notifications:
    """The channels and the news of one tenant."""

    def __init__(self, transaction: Transaction, box: SecretBox) -> None:
        self._transaction = transaction
        self._box = box

    def add(
        self,
        kind: str,
        shown: str,
        options: Mapping[str, str],
        *,
        client: ClientId | None = None,
        urgent_only: bool = False,
    ) -> str:
        """The id of a new channel; what its options hold is sealed.

        Raises:
            NotAllowedError: the person may not manage that client, or not all of them.
        """
        channel = str(uuid4())
        sealed = self._box.seal(json.dumps(dict(options)).encode(), self._place(channel))
        self._transaction.run(
            _ADD,
            id=channel,
            client=client,
            kind=kind,
            shown=shown,
            blob=sealed.blob,
            key_id=sealed.key_id,
            urgent_only=urgent_only,
        )
        return channel

    def channels(self) -> tuple[Channel, ...]:
        """All channels, the oldest first."""
        rows = self._transaction.rows(
            f"select {_COLUMNS} from smp.notification_channels order by created_at, id"
        )
        return tuple(Channel.model_validate(dict(row)) for row in rows)

    def channel(self, beginning: str) -> tuple[Channel, dict[str, str]]:
        """The channel whose id begins so, with its options opened.

        Raises:
            UnknownNameError: none does, or more than one.
        """
        rows = self._transaction.rows(
            f"select {_COLUMNS}, options_encrypted, key_id as sealed_by from smp.notification_channels"
            " where id::text like :beginning || '%'",
            beginning=beginning.replace("%", "").replace("_", "") or "-",
        )
        if len(rows) != 1:
            raise self._unknown(beginning)
        row = dict(rows[0])
        sealed = Sealed(str(row.pop("sealed_by")), bytes(row.pop("options_encrypted")))
        return Channel.model_validate(row), self._opened(str(row["id"]), sealed)

    def remove(self, beginning: str) -> Channel:
        """The channel that is no more, and owes nothing.

        Raises:
            NotAllowedError: the person may not manage its client.
            UnknownNameError: no id begins so, or more than one.
        """
        channel, _ = self.channel(beginning)
        self._transaction.run(
            "delete from smp.notification_channels where id = cast(:id as uuid)", id=channel.id
        )
        return channel

    def tell(self, news: Iterable[News], *, now: datetime, daily: datetime) -> int:
        """Writes news down that stands nowhere yet: urgent news is due now, other news at the next daily time."""
        rows = [one.model_dump(mode="json") for one in news]
        urgent = sorted(URGENT)
        told = self._transaction.one(_TELL, news=to_json(rows), now=now, daily=daily, urgent=urgent)
        return int(told["told"])

    def due(self, now: datetime) -> tuple[Outgoing, ...]:
        """What each channel owes by now."""
        return tuple(self._outgoing(dict(row)) for row in self._transaction.rows(_DUE, now=now))

    def settle(
        self, outgoing: Outgoing, *, sent_at: datetime | None, due_at: datetime | None, failed: str | None
    ) -> None:
        """Notes that it went out, or when it is tried again, if at all, and what went wrong."""
        ids = [one.id for one in outgoing.news]
        self._transaction.run(_SETTLE, channel=outgoing.channel.id, news=ids, sent_at=sent_at, due_at=due_at)
        self._transaction.run(
            "update smp.notification_channels set failed = :failed where id = cast(:id as uuid)",
            id=outgoing.channel.id,
            failed=failed,
        )

    def newest(self, limit: int, among: Iterable[ClientId] | None = None) -> tuple[ToldNews, ...]:
        """The newest news, of all clients or of some."""
        wanted = None if among is None else list(among)
        found = self._transaction.one(_NEWEST, limit=limit, among=wanted)["news"]
        return from_json(_TOLD, found or "[]")

    def rotate_key(self, box: SecretBox) -> int:
        """Seals the options of every channel with a new key; how many there were."""
        rows = self._transaction.rows(
            "select id::text, options_encrypted, key_id from smp.notification_channels"
        )
        for row in rows:
            place = self._place(row["id"])
            sealed = box.seal(
                self._box.open(Sealed(row["key_id"], bytes(row["options_encrypted"])), place), place
            )
            self._transaction.run(
                "update smp.notification_channels set options_encrypted = :blob, key_id = :key_id"
                " where id = cast(:id as uuid)",
                id=row["id"],
                blob=sealed.blob,
                key_id=sealed.key_id,
            )
        return len(rows)

    def _outgoing(self, row: dict[str, object]) -> Outgoing:
        blob = row.pop("options_encrypted")
        assert isinstance(blob, bytes | memoryview)  # noqa: S101 - so the driver gives BYTEA
        sealed = Sealed(str(row.pop("key_id")), bytes(blob))
        news, attempts = str(row.pop("news")), row.pop("attempts")
        channel = Channel.model_validate(row)
        options = self._opened(channel.id, sealed)
        return Outgoing.model_validate(
            {"channel": channel, "options": options, "news": from_json(_TOLD, news), "attempts": attempts}
        )

    def _opened(self, channel: str, sealed: Sealed) -> dict[str, str]:
        return {
            str(name): str(value)
            for name, value in json.loads(self._box.open(sealed, self._place(channel))).items()
        }

    def _place(self, channel: str) -> str:
        return f"{self._transaction.tenant_id}/channel/{channel}"

    def _unknown(self, beginning: str) -> UnknownNameError:
        return UnknownNameError("notification channel", beginning, (one.id for one in self.channels()))

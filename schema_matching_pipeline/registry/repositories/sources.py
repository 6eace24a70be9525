"""Connections to clients' sources: the whole address is a secret and is stored encrypted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import ceil
from typing import Literal
from uuid import uuid4

from pydantic import SecretStr

from schema_matching_pipeline.errors import AlreadyExistsError, BadDecisionError, UnknownNameError
from schema_matching_pipeline.model.ids import ClientId, ConnectionId
from schema_matching_pipeline.model.registry import Page, SourceRecord
from schema_matching_pipeline.model.source import SourceAddress
from schema_matching_pipeline.registry.encryption import Sealed, SecretBox
from schema_matching_pipeline.registry.transaction import Transaction, to_json

_ENSURE_CONNECTOR = """
insert into smp.connector_definitions (connector_name, connector_type) values (:name, :type)
on conflict (tenant_id, connector_name) do nothing
"""

_ADD = """
insert into smp.connections (id, connector_id, name, config_encrypted, key_id, schema_name)
select cast(:id as uuid), d.id, :name, :blob, :key_id, :schema_name
from smp.connector_definitions d where d.connector_name = :connector
on conflict (tenant_id, name) do nothing returning id
"""

_CHANGE = """
update smp.connections c
set connector_id = d.id, config_encrypted = :blob, key_id = :key_id, schema_name = :schema_name, updated_at = now()
from smp.connector_definitions d where d.connector_name = :connector and c.id = cast(:id as uuid)
"""

_RESEAL = """
update smp.connections c set config_encrypted = decode(r.blob, 'hex'), key_id = r.key_id, updated_at = now()
from jsonb_to_recordset(cast(:rows as jsonb)) as r (id uuid, blob text, key_id text) where c.id = r.id
"""


# A connector that is no longer offered serves the connections it has, and gets no new one.
_NOT_OFFERED = """
select d.status from smp.connector_definitions d
where d.connector_name = :connector and d.status <> 'active'
  and not exists (select from smp.connections c where c.connector_id = d.id and c.id = cast(:id as uuid))
"""

_LISTED = """
from smp.clients c
join smp.connections n on n.id = c.connection_id
join smp.connector_definitions d on d.id = n.connector_id
where (cast(:client as text) is null or c.slug = :client)
  and (cast(:among as text[]) is null or c.slug = any (cast(:among as text[])))
  and (cast(:kind as text) is null or :kind in (d.connector_name, d.connector_type))
  and (cast(:active as boolean) is null or c.active = :active)
"""

_PAGE = f"""
select c.slug as client, d.connector_name as connector, d.connector_type as type, n.schema_name,
       c.active as is_active, n.created_at, n.updated_at
{_LISTED}
order by c.slug limit :size offset :start
"""


class Sources:
    """The connections of one tenant."""

    def __init__(self, transaction: Transaction, box: SecretBox) -> None:
        self._transaction = transaction
        self._box = box

    def add_connection(self, name: str, connector: str, address: SourceAddress) -> ConnectionId:
        """A new connection of a connector (postgresql, mysql, file ...), its address sealed.

        Raises:
            AlreadyExistsError: the name is taken.
            BadDecisionError: the connector is no longer offered.
        """
        connection = ConnectionId(str(uuid4()))
        sealed = self._box.seal(_to_secret(address), self._place(connection))
        self._offer(connector, connection)
        added = self._transaction.row(
            _ADD,
            id=connection,
            name=name,
            blob=sealed.blob,
            key_id=sealed.key_id,
            schema_name=address.schema_name,
            connector=connector,
        )
        if added is None:
            raise AlreadyExistsError("connection", name)
        return connection

    def address(self, connection: ConnectionId) -> SourceAddress:
        """Where the data are, opened.

        Raises:
            UnknownNameError: the tenant has no such connection.
            SecretKeyError: the key at hand does not open it.
        """
        row = self._transaction.row(
            "select config_encrypted, key_id from smp.connections where id = cast(:id as uuid)", id=connection
        )
        if row is None:
            raise self._unknown(connection)
        sealed = Sealed(row["key_id"], bytes(row["config_encrypted"]))
        return _from_secret(self._box.open(sealed, self._place(connection)))

    def list(
        self,
        *,
        client: ClientId | None = None,
        among: Sequence[ClientId] | None = None,
        kind: str | None = None,
        active: bool | None = None,
        page: int = 1,
        size: int = 20,
    ) -> Page[SourceRecord]:
        """One page of the clients' sources, by client; ``kind`` is a connector or a type of them."""
        wanted = {
            "client": client,
            "among": None if among is None else list(among),
            "kind": kind,
            "active": active,
        }
        total = self._transaction.one(f"select count(*) as total {_LISTED}", **wanted)["total"]
        rows = self._transaction.rows(_PAGE, size=size, start=(page - 1) * size, **wanted)
        return Page[SourceRecord](
            total=total,
            page=page,
            size=size,
            pages=ceil(total / size),
            items=tuple(SourceRecord.model_validate(dict(row)) for row in rows),
        )

    def change_address(self, connection: ConnectionId, connector: str, address: SourceAddress) -> None:
        """Where the data of a connection are from now on, sealed.

        Raises:
            UnknownNameError: the tenant has no such connection.
            BadDecisionError: the connector is another one, and no longer offered.
        """
        sealed = self._box.seal(_to_secret(address), self._place(connection))
        self._offer(connector, connection)
        changed = self._transaction.run(
            _CHANGE,
            id=connection,
            blob=sealed.blob,
            key_id=sealed.key_id,
            schema_name=address.schema_name,
            connector=connector,
        )
        if not changed:
            raise self._unknown(connection)

    def rotate_key(self, new: SecretBox) -> int:
        """Seals every connection of the tenant with another key; says how many there were.

        Raises:
            SecretKeyError: the present key does not open one of them; nothing was changed.
        """
        rows = self._transaction.rows("select id, config_encrypted, key_id from smp.connections for update")
        resealed = []
        for row in rows:
            place = self._place(ConnectionId(str(row["id"])))
            secret = self._box.open(Sealed(row["key_id"], bytes(row["config_encrypted"])), place)
            sealed = new.seal(secret, place)
            resealed.append({"id": str(row["id"]), "blob": sealed.blob.hex(), "key_id": sealed.key_id})
        return self._transaction.run(_RESEAL, rows=to_json(resealed))

    def _offer(self, connector: str, connection: ConnectionId) -> None:
        self._transaction.run(_ENSURE_CONNECTOR, name=connector, type=_connector_type(connector))
        refused = self._transaction.row(_NOT_OFFERED, connector=connector, id=connection)
        if refused is not None:
            raise BadDecisionError(
                f"The connector {connector!r} is {refused['status']} and takes no new source. Name a source of another kind."
            )

    def _unknown(self, connection: ConnectionId) -> UnknownNameError:
        names = self._transaction.rows("select name from smp.connections")
        return UnknownNameError("connection", connection, (str(each["name"]) for each in names))

    def _place(self, connection: ConnectionId) -> str:
        return f"connection/{self._transaction.tenant_id}/{connection}"


def _connector_type(connector: str) -> Literal["file", "database"]:
    return "file" if connector == "file" else "database"


def _to_secret(address: SourceAddress) -> bytes:
    content = {
        "location": address.location.get_secret_value(),
        "schema_name": address.schema_name,
        "data_stays": address.data_stays,
    }
    return json.dumps(content).encode()


def _from_secret(secret: bytes) -> SourceAddress:
    content = json.loads(secret)
    return SourceAddress(
        location=SecretStr(content["location"]),
        schema_name=content["schema_name"],
        data_stays=content.get("data_stays", False),
    )

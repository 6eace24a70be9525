"""One open transaction of one tenant, as the repositories use it: statements in, rows out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter
from sqlalchemy import Connection, RowMapping, text

from schema_matching_pipeline.model.ids import TenantId

_ESCAPED_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


@dataclass(frozen=True)
class Transaction:
    """A connection inside a transaction, with the tenant and the actor it was opened for."""

    connection: Connection
    tenant_id: TenantId
    actor: str

    def run(self, statement: str, **values: object) -> int:
        """Executes a statement; says how many rows it touched."""
        return self.connection.execute(text(statement), values).rowcount

    def rows(self, statement: str, **values: object) -> Sequence[RowMapping]:
        """All rows of a query."""
        return self.connection.execute(text(statement), values).mappings().all()

    def row(self, statement: str, **values: object) -> RowMapping | None:
        """The first row of a query, or None."""
        return self.connection.execute(text(statement), values).mappings().first()

    def one(self, statement: str, **values: object) -> RowMapping:
        """The only row of a query that always has one."""
        return self.connection.execute(text(statement), values).mappings().one()


def to_json(value: object) -> str:
    """JSON text that PostgreSQL's ``jsonb`` takes: it knows no NUL character, so that one is replaced."""
    return _ESCAPED_NUL.sub(r"\1\\ufffd", _ANYTHING.dump_json(value).decode())


_ANYTHING: TypeAdapter[object] = TypeAdapter(object)

"""Requests to erase, which the registry keeps for longer than what they are about."""

from __future__ import annotations

from datetime import date

from schema_matching_pipeline.errors import UnknownNameError
from schema_matching_pipeline.model.erasure import ErasureOf, ErasureRequest
from schema_matching_pipeline.registry.transaction import Transaction

_ENTER = "select smp.enter_erasure(:about, :name, :asked_by, :asked_on)::text as id"
_CLOSE = "select smp.close_erasure(cast(:id as uuid), :done)"
_LIST = """
select id::text, about, name, asked_by, asked_on, entered_by, entered_at, done, closed_by, closed_at,
       case about when 'client' then exists (select from smp.clients where slug = asked.name)
           else exists (select from smp.users where login = asked.name) end as is_there
from smp.erasure_requests as asked order by closed_at desc nulls first, asked_on, entered_at, id
"""


class Erasures:
    """The requests to erase of one tenant."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def enter(self, about: ErasureOf, name: str, asked_by: str, asked_on: date) -> ErasureRequest:
        """Another request, as it stands.

        Raises:
            NotAllowedError: the unit of work was not opened by an administrator of the whole tenant.
            UnknownNameError: the tenant never had such a client or person.
        """
        made = self._transaction.one(
            _ENTER, about=str(about), name=name, asked_by=asked_by, asked_on=asked_on
        )
        if made["id"] is None:
            raise UnknownNameError(
                str(about), name, (), hint="The audit knows all that ever were: `smp audit list`."
            )
        return self.get(str(made["id"]))

    def close(self, request: str, done: str) -> ErasureRequest:
        """The request with what was done.

        Raises:
            NotAllowedError: as above.
            UnknownNameError: none begins so, or several do.
            BadDecisionError: it is closed.
        """
        known = self.get(request)
        self._transaction.one(_CLOSE, id=known.id, done=done)
        return self.get(known.id)

    def get(self, request: str) -> ErasureRequest:
        """The request of that id, or the only one that begins so.

        Raises:
            UnknownNameError: there is none, or are several.
        """
        found = [each for each in self.list() if each.id.startswith(request)]
        if len(found) != 1:
            raise UnknownNameError("request to erase", request, (), hint="See `smp erasure list`.")
        return found[0]

    def list(self) -> tuple[ErasureRequest, ...]:
        """All requests: open ones first, the oldest first among them; then those that were closed, the last first."""
        return tuple(ErasureRequest.model_validate(dict(row)) for row in self._transaction.rows(_LIST))

"""What people put on review items without deciding them: comments, flags, whose an item is, and who saw its values."""

from __future__ import annotations

from pydantic import TypeAdapter

from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.registry import ItemComment, Reveal
from schema_matching_pipeline.registry.transaction import Transaction, from_json

_COMMENTS = TypeAdapter(tuple[ItemComment, ...])
_REVEALS = TypeAdapter(tuple[Reveal, ...])

_SAID = """
select jsonb_agg(jsonb_build_object('who', actor, 'when', said_at, 'text', body) order by id)
from smp.item_comments where client = :client and item_id = :item
"""
_REVEALED = """
select jsonb_agg(jsonb_build_object('who', actor, 'when', revealed_at, 'values', values_shown, 'reason', reason) order by id)
from smp.reveals where client = :client and item_id = :item
"""


class Marks:
    """The marks on a tenant's review items. Only who may decide about an item writes here."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def comments(self, client: ClientId, item_id: str) -> tuple[ItemComment, ...]:
        """What people noted about an item, in order."""
        return from_json(_COMMENTS, self._transaction.json(_SAID, client=client, item=item_id) or "[]")

    def comment(self, client: ClientId, item_id: str, text: str) -> None:
        """Adds a comment, which stays for ever.

        Raises:
            NotAllowedError: the person may not decide about the client.
            BadDecisionError: the text is empty, or longer than 10,000 characters.
        """
        self._act("comment_item", client, item_id, text)

    def note_reveal(self, client: ClientId, item_id: str, reason: str, values: int) -> None:
        """Writes down that the acting person is shown so many values of the item's column, and why.

        Raises:
            NotAllowedError: the person may not decide about the client, or is proven by a key for another use.
            BadDecisionError: the reason is empty or too long, or the item is about no column.
        """
        self._transaction.run(
            "select smp.note_reveal(:client, :item, :reason, :shown)",
            client=client,
            item=item_id,
            reason=reason,
            shown=values,
        )

    def reveals(self, client: ClientId, item_id: str) -> tuple[Reveal, ...]:
        """Who was shown values of the item's column, in order."""
        return from_json(_REVEALS, self._transaction.json(_REVEALED, client=client, item=item_id) or "[]")

    def flag(self, client: ClientId, item_id: str, reason: str | None) -> None:
        """Flags an item with the reason, or takes the flag away.

        Raises:
            NotAllowedError: the person may not decide about the client.
        """
        self._act("flag_item", client, item_id, reason)

    def assign(self, client: ClientId, item_id: str, login: str | None) -> None:
        """Gives an item to somebody who may decide about it, or to nobody.

        Raises:
            NotAllowedError: the person may not decide about the client.
            BadDecisionError: that login may not; those that may are named.
        """
        self._act("assign_item", client, item_id, login)

    def _act(self, act: str, client: ClientId, item_id: str, value: str | None) -> None:
        self._transaction.run(
            f"select smp.{act}(:client, :item, :value)", client=client, item=item_id, value=value
        )

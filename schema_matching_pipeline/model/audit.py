"""What happened: the rows the database itself writes about every change."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Literal, get_args

from pydantic import JsonValue, field_serializer

from schema_matching_pipeline.model.base import Frozen

NOT_TOLD = "(not told while another person is to decide)"
OF_ITEMS = frozenset(
    {"review_items", "review_actions", "item_approvals", "item_comments", "item_marks", "reveals"}
)
"""Kinds of rows that go by client and review item."""


def item_in(subject: str, key: str) -> str | None:
    """The review item that a row of that kind and key is about, if it is about one.

    >>> item_in("item_approvals", "acme/i-7/5e0c")
    'i-7'
    """
    return key.split("/")[1] if subject in OF_ITEMS else None


class AuditEvent(Frozen):
    """One change: who, what, when, why. ``old`` and ``new`` are JSON: text here, part of the whole where it becomes JSON.

    ``address`` is where a request came from, ``agent`` the program that sent it, or the run that changed something.
    ``column`` and ``field`` name what it is about, as ``TABLE.COLUMN`` and ``ENTITY.FIELD``, or the entity alone.
    """

    seq: int
    action: str
    subject: str
    subject_key: str
    actor: str
    reason: str | None
    address: str | None
    agent: str | None
    trace_id: str | None
    at: datetime
    changed: tuple[str, ...] = ()
    old: str | None = None
    new: str | None = None
    column: str | None = None
    field: str | None = None

    @property
    def about(self) -> str:
        """What it is about by the names that people know it by, or else by its key."""
        return " to ".join(name for name in (self.column, self.field) if name) or self.subject_key

    @property
    def item(self) -> str | None:
        """The review item that it is about, if it is about one."""
        return item_in(self.subject, self.subject_key)

    @property
    def withheld(self) -> AuditEvent:
        """The same without who did what: for somebody who is to decide unaware of it."""
        return self.but(
            actor=NOT_TOLD,
            reason=None,
            address=None,
            agent=None,
            trace_id=None,
            changed=(),
            old=None,
            new=None,
            field=None,
        )

    @field_serializer("old", "new", when_used="json")
    def _as_json(self, text: str | None) -> JsonValue:
        held: JsonValue = json.loads(text) if text else None
        return held


Kind = Literal[
    "api_keys",
    "canonical_models",
    "clients",
    "column_variants",
    "connections",
    "connector_definitions",
    "entity_policies",
    "erasure_requests",
    "exports",
    "field_mappings",
    "final_approvals",
    "item_approvals",
    "item_comments",
    "item_marks",
    "llm_policies",
    "mapping_versions",
    "notification_channels",
    "pipeline_runs",
    "publications",
    "rejected_pairs",
    "reveals",
    "review_actions",
    "review_items",
    "run_requests",
    "trust_adjustments",
    "users",
    "value_bank_entries",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""Kinds of rows that the audit keeps, and so can tell of any time."""

Subject = Literal[Kind, "logins"]
SUBJECTS: tuple[Subject, ...] = tuple(sorted(get_args(Subject)))
"""What rows of the audit are about: those kinds, and logins, of which there is no row outside the audit."""

Action = Literal["created", "updated", "deleted", "validated", "deprecated", "decided", "published"]
ACTIONS: tuple[Action, ...] = get_args(Action)
"""What may have been done."""


class AuditFilter(Frozen):
    """Which rows of the audit are asked for; what is left open narrows nothing.

    ``actor`` is a login, or what the machinery goes by there; ``since`` is the first moment, ``until`` the first one after the last.
    """

    actor: str | None = None
    subject: Subject | None = None
    action: Action | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditRow(Frozen):
    """A row of the audit as it was written: ``text`` is JSON, with its hash and that of what it changed."""

    seq: int
    subject: str
    subject_key: str
    actor: str
    at: datetime
    text: str

    @property
    def item(self) -> str | None:
        """The review item that it is about, if it is about one."""
        return item_in(self.subject, self.subject_key)


class RegistryRow(Frozen):
    """A row of the registry as it stood: ``state`` is JSON, text here, part of the whole where it becomes JSON.

    Secrets are redacted in it, and when and by whom it was last touched is no part of it.
    """

    key: str
    state: str

    @property
    def values(self) -> dict[str, JsonValue]:
        """The state by the names of its columns."""
        held: dict[str, JsonValue] = json.loads(self.state)
        return held

    @field_serializer("state", when_used="json")
    def _as_json(self, text: str) -> JsonValue:
        held: JsonValue = json.loads(text)
        return held


class RegistryThen(Frozen):
    """The rows of one kind as they stood ``at`` a time; ``withheld`` of them are not told while another person is to decide."""

    at: datetime
    kind: str
    rows: tuple[RegistryRow, ...]
    withheld: int = 0


class Change(Frozen):
    """That something of a kind changed, up to row ``seq`` of the audit; of a client, where it belongs to one."""

    seq: int
    subject: str
    client: str | None


class PersonsAct(Frozen):
    """What one person did about a client: decided review items, or a version where ``version`` says which.

    ``words`` is what was said and how often; ``seq`` the row of the audit up to which this goes.
    """

    seq: int
    client: str
    who: str
    words: tuple[tuple[str, int], ...]
    version: int | None = None

    @property
    def in_words(self) -> str:
        """The act as a sentence.

        >>> PersonsAct(seq=9, client="acme", who="ada", words=(("approve", 3), ("reject", 1))).in_words
        'ada decided 4 review items: 3 approve, 1 reject.'
        >>> PersonsAct(seq=9, client="acme", who="ada", words=(("approved", 1),), version=2).in_words
        'ada approved version 2 for production.'
        """
        if self.version is not None:
            return f"{self.who} {self.words[0][0]} version {self.version} for production."
        total = sum(many for _, many in self.words)
        said = ", ".join(f"{many:,} {word}" for word, many in self.words)
        return f"{self.who} decided {total:,} review item{'' if total == 1 else 's'}: {said}."


class AuditVerification(Frozen):
    """Whether the chain of audit rows is whole; ``broken_at`` is the first row that is not."""

    rows: int
    intact: bool
    broken_at: int | None = None
    message: str

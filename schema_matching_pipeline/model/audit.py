"""What happened: the rows the database itself writes about every change."""

from __future__ import annotations

import json
from datetime import datetime

from pydantic import JsonValue, field_serializer

from schema_matching_pipeline.model.base import Frozen


class AuditEvent(Frozen):
    """One change: who, what, when, why. ``old`` and ``new`` are JSON: text here, part of the whole where it becomes JSON."""

    seq: int
    action: str
    subject: str
    subject_key: str
    actor: str
    reason: str | None
    trace_id: str | None
    at: datetime
    changed: tuple[str, ...] = ()
    old: str | None = None
    new: str | None = None

    @field_serializer("old", "new", when_used="json")
    def _as_json(self, text: str | None) -> JsonValue:
        held: JsonValue = json.loads(text) if text else None
        return held


class Change(Frozen):
    """That something of a kind changed, up to row ``seq`` of the audit; of a client, where it belongs to one."""

    seq: int
    subject: str
    client: str | None


class AuditVerification(Frozen):
    """Whether the chain of audit rows is whole; ``broken_at`` is the first row that is not."""

    rows: int
    intact: bool
    broken_at: int | None = None
    message: str

"""What happened: the rows the database itself writes about every change."""

from __future__ import annotations

from datetime import datetime

from schema_matching_pipeline.model.base import Frozen


class AuditEvent(Frozen):
    """One change: who, what, when, why. ``old`` and ``new`` are JSON text."""

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


class AuditVerification(Frozen):
    """Whether the chain of audit rows is whole; ``broken_at`` is the first row that is not."""

    rows: int
    intact: bool
    broken_at: int | None = None
    message: str

"""What the registry alone can tell: clients, standing approvals, requests, pages of a list."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from schema_matching_pipeline.model.access import KeyScope, Role
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.ids import ClientId, ConnectionId, RunId, TenantId
from schema_matching_pipeline.model.knowledge import ColumnVariant
from schema_matching_pipeline.model.llm import CallOutcome, Told
from schema_matching_pipeline.model.matching import TransformRule
from schema_matching_pipeline.model.pipeline import RequestKind
from schema_matching_pipeline.model.review import ActionKind, ReviewItem
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.value_map import KnownTranslation

Entry = TypeVar("Entry")


class Page(Frozen, Generic[Entry]):
    """One page of a list: ``total`` entries in all, ``pages`` pages of ``size``."""

    total: int
    page: int
    size: int
    pages: int
    items: tuple[Entry, ...]


class ClientRecord(Frozen):
    """One client. ``trust_profile`` and ``spot_check_share`` are None where the installation's defaults hold."""

    slug: ClientId
    name: str
    tenant_id: TenantId
    trust_profile: str | None
    canonical_model: str
    active: bool
    connection_id: ConnectionId
    source_kind: str
    created_at: datetime
    spot_check_share: float | None = None


class SourceRecord(Frozen):
    """One client's source as people may see it: no credential, and of its place nothing.

    ``connector`` is the kind of database or ``file``; ``type`` is ``database`` or ``file``.
    """

    client: ClientId
    connector: str
    type: str
    schema_name: str | None
    is_active: bool
    created_at: datetime
    updated_at: datetime


class CanonicalSummary(Frozen):
    """One version of a canonical model, in figures."""

    name: str
    version: int
    digest: str
    entities: int
    fields: int


class StandingApproval(Frozen):
    """An approval that holds while its hash does; ``target`` None means "maps to nothing".

    ``shown_rule`` is the rule of the suggestion that the person was shown, ``rule`` the one decided for.
    """

    approval_hash: str
    ref: ColumnRef
    target: FieldRef | None
    rule: TransformRule | None = None
    shown_rule: TransformRule | None = None
    decided_by: str
    decided_at: datetime


class ItemAction(Frozen):
    """One thing a person did to a review item.

    ``batch_id`` is that of decisions made together; ``taken_back`` is a decision that does not count any more.
    """

    who: str
    when: datetime
    decision: ActionKind
    target: FieldRef | None = None
    rule: TransformRule | None = None
    reason: str = ""
    batch_id: str | None = None
    taken_back: bool = False


class EarlierAction(ItemAction):
    """What a person said of a column when something else was asked about it; ``drifted``: it changed since."""

    drifted: bool = False


class ReviewSync(Frozen):
    """What became of a client's queue: items opened, kept as they were, withdrawn."""

    opened: int
    kept: int
    withdrawn: int


class ItemComment(Frozen):
    """What one person noted about a review item."""

    who: str
    when: datetime
    text: str


class Reveal(Frozen):
    """That one person was shown so many values of a review item's column as they are, and why."""

    who: str
    when: datetime
    values: int
    reason: str


class ClientItem(Frozen):
    """A review item with the client it belongs to, as lists show it.

    ``rows`` are those an answer is for, and ``value`` orders the queue; ``flag`` is why somebody flagged it. ``taken_by`` is
    the other column of its table that fills the suggested field by now, where that admits one.
    """

    client: ClientId
    item: ReviewItem
    opened_at: datetime
    rows: int = 0
    value: float = 0.0
    assignee: str | None = None
    flag: str | None = None
    comments: int = 0
    taken_by: ColumnRef | None = None


class QueuePage(Page[ClientItem]):
    """One page of the review queue; of the ``total`` so many are ``spot_checks``, which hold no gate."""

    spot_checks: int

    @property
    def holding(self) -> int:
        """How many of the total hold the gate of their client, where the queue is of what waits."""
        return self.total - self.spot_checks


class Left(Frozen):
    """What of a client still waits for a person after decisions: open items, or nothing but the final approval.

    ``opened`` are those that the decisions brought, ``withdrawn`` those that went with them undecided.
    """

    client: ClientId
    items: int
    approval: bool
    opened: tuple[ReviewItem, ...] = ()
    withdrawn: tuple[ReviewItem, ...] = ()


class RequestState(StrEnum):
    """Where a run request stands."""

    OPEN = "open"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RunRequest(Frozen):
    """What somebody asked the orchestrator to run; ``run_key`` makes sure it happens once."""

    id: str
    client: ClientId
    kind: RequestKind
    state: RequestState
    run_key: str
    attempt: int = 1
    requested_by: str = ""


class JobStatus(StrEnum):
    """Where a job stands, as programs follow it."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Frozen):
    """Work that somebody asked for and that takes its time; ``run_id`` is the pipeline run that does it, once known."""

    job_id: str
    status: JobStatus
    client: ClientId
    kind: RequestKind
    requested_by: str
    started_at: datetime
    finished_at: datetime | None = None
    run_id: RunId | None = None
    error_code: str | None = None
    error: str | None = None


class ValueState(StrEnum):
    """What is known about a learned value."""

    PENDING = "pending"
    VERIFIED = "verified"
    REJECTED = "rejected"


class LearnedValue(Frozen):
    """One value of the bank as its keyed hash, and in how many clients it was seen.

    ``spelling`` is the value where the canonical model itself lists it; of any other its hash is all that is kept.
    """

    id: int
    target: FieldRef
    value_hash: int
    clients: int
    state: ValueState
    spelling: str | None = None


class FieldKnowledge(Frozen):
    """What the bank knows of one field: its values by state, the columns' names and the codes that people gave it."""

    target: FieldRef
    verified: int = 0
    pending: int = 0
    rejected: int = 0
    names: tuple[ColumnVariant, ...] = ()
    codes: tuple[KnownTranslation, ...] = ()


class UserRecord(Frozen):
    """One person of a tenant; ``clients`` are those he is confined to, None for all.

    ``proven_until`` is until when what he holds counts unless an identity provider proves him again; None where an administrator added him.
    """

    login: str
    role: Role
    email: str | None = None
    display_name: str | None = None
    active: bool = True
    clients: tuple[ClientId, ...] | None = None
    proven_until: datetime | None = None


class ProvenPerson(UserRecord):
    """The person who acts, in the role that the proof leaves him, and what that proof is good for."""

    scope: KeyScope


class ApiKey(Frozen):
    """One key of a person, without the secret: ``prefix`` are the letters by which people know it.

    A key without one follows from the secret of the installation, which vouches for the person by it.
    """

    id: str
    name: str
    prefix: str | None
    scope: KeyScope
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    counts: bool


class LLMCallRecord(Frozen):
    """One question to a language model as it left, under which policy, and what it took."""

    client: ClientId
    asked_at: datetime
    prompt: str
    prompt_version: str
    request_digest: str
    columns: int
    told: tuple[Told, ...]
    outcome: CallOutcome
    provider: str
    model: str
    prompt_tokens: int
    completion_tokens: int
    cost: float | None
    question: str

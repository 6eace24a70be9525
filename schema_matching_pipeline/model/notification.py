"""What people are told without asking: news of clients, and the channels it goes by."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import ClientId


class Topic(StrEnum):
    """What news is about. Those of ``URGENT`` go out at once, the others once a day."""

    CRITICAL_WAITS = "critical_waits"
    PIPELINE_FAILED = "pipeline_failed"
    ITEMS_WAIT = "items_wait"
    APPROVAL_WAITS = "approval_waits"
    PUBLISHED = "published"


URGENT = frozenset({Topic.CRITICAL_WAITS, Topic.PIPELINE_FAILED})


class News(Frozen):
    """One thing that came about with a client. The same ``key`` is told once; ``place`` is where the desk shows it."""

    client: ClientId
    topic: Topic
    key: str
    headline: str
    place: str

    @property
    def urgent(self) -> bool:
        """Whether it goes out at once."""
        return self.topic in URGENT


class ToldNews(Frozen):
    """News as it was written down."""

    id: int
    news: News
    at: datetime


class Message(Frozen):
    """What a channel carries: news together, each with its link. ``id`` is the same when it is tried again."""

    id: str
    subject: str
    lines: tuple[MessageLine, ...]


class MessageLine(Frozen):
    """One sentence and where it leads to."""

    text: str
    link: str


class Channel(Frozen):
    """One way to people; ``shown`` is as much of its address as is no secret. ``client`` None: news of all clients."""

    id: str
    kind: str
    client: ClientId | None
    shown: str
    urgent_only: bool
    created_at: datetime
    failed: str | None = None


class Outgoing(Frozen):
    """What is due by one channel now."""

    channel: Channel
    options: dict[str, str]
    news: tuple[ToldNews, ...]
    attempts: int

"""Requests to erase what is held about a client, or about a person of staff."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from schema_matching_pipeline.model.base import Frozen


class ErasureOf(StrEnum):
    """Whom a request is about."""

    CLIENT = "client"
    PERSON = "person"


class ErasureRequest(Frozen):
    """Who asked on which day, and what was done; ``done`` is None while it is open.

    ``is_there`` says whether the registry holds the client, or the person, today.
    """

    id: str
    about: ErasureOf
    name: str
    asked_by: str
    asked_on: date
    entered_by: str
    entered_at: datetime
    done: str | None
    closed_by: str | None
    closed_at: datetime | None
    is_there: bool

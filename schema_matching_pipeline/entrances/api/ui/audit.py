"""The audit as a page: who changed what, when and why, and whether the chain is whole."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BeforeValidator

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheWorld
from schema_matching_pipeline.entrances.api.rendering import shown, words
from schema_matching_pipeline.entrances.api.ui.audit_changes import changed_columns
from schema_matching_pipeline.model.audit import ACTIONS, SUBJECTS, Action, AuditFilter, Subject
from schema_matching_pipeline.workflows.list_clients import name_clients
from schema_matching_pipeline.workflows.read_audit import list_audit, verify_audit

router = APIRouter()

FIRST, MOST = 100, 2000
_LAST_DAY = date(9999, 12, 30)  # the one after it is a day, too

Unset = BeforeValidator(lambda given: given or None)


@router.get("/audit")
def audit(
    request: Request,
    world: TheWorld,
    actor: TheActor,
    client: Annotated[str, Query(max_length=100)] = "",
    by: Annotated[str, Query(alias="actor", max_length=200)] = "",
    subject: Annotated[Subject | None, Unset, Query()] = None,
    action: Annotated[Action | None, Unset, Query()] = None,
    first_day: Annotated[date | None, Unset, Query()] = None,
    last_day: Annotated[date | None, Unset, Query(le=_LAST_DAY)] = None,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = FIRST,
) -> Response:
    """The newest changes, of one client or of all that the person may see, and of what is asked for."""
    clients = name_clients(world, actor)
    whole = actor.clients is None
    chosen = client or ("" if whole or not clients else clients[0].slug)
    asked = AuditFilter(
        actor=by.strip() or None,
        subject=subject,
        action=action,
        since=_start_of(first_day) if first_day else None,
        until=_start_of(last_day + timedelta(days=1)) if last_day else None,
    )
    events = (
        list_audit(world, actor, client=chosen or None, limit=limit + 1, before=before, asked=asked)
        if chosen or whole
        else ()
    )
    filters = {
        "actor": asked.actor,
        "subject": subject,
        "action": action,
        "first_day": first_day,
        "last_day": last_day,
    }
    sized = {"limit": limit} if limit != FIRST else {}
    given = {
        "events": [(event, changed_columns(event)) for event in events[:limit]],
        "older": events[limit - 1].seq if len(events) > limit else None,
        "before": before,
        "clients": clients,
        "chosen": chosen,
        "whole": whole,
        "asked": filters,
        "asked_in_words": _in_words(asked, first_day, last_day),
        "subjects": SUBJECTS,
        "actions": ACTIONS,
        "query": urlencode(
            {name: value for name, value in ({"client": chosen} | filters | sized).items() if value}
        ),
        "limit": limit,
    }
    return shown(request, "audit.html", given, actor=actor)


@router.post("/audit/verify")
def verified(request: Request, world: TheWorld, actor: TheActor) -> Response:
    """Whether every row is as it was written, and none is missing."""
    return shown(request, "part/verified.html", {"found": verify_audit(world, actor)}, actor=actor)


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _in_words(asked: AuditFilter, first_day: date | None, last_day: date | None) -> str:
    """What the filters ask for, as the end of a sentence; empty where they ask for nothing.

    >>> _in_words(AuditFilter(actor="ada", action="decided"), None, date(2026, 11, 20))
    'decided, by “ada”, up to 2026-11-20'
    """
    said = (
        words(asked.action) if asked.action else "",
        f"of {words(asked.subject)}" if asked.subject else "",
        f"by “{asked.actor}”" if asked.actor else "",
        f"from {first_day} on" if first_day else "",
        f"up to {last_day}" if last_day else "",
    )
    return ", ".join(one for one in said if one)

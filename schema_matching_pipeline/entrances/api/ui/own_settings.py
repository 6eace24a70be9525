"""A person's own page: password, keys, where one is logged in, and what the installation is set to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import SecretStr

from schema_matching_pipeline.entrances.api.dependencies import (
    THEN_AUDITED,
    TheActor,
    TheInstallation,
    TheWorld,
)
from schema_matching_pipeline.entrances.api.rendering import shown
from schema_matching_pipeline.model.access import KeyScope
from schema_matching_pipeline.settings import Settings
from schema_matching_pipeline.workflows.log_in import end_other_sessions, list_sessions, set_password
from schema_matching_pipeline.workflows.manage_keys import KeyTerms, add_key, list_keys, revoke_key

router = APIRouter(prefix="/settings")


@router.get("")
def settings(request: Request, world: TheWorld, served: TheInstallation, actor: TheActor) -> Response:
    """What is the person's own, and what the installation is set to; no secret among it."""
    given = {
        "sessions": list_sessions(world, actor),
        "keys": list_keys(world, actor, actor.login),
        "scopes": tuple(KeyScope),
        "set": plain_settings(served.settings),
        "said": "",
        "key": "",
    }
    return shown(request, "settings.html", given, actor=actor)


@router.post("/password")
def password(
    request: Request, world: TheWorld, actor: TheActor, password: Annotated[SecretStr, Form(max_length=1000)]
) -> Response:
    """Another password; other sessions end."""
    set_password(world, actor, actor.login, password.get_secret_value())
    return _sessions(request, world, actor, "Your password is another one; you were logged out elsewhere.")


@router.post("/keys")
def add(
    request: Request,
    world: TheWorld,
    actor: TheActor,
    name: Annotated[str, Form(min_length=1, max_length=100, pattern=r"\S")],
    scope: Annotated[KeyScope, Form()],
    days: Annotated[int, Form(ge=0, le=3650)] = 0,
) -> Response:
    """Another key, shown this once."""
    made = add_key(world, actor, actor.login, KeyTerms(name=name, scope=scope, days=days or None))
    return _keys(request, world, actor, f"There is a key “{name}”.", made.key)


@router.post("/keys/revoke")
def revoke(
    request: Request, world: TheWorld, actor: TheActor, key_id: Annotated[str, Form(max_length=64)]
) -> Response:
    """Ends a key, and the sessions that were begun with it."""
    revoke_key(world, actor, actor.login, key_id)
    return _keys(request, world, actor, "The key works no more.", "")


@router.post("/sessions/end", dependencies=[THEN_AUDITED])
def end_sessions(request: Request, world: TheWorld, actor: TheActor) -> Response:
    """Ends all sessions of the person but this one."""
    ended = end_other_sessions(world, actor)
    said = f"You were logged out in {ended} other places." if ended else "You were logged in nowhere else."
    return _sessions(request, world, actor, said)


def plain_settings(known: Settings) -> tuple[tuple[str, str, str], ...]:
    """The settings with their variables and meaning; of a secret, whether it is set."""
    return tuple(
        (f"SMP_{name.upper()}", _said(getattr(known, name)), field.description or "")
        for name, field in Settings.model_fields.items()
    )


def _said(value: object) -> str:
    if isinstance(value, SecretStr):
        return "set"
    if value is None or value == ():
        return "not set"
    return "set" if isinstance(value, tuple) else str(value)


def _keys(request: Request, world: TheWorld, actor: TheActor, said: str, key: str) -> Response:
    given = {
        "keys": list_keys(world, actor, actor.login),
        "scopes": tuple(KeyScope),
        "said": said,
        "key": key,
    }
    return shown(request, "part/keys.html", given, actor=actor)


def _sessions(request: Request, world: TheWorld, actor: TheActor, said: str) -> Response:
    given = {"sessions": list_sessions(world, actor), "said": said}
    return shown(request, "part/sessions.html", given, actor=actor)

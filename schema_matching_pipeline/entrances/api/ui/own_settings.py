"""A person's own page: password, where one is logged in, and what the installation is set to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import SecretStr

from schema_matching_pipeline.entrances.api.dependencies import TheActor, TheInstallation, TheWorld
from schema_matching_pipeline.entrances.api.rendering import shown
from schema_matching_pipeline.settings import Settings
from schema_matching_pipeline.workflows.log_in import end_other_sessions, list_sessions, set_password

router = APIRouter(prefix="/settings")


@router.get("")
def settings(request: Request, world: TheWorld, served: TheInstallation, actor: TheActor) -> Response:
    """What is the person's own, and what the installation is set to; no secret among it."""
    given = {"sessions": list_sessions(world, actor), "set": plain_settings(served.settings), "said": ""}
    return shown(request, "settings.html", given, actor=actor)


@router.post("/password")
def password(
    request: Request, world: TheWorld, actor: TheActor, password: Annotated[SecretStr, Form(max_length=1000)]
) -> Response:
    """Another password; other sessions end."""
    set_password(world, actor, actor.login, password.get_secret_value())
    return _sessions(request, world, actor, "Your password is another one; you were logged out elsewhere.")


@router.post("/sessions/end")
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


def _sessions(request: Request, world: TheWorld, actor: TheActor, said: str) -> Response:
    given = {"sessions": list_sessions(world, actor), "said": said}
    return shown(request, "part/sessions.html", given, actor=actor)

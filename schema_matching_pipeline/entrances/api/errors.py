"""One table from faults to HTTP: the status, the code of the interface, and what to tell."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any, NamedTuple

import structlog
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import Field
from starlette.exceptions import HTTPException

from schema_matching_pipeline.entrances.api.answer_headers import accompany
from schema_matching_pipeline.entrances.api.dependencies import still_known
from schema_matching_pipeline.entrances.api.page_words import in_page_words, mistakes_in_page_words
from schema_matching_pipeline.entrances.api.pages_or_json import fault_page, wants_page
from schema_matching_pipeline.entrances.api.refusals import RefusedRequestError, TooManyRequestsError
from schema_matching_pipeline.errors import (
    AlreadyExistsError,
    BadDecisionError,
    ClientBusyError,
    GateClosedError,
    GateError,
    IdentityError,
    LockedOutError,
    NotAllowedError,
    NotKnownError,
    RegistryBusyError,
    RegistryError,
    RegistryUnavailableError,
    SmpError,
    SourceError,
    StaleDecisionError,
    UnknownNameError,
    UsageError,
    way_of,
)
from schema_matching_pipeline.model.base import Frozen

_log = structlog.get_logger("smp.api")


class Fault(Frozen):
    """What went wrong: a stable code, a sentence with the way out, and facts a program may read."""

    code: str
    message: str
    details: dict[str, object] = Field(default_factory=dict)


class FaultEnvelope(Frozen):
    """Every answer that is no success has this form."""

    error: Fault


class Told(NamedTuple):
    """How one kind of fault is told over HTTP."""

    status: HTTPStatus
    code: str


# The first class that fits counts, so the finer ones come first.
TABLE: tuple[tuple[type[SmpError], Told], ...] = (
    (RefusedRequestError, Told(HTTPStatus.FORBIDDEN, "FORBIDDEN")),
    (TooManyRequestsError, Told(HTTPStatus.TOO_MANY_REQUESTS, "RATE_LIMITED")),
    (UnknownNameError, Told(HTTPStatus.NOT_FOUND, "RESOURCE_NOT_FOUND")),
    (AlreadyExistsError, Told(HTTPStatus.CONFLICT, "ALREADY_EXISTS")),
    (BadDecisionError, Told(HTTPStatus.UNPROCESSABLE_ENTITY, "BAD_DECISION")),
    (UsageError, Told(HTTPStatus.UNPROCESSABLE_ENTITY, "VALIDATION_ERROR")),
    (NotKnownError, Told(HTTPStatus.UNAUTHORIZED, "UNAUTHENTICATED")),
    (LockedOutError, Told(HTTPStatus.TOO_MANY_REQUESTS, "LOCKED_OUT")),
    (NotAllowedError, Told(HTTPStatus.FORBIDDEN, "FORBIDDEN")),
    (StaleDecisionError, Told(HTTPStatus.CONFLICT, "STALE_DECISION")),
    (GateClosedError, Told(HTTPStatus.CONFLICT, "GATE_CLOSED")),
    (GateError, Told(HTTPStatus.CONFLICT, "CONFLICT")),
    (ClientBusyError, Told(HTTPStatus.CONFLICT, "CLIENT_BUSY")),
    (SourceError, Told(HTTPStatus.UNPROCESSABLE_ENTITY, "SOURCE_ERROR")),
    (IdentityError, Told(HTTPStatus.BAD_GATEWAY, "IDENTITY_PROVIDER")),
    (RegistryUnavailableError, Told(HTTPStatus.SERVICE_UNAVAILABLE, "REGISTRY_UNAVAILABLE")),
    (RegistryBusyError, Told(HTTPStatus.SERVICE_UNAVAILABLE, "REGISTRY_BUSY")),
    (RegistryError, Told(HTTPStatus.INTERNAL_SERVER_ERROR, "REGISTRY_ERROR")),
    (SmpError, Told(HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL_ERROR")),
)
OF_STATUS = {
    HTTPStatus.BAD_REQUEST: "BAD_REQUEST",
    HTTPStatus.NOT_FOUND: "RESOURCE_NOT_FOUND",
    HTTPStatus.METHOD_NOT_ALLOWED: "METHOD_NOT_ALLOWED",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "PAYLOAD_TOO_LARGE",
}
FAULTS: dict[int | str, dict[str, Any]] = {
    status: {"model": FaultEnvelope, "description": what}
    for status, what in (
        (400, "The request cannot be read at all: its body is no text in UTF-8."),
        (401, "Nobody is logged in."),
        (403, "The person may not do this."),
        (404, "There is no such thing in the person's tenant."),
        (409, "It cannot be done as things stand."),
        (413, "The request is too large."),
        (422, "The request has mistakes."),
        (429, "The person sent more than his share, or too many logins went wrong."),
        (503, "The registry does not answer; try again."),
    )
}
_RETRY_SECONDS: dict[HTTPStatus, str] = {
    HTTPStatus.SERVICE_UNAVAILABLE: "5",
    HTTPStatus.TOO_MANY_REQUESTS: "60",
}


def install(app: FastAPI) -> None:
    """Lets every fault of the app leave in its form."""
    app.add_exception_handler(SmpError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_request)
    app.add_exception_handler(HTTPException, _of_route)
    app.add_exception_handler(Exception, _unforeseen)


def told(fault: SmpError) -> Told:
    """How a fault is told."""
    return next(telling for kind, telling in TABLE if isinstance(fault, kind))


def facts_of(fault: SmpError) -> dict[str, object]:
    """What a fault keeps as attributes and JSON can say."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in vars(fault).items()
        if isinstance(value, str | int | float | bool | dict)
        or (isinstance(value, tuple) and all(isinstance(part, str) for part in value))
    }


async def _of_ours(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, SmpError)  # noqa: S101 - the handler is installed for it alone
    telling = told(fault)
    if telling.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("request_failed", code=fault.code, path=request.url.path, fault=str(fault))
    answer = await _answer(request, telling, str(fault), facts_of(fault))
    if isinstance(fault, TooManyRequestsError):
        answer.headers["Retry-After"] = str(fault.seconds)
    return answer


async def _of_request(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, RequestValidationError)  # noqa: S101 - the handler is installed for it alone
    mistakes = [
        {"where": ".".join(str(part) for part in problem["loc"]), "what": problem["msg"]}
        for problem in fault.errors()
    ]
    said = (
        mistakes_in_page_words(fault.errors())
        if wants_page(request)
        else "The request has mistakes. "
        + "; ".join(f"{mistake['where']}: {mistake['what']}" for mistake in mistakes)
    )
    telling = Told(HTTPStatus.UNPROCESSABLE_ENTITY, "VALIDATION_ERROR")
    return await _answer(request, telling, said, {"mistakes": mistakes})


async def _of_route(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)  # noqa: S101 - the handler is installed for it alone
    status = HTTPStatus(fault.status_code)
    message = (
        f"There is nothing at {request.url.path}." if status is HTTPStatus.NOT_FOUND else str(fault.detail)
    )
    answer = await _answer(
        request, Told(status, OF_STATUS.get(status, OF_STATUS[HTTPStatus.BAD_REQUEST])), message, {}
    )
    answer.headers.update(fault.headers or {})
    return answer


async def _unforeseen(request: Request, fault: Exception) -> Response:
    """What nobody foresaw is logged under a number, and told without what it says: that may quote values.

    It is answered outside of what gives all other answers their headers.
    """
    number = uuid.uuid4().hex[:12]
    _log.error(
        "request_failed",
        code="INTERNAL_ERROR",
        path=request.url.path,
        number=number,
        trace_id=request.state.trace_id,
        kind=type(fault).__name__,
        way=way_of(fault),
    )
    message = f"Something went wrong here that should not. The log has it under {number}."
    telling = Told(HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL_ERROR")
    answer = await _answer(request, telling, message, {"number": number})
    accompany(request, answer.headers)
    return answer


async def _answer(request: Request, telling: Told, message: str, details: dict[str, object]) -> Response:
    headers = {}
    if telling.status in _RETRY_SECONDS:
        headers["Retry-After"] = _RETRY_SECONDS[telling.status]
    if telling.status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if wants_page(request):
        asks = telling.status < HTTPStatus.INTERNAL_SERVER_ERROR  # what failed is not asked once more
        actor = await run_in_threadpool(still_known, request, asks=asks)
        return fault_page(request, telling.status, in_page_words(message), headers, actor)
    envelope = FaultEnvelope(error=Fault(code=telling.code, message=message, details=details))
    return JSONResponse(envelope.model_dump(mode="json"), status_code=telling.status, headers=headers)

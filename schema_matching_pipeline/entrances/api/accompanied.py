"""What goes with every request: its trace, the headers of its answer, a figure, and a line in the log about both."""

from __future__ import annotations

import time
from http import HTTPStatus

import structlog
from fastapi import Request
from fastapi.routing import APIRoute
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schema_matching_pipeline.entrances.api.answer_headers import accompany
from schema_matching_pipeline.entrances.api.exposition import Answers

_log = structlog.get_logger("smp.api")


class Accompanied:
    """Gives a request its trace and its answer the headers, counts it, and writes it down once the answer begins.

    It stands between the server and the app without a task of its own: an answer passes as it is sent.
    """

    def __init__(self, app: ASGIApp, answers: Answers, prefixes: tuple[str, ...]) -> None:
        self._app, self._answers, self._prefixes = app, answers, prefixes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets the request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        request.state.trace_id = request.app.state.installation.world.clock.new_id()
        passing = _Passing(self, request, send)
        with structlog.contextvars.bound_contextvars(trace_id=request.state.trace_id):
            self._answers.at_work.inc()
            try:
                await self._app(scope, receive, passing.send)
            finally:
                passing.end(
                    HTTPStatus.INTERNAL_SERVER_ERROR
                )  # a fault that nobody foresaw, told outside of this

    def note(self, request: Request, status: int, seconds: float) -> None:
        """Counts an answer that begins."""
        self._answers.at_work.dec()
        self._answers.note(request.method, self._template_of(request), status, seconds)

    def _template_of(self, request: Request) -> str | None:
        """The route that answered, as it is written, below the prefix it was asked under; None where none did."""
        route = request.scope.get("route")
        if not isinstance(route, APIRoute):
            return None
        path = request.url.path
        prefix = next((each for each in self._prefixes if path.startswith(f"{each}/")), "")
        return prefix + route.path


class _Passing:
    """One answer on its way out; it counts when it begins, and once."""

    def __init__(self, accompanied: Accompanied, request: Request, send: Send) -> None:
        self._accompanied, self._request, self._send = accompanied, request, send
        self._begun, self._is_noted = time.perf_counter(), False

    async def send(self, message: Message) -> None:
        """Sends a part of it; the first one with the headers that every answer has."""
        if message["type"] == "http.response.start":
            accompany(self._request, MutableHeaders(scope=message))
            self._told(message["status"])
        await self._send(message)

    def end(self, status: int) -> None:
        """Counts an answer that never began."""
        if not self._is_noted:
            self._is_noted = True
            self._accompanied.note(self._request, status, time.perf_counter() - self._begun)

    def _told(self, status: int) -> None:
        self.end(status)
        _log.info(
            "request",
            method=self._request.method,
            path=self._request.url.path,
            status=status,
            milliseconds=round(1000 * (time.perf_counter() - self._begun)),
        )

"""A client of one endpoint that speaks the OpenAI protocol: it sends what it is given and no more, and waits within bounds."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

from pydantic import SecretStr

if TYPE_CHECKING:
    from httpx2 import Client, Request, Response
    from openai import OpenAI

Answer = TypeVar("Answer")

RETRIES = 2
PATIENCE_SECONDS = 20.0
"""Longer than this nobody waits for an endpoint that is busy; the next one is asked meanwhile."""
LONGEST_ANSWER_BYTES = 16 * 1024 * 1024
_FIRST_WAIT_SECONDS = 0.5
_SENT = frozenset(
    ("accept", "accept-encoding", "connection", "content-length", "content-type", "host", "user-agent")
)


def open_endpoint(base_url: str, api_key: SecretStr | None, timeout_seconds: float) -> OpenAI:
    """A client that follows no redirect, so that neither key nor question goes anywhere else.

    The library adds to every request what it finds in variables such as OPENAI_ORG_ID and OPENAI_CUSTOM_HEADERS,
    whichever company the endpoint belongs to; none of it leaves. An answer is cut off that never ends.
    """
    from openai import OpenAI

    key = api_key.get_secret_value() if api_key else ""
    return OpenAI(
        api_key=key or "none",  # the library wants one; it is not sent
        base_url=base_url,
        timeout=timeout_seconds,
        max_retries=0,
        http_client=_bounded_client(key, timeout_seconds),
    )


def with_patience(ask: Callable[[], Answer], retries: int) -> Answer:
    """What the endpoint answers; asked again where it is busy or broken, after the time it wants or a growing one.

    Raises:
        OpenAIError: it stays so, or wants more time than anybody has.
    """
    from openai import APIConnectionError, APIStatusError

    for attempt in range(retries):
        try:
            return ask()
        except (APIConnectionError, APIStatusError) as error:
            if isinstance(error, APIStatusError) and not is_passing(error.status_code):
                raise
            wanted = wanted_wait(error)
            wait = wanted if wanted is not None else _FIRST_WAIT_SECONDS * 2**attempt * _jitter()
            if wait > PATIENCE_SECONDS:
                raise
            time.sleep(wait)
    return ask()


def is_passing(status: int) -> bool:
    """Whether a status says that the same question may be answered later.

    >>> [is_passing(status) for status in (400, 401, 408, 429, 503)]
    [False, False, True, True, True]
    """
    return status in {408, 409, 425, 429} or status >= 500


def wanted_wait(error: Exception) -> float | None:
    """After how many seconds the endpoint wants to be asked again, as far as it said so."""
    headers = getattr(getattr(error, "response", None), "headers", {})
    for name, seconds in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers.get(name, "")) * seconds)
        except ValueError:
            continue
    try:
        moment = parsedate_to_datetime(str(headers.get("retry-after", "")))
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _jitter() -> float:
    """Keeps many askers from coming back at the same moment."""
    return random.uniform(0.75, 1.25)  # noqa: S311 - no secret hangs on it


def _bounded_client(key: str, timeout_seconds: float) -> Client:
    import httpx2
    from openai import DefaultHttpxClient

    def only_what_is_needed(request: Request) -> None:
        for name in set(request.headers) - _SENT:
            del request.headers[name]
        if key:
            request.headers["authorization"] = f"Bearer {key}"

    class Bounded(DefaultHttpxClient):
        """Reads an answer as a whole, up to a size and a time: the library's time-out is one between two pieces."""

        def send(self, request: Request, **options: object) -> Response:
            deadline = time.monotonic() + timeout_seconds
            answer = super().send(request, **{**options, "stream": True})  # type: ignore[arg-type]  # the library's own options
            try:
                body = bytearray()
                for piece in answer.iter_raw():
                    body += piece
                    if len(body) > LONGEST_ANSWER_BYTES:
                        raise httpx2.ReadError("The answer is too long.", request=request)
                    if time.monotonic() > deadline:
                        raise httpx2.ReadTimeout("The answer does not end.", request=request)
            finally:
                answer.close()
            return httpx2.Response(
                answer.status_code, headers=answer.headers, content=bytes(body), request=request
            )

    return Bounded(follow_redirects=False, event_hooks={"request": [only_what_is_needed]})

"""No request is larger than what any route has a use for, whatever it says of its length."""

from __future__ import annotations

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 10 * 2**20


class BodyLimit:
    """Ends the reading of a body that is too large; the route then answers 413."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands the request on with its body counted."""
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MOST_BYTES:
                raise HTTPException(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                    f"The request is larger than {MOST_BYTES // 2**20} MiB. Send it in parts.",
                )
            return message

        await self._app(scope, counted if scope["type"] == "http" else receive, send)

"""What a person skipped on the desk: kept by his browser until it is closed or he logs out, and nowhere else."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

COOKIE = "smp_skipped"
MOST = 100  # the last ones; a browser keeps 4 KB
_PATH = "/review"
_ID = re.compile("[0-9a-f]{32}")


async def skipped(request: Request) -> tuple[str, ...]:
    """The ids of the items, in the order in which they were skipped."""
    return tuple(filter(_ID.fullmatch, request.cookies.get(COOKIE, "").split(".")))[-MOST:]


def keep_skipped(answer: Response, items: tuple[str, ...], *, secure: bool) -> None:
    """Lets the browser keep them."""
    answer.set_cookie(
        COOKIE, ".".join(items[-MOST:]), path=_PATH, httponly=True, samesite="lax", secure=secure
    )


def forget_skipped(answer: Response) -> None:
    """Lets the browser forget them."""
    answer.delete_cookie(COOKIE, path=_PATH)


TheSkipped = Annotated[tuple[str, ...], Depends(skipped)]

"""How a program may show who sends a request, as the OpenAPI document tells it; ``acting`` reads the header."""

from __future__ import annotations

from fastapi.openapi.models import HTTPBase
from fastapi.security.base import SecurityBase


class Scheme(SecurityBase):
    """One way to fill ``Authorization``. It only tells: a second reading of the header could be another one."""

    def __init__(self, scheme_name: str, scheme: str, description: str) -> None:
        self.scheme_name = scheme_name
        self.model = HTTPBase(scheme=scheme, description=description)

    async def __call__(self) -> None:
        """Nothing; the document alone needs to know of it."""


BEARER = Scheme("token", "bearer", "The access token that a login gave, for an hour.")
BASIC = Scheme("key", "basic", "A login with its API key.")

"""Ways to an identity provider and back, remembered in a cookie of their own: whoever comes back set out from here."""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import jwt
from pydantic import SecretStr

from schema_matching_pipeline.errors import NotKnownError
from schema_matching_pipeline.model.identity import Journey

MINUTES = 10
_ALGORITHM = "HS256"
_NEEDED = ["exp", "seed", "place"]


class Journeys:
    """Begins and ends the journeys of one installation.

    The cookie holds a seed, and what goes to the provider follows from it and the installation's secret: the address
    that a browser is sent to says nothing about the cookie, nor about the verifier of its code.
    """

    def __init__(self, installation_key: bytes) -> None:
        self._key = hmac.digest(installation_key, b"journeys", "sha256")

    def begun(self, place: str, returns_to: str) -> tuple[str, Journey]:
        """The cookie of a new journey, and the journey; ``place`` is where it ends on our pages."""
        seed = secrets.token_urlsafe(32)
        claims = {"seed": seed, "place": place, "exp": datetime.now(UTC) + timedelta(minutes=MINUTES)}
        return jwt.encode(claims, self._key, _ALGORITHM), self._of(seed, returns_to)

    def ended(self, cookie: str, state: str, returns_to: str) -> tuple[str, Journey]:
        """Where the journey of that cookie ends, and the journey.

        Raises:
            NotKnownError: it was begun in another browser, long ago, or not at all.
        """
        try:
            claims = jwt.decode(cookie, self._key, [_ALGORITHM], options={"require": _NEEDED})
        except jwt.InvalidTokenError:
            raise _lost() from None
        journey = self._of(str(claims["seed"]), returns_to)
        if not hmac.compare_digest(journey.state.encode(), state.encode()):
            raise _lost()
        return str(claims["place"]), journey

    def _of(self, seed: str, returns_to: str) -> Journey:
        state, nonce, verifier = (self._drawn(f"{name}/{seed}") for name in ("state", "nonce", "verifier"))
        return Journey(state=state, nonce=nonce, verifier=SecretStr(verifier), returns_to=returns_to)

    def _drawn(self, name: str) -> str:
        return urlsafe_b64encode(hmac.digest(self._key, name.encode(), "sha256")).decode().rstrip("=")


def _lost() -> NotKnownError:
    return NotKnownError(
        f"This login was not begun in this browser, or more than {MINUTES} minutes ago. Sign in again."
    )

"""Access tokens: signed JWTs (RFC 7519, HS256) around the secret that proves a session to the registry."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta

import jwt
from pydantic import SecretStr

from schema_matching_pipeline.errors import NotKnownError
from schema_matching_pipeline.model.ids import TenantId
from schema_matching_pipeline.workflows.log_in import Credentials, LoggedIn

ALGORITHM = "HS256"
ISSUER = "schema-matching-pipeline"
NEEDED = ("iss", "sub", "exp", "tenant", "secret")


class AccessTokens:
    """Makes and reads the access tokens of one installation; its secret signs them."""

    def __init__(self, installation_key: bytes) -> None:
        self._key = hmac.digest(installation_key, b"access tokens", "sha256")

    def made(self, logged_in: LoggedIn, minutes: int) -> str:
        """The token of a session that has just begun."""
        now = datetime.now(UTC)
        claims = {
            "iss": ISSUER,
            "sub": logged_in.actor.login,
            "tenant": logged_in.actor.tenant_id,
            "secret": logged_in.tokens.access.get_secret_value(),
            "iat": now,
            "exp": now + timedelta(minutes=minutes),
        }
        return jwt.encode(claims, self._key, ALGORITHM)

    def read(self, token: str, address: str | None, agent: str | None) -> Credentials:
        """What a token that comes from an address, by a program, shows of its session; the registry is asked about it then.

        Raises:
            NotKnownError: it is none of this installation's, was changed, or has run out.
        """
        try:
            claims = jwt.decode(
                token, self._key, [ALGORITHM], issuer=ISSUER, options={"require": list(NEEDED)}
            )
        except jwt.InvalidTokenError as error:
            raise NotKnownError("The access token is not valid, any more. Log in again.") from error
        return Credentials(
            tenant_id=TenantId(str(claims["tenant"])),
            login=str(claims["sub"]),
            secret=SecretStr(str(claims["secret"])),
            address=address,
            agent=agent,
        )

    def guard_of(self, token: str) -> str:
        """What a page sends back with a form, to show that the form was its own; it follows from the session."""
        return hmac.digest(self._key, f"guard/{token}".encode(), "sha256").hex()[:32]

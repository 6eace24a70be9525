"""A provider that speaks OpenID Connect: the code flow with PKCE (OpenID Connect Core 1.0, RFC 7636)."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from schema_matching_pipeline.adapters.identity.published import Published, keys_of, places_of
from schema_matching_pipeline.adapters.identity.token import person_of, refused, require_ours, said_by
from schema_matching_pipeline.errors import IdentityError, NotKnownError
from schema_matching_pipeline.model.identity import Journey, OutsidePerson, ProviderTerms

KEPT_SECONDS = 3600
"""So long what a provider publishes is taken to stand; a key that is not among it is looked for at once."""
_CODE = re.compile(r"[a-z_]{1,40}")
_OF_THE_LOGIN = frozenset({"invalid_grant", "access_denied"})


@dataclass(frozen=True)
class _Known:
    """What is known of the provider, and since when."""

    places: Published
    keys: KeySet
    since: float


class OpenIdProvider:
    """The provider that an installation trusts; it is asked when first needed."""

    def __init__(self, terms: ProviderTerms) -> None:
        self._terms = terms
        self._known: _Known | None = None

    @property
    def name(self) -> str:
        """What people call it."""
        return self._terms.name

    def way(self, journey: Journey) -> str:
        """The address of the provider that a browser is sent to.

        Raises:
            IdentityError: it does not answer.
        """
        known = self._published()
        with self._client(known.places, journey) as client:
            address, _ = client.create_authorization_url(
                known.places.authorization_endpoint,
                state=journey.state,
                nonce=journey.nonce,
                code_verifier=journey.verifier.get_secret_value(),
            )
        return str(address)

    def person(self, journey: Journey, code: str) -> OutsidePerson:
        """The person who came back from the journey with that code.

        Raises:
            NotKnownError: the code or the token it is given for does not count.
            IdentityError: the provider does not answer, or refuses this installation.
        """
        known = self._published()
        token, access_token = self._tokens(known.places, journey, code)
        said = self._said(known, token)
        require_ours(said, self._terms, journey, access_token)
        return person_of(said, self._terms)

    def _tokens(self, places: Published, journey: Journey, code: str) -> tuple[str, str]:
        try:
            with self._client(places, journey) as client:
                given = client.fetch_token(
                    places.token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=journey.verifier.get_secret_value(),
                )
        except AuthlibBaseError as error:
            raise _of_code(str(error.error)) from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise IdentityError(f"The identity provider does not answer ({type(error).__name__}).") from None
        except ValueError:
            raise IdentityError("The identity provider answers with something else than a token.") from None
        token = given.get("id_token")
        if not isinstance(token, str):
            raise IdentityError(
                "The identity provider gives no identity token. Is the scope `openid` among SMP_OIDC_SCOPES?"
            )
        return token, str(given.get("access_token", ""))

    def _said(self, known: _Known, token: str) -> jwt.Token:
        try:
            return said_by(token, known.keys)
        except (InvalidKeyIdError, BadSignatureError):
            return self._said_by_newer(token)
        except (JoseError, ValueError):
            raise refused("it is not signed as it should be") from None

    def _said_by_newer(self, token: str) -> jwt.Token:
        """Looks for the key among those of this moment: a provider changes them now and then."""
        self._known = None
        try:
            return said_by(token, self._published().keys)
        except (JoseError, ValueError):
            raise refused("it is not signed by the provider") from None

    def _published(self) -> _Known:
        known = self._known
        if known is None or time.monotonic() - known.since > KEPT_SECONDS:
            places = places_of(self._terms.issuer, self._terms.timeout_seconds)
            keys = keys_of(places.jwks_uri, self._terms.timeout_seconds)
            known = self._known = _Known(places, keys, time.monotonic())
        return known

    def _client(self, places: Published, journey: Journey) -> OAuth2Client:
        secret = self._terms.client_secret
        return OAuth2Client(
            self._terms.client_id,
            secret.get_secret_value() if secret else None,
            token_endpoint_auth_method=_proof(places, has_secret=secret is not None),
            scope=self._terms.scopes,
            redirect_uri=journey.returns_to,
            code_challenge_method="S256",
            timeout=self._terms.timeout_seconds,
            follow_redirects=False,
        )


def _proof(places: Published, *, has_secret: bool) -> str:
    """How the installation proves itself to the provider; without a secret by the journey's verifier alone."""
    if not has_secret:
        return "none"
    known = places.token_endpoint_auth_methods_supported
    return "client_secret_basic" if "client_secret_basic" in known else "client_secret_post"


def _of_code(code: str) -> NotKnownError | IdentityError:
    """What a refusal means; the provider's own words are not repeated but for a code."""
    named = code if _CODE.fullmatch(code) else "a fault without a name"
    if named in _OF_THE_LOGIN:
        return NotKnownError(f"The identity provider does not stand by this login ({named}). Sign in again.")
    return IdentityError(
        f"The identity provider refuses this installation ({named}). Compare SMP_OIDC_CLIENT_ID, SMP_OIDC_CLIENT_SECRET and the address it may send people back to."
    )

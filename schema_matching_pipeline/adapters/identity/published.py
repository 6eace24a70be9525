"""What a provider publishes of itself: where it is asked, and the keys it signs with."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

import httpx2
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, ValidationError

from schema_matching_pipeline.errors import IdentityError

_PLACE = "/.well-known/openid-configuration"


class Published(BaseModel):
    """The places of a provider (OpenID Connect Discovery 1.0)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


def places_of(issuer: str, timeout_seconds: float) -> Published:
    """What the issuer publishes about itself.

    Raises:
        IdentityError: it does not answer, is another one, or lets itself be asked without encryption.
    """
    try:
        found = Published.model_validate(asked(issuer.rstrip("/") + _PLACE, timeout_seconds))
    except ValidationError as error:
        named = ", ".join(str(problem["loc"][0]) for problem in error.errors())
        raise IdentityError(f"The identity provider does not say where it is asked ({named}).") from None
    if found.issuer != issuer:
        raise IdentityError(
            "The identity provider calls itself by another name than SMP_OIDC_ISSUER. Set it to the letter."
        )
    for place in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
        if not is_closed(place):
            raise IdentityError("The identity provider lets itself be asked without encryption.")
    return found


def keys_of(place: str, timeout_seconds: float) -> KeySet:
    """The keys that stand there.

    Raises:
        IdentityError: it does not answer, or what it answers with is no set of keys.
    """
    try:
        return KeySet.import_key_set(asked(place, timeout_seconds))  # type: ignore[arg-type]  # it looks for itself
    except (JoseError, KeyError, TypeError, ValueError):
        raise IdentityError("The identity provider publishes no keys that can be read.") from None


def asked(place: str, timeout_seconds: float) -> dict[str, object]:
    """The object that stands at a place of the provider's.

    Raises:
        IdentityError: there is none.
    """
    host = urlsplit(place).hostname
    try:
        answer = httpx2.get(place, timeout=timeout_seconds, follow_redirects=False)
        found = answer.json() if answer.status_code == httpx2.codes.OK else None
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise IdentityError(
            f"The identity provider at {host} does not answer ({type(error).__name__})."
        ) from None
    except ValueError:
        raise IdentityError(
            f"The identity provider at {host} answers with something else than JSON."
        ) from None
    if not isinstance(found, dict):
        raise IdentityError(f"The identity provider at {host} answers with {answer.status_code}.")
    return found


def is_closed(place: str) -> bool:
    """Whether nobody on the way hears what is asked there: it is encrypted, or on this machine.

    >>> is_closed("https://id.example"), is_closed("http://127.0.0.1:9000"), is_closed("http://id.example")
    (True, True, False)
    """
    parts = urlsplit(place)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and _is_loopback(parts.hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

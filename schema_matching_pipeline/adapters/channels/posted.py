"""Posting JSON to an address that somebody typed in: no redirect is followed, and none leads inside a cloud's own network."""

from __future__ import annotations

import ipaddress
import json
import socket
from collections.abc import Mapping
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from schema_matching_pipeline.errors import NotificationError

SECONDS = 10


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


_OPENER = build_opener(_NoRedirect)


def http_address(url: str) -> str:
    """The address, where it is one of HTTP with a host.

    Raises:
        ValueError: it is none.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("it must be an address such as https://HOST/PATH")
    return url


def post(url: str, document: object, headers: Mapping[str, str] | None = None) -> None:
    """Posts the document, and waits for a word of success.

    Raises:
        NotificationError: there was none; the host is named, never the whole address, which may be the secret.
    """
    post_bytes(url, json.dumps(document).encode(), headers)


def post_bytes(url: str, body: bytes, headers: Mapping[str, str] | None = None) -> None:
    """The same for a document that is spelled already."""
    host = urlsplit(url).hostname or ""
    _require_outside(host)
    request = Request(http_address(url), body, {"Content-Type": "application/json", **(headers or {})})  # noqa: S310 - the scheme was checked
    try:
        with _OPENER.open(request, timeout=SECONDS) as answer:
            answer.read(1000)
    except HTTPError as error:
        with error:
            raise NotificationError(f"{host} answered with {error.code}.") from None
    except (URLError, OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise NotificationError(f"{host} did not answer ({type(reason).__name__}).") from None


def _require_outside(host: str) -> None:
    """Passes for a host that is not where clouds keep what machines are told about themselves."""
    try:
        found = {ipaddress.ip_address(str(place[4][0])) for place in socket.getaddrinfo(host, None)}
    except OSError:
        raise NotificationError(f"There is no host named {host}.") from None
    if any(address.is_link_local or address.is_multicast or address.is_unspecified for address in found):
        raise NotificationError(f"{host} lies in a network that no message is sent to.")

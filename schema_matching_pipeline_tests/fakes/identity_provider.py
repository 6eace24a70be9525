"""An OpenID provider on loopback: discovery, keys, authorisation, tokens signed by RS256; faults on demand.

It holds whoever asks to what was agreed: the client's secret, the address people are sent back to, the verifier that
fits the challenge, and that a code works once.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT, SECRET = "desk", "a secret between provider and desk"
_SECONDS = 300


class Provider:
    """What the provider knows of whom; the attributes are its faults, which a test may set."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.email = "ada@example.org"
        self.groups: list[str] = []
        self.asks_first = False  # a person presses a button before being sent back
        self.returns_to = ""  # the one address that was agreed upon; any, where it is empty
        self.claims: dict[str, Any] = {}  # said instead of what would be true; None leaves a claim out
        self.algorithm = "RS256"
        self.signs_with: Callable[[Any], Any] = lambda key: key  # another key than the one that is published
        self.seconds = 0.0  # how long an answer takes
        self.status: dict[str, int] = {}  # what a place answers with instead
        self.body: dict[str, bytes] = {}  # what a place says instead
        self.changes: dict[str, Any] = {}  # what discovery says otherwise
        self.asked: list[str] = []  # the places that were asked, in order
        self.codes: dict[str, dict[str, str]] = {}
        self.rotate()

    def rotate(self) -> None:
        """Signs with a new key from now on, and publishes that one alone."""
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.key_id = secrets.token_hex(4)

    def discovery(self) -> dict[str, Any]:
        said = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }
        return {**said, **self.changes}

    def keys(self) -> dict[str, Any]:
        return {
            "keys": [
                {**RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True), "kid": self.key_id, "use": "sig"}
            ]
        }

    def code_for(self, asked: dict[str, str]) -> str:
        """A code for whoever asked so."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return code

    def token_for(self, given: dict[str, str], proof: str) -> tuple[int, dict[str, Any]]:
        """What a code is worth."""
        if proof != f"{CLIENT}:{SECRET}":
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(given.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(given.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or asked["redirect_uri"] != given.get("redirect_uri")
            or asked["code_challenge"] != challenge.decode().rstrip("=")
        ):
            return 400, {"error": "invalid_grant"}
        return 200, {
            "access_token": secrets.token_urlsafe(16),
            "token_type": "Bearer",
            "expires_in": _SECONDS,
            "id_token": self._identity(asked),
        }

    def _identity(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.url,
            "sub": f"sub-of-{self.email}",
            "aud": CLIENT,
            "iat": now,
            "exp": now + _SECONDS,
            "nonce": asked["nonce"],
            "email": self.email,
            "email_verified": True,
            "groups": self.groups,
            **self.claims,
        }
        said = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(said, self.signs_with(self.key), self.algorithm, headers={"kid": self.key_id})


class _Handler(BaseHTTPRequestHandler):
    provider: ClassVar[Provider]

    def do_GET(self) -> None:
        place, query = self._place()
        if place == "/.well-known/openid-configuration":
            self._say(place, 200, self.provider.discovery())
        elif place == "/keys":
            self._say(place, 200, self.provider.keys())
        elif place == "/authorize":
            self._authorize(query)
        elif place == "/pressed":
            self._send_back(query)
        else:
            self._say(place, 404, {})

    def do_POST(self) -> None:
        place, _ = self._place()
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        given = {name: values[0] for name, values in parse_qs(sent).items()}
        shown = base64.b64decode(self.headers.get("Authorization", "Basic ").removeprefix("Basic ")).decode()
        proof = (
            unquote_plus(shown) if shown else f"{given.get('client_id', '')}:{given.get('client_secret', '')}"
        )
        self._say(place, *self.provider.token_for(given, proof))

    def log_message(self, *_args: object) -> None:
        """Keeps the test output clean."""

    def _place(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        self.provider.asked.append(parts.path)
        return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}

    def _authorize(self, asked: dict[str, str]) -> None:
        agreed = {"client_id": CLIENT, "response_type": "code", "code_challenge_method": "S256"}
        wrong = [name for name, value in agreed.items() if asked.get(name) != value]
        if self.provider.returns_to not in {"", asked.get("redirect_uri")} or "openid" not in asked["scope"]:
            wrong.append("redirect_uri or scope")
        if wrong:
            self._say("/authorize", 400, {"error": "invalid_request", "wrong": wrong})
        elif self.provider.asks_first:
            page = f'<!doctype html><title>Provider</title><link rel="icon" href="data:,"><a href="/pressed?{urlencode(asked)}">Be {self.provider.email}</a>'.replace(
                "&", "&amp;"
            )
            self._answer(200, "text/html", page.encode())
        else:
            self._send_back(asked)

    def _send_back(self, asked: dict[str, str]) -> None:
        back = urlencode({"code": self.provider.code_for(asked), "state": asked["state"]})
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{back}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _say(self, place: str, status: int, said: dict[str, Any]) -> None:
        time.sleep(self.provider.seconds)
        body = self.provider.body.get(place, json.dumps(said).encode())
        self._answer(self.provider.status.get(place, status), "application/json", body)

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        with suppress(OSError):  # the asker gave up waiting
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)


@contextmanager
def identity_provider() -> Iterator[Provider]:
    """A running provider until the block ends; to a browser it is another site than what is at 127.0.0.1."""

    class Handler(_Handler):
        """Serves this one provider."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Handler.provider = Provider(f"http://localhost:{server.server_port}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Handler.provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)

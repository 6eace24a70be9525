"""Every code that the interface may answer with is reached by a request; a code that nothing reaches is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from schema_matching_pipeline.entrances.api.app import create_app
from schema_matching_pipeline.entrances.api.body_limit import MOST_BYTES
from schema_matching_pipeline.entrances.api.errors import OF_STATUS, TABLE
from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline.registry import Registry
from schema_matching_pipeline.runtime import identity_provider
from schema_matching_pipeline.workflows.manage_people import add_person
from schema_matching_pipeline_tests.entrances.api.conftest import Keys
from schema_matching_pipeline_tests.entrances.dagster.installation import Installation, free_port

API = "/api/v1"
WHY = {"reason": "The clinic says so."}
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Desk:
    """The interface as an administrator asks it, and a client with suggestions that wait."""

    http: TestClient
    installation: Installation
    people: Keys
    waiting: str

    @contextmanager
    def other(self, registry: Registry | None = None, **settings: object) -> Iterator[TestClient]:
        """The interface with other settings, or on another registry, asked by the same administrator."""
        world = replace(self.installation.world, registry=registry or self.installation.world.registry)
        app = create_app(world, self.installation.settings.model_copy(update=settings))
        with TestClient(app, raise_server_exceptions=False) as http:
            http.auth = self.people[Role.ADMIN]
            yield http

    def registry(self, url: str, **limits: float) -> Registry:
        """The registry at a URL."""
        key = self.installation.settings.key
        return Registry(url, secret_key=key, **limits)  # type: ignore[arg-type]  # numbers, each of its own type

    @property
    def url(self) -> str:
        """Where the registry is."""
        url = self.installation.settings.database_url
        assert url
        return url.get_secret_value()


@pytest.fixture
def desk(http, installation, people, waiting) -> Desk:
    http.auth = people[Role.ADMIN]
    return Desk(http, installation, people, waiting)


def bad_request(desk: Desk) -> Response:
    return desk.http.post(f"{API}/canonical", content=b'{"yaml": "\xff"}', headers=JSON)


def unauthenticated(desk: Desk) -> Response:
    return desk.http.get(f"{API}/clients", auth=("nobody", "a guess"))


def forbidden(desk: Desk) -> Response:
    body = {"client_id": desk.waiting}
    return desk.http.post(f"{API}/pipeline/start", json=body, auth=desk.people[Role.VIEWER])


def not_found(desk: Desk) -> Response:
    return desk.http.get(f"{API}/clients/nobody-s")


def method_not_allowed(desk: Desk) -> Response:
    return desk.http.delete(f"{API}/auth/login")


def already_exists(desk: Desk) -> Response:
    login, _ = desk.people[Role.VIEWER]
    return desk.http.post(f"{API}/users", json={"login": login, "role": "viewer"})


def client_busy(desk: Desk) -> Response:
    body = {"client_id": desk.installation.add_client("busy")}
    desk.http.post(f"{API}/pipeline/start", json=body)
    return desk.http.post(f"{API}/pipeline/start", json=body)


def conflict(desk: Desk) -> Response:
    return desk.http.delete(f"{API}/clients/{desk.waiting}")


def gate_closed(desk: Desk) -> Response:
    run = desk.installation.run(desk.waiting).id
    return desk.http.post(f"{API}/pipeline/{run}/resume")


def stale_decision(desk: Desk) -> Response:
    item = desk.installation.items(desk.waiting)[0].id
    return desk.http.post(f"{API}/review/{item}/reject", json={**WHY, "expected_row_version": 99})


def payload_too_large(desk: Desk) -> Response:
    body = b'{"yaml": "' + b"x" * MOST_BYTES + b'"}'
    return desk.http.post(f"{API}/canonical", content=body, headers=JSON)


def bad_decision(desk: Desk) -> Response:
    item = desk.installation.items(desk.waiting)[0].id
    return desk.http.post(f"{API}/review/{item}/assign", json={"login": "nobody"})


def source_error(desk: Desk) -> Response:
    body = {"slug": "sourceless", "location": f"postgresql://reader@127.0.0.1:{free_port()}/nothing"}
    return desk.http.post(f"{API}/clients", json=body)


def validation_error(desk: Desk) -> Response:
    return desk.http.get(f"{API}/clients?size=0")


def locked_out(desk: Desk) -> Response:
    body = {"username": "somebody-else", "password": "a guess"}
    return [desk.http.post(f"{API}/auth/login", json=body) for _ in range(6)][-1]


def rate_limited(desk: Desk) -> Response:
    login = "in-a-hurry"
    key = add_person(desk.installation.world, desk.installation.steward, login, Role.VIEWER, None).key
    with desk.other(requests_per_minute=4) as http:
        return [http.get(f"{API}/config", auth=(login, key)) for _ in range(2)][-1]


def registry_unavailable(desk: Desk) -> Response:
    host, _, rest = desk.url.rpartition("@")
    database = rest.partition("/")[2].partition("?")[0]
    nobody = desk.registry(f"{host}@127.0.0.1:{free_port()}/{database}", pool_timeout_seconds=5.0)
    with desk.other(nobody) as http:
        return http.get(f"{API}/clients")


def registry_busy(desk: Desk) -> Response:
    impatient = desk.registry(desk.url, statement_timeout_seconds=1)
    with desk.other(impatient) as http, desk.installation.locked("clients"):
        return http.patch(f"{API}/clients/{desk.waiting}", json={"active": True})


def registry_error(desk: Desk) -> Response:
    with desk.installation.refusing("clients"):
        return desk.http.patch(f"{API}/clients/{desk.waiting}", json={"active": True})


def identity_provider_silent(desk: Desk) -> Response:
    issuer = f"http://127.0.0.1:{free_port()}"
    settings = desk.installation.settings.model_copy(
        update={"oidc_issuer": issuer, "oidc_client_id": "desk", "oidc_timeout_seconds": 2.0}
    )
    world = replace(desk.installation.world, identity=identity_provider(settings))
    with TestClient(create_app(world, settings), raise_server_exceptions=False) as http:
        return http.get("/login/outside")


def internal_error(desk: Desk) -> Response:
    def broken() -> None:
        raise RuntimeError

    app = create_app(desk.installation.world, desk.installation.settings)
    app.add_api_route(f"{API}/broken", broken)
    with TestClient(app, raise_server_exceptions=False) as http:
        return http.get(f"{API}/broken")


REACHED: Mapping[str, tuple[int, Callable[[Desk], Response]]] = {
    "BAD_REQUEST": (400, bad_request),
    "UNAUTHENTICATED": (401, unauthenticated),
    "FORBIDDEN": (403, forbidden),
    "RESOURCE_NOT_FOUND": (404, not_found),
    "METHOD_NOT_ALLOWED": (405, method_not_allowed),
    "ALREADY_EXISTS": (409, already_exists),
    "CLIENT_BUSY": (409, client_busy),
    "CONFLICT": (409, conflict),
    "GATE_CLOSED": (409, gate_closed),
    "STALE_DECISION": (409, stale_decision),
    "PAYLOAD_TOO_LARGE": (413, payload_too_large),
    "BAD_DECISION": (422, bad_decision),
    "SOURCE_ERROR": (422, source_error),
    "VALIDATION_ERROR": (422, validation_error),
    "LOCKED_OUT": (429, locked_out),
    "RATE_LIMITED": (429, rate_limited),
    "INTERNAL_ERROR": (500, internal_error),
    "REGISTRY_ERROR": (500, registry_error),
    "IDENTITY_PROVIDER": (502, identity_provider_silent),
    "REGISTRY_BUSY": (503, registry_busy),
    "REGISTRY_UNAVAILABLE": (503, registry_unavailable),
}


def test_every_code_is_reached_and_no_other_is_answered():
    assert {telling.code for _, telling in TABLE} | set(OF_STATUS.values()) == set(REACHED)


@pytest.mark.parametrize("code", REACHED)
def test_a_request_is_answered_with_the_code(desk, code):
    status, ask = REACHED[code]
    answer = ask(desk)
    assert (answer.status_code, codes_of(answer)) == (status, {code})


def codes_of(answer: Response) -> set[str]:
    """The code of the answer; those of its status where a browser asked, which is shown words alone."""
    if answer.headers["Content-Type"].startswith("application/json"):
        return {answer.json()["error"]["code"]}
    return {telling.code for _, telling in TABLE if telling.status == answer.status_code}

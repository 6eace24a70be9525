"""Every route by every role, on one's own and on another tenant's things; a route that is not listed here fails."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import psycopg
import pytest
from fastapi.routing import APIRoute

from schema_matching_pipeline.entrances.api import events, operations, routes
from schema_matching_pipeline.entrances.api.app import PREFIXES, routers
from schema_matching_pipeline.entrances.api.auth.tokens import AccessTokens
from schema_matching_pipeline.entrances.api.needed import NEEDED, Anybody
from schema_matching_pipeline.model.access import MATRIX, Permission, Role, SessionTerms
from schema_matching_pipeline.model.erasure import ErasureOf
from schema_matching_pipeline.model.pipeline import RequestKind
from schema_matching_pipeline.model.review import Decision, DecisionKind
from schema_matching_pipeline.workflows.decide_bulk import decide_together
from schema_matching_pipeline.workflows.log_in import Credentials, begin_session, recognise
from schema_matching_pipeline.workflows.manage_keys import KeyTerms, add_key, list_keys
from schema_matching_pipeline.workflows.manage_people import add_person
from schema_matching_pipeline.workflows.record_erasures import ErasureAsked, enter_erasure
from schema_matching_pipeline.workflows.start_pipeline import run_one_phase

pytestmark = (
    pytest.mark.no_cover
)  # asks the same few functions hundreds of times, which tracing makes twice as slow

READ, MANAGE, RUN = Permission.READ, Permission.MANAGE_CLIENTS, Permission.RUN_PIPELINE
DECIDE, APPROVE, PEOPLE = Permission.DECIDE, Permission.APPROVE_FINAL, Permission.MANAGE_USERS
MODEL = (
    "name: matrix\nentities:\n  - {name: thing, fields: [{name: id, type: identifier, primary_key: true}]}\n"
)
WHY = {"reason": "The matrix says so."}
CLIENT = {"client_id": "{client}"}


@dataclass(frozen=True)
class Expected:
    """What a route needs (None: to be somebody), and a request to it that names things of ours.

    ``tenant`` is set where the things it speaks of belong to the tenant as a whole, so that nobody confined to
    clients gets at them; ``host`` where they are for people of the tenant alone that keeps the installation.
    """

    needs: Permission | None
    body: object = None
    query: str = ""
    names_ours: bool = True
    tenant: bool = False
    host: bool = False


@dataclass(frozen=True)
class Open:
    """A route that lets in people whom nobody knows yet, or machines, and what it answers to an empty request."""

    answers: int
    body: object = field(default_factory=dict)


def lists(
    needs: Permission = READ, *, body: object = None, query: str = "", tenant: bool = False
) -> Expected:
    return Expected(needs, body, query, names_ours=False, tenant=tenant)


EXPECTED: Mapping[str, Expected | Open] = {
    "GET /healthz": Open(200),
    "GET /readyz": Open(503),
    "GET /metrics": lists(Permission.READ_METRICS),
    "GET /access/dagster": Expected(READ, names_ours=False, tenant=True, host=True),
    "GET /auth/ways": Open(200),
    "POST /auth/login": Open(422),
    "POST /auth/refresh": Open(422),
    "POST /auth/logout": Expected(None, names_ours=False),
    "POST /auth/password": Expected(None, {"password": "short"}, names_ours=False),
    "GET /auth/me": Expected(None, names_ours=False),
    "GET /clients": lists(),
    "POST /clients": lists(MANAGE, body={"slug": "matrix-new", "location": "/nothing/is/here"}, tenant=True),
    "GET /clients/{client}": Expected(READ),
    "PATCH /clients/{client}": Expected(MANAGE, {"trust_profile": "conservative"}),
    "DELETE /clients/{client}": Expected(MANAGE, tenant=True),
    "GET /clients/{client}/source": Expected(READ),
    "GET /clients/{client}/changes": Expected(READ),
    "GET /clients/{client}/mappings": Expected(READ),
    "GET /clients/{client}/mappings.{form}": Expected(READ),
    "GET /clients/{client}/explain": Expected(READ, query="column=patients.gender"),
    "GET /clients/{client}/thresholds": Expected(READ),
    "GET /clients/{client}/trust": Expected(READ),
    "POST /clients/{client}/trust/{entity}/relax": Expected(PEOPLE, {"accepted": True, **WHY}),
    "GET /clients/{client}/guarantee": Expected(READ, query="error_rate=0.1"),
    "GET /clients/{client}/validation": Expected(READ),
    "POST /clients/{client}/columns/use": Expected(
        DECIDE, {"column": "patients.old_remark", "used": False, **WHY}
    ),
    "POST /clients/{client}/columns/map": Expected(
        DECIDE, {"column": "patients.gender", "target": {"entity": "patient", "field": "sex"}, **WHY}
    ),
    "GET /sources": lists(),
    "POST /sources/test": lists(MANAGE, body={"location": "/nothing/is/here"}),
    "POST /pipeline/start": Expected(RUN, CLIENT),
    "GET /pipeline/{run_id}/status": Expected(READ),
    "POST /pipeline/{run_id}/resume": Expected(RUN),
    "POST /pipeline/{run_id}/cancel": Expected(RUN),
    "POST /profile": Expected(RUN, CLIENT),
    "POST /classify": Expected(RUN, CLIENT),
    "POST /match": Expected(RUN, CLIENT),
    "POST /validate": Expected(RUN, CLIENT),
    "GET /jobs/{job_id}": Expected(READ),
    "POST /approve/{run_id}": Expected(APPROVE),
    "POST /approve/{run_id}/refuse": Expected(APPROVE, WHY),
    "GET /review/queue": Expected(READ, query="client={client}"),
    "GET /review/pace": lists(),
    "POST /review/bulk": Expected(DECIDE, {"decision": "approve", "items": ["{item_id}"], "preview": True}),
    "GET /review/{item_id}": Expected(READ),
    "POST /review/{item_id}/approve": Expected(DECIDE),
    "POST /review/{item_id}/reject": Expected(DECIDE, WHY),
    "POST /review/{item_id}/comment": Expected(DECIDE, {"text": "seen"}),
    "POST /review/{item_id}/flag": Expected(DECIDE, WHY),
    "POST /review/{item_id}/reveal": Expected(Permission.REVEAL, WHY),
    "POST /review/{item_id}/assign": Expected(DECIDE, {}),
    "POST /review/{item_id}/rule": Expected(DECIDE, {}),
    "POST /review/{item_id}/undo": Expected(DECIDE, {"expected_row_version": 2**31 - 1}),
    "POST /review/bulk/{batch_id}/undo": Expected(DECIDE),
    "POST /review/bulk/{batch_id}/redo": Expected(DECIDE),
    "POST /review/{item_id}/override": Expected(DECIDE, {"decision": "unmap", **WHY}),
    "GET /value-bank": lists(),
    "GET /value-bank/{entity}": lists(),
    "GET /value-bank/{entity}/pending": lists(),
    "POST /value-bank/value/{value_id}/verify": Expected(DECIDE, tenant=True),
    "POST /value-bank/value/{value_id}/reject": Expected(DECIDE, WHY, tenant=True),
    "GET /config": lists(),
    "PUT /config/trust-profile": Expected(MANAGE, {**CLIENT, "trust_profile": "conservative"}),
    "GET /audit": lists(query="limit=200", tenant=True),
    "GET /audit/as-of": lists(query="at=2026-01-01T00:00:00Z", tenant=True),
    "GET /audit/verify": lists(),
    "GET /erasures": lists(PEOPLE, tenant=True),
    "POST /erasures": Expected(
        PEOPLE, {"about": "client", "name": "{client}", "asked_by": "letter 9"}, tenant=True
    ),
    "POST /erasures/{erasure_id}/close": Expected(PEOPLE, {"done": "removed"}, tenant=True),
    "GET /users": lists(PEOPLE, tenant=True),
    "POST /users": lists(PEOPLE, body={"login": "system:x", "role": "viewer"}, tenant=True),
    "PATCH /users/{login}": Expected(PEOPLE, {"role": "viewer"}, tenant=True),
    "GET /users/{login}/keys": Expected(PEOPLE, tenant=True),
    "POST /users/{login}/keys": Expected(PEOPLE, {"name": "matrix", "scope": "read"}, tenant=True),
    "DELETE /users/{login}/keys/{key_id}": Expected(PEOPLE, tenant=True),
    "GET /canonical": lists(),
    "GET /canonical/{model}": lists(),
    "POST /canonical": lists(MANAGE, body={"yaml": MODEL}, tenant=True),
}
GUARDED = {route: expected for route, expected in EXPECTED.items() if isinstance(expected, Expected)}
ENDLESS = {"GET /events"}  # is asked by every role in test_events
OPEN = {route: expected for route, expected in EXPECTED.items() if isinstance(expected, Open)}


@pytest.fixture(scope="module")
def ours(installation, people):
    """Things of the tenant, by the names that routes have for them."""
    client = installation.add_client("matrix")
    installation.propose(client)
    add_person(installation.world, installation.steward, "somebody", Role.VIEWER, None)
    login, key = people[Role.STEWARD]
    together = decide_together(
        installation.world,
        recognise(
            installation.world,
            Credentials(tenant_id=installation.steward.tenant_id, login=login, secret=key),
        ),
        [Decision(item_id=installation.items(client)[-1].id, kind=DecisionKind.UNMAP, reason="no field")],
    )
    add_key(installation.world, installation.steward, "somebody", KeyTerms(name="matrix"))
    asked = enter_erasure(
        installation.world,
        installation.steward,
        ErasureAsked(about=ErasureOf.PERSON, name="somebody", asked_by="letter 9"),
    )
    job = run_one_phase(installation.world, installation.steward, client, RequestKind.VALIDATE)
    return {
        "form": "csv",
        "client": client,
        "item_id": installation.items(client)[0].id,
        "run_id": installation.run(client).id,
        "job_id": job.job_id,
        "batch_id": together.batch_id,
        "value_id": str(learned_value(installation)),
        "login": "somebody",
        "key_id": list_keys(installation.world, installation.steward, "somebody")[0].id,
        "erasure_id": asked.id,
        "entity": "patient",
        "model": "practice",
    }


def learned_value(installation):
    with psycopg.connect(installation.owner_url()) as connection:
        connection.execute(
            "select set_config('smp.tenant_id', %s, false), set_config('smp.actor', 'system:test', false)",
            [installation.steward.tenant_id],
        )
        found = connection.execute(
            "insert into smp.value_bank_entries (entity, field, value_hash) values ('patient', 'gender', %s)"
            " returning id",
            ["0123456789abcdef"],
        )
        return next(found)[0]


@pytest.fixture(scope="module")
def another_tenant(installation):
    return installation.alone("strangers")


@pytest.fixture
def stranger(installation, another_tenant):
    """Somebody who may do everything, in another tenant."""
    return token_of(installation, another_tenant.steward)


@pytest.fixture(scope="module")
def confined(installation):
    """Administrators of our tenant, as far as one client goes that is not the one of the matrix."""
    other = installation.add_client("elsewhere")
    made = {}
    for role in Role:
        login = f"confined-{role}"
        made[role] = (login, add_person(installation.world, installation.steward, login, role, (other,)).key)
    return made


def token_of(installation, actor):
    started = begin_session(installation.world, actor, SessionTerms())
    return {"Authorization": f"Bearer {AccessTokens(installation.settings.key).made(started, 60)}"}


def filled(given, ours):
    """The request with our names in it."""
    if isinstance(given, str):
        return re.sub(r"{(\w+)}", lambda found: ours[found[1]], given)
    if isinstance(given, dict):
        return {key: filled(value, ours) for key, value in given.items()}
    return [filled(value, ours) for value in given] if isinstance(given, list) else given


def ask(http, route, ours, **who):
    method, path = route.split(" ")
    expected = EXPECTED[route]
    query = f"?{expected.query}" if isinstance(expected, Expected) and expected.query else ""
    prefix = "" if path in {"/healthz", "/readyz", "/metrics", "/access/dagster"} else PREFIXES[0]
    return http.request(method, prefix + filled(path + query, ours), json=filled(expected.body, ours), **who)


def test_every_route_is_in_the_matrix():
    served = {
        f"{method} {route.path}"
        for router in (*routers(routes), operations.router, events.router)
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    assert served == set(EXPECTED) | ENDLESS


def test_what_a_route_needs_is_described_as_it_is():
    needed = {route: expected.needs or Anybody.LOGGED_IN for route, expected in GUARDED.items()}
    anybody = dict.fromkeys(OPEN, Anybody.NOBODY_KNOWN)
    assert NEEDED.items() <= {**needed, **anybody, **dict.fromkeys(ENDLESS, Anybody.LOGGED_IN)}.items()


@pytest.mark.parametrize("route", OPEN)
def test_what_is_open_answers_anybody(http, route, ours):
    assert ask(http, route, ours).status_code == OPEN[route].answers


@pytest.mark.parametrize("route", GUARDED)
def test_nobody_gets_nothing(http, route, ours):
    answer = ask(http, route, ours)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")


def is_anothers(answer):
    """Whether a role may do it, but not with what another decided: a batch that an administrator made again, say."""
    return answer.status_code == 403 and "that is taken back by" in answer.text


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("route", GUARDED)
def test_a_role_does_what_the_matrix_allows(http, people, route, role, ours):
    needs = GUARDED[route].needs
    answer = ask(http, route, ours, auth=people[role])
    if needs is None or needs in MATRIX[role]:
        assert answer.status_code in {200, 201, 202, 204, 409, 422} or is_anothers(answer), answer.text
    else:
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")


@pytest.mark.parametrize("route", GUARDED)
def test_what_belongs_to_another_tenant_is_not_there(http, stranger, route, ours):
    answer = ask(http, route, ours, headers=stranger)
    if GUARDED[route].names_ours:
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "RESOURCE_NOT_FOUND")
    elif GUARDED[route].host:
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")
    else:
        assert answer.status_code in {200, 201, 202, 204, 422}
        assert not [
            name
            for key, name in ours.items()
            if key in {"client", "item_id", "run_id"} and name in answer.text
        ]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(
    "route", [route for route, expected in GUARDED.items() if expected.names_ours or expected.tenant]
)
def test_who_is_confined_to_other_clients_gets_at_nothing(http, confined, route, role, ours):
    answer = ask(http, route, ours, auth=confined[role])
    assert answer.status_code in {403, 404}

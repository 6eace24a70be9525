"""Every route is asked for all that its document allows and forbids, and keeps what the document promises.

A short run that is the same every time is among the tests; ``make fuzz`` draws new requests, as many as wanted.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cache

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from schemathesis.checks import (
    content_type_conformance,
    ignored_auth,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from schema_matching_pipeline.entrances.api.app import create_app, openapi
from schema_matching_pipeline.entrances.api.auth.tokens import AccessTokens
from schema_matching_pipeline.model.access import Role, SessionTerms
from schema_matching_pipeline.model.pipeline import RequestKind
from schema_matching_pipeline.workflows.log_in import begin_session
from schema_matching_pipeline.workflows.manage_people import add_person
from schema_matching_pipeline.workflows.start_pipeline import run_one_phase
from schema_matching_pipeline_tests.entrances.api.conftest import serving

pytestmark = pytest.mark.no_cover  # asks the same routes over and over, which tracing makes twice as slow

WANTED = int(os.environ.get("SMP_FUZZ_EXAMPLES", "0"))
PROMISES = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    ignored_auth,
]  # not that all wrong types are refused: 0 is taken for false, "5" for 5
ENDLESS = "/events"  # has a test of its own
UNREADY = "/readyz"  # 503 is its answer where no orchestrator lives
NO_HTTP = "Invalid HTTP request received."
"""What the server below the app says of headers that are none; the app never sees such a request."""
KNOWN: dict[str, str] = {}
"""Things that are there, by the names that paths have for them; half of the requests name them."""
PARTS = 8
"""So many workers may share in the work."""
DOCUMENT = schemathesis.pytest.from_fixture("document")
short = settings(
    max_examples=WANTED or 4,
    derandomize=not WANTED,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)


@cache
def whole_document():
    return openapi()


@pytest.fixture(scope="module", params=range(PARTS))
def document(request):
    """A part of the paths. Not made while tests are collected, as every worker would draw requests for all of them."""
    paths = sorted(whole_document()["paths"].items())[request.param :: PARTS]
    made = schemathesis.openapi.from_dict({**whole_document(), "paths": dict(paths)})
    made.hook(before_generate_path_parameters)
    return made


def before_generate_path_parameters(context, strategy):
    return st.one_of(strategy, strategy.map(_naming_ours))


def _naming_ours(drawn):
    if not isinstance(drawn, dict):  # nothing in the path, or something wrong on purpose
        return drawn
    return {**drawn, **{name: KNOWN[name] for name in drawn if name in KNOWN}}


@pytest.fixture(scope="module")
def fuzzed(installation):
    """A tenant of its own with things to ask about."""
    return installation.alone("fuzzed")


@pytest.fixture(scope="module", autouse=True)
def _known(fuzzed):
    """Fills in what is there, before the first request is drawn."""
    client = fuzzed.add_client("fuzzed")
    fuzzed.propose(client)
    add_person(fuzzed.world, fuzzed.steward, "somebody", Role.VIEWER, None)
    job = run_one_phase(fuzzed.world, fuzzed.steward, client, RequestKind.VALIDATE)
    KNOWN.update(
        client=client,
        item_id=fuzzed.items(client)[0].id,
        run_id=fuzzed.run(client).id,
        job_id=job.job_id,
        login="somebody",
        entity="patient",
        model="practice",
    )


@pytest.fixture(scope="module")
def generous(fuzzed) -> Iterator[str]:
    """The app behind a real server, for as many requests as anybody likes: its address."""
    unlimited = {"requests_per_minute": 10**6, "logins_per_minute": 10**6}
    with serving(create_app(fuzzed.world, fuzzed.settings.model_copy(update=unlimited))) as address:
        yield address


@pytest.fixture(scope="module")
def who(fuzzed) -> Callable[[str], dict[str, str]]:
    """A session of its own for each route: one of them ends it."""
    minutes = 24 * 60

    @cache
    def session_for(route: str) -> dict[str, str]:
        started = begin_session(fuzzed.world, fuzzed.steward, SessionTerms(access_minutes=minutes))
        return {"Authorization": f"Bearer {AccessTokens(fuzzed.settings.key).made(started, minutes)}"}

    return session_for


@pytest.fixture(autouse=True)
def _name(request):
    """Schemathesis appends the route to a name that pytest no longer keeps there."""
    request.node._nodeid = request.node.nodeid


@DOCUMENT.exclude(path=ENDLESS).parametrize()
@short
def test_a_route_keeps_what_its_document_promises(case, who, generous):
    kept = [promise for promise in PROMISES if case.path != UNREADY or promise is not not_a_server_error]
    headers = who(case.operation.label)
    answer = case.call(base_url=generous, headers=headers, timeout=60)
    if answer.text != NO_HTTP:
        case.validate_response(answer, headers=headers, checks=kept)

"""Every route is asked for all that its document allows and forbids, and keeps what the document promises.

A short run that is the same every time is among the tests; ``make fuzz`` draws new requests, as many as wanted.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

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
KNOWN: dict[str, str] = {}
"""Things that are there, by the names that paths have for them; half of the requests name them."""
DOCUMENT = schemathesis.openapi.from_dict(openapi())
short = settings(
    max_examples=WANTED or 4,
    derandomize=not WANTED,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)


@DOCUMENT.hook
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


@pytest.fixture
def who(fuzzed):
    """A session of its own for each route: one of them ends it."""
    minutes = 24 * 60
    started = begin_session(fuzzed.world, fuzzed.steward, SessionTerms(access_minutes=minutes))
    return {"Authorization": f"Bearer {AccessTokens(fuzzed.settings.key).made(started, minutes)}"}


@DOCUMENT.exclude(path=ENDLESS).parametrize()
@short
def test_a_route_keeps_what_its_document_promises(case, who, generous):
    kept = [promise for promise in PROMISES if case.path != UNREADY or promise is not not_a_server_error]
    case.call_and_validate(base_url=generous, headers=who, checks=kept, timeout=60)

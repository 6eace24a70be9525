"""What a monitoring system reads: figures that its own parser takes, of the clients that the reader may see."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from schema_matching_pipeline.entrances.api.app import create_app
from schema_matching_pipeline.entrances.api.auth.tokens import AccessTokens
from schema_matching_pipeline.model.access import Role, SessionTerms
from schema_matching_pipeline.workflows.log_in import begin_session
from schema_matching_pipeline.workflows.manage_people import add_person
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline_tests.registry.test_llm import CALL


@pytest.fixture(scope="module")
def watched(installation):
    """A client with something to count of each kind, in a tenant of its own."""
    alone = installation.alone("watched")
    client = alone.add_client("watched")
    alone.propose(client)
    alone.add_client("quiet")
    with open_as(alone.world, alone.steward) as unit:
        unit.llm.note(client, CALL, datetime.now(UTC))
    return alone, client


def read(http, installation, actor):
    started = begin_session(installation.world, actor, SessionTerms())
    token = AccessTokens(installation.settings.key).made(started, 60)
    answer = http.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (200, "text/plain")
    return answer.text


def figures(text):
    """Every sample by its name and labels, as Prometheus' own parser reads them."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def of(found, name, **labels):
    return sum(
        value for (sample, held), value in found.items() if sample == name and labels.items() <= set(held)
    )


def test_queue_runs_questions_checks_and_decisions_are_counted_by_client(http, watched):
    installation, client = watched
    items = installation.items(client)
    found = figures(read(http, installation, installation.steward))
    assert of(found, "smp_review_items_waiting", client=client) == len(items)
    assert 0 <= of(found, "smp_review_oldest_seconds", client=client, kind=items[0].kind) < 600
    assert of(found, "smp_pipeline_runs", client=client, state="awaiting_review") == 1
    assert of(found, "smp_llm_calls_total", client=client, outcome=CALL.outcome) == 1
    assert of(found, "smp_llm_tokens_total", client=client, direction="prompt") == CALL.use.prompt_tokens
    assert of(found, "smp_llm_cost_total", client=client) == pytest.approx(CALL.cost)
    assert of(found, "smp_checks_failing", client=client) > 0
    installation.decide_all(client)
    found = figures(read(http, installation, installation.steward))
    assert of(found, "smp_review_items_waiting", client=client) == 0
    assert of(found, "smp_decisions_total", client=client) >= len(items)


def test_answers_are_timed_by_the_template_of_their_route(installation, people, waiting):
    with TestClient(create_app(installation.world, installation.settings)) as http:
        auth = people[Role.VIEWER]
        for _ in range(3):
            http.get(f"/api/v1/clients/{waiting}", auth=auth)
        http.get("/api/v1/clients/nobody", auth=auth)
        http.get("/no/such/place/anybody/thinks/of")
        text = http.get("/metrics", auth=auth).text
    found = figures(text)
    counted = "smp_request_seconds_count"
    assert of(found, counted, route="/api/v1/clients/{client}", status="200", method="GET") == 3
    assert of(found, counted, route="/api/v1/clients/{client}", status="404") == 1
    assert of(found, counted, route="none", method="none", status="404") == 1
    assert (of(found, "smp_requests_at_work"), "anybody" in text) == (1, False)


def test_figures_name_the_clients_of_the_reader_alone(http, watched, people, waiting, installation):
    _, theirs = watched
    ours = http.get("/metrics", auth=people[Role.ADMIN]).text
    assert (f'client="{waiting}"' in ours, theirs in ours) == (True, False)
    confined = installation.add_client("confined")
    key = add_person(
        installation.world, installation.steward, "reader-of-figures", Role.VIEWER, (confined,)
    ).key
    text = http.get("/metrics", auth=("reader-of-figures", key)).text
    assert waiting not in text
    assert http.get("/metrics").status_code == 401


def test_a_key_for_metrics_is_enough_and_figures_hold_no_value(http, people, waiting):
    login = people[Role.VIEWER][0]
    body = {"name": "prometheus", "scope": "metrics"}
    made = http.post(f"/api/v1/users/{login}/keys", json=body, auth=people[Role.VIEWER]).json()["key"]
    text = http.get("/metrics", auth=(login, made)).text
    assert f'client="{waiting}"' in text
    assert not [
        value for value in ("Ada", "person1@example.org", "patients", "date_of_birth") if value in text
    ]

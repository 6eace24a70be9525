"""Language models in the registry: policies, kept answers, and every question with what it took."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from schema_matching_pipeline.errors import NotAllowedError, UnknownNameError
from schema_matching_pipeline.model.llm import (
    CallOutcome,
    KeptAnswer,
    LLMCall,
    LLMPolicy,
    LLMRequest,
    LLMUse,
    TokenUse,
    Told,
)
from schema_matching_pipeline_tests.registry.office import ENGINEER, STEWARD

NOW = datetime(2026, 11, 27, 20, tzinfo=UTC)
KEPT = KeptAnswer(digest="d1", prompt="p", prompt_version="1", provider="https://one", model="m", text="{}")
CALL = LLMCall(
    request=LLMRequest(
        prompt="p", prompt_version="1", system="s", user='{"columns": []}', answer_schema="{}"
    ),
    columns=3,
    told=(Told.NAMES, Told.TYPES),
    outcome=CallOutcome.ANSWERED,
    provider="https://one",
    model="m",
    use=TokenUse(prompt_tokens=11, completion_tokens=7),
    cost=0.25,
)
NAMES_ONLY = LLMPolicy(told=(Told.NAMES,), monthly_tokens=500, monthly_cost=2.5)


def test_without_a_policy_nothing_is_told(office):
    with office.open() as unit:
        assert unit.llm.policy("acme").told == ()


def test_a_client_goes_by_its_own_policy_else_by_the_tenants(office):
    office.add_client("other")
    with office.open(ENGINEER) as unit:
        unit.llm.set_policy(None, LLMPolicy(told=tuple(Told)))
        unit.llm.set_policy("acme", LLMPolicy())
        unit.llm.set_policy("acme", NAMES_ONLY)
    with office.open() as unit:
        assert unit.llm.policy("acme") == NAMES_ONLY
        assert unit.llm.policy("other").told == tuple(Told)
        assert unit.llm.policy(None).told == tuple(Told)


@pytest.mark.parametrize("actor", ["system:pipeline", STEWARD])
def test_only_who_manages_the_client_says_what_leaves(office, actor):
    with pytest.raises(NotAllowedError, match="what a language model is told"), office.open(actor) as unit:
        unit.llm.set_policy("acme", NAMES_ONLY)


def test_a_change_of_the_policy_is_in_the_audit_with_its_author(office):
    with office.open(ENGINEER) as unit:
        unit.llm.set_policy("acme", LLMPolicy())
        unit.llm.set_policy("acme", NAMES_ONLY)
        changed, created, *_ = unit.audit.list(client="acme", limit=5)
    assert (changed.actor, changed.subject, created.subject) == (ENGINEER, "llm_policies", "llm_policies")
    assert [json.loads(state)["told"] for state in (changed.old, changed.new)] == [[], ["names"]]


def test_a_policy_keeps_no_client_that_nothing_was_made_of(office):
    office.add_client("other")
    with office.open(ENGINEER) as unit:
        unit.llm.set_policy("other", NAMES_ONLY)
        unit.clients.remove("other")
        with pytest.raises(UnknownNameError):
            unit.clients.get("other")


def test_an_answer_is_found_by_what_was_asked_and_the_newest_one_stands(office):
    with office.open() as unit:
        unit.llm.keep((KEPT, KEPT.but(digest="d2")))
        unit.llm.keep((KEPT.but(text="another"),))
        assert unit.llm.answers(("d1", "d9")) == {"d1": KEPT.but(text="another")}


def test_use_is_told_by_client_and_from_a_moment_on(office):
    office.add_client("other")
    with office.open() as unit:
        unit.llm.note("acme", CALL, NOW - timedelta(days=30))
        unit.llm.note("acme", CALL, NOW)
        unit.llm.note("acme", CALL.but(outcome=CallOutcome.UNUSABLE, cost=None), NOW)
        unit.llm.note("other", CALL.but(outcome=CallOutcome.FAILED, use=TokenUse(), cost=None), NOW)
        month = unit.llm.used("acme", NOW.replace(day=1))
        everybody = unit.llm.used(None, NOW.replace(year=1970))
        newest = unit.llm.calls("acme", limit=1)
    assert month == LLMUse(
        calls=2, answered=1, unusable=1, prompt_tokens=22, completion_tokens=14, cost=0.25, unpriced=1
    )
    assert (everybody.calls, everybody.failed, everybody.cost) == (4, 1, 0.5)
    (call,) = newest
    assert (call.question, call.request_digest) == (CALL.request.user, CALL.request.fingerprint())
    assert (call.told, call.outcome) == (CALL.told, CallOutcome.UNUSABLE)


def test_what_left_is_never_changed(office):
    with office.open() as unit:
        unit.llm.note("acme", CALL, NOW)
    with psycopg.connect(office.url.replace("+psycopg", "")) as connection:
        connection.execute("select set_config('smp.tenant_id', %s, false)", [office.tenant])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("delete from smp.llm_calls")

"""A language model's answers: asked for once more where they cannot be used, kept where they can."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from schema_matching_pipeline.adapters.llm import ChatModel
from schema_matching_pipeline.classification import answers_anything, questions
from schema_matching_pipeline.classification.answers import NO_ANSWER
from schema_matching_pipeline.matching.model_choice import NO_ANSWER as NO_CHOICE
from schema_matching_pipeline.model.llm import LLMProvider, LLMRequest
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.workflows.ask_model import Answers, ask_all
from schema_matching_pipeline.workflows.classify_columns import classify_columns, current_classification
from schema_matching_pipeline.workflows.match_columns import match_columns
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.run_state import RunStamp
from schema_matching_pipeline.workflows.world import World
from schema_matching_pipeline_tests.entrances.dagster.installation import Installation
from schema_matching_pipeline_tests.fakes.chat_server import ChatServer, chat_server
from schema_matching_pipeline_tests.rooms.classification.test_answers import POLICY, PROFILE, RULED
from schema_matching_pipeline_tests.rooms.matching.cases import KNOWLEDGE

ASKED = questions(PROFILE, RULED, KNOWLEDGE, POLICY.but(columns_per_question=1))
BROKEN = "this is {not json"


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    with chat_server() as running:
        yield running


@pytest.fixture
def world(installation: Installation, chat: ChatServer) -> World:
    return with_model(installation, chat)


def with_model(installation: Installation, chat: ChatServer) -> World:
    return replace(
        installation.world, model=ChatModel([LLMProvider(base_url=chat.url, model="m")], retries=0)
    )


@pytest.fixture(scope="module")
def installation(installation: Installation) -> Installation:
    """For a tenant of its own: answers are kept by tenant."""
    return installation.alone("asking")


@pytest.fixture
def client(installation: Installation) -> str:
    return installation.add_client("asking")


def said(rationale: str = "") -> str:
    entry = {
        "index": 0,
        "semantic_type": "status",
        "entity": "member",
        "confidence": 0.9,
        "rationale": rationale,
    }
    return json.dumps({"columns": [entry]})


def ask(world: World, client: str, *asked: LLMRequest) -> Answers:
    return ask_all(world, client, asked, RunStamp(), answers_anything)


def test_what_cannot_be_used_is_asked_once_more_and_the_second_answer_counts(world, client, chat):
    request = ASKED[0].but(prompt_version="second-answer")
    chat.will_say(BROKEN)
    chat.will_say(said())
    answers = ask(world, client, request)
    assert (len(answers.usable), answers.unanswered, len(chat.questions)) == (1, 0, 2)
    assert answers.tokens == 2 * 18


def test_what_cannot_be_used_is_never_kept(world, client, chat):
    request = ASKED[0].but(prompt_version="never-kept")
    for _ in range(2):
        chat.will_say(BROKEN)
    assert ask(world, client, request) == Answers((), 1, 2 * 18)
    chat.will_say(said())
    assert len(ask(world, client, request).usable) == 1


def test_what_was_answered_is_not_asked_again(world, client, chat):
    request = ASKED[0].but(prompt_version="kept")
    chat.will_say(said())
    first = ask(world, client, request)
    again = ask(world, client, request)
    assert (again.usable, again.tokens, len(chat.questions)) == (first.usable, 0, 1)


def test_an_answer_kept_earlier_that_cannot_be_used_is_replaced(world, client, chat, installation):
    request = ASKED[0].but(prompt_version="replaced")
    chat.will_say(said())
    (usable,) = ask(world, client, request).usable
    with open_as(world, installation.steward) as unit:
        unit.classifications.cache((usable.but(text=BROKEN),))
    chat.will_say(said("again"))
    (replaced,) = ask(world, client, request).usable
    assert "again" in replaced.text
    assert ask(world, client, request).usable == (replaced,)


def test_a_provider_that_is_down_leaves_the_rules_and_the_columns_say_so(world, client, chat, installation):
    installation.propose(client)
    summary = classify_columns(world, client, run=RunStamp())
    with open_as(world, installation.steward) as unit:
        verdicts = current_classification(unit, client).verdicts
    assert summary.count("questions_unanswered") > 0
    assert any(NO_ANSWER in verdict.reasons for verdict in verdicts)
    assert len(chat.questions) == 1


def test_a_model_chooses_among_the_candidates_of_doubtful_columns_and_is_not_asked_again(
    world, client, chat, installation
):
    installation.propose(client)
    before = proposed(world, installation, client)
    chat.will_say(nothing_for_all())
    summary = match_columns(world, client, run=RunStamp())
    (question,) = chat.questions
    told = json.loads(question["messages"][1]["content"])["columns"]
    assert summary.count("questions_answered") == 1
    assert {column["name"] for column in told} == {
        ref.column
        for ref, each in before.items()
        if each.candidates and 0.1 <= each.candidates[0].confidence < 0.97
    }
    assert all(column["candidates"] for column in told)
    after = proposed(world, installation, client)
    for column in told:
        ref = ColumnRef(table=column["table"], column=column["name"])
        assert after[ref].candidates[0].confidence <= before[ref].candidates[0].confidence
    assert match_columns(world, client, run=RunStamp()).count("tokens_used") == 0
    assert len(chat.questions) == 1


def test_where_the_model_is_down_the_offline_proposal_stands_and_says_so(installation, chat):
    nobody_asked_before = installation.alone("unanswered")
    client = nobody_asked_before.add_client("down")
    world = with_model(nobody_asked_before, chat)
    nobody_asked_before.propose(client)
    before = proposed(world, nobody_asked_before, client)
    summary = match_columns(world, client, run=RunStamp())
    after = proposed(world, nobody_asked_before, client)
    assert summary.count("questions_unanswered") == 1
    assert {ref: each.confidence for ref, each in after.items()} == {
        ref: each.confidence for ref, each in before.items()
    }
    assert any(NO_CHOICE in each.objections for each in after.values())


def proposed(world, installation, client):
    with open_as(world, installation.steward) as unit:
        found = unit.mappings.proposal(client)
    assert found is not None
    return found.by_ref()


def nothing_for_all() -> str:
    entries = [{"index": index, "field": "none_of_these", "confidence": 1.0} for index in range(12)]
    return json.dumps({"columns": entries})

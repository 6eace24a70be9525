from __future__ import annotations

import pytest

from schema_matching_pipeline.adapters.llm import ChatModel
from schema_matching_pipeline.errors import LanguageModelError
from schema_matching_pipeline.model.llm import LLMRequest
from schema_matching_pipeline_tests.fakes.chat_server import ChatServer, chat_server

QUESTION = LLMRequest(
    prompt="classify",
    prompt_version="1",
    system="You classify.",
    user="Which?",
    answer_schema='{"type": "object"}',
)


@pytest.fixture
def server():
    with chat_server() as running:
        yield running


def model_of(*servers: ChatServer, timeout_seconds: float = 5.0) -> ChatModel:
    urls = tuple(server.url for server in servers)
    return ChatModel("key", "small", base_urls=urls, timeout_seconds=timeout_seconds, retries=2)


def test_an_answer_comes_with_its_provider_model_and_tokens(server):
    server.will_say('{"meaning": "birth_date"}')
    answer = model_of(server).ask(QUESTION)
    assert (answer.text, answer.provider, answer.model) == ('{"meaning": "birth_date"}', server.url, "small")
    assert (answer.use.prompt_tokens, answer.use.completion_tokens) == (11, 7)
    assert answer.request_digest == QUESTION.fingerprint()


def test_the_wanted_schema_is_sent_as_structured_output(server):
    server.will_say("{}")
    model_of(server).ask(QUESTION)
    sent = server.questions[0]["response_format"]["json_schema"]
    assert (sent["name"], sent["schema"], sent["strict"]) == ("classify", {"type": "object"}, True)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_or_broken_provider_is_asked_again(server, status):
    server.will_fail(status)
    server.will_say("{}")
    assert model_of(server).ask(QUESTION).text == "{}"
    assert len(server.questions) == 2


def test_a_provider_that_stays_broken_is_passed_over_for_the_next(server):
    with chat_server() as second:
        second.will_say('{"from": "second"}')
        assert model_of(server, second).ask(QUESTION).provider == second.url
    assert len(server.questions) == 3


def test_a_refused_key_is_not_tried_again(server):
    server.will_fail(401)
    with pytest.raises(LanguageModelError, match="AuthenticationError"):
        model_of(server).ask(QUESTION)
    assert len(server.questions) == 1


def test_a_slow_provider_is_given_up(server):
    for _ in range(3):
        server.will_be_slow(1.0)
    with pytest.raises(LanguageModelError, match="APITimeoutError"):
        model_of(server, timeout_seconds=0.1).ask(QUESTION)


def test_an_empty_answer_counts_as_none(server):
    server.will_say("")
    with pytest.raises(LanguageModelError, match="an empty answer"):
        model_of(server).ask(QUESTION)


def test_an_answer_that_breaks_off_counts_as_none(server):
    server.will_break_off()
    with pytest.raises(LanguageModelError, match="no JSON"):
        model_of(server).ask(QUESTION)

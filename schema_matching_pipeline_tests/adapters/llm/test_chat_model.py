from __future__ import annotations

import logging

import pytest
from pydantic import SecretStr

from schema_matching_pipeline.adapters.llm import ChatModel
from schema_matching_pipeline.adapters.llm.endpoint import LONGEST_ANSWER_BYTES
from schema_matching_pipeline.errors import LanguageModelError, QuestionRefusedError
from schema_matching_pipeline.model.llm import LLMProvider, LLMRequest
from schema_matching_pipeline_tests.fakes.chat_server import ChatServer, chat_server

QUESTION = LLMRequest(
    prompt="classify",
    prompt_version="1",
    system="You classify.",
    user="Which?",
    answer_schema='{"type": "object"}',
)


class Watch:
    """A clock that stands until it is moved on."""

    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def server():
    with chat_server() as running:
        yield running


@pytest.fixture
def second():
    with chat_server() as running:
        yield running


def provider_of(server: ChatServer, name: str = "small", **more) -> LLMProvider:
    return LLMProvider(base_url=server.url, api_key=SecretStr(f"key-of-{name}"), model=name, **more)


def model_of(server: ChatServer, *, timeout_seconds: float = 5.0, **more) -> ChatModel:
    return ChatModel([provider_of(server, **more)], timeout_seconds=timeout_seconds, retries=2)


def test_an_answer_comes_with_its_provider_model_tokens_and_cost(server):
    server.will_say('{"meaning": "birth_date"}')
    answer = model_of(server, prompt_price=2.0, completion_price=10.0).ask(QUESTION)
    assert (answer.text, answer.provider, answer.model) == ('{"meaning": "birth_date"}', server.url, "small")
    assert (answer.use.prompt_tokens, answer.use.completion_tokens) == (11, 7)
    assert answer.cost == pytest.approx((11 * 2 + 7 * 10) / 1_000_000)
    assert answer.request_digest == QUESTION.fingerprint()


def test_without_a_price_the_cost_is_not_known(server):
    server.will_say("{}")
    assert model_of(server, prompt_price=2.0).ask(QUESTION).cost is None


def test_where_an_endpoint_does_not_say_what_it_took_the_tokens_are_estimated(server):
    server.will_send(b'{"choices": [{"message": {"content": "%s"}}]}' % (b"x" * 40))
    use = model_of(server).ask(QUESTION.but(user="y" * 4000)).use
    assert 1000 < use.prompt_tokens < 1100
    assert use.completion_tokens == 11


def test_the_wanted_schema_is_sent_as_structured_output(server):
    server.will_say("{}")
    model_of(server).ask(QUESTION)
    sent = server.questions[0]["response_format"]["json_schema"]
    assert (sent["name"], sent["schema"], sent["strict"]) == ("classify", {"type": "object"}, True)


def test_each_provider_gets_its_own_key_and_model_and_never_anothers(server, second):
    server.will_fail(401)
    second.will_say("{}")
    chain = ChatModel([provider_of(server, "first"), provider_of(second, "second")], retries=0)
    answer = chain.ask(QUESTION)
    assert (answer.provider, answer.model) == (second.url, "second")
    assert [sent["authorization"] for sent in server.headers] == ["Bearer key-of-first"]
    assert [sent["authorization"] for sent in second.headers] == ["Bearer key-of-second"]
    assert (server.questions[0]["model"], second.questions[0]["model"]) == ("first", "second")


def test_an_endpoint_of_ones_own_is_shown_no_key_and_nothing_of_the_environment(server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "another-companys-key")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-ours")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "x-secret: hunter2-hunter2")
    server.will_say("{}")
    ChatModel([LLMProvider(base_url=server.url, model="local")]).ask(QUESTION)
    (sent,) = server.headers
    assert set(sent) <= {
        "host", "accept", "accept-encoding", "connection", "user-agent", "content-length", "content-type",
    }  # fmt: skip


def test_a_redirect_is_not_followed(server, second):
    server.will_fail(307, location=f"{second.url}/chat/completions")
    second.will_say("{}")
    with pytest.raises(LanguageModelError):
        model_of(server).ask(QUESTION)
    assert second.questions == []


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_or_broken_provider_is_asked_again(server, status):
    server.will_fail(status)
    server.will_say("{}")
    assert model_of(server).ask(QUESTION).text == "{}"
    assert len(server.questions) == 2


def test_a_connection_that_drops_is_tried_again(server):
    server.will_hang_up()
    server.will_say("{}")
    assert model_of(server).ask(QUESTION).text == "{}"


def test_a_provider_that_stays_broken_is_passed_over_for_the_next(server, second):
    second.will_say('{"from": "second"}')
    chain = ChatModel([provider_of(server), provider_of(second)], retries=2)
    assert chain.ask(QUESTION).provider == second.url
    assert len(server.questions) == 3


def test_a_provider_that_failed_is_left_alone_for_a_while_and_then_tried_again(server, second):
    watch = Watch()
    second.will_say("{}")
    second.will_say("{}")
    chain = ChatModel([provider_of(server), provider_of(second)], retries=0, now=watch)
    assert [chain.ask(QUESTION).provider for _ in range(2)] == [second.url] * 2
    assert len(server.questions) == 1
    watch.seconds += 61
    server.will_say("{}")
    assert chain.ask(QUESTION).provider == server.url


@pytest.mark.parametrize("header", ["300", "Fri, 27 Nov 2999 20:00:00 GMT"], ids=["seconds", "moment"])
def test_nobody_waits_long_for_a_busy_provider_nor_asks_before_it_wants_to_be_asked(server, second, header):
    watch = Watch()
    server.will_fail(429, retry_after=header)
    for _ in range(2):
        second.will_say("{}")
    chain = ChatModel([provider_of(server), provider_of(second)], retries=2, now=watch)
    assert chain.ask(QUESTION).provider == second.url
    assert len(server.questions) == 1
    watch.seconds += 299
    assert chain.ask(QUESTION).provider == second.url
    watch.seconds += 3600
    server.will_say("{}")
    assert chain.ask(QUESTION).provider == server.url


def test_where_all_are_left_alone_none_is_asked(server):
    model = ChatModel([provider_of(server)], retries=0)
    for _ in range(2):
        with pytest.raises(LanguageModelError) as failed:
            model.ask(QUESTION)
        assert failed.type is LanguageModelError
    assert len(server.questions) == 1
    assert "left alone for 60 s more" in str(failed.value)


def test_a_refused_question_is_no_reason_to_leave_a_provider_alone(server):
    server.will_fail(400)
    server.will_say("{}")
    model = model_of(server)
    with pytest.raises(QuestionRefusedError, match="BadRequestError"):
        model.ask(QUESTION)
    assert model.ask(QUESTION).text == "{}"


def test_a_refused_key_is_not_tried_again_and_is_told_to_nobody(server, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    server.will_fail(401)
    with pytest.raises(LanguageModelError, match="AuthenticationError") as failed:
        model_of(server).ask(QUESTION)
    assert len(server.questions) == 1
    told = "".join([str(failed.value), repr(provider_of(server)), caplog.text, *capsys.readouterr()])
    assert "key-of-small" not in told


def test_a_slow_provider_is_given_up(server):
    for _ in range(3):
        server.will_be_slow(1.0)
    with pytest.raises(LanguageModelError, match="APITimeoutError"):
        model_of(server, timeout_seconds=0.1).ask(QUESTION)


def test_an_answer_that_comes_in_drops_is_given_up(server):
    server.will_never_end()
    with pytest.raises(LanguageModelError, match="APITimeoutError"):
        ChatModel([provider_of(server)], timeout_seconds=0.2, retries=0).ask(QUESTION)


def test_a_huge_answer_is_given_up(server):
    server.will_send(b" " * (LONGEST_ANSWER_BYTES + 1))
    with pytest.raises(LanguageModelError, match="APIConnectionError"):
        ChatModel([provider_of(server)], retries=0).ask(QUESTION)


def test_an_empty_answer_counts_as_none(server):
    server.will_say("")
    with pytest.raises(QuestionRefusedError, match="an empty answer"):
        model_of(server).ask(QUESTION)


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b"7",
        b'{"choices": 3}',
        b'{"choices": [{}]}',
        b'{"choices": [{"message": {"content": 7}}]}',
        b'{"choices": [{"message": {"content": "{}"}}], "usage": {"prompt_tokens": -5}}',
        b'{"choices": [{"message": {"content": "{}"}}], "usage": [7]}',
        b"<html>busy</html>",
    ],
)
def test_an_answer_that_is_none_of_the_protocol_counts_as_none(server, body):
    server.will_send(body)
    with pytest.raises(QuestionRefusedError):
        model_of(server).ask(QUESTION)


def test_an_answer_that_breaks_off_counts_as_none(server):
    server.will_break_off()
    with pytest.raises(QuestionRefusedError, match="no JSON"):
        model_of(server).ask(QUESTION)

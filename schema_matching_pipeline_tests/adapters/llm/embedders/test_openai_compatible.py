from __future__ import annotations

import numpy as np
import pytest
from pydantic import SecretStr

from schema_matching_pipeline.adapters.llm.embedders import OpenAICompatible
from schema_matching_pipeline.errors import LanguageModelError
from schema_matching_pipeline_tests.fakes.chat_server import chat_server


@pytest.fixture
def server():
    with chat_server() as running:
        yield running


def embedder_of(server, *, timeout_seconds=5.0, batch_size=2):
    return OpenAICompatible(
        SecretStr("key"), "small", base_url=server.url, timeout_seconds=timeout_seconds, batch_size=batch_size
    )


def test_vectors_come_in_the_order_of_the_texts_at_length_one_and_padded(server):
    server.will_embed([3.0, 4.0], [0.0, 2.0])
    vectors = embedder_of(server).embed(["dob", "sex"]).vectors
    assert vectors.shape == (2, 1536)
    assert vectors[:, :2].tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0.0, 1.0]]
    assert not vectors[:, 2:].any()


def test_texts_are_sent_in_batches_to_the_endpoint_of_embeddings(server):
    server.will_embed([1.0], [1.0])
    server.will_embed([1.0])
    assert embedder_of(server).embed(["a", "b", "c"]).vectors.shape == (3, 1536)
    assert [(sent["path"], sent["model"], sent["input"]) for sent in server.questions] == [
        ("/v1/embeddings", "small", ["a", "b"]),
        ("/v1/embeddings", "small", ["c"]),
    ]


def test_tokens_of_all_batches_are_told_and_priced(server):
    server.will_embed([1.0], [1.0])
    server.will_embed([1.0])
    embedder = OpenAICompatible(SecretStr("key"), "small", base_url=server.url, batch_size=2, price=0.5)
    made = embedder.embed(["a", "b", "c"])
    assert (made.use.prompt_tokens, made.use.completion_tokens) == (6, 0)
    assert made.cost == pytest.approx(6 * 0.5 / 1_000_000)


def test_without_a_price_the_cost_is_unknown_and_without_a_count_tokens_are_estimated(server):
    server.will_send(b'{"object": "list", "data": [{"index": 0, "embedding": [1.0]}], "model": "small"}')
    made = embedder_of(server).embed(["birth date"])
    assert (made.use.prompt_tokens, made.cost) == (3, None)


def test_no_texts_ask_nothing(server):
    assert embedder_of(server).embed([]).vectors.dtype == np.float32
    assert server.questions == []


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_or_broken_endpoint_is_asked_again(server, status):
    server.will_fail(status)
    server.will_embed([1.0])
    assert embedder_of(server).embed(["a"]).vectors[0, 0] == 1.0
    assert len(server.questions) == 2


def test_a_refused_key_is_not_tried_again(server):
    server.will_fail(401)
    with pytest.raises(LanguageModelError, match=r"small at .*: AuthenticationError"):
        embedder_of(server).embed(["a"])
    assert len(server.questions) == 1


def test_a_slow_endpoint_is_given_up(server):
    for _ in range(3):
        server.will_be_slow(1.0)
    with pytest.raises(LanguageModelError, match="APITimeoutError"):
        embedder_of(server, timeout_seconds=0.1).embed(["a"])


@pytest.mark.parametrize(
    ("vectors", "said"),
    [
        ([[1.0]], "not one vector a text"),
        ([[1.0], [1.0, 2.0]], "not one vector a text"),
        ([[1.0] * 1537, [1.0] * 1537], "more than 1536 dimensions"),
        ([[0.0], [1.0]], "without a direction"),
        ([[float("nan")], [1.0]], "without a direction"),
    ],
    ids=["too few", "uneven", "too long", "zero", "not a number"],
)
def test_vectors_that_cannot_be_stored_are_refused(server, vectors, said):
    server.will_embed(*vectors)
    with pytest.raises(LanguageModelError, match=said):
        embedder_of(server).embed(["a", "b"])


def test_an_answer_that_breaks_off_is_refused(server):
    server.will_break_off()
    with pytest.raises(LanguageModelError, match="not one vector a text"):
        embedder_of(server).embed(["a"])

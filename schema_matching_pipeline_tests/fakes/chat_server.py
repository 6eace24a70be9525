"""A server on loopback that speaks the OpenAI protocol of chats and embeddings: answers from a queue, faults on demand."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar

Question = dict[str, Any]


class ChatServer:
    """Answers in the order they were put in; remembers every question."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.questions: list[Question] = []
        self._answers: deque[tuple[int, str | bytes, float]] = deque()

    def will_say(self, text: str) -> None:
        self._answers.append((200, text, 0.0))

    def will_fail(self, status: int) -> None:
        self._answers.append((status, "", 0.0))

    def will_be_slow(self, seconds: float) -> None:
        self._answers.append((200, "{}", seconds))

    def will_break_off(self) -> None:
        self._answers.append((200, b'{"id": "x", "choices": [', 0.0))

    def will_embed(self, *vectors: list[float]) -> None:
        self._answers.append((200, json.dumps(_embeddings(vectors)).encode(), 0.0))

    def next_answer(self) -> tuple[int, str | bytes, float]:
        return self._answers.popleft() if self._answers else (500, "", 0.0)


class _Handler(BaseHTTPRequestHandler):
    chat: ClassVar[ChatServer]

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.chat.questions.append(question | {"path": self.path})
        status, answer, delay = self.chat.next_answer()
        time.sleep(delay)
        body = answer if isinstance(answer, bytes) else json.dumps(_completion(question, answer)).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("retry-after-ms", "1")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        with suppress(BrokenPipeError):  # the asker gave up waiting
            self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Keeps the test output clean."""


def _completion(question: Question, text: str) -> Question:
    message = {"role": "assistant", "content": text}
    return {
        "id": "chat-1",
        "object": "chat.completion",
        "created": 1,
        "model": question.get("model", ""),
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
    }


def _embeddings(vectors: tuple[list[float], ...]) -> Question:
    """The vectors in reverse, as the protocol allows: each says which text it belongs to."""
    data = [
        {"object": "embedding", "index": place, "embedding": vector} for place, vector in enumerate(vectors)
    ]
    return {
        "object": "list",
        "model": "small",
        "data": data[::-1],
        "usage": {"prompt_tokens": 3, "total_tokens": 3},
    }


@contextmanager
def chat_server() -> Iterator[ChatServer]:
    """A running server until the block ends."""

    class Handler(_Handler):
        """Serves this one chat."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Handler.chat = ChatServer(f"http://127.0.0.1:{server.server_port}/v1")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Handler.chat
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)

"""A server on loopback that speaks the OpenAI protocol of chats and embeddings: answers from a queue, faults on demand."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar

Question = dict[str, Any]


@dataclass(frozen=True)
class Said:
    """One answer: its status, its body, and how it arrives."""

    status: int = 200
    body: str | bytes = ""
    seconds: float = 0.0
    headers: Mapping[str, str] = field(default_factory=lambda: {"retry-after-ms": "1"})
    dropped: bool = False
    endless: bool = False
    tokens: tuple[int, int] = (11, 7)


class ChatServer:
    """Answers in the order they were put in, then what ``always`` makes of a question, else 500; remembers every question."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.questions: list[Question] = []
        self.headers: list[dict[str, str]] = []
        self.always: Callable[[Question], Said] = lambda _: Said(500)
        self._answers: deque[Said] = deque()

    def will_say(self, text: str) -> None:
        self._answers.append(Said(body=text))

    def will_fail(self, status: int, **headers: str) -> None:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        self._answers.append(Said(status, headers=sent or {"retry-after-ms": "1"}))

    def will_be_slow(self, seconds: float) -> None:
        self._answers.append(Said(body="{}", seconds=seconds))

    def will_never_end(self) -> None:
        self._answers.append(Said(endless=True))

    def will_break_off(self) -> None:
        self._answers.append(Said(body=b'{"id": "x", "choices": ['))

    def will_hang_up(self) -> None:
        self._answers.append(Said(dropped=True))

    def will_send(self, body: bytes) -> None:
        self._answers.append(Said(body=body))

    def will_embed(self, *vectors: list[float]) -> None:
        self._answers.append(Said(body=json.dumps(_embeddings(vectors)).encode()))

    def next_answer(self, question: Question) -> Said:
        return self._answers.popleft() if self._answers else self.always(question)


class _Handler(BaseHTTPRequestHandler):
    chat: ClassVar[ChatServer]

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.chat.questions.append(question | {"path": self.path})
        self.chat.headers.append({name.lower(): value for name, value in self.headers.items()})
        said = self.chat.next_answer(question)
        time.sleep(said.seconds)
        if said.dropped:
            self.close_connection = True
            return
        body = (
            said.body
            if isinstance(said.body, bytes)
            else json.dumps(_completion(question, said.body, said.tokens)).encode()
        )
        self.send_response(said.status)
        self.send_header("content-type", "application/json")
        for name, value in said.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(10**9 if said.endless else len(body)))
        self.end_headers()
        with suppress(OSError):  # the asker gave up waiting
            self.wfile.write(body)
            while said.endless:
                self.wfile.write(b" ")
                time.sleep(0.01)

    def log_message(self, *_args: object) -> None:
        """Keeps the test output clean."""


def _completion(question: Question, text: str, tokens: tuple[int, int]) -> Question:
    message = {"role": "assistant", "content": text}
    return {
        "id": "chat-1",
        "object": "chat.completion",
        "created": 1,
        "model": question.get("model", ""),
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {
            "prompt_tokens": tokens[0],
            "completion_tokens": tokens[1],
            "total_tokens": sum(tokens),
        },
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

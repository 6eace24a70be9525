"""Two servers on loopback that take messages: one that speaks SMTP, one that takes what is posted; faults on demand."""

from __future__ import annotations

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import NamedTuple


class Posted(NamedTuple):
    """What was posted."""

    path: str
    headers: dict[str, str]
    body: bytes


class PostOffice:
    """What arrived; ``refusals`` are what the next messages are answered with instead of being taken."""

    def __init__(self) -> None:
        self.url = ""
        self.posted: list[Posted] = []
        self.mails: list[Message] = []
        self.refusals: list[int] = []


@contextmanager
def web_post_office() -> Iterator[PostOffice]:
    """Takes everything that is posted; a refusal from 300 to 399 redirects to another place of itself."""
    office = PostOffice()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = office.refusals.pop(0) if office.refusals else 200
            if status == 200:
                office.posted.append(Posted(self.path, dict(self.headers), body))
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"{office.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        office.url = f"http://127.0.0.1:{server.server_port}"
        yield from _served(office, server)


@contextmanager
def mail_post_office() -> Iterator[PostOffice]:
    """Speaks as much SMTP as a client needs; a refusal answers the data of a mail."""
    office = PostOffice()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 here")
            for line in self.rfile:
                word = line.strip().upper()
                if word == b"QUIT":
                    self._say("221 bye")
                    return
                if word == b"DATA":
                    self._say("354 go on")
                    self._take()
                else:
                    self._say("250 ok")

        def _take(self) -> None:
            lines = []
            for line in self.rfile:
                if line == b".\r\n":
                    break
                lines.append(line[1:] if line.startswith(b"..") else line)
            if office.refusals:
                self._say(f"{office.refusals.pop(0)} no")
                return
            office.mails.append(message_from_bytes(b"".join(lines)))
            self._say("250 taken")

        def _say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        office.url = f"smtp://127.0.0.1:{server.server_address[1]}"
        yield from _served(office, server)


def _served(office: PostOffice, server: socketserver.BaseServer) -> Iterator[PostOffice]:
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield office
    server.shutdown()
    thread.join()

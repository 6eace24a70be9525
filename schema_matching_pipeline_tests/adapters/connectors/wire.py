"""A road to a PostgreSQL server on which every byte that the server sends is written down."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import sqlalchemy as sa

_NAME = ".s.PGSQL.5432"


class Wire:
    """What came over the wire so far."""

    def __init__(self, url: str, folder: Path) -> None:
        self.sent = bytearray()
        address = sa.make_url(url)
        self._server = str(Path(str(address.query["host"])) / _NAME)
        self.url = address.set(query={"host": str(folder)}).render_as_string(hide_password=False)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / _NAME))
        self._listener.listen()
        Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Takes no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                Thread(target=self._pass_on, args=(client, server, None), daemon=True).start()
                Thread(target=self._pass_on, args=(server, client, self.sent), daemon=True).start()

    @staticmethod
    def _pass_on(origin: socket.socket, target: socket.socket, record: bytearray | None) -> None:
        with suppress(OSError):
            while part := origin.recv(65_536):
                if record is not None:
                    record += part
                target.sendall(part)
            target.shutdown(socket.SHUT_RDWR)


@contextmanager
def tapped(url: str, folder: Path) -> Iterator[Wire]:
    """The wire to a database, until the block ends."""
    wire = Wire(url, folder)
    yield wire
    wire.close()

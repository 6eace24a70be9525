"""Whether a connection of the pool lives still, told without asking the server while it was in use just now.

To ask costs as much as a short question, and a request takes several connections out of the pool. A server that ends a
connection says so on it, which can be seen at once; one that is out of reach says nothing, so that it is asked where the
connection was idle.
"""

from __future__ import annotations

import select
import time
from typing import cast

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

IDLE_SECONDS = 1.0
_LEFT = "left_at"


def install(engine: Engine) -> None:
    """Makes the engine's pool look at every connection before it gives it out, and replace one that was ended."""
    event.listen(engine, "checkout", _look)
    event.listen(engine, "checkin", _note)


def _look(driver: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
    left = entry.info.get(_LEFT)
    if left is None:  # it was made this moment
        return
    connection = cast("psycopg.Connection", driver)
    try:
        if _says_something(connection) or time.monotonic() - left > IDLE_SECONDS:
            connection.execute("")  # the shortest question there is
            connection.rollback()
    except psycopg.Error as error:
        raise DisconnectionError from error  # the pool gives another one


def _says_something(connection: psycopg.Connection) -> bool:
    """Whether the server said something that nobody asked for, as it does when it ends a connection."""
    heard = select.poll()
    heard.register(connection.fileno(), select.POLLIN)
    return bool(heard.poll(0))


def _note(_driver: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
    entry.info[_LEFT] = time.monotonic()

"""Dagster's storage, which keeps its connections for the next question.

Dagster's own opens a connection for each question it asks: about three hundred for one onboarding, and dozens
a second while a daemon has nothing to do. Where no database is named, as for somebody who only has the
definitions validated, this one can be made, and refuses what it is asked.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn, Self

import dagster as dg
from dagster_postgres import DagsterPostgresStorage
from dagster_postgres.event_log import PostgresEventLogStorage
from dagster_postgres.run_storage import PostgresRunStorage
from dagster_postgres.schedule_storage import PostgresScheduleStorage
from dagster_postgres.utils import create_pg_engine

from schema_matching_pipeline.errors import UsageError

if TYPE_CHECKING:
    from dagster._config.config_schema import UserConfigSchema
    from dagster._serdes import ConfigurableClassData

_KEPT, _MORE_AT_ONCE = 2, 30
_NOWHERE = "postgresql+psycopg2://"


class PooledPostgresStorage(DagsterPostgresStorage):
    """Runs, events and schedules over one small pool a process; a connection that broke meanwhile is replaced."""

    def __init__(self, url_variable: str, inst_data: ConfigurableClassData | None = None) -> None:
        url = os.environ.get(url_variable)
        address = url or _NOWHERE
        super().__init__(address, should_autocreate_tables=bool(url), inst_data=inst_data)
        self._event_log_storage = _Events(address, should_autocreate_tables=False)
        self._schedule_storage = _Schedules(address, should_autocreate_tables=False)
        if url:
            self._run_storage = _Runs(address, (self._event_log_storage, self._schedule_storage))
        else:
            self._run_storage = _NoRuns(address, should_autocreate_tables=False)
            refusing = create_pg_engine(address, creator=lambda: _refuse(url_variable))
            for part in (self._run_storage, self._event_log_storage, self._schedule_storage):
                part._engine = refusing  # noqa: SLF001 - they have no other door for it

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        """The environment variable that names the database; its value is read when the storage is made."""
        return {"url_variable": dg.Field(str)}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> Self:
        """The storage that ``dagster.yaml`` describes."""
        return cls(config_value["url_variable"], inst_data)


class _OnePool:
    """A part of the storage that keeps the common pool in the webserver, too.

    Dagster's own would give each part an engine that hands out connections which died with the server.
    """

    def optimize_for_webserver(self, statement_timeout: int, pool_recycle: int, max_overflow: int) -> None:
        """Nothing to do: the runs' part changes the pool for all."""


class _Events(_OnePool, PostgresEventLogStorage):
    """What happened in runs."""


class _Schedules(_OnePool, PostgresScheduleStorage):
    """What schedules and sensors did."""


class _Runs(PostgresRunStorage):
    """The runs, and the pool of all parts: an instance closes none of the others."""

    def __init__(self, address: str, others: tuple[_Events, _Schedules]) -> None:
        super().__init__(address, should_autocreate_tables=False)
        self._others = others
        self._share()

    def optimize_for_webserver(self, statement_timeout: int, pool_recycle: int, max_overflow: int) -> None:  # noqa: ARG002
        """No question of a page lasts longer than ``statement_timeout`` milliseconds."""
        self.dispose()
        asked = self._engine.url.query.get("options", "")
        self._share(options=f"{asked} -c statement_timeout={statement_timeout}".strip())

    def dispose(self) -> None:
        self._engine.dispose()

    def _share(self, **connecting: str) -> None:
        """One pool for all parts, whose connections are tried before they are used."""
        self._engine = create_pg_engine(
            self.postgres_url,
            isolation_level="AUTOCOMMIT",
            pool_pre_ping=True,
            pool_size=_KEPT,
            max_overflow=_MORE_AT_ONCE,
            connect_args=connecting,
        )
        for part in self._others:
            part._engine = self._engine  # noqa: SLF001 - they have no other door for it


class _NoRuns(PostgresRunStorage):
    """Without a database nothing was ever kept; so much Dagster asks whenever it loads definitions."""

    def get_cursor_values(self, keys: set[str]) -> Mapping[str, str]:  # noqa: ARG002 - Dagster names it
        return {}


def _refuse(url_variable: str) -> NoReturn:
    raise UsageError(
        f"Dagster has no database to keep its runs in: {url_variable} is not set. Start Dagster with `smp up`, "
        "which sets it, or set it to a postgresql+psycopg2:// URL."
    )

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
from dagster_postgres.run_storage import PostgresRunStorage
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
        if url:
            self._run_storage = _Runs(address, should_autocreate_tables=False)
            engine = create_pg_engine(
                address,
                isolation_level="AUTOCOMMIT",
                pool_pre_ping=True,
                pool_size=_KEPT,
                max_overflow=_MORE_AT_ONCE,
            )
        else:
            self._run_storage = _NoRuns(address, should_autocreate_tables=False)
            engine = create_pg_engine(address, creator=lambda: _refuse(url_variable))
        for storage in (self._run_storage, self._event_log_storage, self._schedule_storage):
            storage._engine = engine  # noqa: SLF001 - they have no other door for it

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


class _Runs(PostgresRunStorage):
    """The part of the storage that an instance closes; it closes the pool of all."""

    def dispose(self) -> None:
        self._engine.dispose()


class _NoRuns(_Runs):
    """Without a database nothing was ever kept; so much Dagster asks whenever it loads definitions."""

    def get_cursor_values(self, keys: set[str]) -> Mapping[str, str]:  # noqa: ARG002 - Dagster names it
        return {}


def _refuse(url_variable: str) -> NoReturn:
    raise UsageError(
        f"Dagster has no database to keep its runs in: {url_variable} is not set. Start Dagster with `smp up`, "
        "which sets it, or set it to a postgresql+psycopg2:// URL."
    )

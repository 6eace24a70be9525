"""Dagster's storage, which keeps its connections for the next question.

Dagster's own opens a connection for each question it asks: about three hundred for one onboarding, and dozens
a second while a daemon has nothing to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, cast

from dagster_postgres import DagsterPostgresStorage
from dagster_postgres.run_storage import PostgresRunStorage
from dagster_postgres.utils import create_pg_engine, pg_url_from_config

if TYPE_CHECKING:
    from dagster._core.storage.config import PostgresStorageConfig
    from dagster._serdes import ConfigurableClassData

_KEPT, _MORE_AT_ONCE = 2, 30


class PooledPostgresStorage(DagsterPostgresStorage):
    """Runs, events and schedules over one small pool a process; a connection that broke meanwhile is replaced."""

    def __init__(self, postgres_url: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(postgres_url, inst_data=inst_data)
        self._run_storage = _Runs(postgres_url, should_autocreate_tables=False)
        engine = create_pg_engine(
            postgres_url,
            isolation_level="AUTOCOMMIT",
            pool_pre_ping=True,
            pool_size=_KEPT,
            max_overflow=_MORE_AT_ONCE,
        )
        for storage in (self._run_storage, self._event_log_storage, self._schedule_storage):
            storage._engine = engine  # noqa: SLF001 - they have no other door for it

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> Self:
        """The storage that ``dagster.yaml`` describes."""
        return cls(pg_url_from_config(cast("PostgresStorageConfig", config_value)), inst_data)


class _Runs(PostgresRunStorage):
    """The part of the storage that an instance closes; it closes the pool of all."""

    def dispose(self) -> None:
        self._engine.dispose()

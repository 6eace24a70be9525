"""Dagster's connections to its database: a few that are kept, none that outlives its instance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import dagster as dg
import psycopg
import pytest
from dagster_postgres.run_storage import PostgresRunStorage
from sqlalchemy.engine import make_url

from schema_matching_pipeline.entrances.orchestration.instance import open_instance
from schema_matching_pipeline.registry.embedded import SUPERUSER, EmbeddedServer
from schema_matching_pipeline.runtime import dagster_environment
from schema_matching_pipeline_tests.entrances.dagster.installation import Installation
from schema_matching_pipeline_tests.entrances.dagster.waiting import wait_for


class Administrator:
    """Who sees the connections to the installation's Dagster storage, and may end them.

    Those of other instances, which were there before, are none of his concern.
    """

    def __init__(self, server: EmbeddedServer, storage_url: str) -> None:
        self.url = server.url(SUPERUSER, "postgres").replace("+psycopg", "")
        self.storage = make_url(storage_url).database
        self.others = self._ask("pid")

    def connections(self) -> list[object]:
        """Every connection that came since."""
        return self._ask("pid", but=self.others)

    def end(self) -> list[object]:
        """Ends them, and waits until they are gone; True for each."""
        return self._ask("pg_terminate_backend(pid, 30000)", but=self.others)

    def _ask(self, what: str, but: Sequence[object] = ()) -> list[object]:
        with psycopg.connect(self.url) as connection:
            asked = f"select {what} from pg_stat_activity where datname = %s and pid <> all (%s::int[])"
            return [row[0] for row in connection.execute(asked, [self.storage, list(but)])]


@pytest.fixture
def administrator(embedded_server: EmbeddedServer, installation: Installation) -> Administrator:
    assert installation.settings.dagster_url
    return Administrator(embedded_server, installation.settings.dagster_url.get_secret_value())


def ask_everywhere(instance: dg.DagsterInstance) -> None:
    """A question of each of the three parts of the storage."""
    instance.get_runs(limit=1)
    instance.get_dynamic_partitions("clients")
    instance.all_instigator_state()


def test_all_questions_go_over_one_connection_which_ends_with_the_instance(installation, administrator):
    with an_instance(installation) as instance:
        ask_everywhere(instance)
        kept = administrator.connections()
        ask_everywhere(instance)
        assert (administrator.connections(), len(kept)) == (kept, 1)
    wait_for("the connection to end", lambda: not administrator.connections())


def test_a_connection_that_broke_meanwhile_is_replaced(installation, administrator):
    with an_instance(installation) as instance:
        ask_everywhere(instance)
        assert administrator.end() == [True]
        ask_everywhere(instance)
        assert len(administrator.connections()) == 1


def test_a_webserver_survives_a_database_that_was_killed_and_ends_questions_that_last(
    installation, administrator
):
    with an_instance(installation) as instance:
        ask_everywhere(instance)
        instance.optimize_for_webserver(statement_timeout=1234, pool_recycle=3600, max_overflow=20)
        ask_everywhere(instance)
        assert administrator.end() == [True]
        ask_everywhere(instance)
        assert isinstance(instance.run_storage, PostgresRunStorage)
        with instance.run_storage.connect() as asking:
            assert asking.exec_driver_sql("show statement_timeout").scalar() == "1234ms"


@contextmanager
def an_instance(installation: Installation) -> Iterator[dg.DagsterInstance]:
    """An instance of its own, beside any that is kept open for many questions."""
    with dagster_environment(installation.settings) as home, open_instance(home) as instance:
        yield instance

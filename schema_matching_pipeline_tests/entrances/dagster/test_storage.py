"""Dagster's connections to its database: a few that are kept, none that outlives its instance."""

from __future__ import annotations

import dagster as dg
import psycopg
import pytest
from sqlalchemy.engine import make_url

from schema_matching_pipeline.registry.embedded import SUPERUSER, EmbeddedServer
from schema_matching_pipeline_tests.entrances.dagster.installation import Installation
from schema_matching_pipeline_tests.entrances.dagster.waiting import wait_for

CONNECTIONS = "from pg_stat_activity where datname = %s"


class Administrator:
    """Who sees the connections to the installation's Dagster storage, and may end them."""

    def __init__(self, server: EmbeddedServer, storage_url: str) -> None:
        self.url = server.url(SUPERUSER, "postgres").replace("+psycopg", "")
        self.storage = make_url(storage_url).database

    def ask(self, what: str) -> list[object]:
        with psycopg.connect(self.url) as connection:
            return [row[0] for row in connection.execute(f"select {what} {CONNECTIONS}", [self.storage])]

    def one_connection(self) -> object:
        """The only connection there is, once those of earlier instances have ended: a server takes a moment for that."""
        return wait_for("a single connection", self._only_connection)

    def _only_connection(self) -> object | None:
        found = self.ask("pid")
        return found[0] if len(found) == 1 else None


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
    with installation.dagster() as instance:
        ask_everywhere(instance)
        kept = administrator.one_connection()
        ask_everywhere(instance)
        assert administrator.one_connection() == kept
    wait_for("the connection to end", lambda: not administrator.ask("pid"))


def test_a_connection_that_broke_meanwhile_is_replaced(installation, administrator):
    with installation.dagster() as instance:
        ask_everywhere(instance)
        broken = administrator.one_connection()
        assert administrator.ask("pg_terminate_backend(pid, 30000)") == [True]
        ask_everywhere(instance)
        assert administrator.one_connection() != broken

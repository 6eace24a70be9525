"""Dagster's connections to its database: a few that are kept, none that outlives its instance."""

from __future__ import annotations

import dagster as dg
import psycopg
import pytest
from sqlalchemy.engine import make_url

from schema_matching_pipeline.registry.embedded import SUPERUSER, EmbeddedServer
from schema_matching_pipeline_tests.entrances.dagster.installation import Installation

CONNECTIONS = "from pg_stat_activity where datname = %s"


class Administrator:
    """Who sees the connections to the installation's Dagster storage, and may end them."""

    def __init__(self, server: EmbeddedServer, storage_url: str) -> None:
        self.url = server.url(SUPERUSER, "postgres").replace("+psycopg", "")
        self.storage = make_url(storage_url).database

    def ask(self, what: str) -> list[object]:
        with psycopg.connect(self.url) as connection:
            return [row[0] for row in connection.execute(f"select {what} {CONNECTIONS}", [self.storage])]


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
        kept = administrator.ask("pid")
        ask_everywhere(instance)
        assert (administrator.ask("pid"), len(kept)) == (kept, 1)
    assert administrator.ask("pid") == []


def test_a_connection_that_broke_meanwhile_is_replaced(installation, administrator):
    with installation.dagster() as instance:
        ask_everywhere(instance)
        assert administrator.ask("pg_terminate_backend(pid, 30000)") == [True]
        ask_everywhere(instance)
        assert len(administrator.ask("pid")) == 1

"""An external PostgreSQL as the documentation has it: its SQL, the first administrator, people with keys, and who is refused."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from schema_matching_pipeline.registry.embedded import SUPERUSER, EmbeddedServer
from schema_matching_pipeline_tests.entrances.cli.terminal import run_here
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS, write_tables

SETTINGS_PAGE = Path(__file__).parents[3] / "docs" / "settings.md"
DONE, USAGE, REFUSED = 0, 2, 5


@dataclass(frozen=True)
class Outside:
    """An installation on a server that others run, and the keys of its people."""

    folder: Path
    environment: dict[str, str]
    keys: dict[str, str] = field(default_factory=dict)

    def smp(
        self, *words: str, login: str | None = None, without: str = "", **settings: str
    ) -> tuple[int, str]:
        """Exit code and output of one command, in the name of a person with his key."""
        known = {name: value for name, value in self.environment.items() if name != without}
        if login is not None:
            known |= {"SMP_USER": login, "SMP_API_KEY": self.keys[login]}
        said = run_here({**known, **settings}, self.folder, *words)
        return said.code, said.out + said.err

    def add_person(self, login: str, *words: str, by: str | None = None) -> dict[str, Any]:
        code, output = self.smp("user", "add", login, *words, "--json", login=by)
        assert code == DONE, output
        made = dict(json.loads(output))
        self.keys[login] = made["key"]
        return made


@pytest.fixture(scope="module")
def outside(embedded_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    folder = tmp_path_factory.mktemp("outside")
    script = _documented_sql()
    _run_as_superuser(embedded_server, script)
    host = _host(embedded_server)

    def url(role: str, password: str, database: str) -> str:
        return f"postgresql://{role}:{password}@/{database}?host={host}"

    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SMP_")}
    made = Outside(
        folder,
        {
            **inherited,
            "SMP_HOME": str(folder / "home"),
            "SMP_DATABASE_URL": url("ext_app", "APP_PASSWORD", "ext_smp"),
            "SMP_MIGRATION_URL": url("ext_owner", "OWNER_PASSWORD", "ext_smp"),
            "SMP_DAGSTER_URL": url("ext_dagster", "DAGSTER_PASSWORD", "ext_storage"),
            "SMP_SECRET_KEY": "cd" * 32,
        },
    )
    code, output = made.smp("doctor")
    assert (code, "nobody is named" in output) == (DONE, True), output
    made.add_person("ada", "--role", "admin")
    del made.environment["SMP_MIGRATION_URL"]  # from here on nobody knows the owner
    source = write_tables(folder / "source", patients=PATIENTS)
    assert made.smp("client", "add", "globex", "--source", str(source), login="ada")[0] == DONE
    made.add_person("vi", "--role", "viewer", by="ada")
    made.add_person("eve", "--role", "steward", "--client", "globex", by="ada")
    yield made
    for database in ("ext_smp", "ext_storage"):
        embedded_server.drop_database(database)


def _documented_sql() -> str:
    """The SQL of the documentation, under names that the shared server does not have yet."""
    (script,) = re.findall(r"```sql\n(.*?)```", SETTINGS_PAGE.read_text(encoding="utf-8"), re.DOTALL)
    renamed = re.sub(r"\bsmp_(owner|app|dagster)\b", r"ext_\1", script)
    return re.sub(r"(database|\\c) smp\b", r"\1 ext_smp", renamed).replace(
        "database dagster", "database ext_storage"
    )


def _run_as_superuser(server: EmbeddedServer, script: str) -> None:
    before, after = re.split(r"\\c ext_smp\n", script)
    for database, statements in (("postgres", before), ("ext_smp", after)):
        with psycopg.connect(_plain(server.url(SUPERUSER, database)), autocommit=True) as connection:
            for statement in filter(None, map(str.strip, statements.split(";"))):
                connection.execute(sql.SQL(statement))


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def _host(server: EmbeddedServer) -> str:
    return server.url(SUPERUSER, "postgres").partition("?host=")[2]


def test_an_administrator_with_his_key_sees_everybody(outside: Outside):
    code, output = outside.smp("user", "list", "--json", login="ada")
    people = {person["login"]: (person["role"], person["clients"]) for person in json.loads(output)}
    assert code == DONE
    assert [people[login] for login in ("ada", "eve", "vi")] == [
        ("admin", None),
        ("steward", ["globex"]),
        ("viewer", None),
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("approve", "globex"), "may not approve final", id="approve"),
        pytest.param(
            ("user", "add", "me", "--role", "admin"), "may not manage users", id="make an administrator"
        ),
    ],
)
def test_a_viewer_is_refused(outside: Outside, words: tuple[str, ...], said: str):
    code, output = outside.smp(*words, login="vi")
    assert (code, said in output) == (REFUSED, True), output


def test_a_steward_of_another_client_is_refused_and_sees_only_his_own(outside: Outside):
    refused, output = outside.smp("approve", "acme", login="eve")
    assert (refused, "but only globex" in output) == (REFUSED, True), output
    code, listed = outside.smp("client", "list", "--json", login="eve")
    assert (code, [line["client"]["slug"] for line in json.loads(listed)]) == (DONE, ["globex"])


def test_a_wrong_key_and_no_key_are_refused(outside: Outside):
    wrong, output = outside.smp("client", "list", SMP_USER="ada", SMP_API_KEY="guessed")
    assert (wrong, "do not fit together" in output) == (REFUSED, True), output
    nobody, output = outside.smp("client", "list")
    assert (nobody, "SMP_USER" in output) == (REFUSED, True), output


def test_nobody_makes_an_administrator_who_is_neither_one_nor_the_owner(outside: Outside):
    code, output = outside.smp("user", "add", "me", "--role", "admin")
    assert (code, "SMP_MIGRATION_URL" in output) == (REFUSED, True), output


def test_without_the_secret_key_or_with_another_there_is_no_start(outside: Outside):
    missing, output = outside.smp("client", "list", login="ada", without="SMP_SECRET_KEY")
    assert (missing, "SMP_SECRET_KEY" in output) == (USAGE, True), output
    other, output = outside.smp("client", "list", login="ada", SMP_SECRET_KEY="ef" * 32)
    assert (other, "was made with secret key" in output) == (1, True), output


def test_a_key_is_added_to_the_old_one_which_is_then_revoked(outside: Outside):
    outside.add_person("grace", "--role", "steward", by="ada")
    before = outside.keys["grace"]
    code, output = outside.smp("user", "key", "add", "grace", "--json", login="ada")
    outside.keys["grace"] = json.loads(output)["key"]
    assert code == DONE
    assert outside.smp("client", "list", SMP_USER="grace", SMP_API_KEY=before)[0] == DONE
    assert outside.smp("user", "key", "revoke", "grace", before[:10], login="ada")[0] == DONE
    assert outside.smp("client", "list", SMP_USER="grace", SMP_API_KEY=before)[0] == REFUSED
    assert outside.smp("client", "list", login="grace")[0] == DONE

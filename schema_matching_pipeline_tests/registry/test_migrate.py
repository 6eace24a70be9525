"""Migrations: from empty, from any earlier revision, and back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, create_engine, text

from schema_matching_pipeline.errors import MigrationError, RegistryUnavailableError
from schema_matching_pipeline.model.pipeline import TRANSITIONS
from schema_matching_pipeline.registry.migrate import (
    HEAD,
    SCRIPTS,
    current_revision,
    downgrade,
    migrate,
    upgrade,
)
from schema_matching_pipeline.registry.tables import METADATA, pipeline_transitions
from schema_matching_pipeline_tests.registry.steps import STEWARD, Column, an_office, connected, rows

REVISIONS = ("0001", "0002", "0003")


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    return ScriptDirectory.from_config(config)


def test_the_head_is_the_newest_script():
    assert _scripts().get_heads() == [HEAD]


def test_revisions_are_numbered_without_gaps():
    found = sorted(script.revision for script in _scripts().walk_revisions())
    assert found == [f"{number:04}" for number in range(1, len(found) + 1)]


def test_every_packaged_sql_file_is_used():
    folder = files("schema_matching_pipeline.registry").joinpath("migrations")
    code = " ".join(
        path.read_text() for path in folder.joinpath("versions").iterdir() if path.name.endswith(".py")
    )
    packaged = {path.name.removesuffix(".sql") for path in folder.joinpath("sql").iterdir()} - {"grants"}
    assert {name for name in packaged if f'"{name}' not in code} == set()


def test_the_tables_in_code_are_the_tables_of_the_migrated_database(owner_url):
    engine = create_engine(owner_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "compare_type": True,
                "compare_server_default": True,
                "version_table_schema": "smp",
                "include_name": lambda name, kind, _: kind != "schema" or name == "smp",
            },
        )
        difference = compare_metadata(context, METADATA)
    engine.dispose()
    assert difference == []


def test_checks_in_code_are_the_checks_of_the_database(owner_url):
    named = {
        (table.name, str(constraint.name))
        for table in METADATA.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    with connected(owner_url) as connection:
        found = rows(
            connection,
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c' AND connamespace = 'smp'::regnamespace",
        )
    assert {(table.removeprefix("smp."), name) for table, name in found} == named


@pytest.mark.parametrize("revision", REVISIONS)
def test_an_earlier_revision_comes_up_to_the_newest(empty_database, revision):
    upgrade(empty_database, revision)
    migrate(empty_database)
    assert current_revision(empty_database) == HEAD


def test_every_revision_is_reached_from_the_one_above_it_and_leads_there_again(empty_database):
    revisions = [script.revision for script in _scripts().walk_revisions()]
    migrate(empty_database)
    with connected(empty_database) as connection:
        connection.execute(text("INSERT INTO smp.tenants (name) VALUES ('kept')"))
    found = {HEAD: _routines(empty_database)}
    for revision in revisions[1:]:
        downgrade(empty_database, revision)
        assert current_revision(empty_database) == revision
        found[revision] = _routines(empty_database)
    for revision in reversed(revisions):
        upgrade(empty_database, revision)
        assert _routines(empty_database) == found[revision], revision
    with connected(empty_database) as connection:
        assert rows(connection, "SELECT name FROM smp.tenants") == [("kept",)]


def test_going_back_to_base_leaves_nothing_but_alembics_table(empty_database):
    migrate(empty_database)
    downgrade(empty_database, "base")
    with connected(empty_database) as connection:
        left = rows(
            connection,
            "SELECT relname FROM pg_class WHERE relnamespace = 'smp'::regnamespace AND relkind <> 'i'",
        )
        routines = rows(connection, "SELECT proname FROM pg_proc WHERE pronamespace = 'smp'::regnamespace")
    assert (left, routines) == ([("alembic_version",)], [])


def test_each_revision_takes_its_functions_back(empty_database):
    upgrade(empty_database, "0001")
    before = _routines(empty_database)
    migrate(empty_database)
    downgrade(empty_database, "0001")
    assert _routines(empty_database) == before


def _routines(url):
    with connected(url) as connection:
        return (
            rows(
                connection, "SELECT proname FROM pg_proc WHERE pronamespace = 'smp'::regnamespace ORDER BY 1"
            ),
            rows(connection, "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"),
        )


def test_migrating_at_once_from_many_sides_ends_with_one_schema(empty_database):
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(migrate, [empty_database] * 4)) == [None] * 4
    assert current_revision(empty_database) == HEAD


def test_a_revision_from_the_future_is_refused(empty_database):
    migrate(empty_database)
    with connected(empty_database) as connection:
        connection.execute(text("UPDATE smp.alembic_version SET version_num = '9999'"))
    with pytest.raises(MigrationError, match="9999"):
        migrate(empty_database)


def test_a_server_that_does_not_answer_is_a_fault_of_its_own():
    with pytest.raises(RegistryUnavailableError):
        migrate("postgresql+psycopg://nobody@/nowhere?host=/nonexistent")


def test_the_transitions_of_the_database_are_those_of_the_model(owner_url):
    with connected(owner_url) as connection:
        found = {(row.present, row.wanted) for row in connection.execute(pipeline_transitions.select())}
    assert found == {
        (str(present), str(wanted)) for present, all_wanted in TRANSITIONS.items() for wanted in all_wanted
    }


def test_the_only_key_of_a_person_is_kept_when_there_may_be_several_and_when_there_may_not(empty_database):
    upgrade(empty_database, "0033")
    people = "SELECT set_config('smp.tenant_id', smp.ensure_tenant('kept')::text, true); "
    with connected(empty_database) as connection:
        connection.execute(text(people + "SELECT smp.add_person('ada', 'admin', 'the hash', NULL)"))
    migrate(empty_database)
    found = "SELECT login, name, scope, key_hash FROM smp.api_keys JOIN smp.users AS p ON p.id = user_id"
    with connected(empty_database) as connection:
        connection.execute(text(people))
        assert rows(connection, found) == [("ada", "installation", "all", "the hash")]
    downgrade(empty_database, "0033")
    with connected(empty_database) as connection:
        connection.execute(text(people))
        assert rows(connection, "SELECT login, api_key_hash FROM smp.users") == [("ada", "the hash")]


def test_an_audit_from_before_it_told_of_programs_is_whole_and_stays_so_on_the_way_back(empty_database):
    def written(agent: str) -> list[tuple[int, int | None]]:
        with connected(empty_database) as connection:
            for name, value in (("tenant_id", tenant), ("actor", "system:test"), ("agent", agent)):
                connection.execute(text(f"SELECT set_config('smp.{name}', '{value}', true)"))
            connection.execute(text(f"SELECT smp.add_person('{agent}', 'viewer', 'a hash', NULL)"))
            return rows(connection, "SELECT rows_seen, broken_at FROM smp.verify_audit()")

    upgrade(empty_database, "0060")
    with connected(empty_database) as connection:
        ((tenant,),) = rows(connection, "SELECT smp.ensure_tenant('kept')::text")
    before = written("before")
    migrate(empty_database)
    with_programs = written("curl-8")
    downgrade(empty_database, "0060")
    without_again = written("curl-7")
    migrate(empty_database)
    found = [before, with_programs, without_again, written("curl-9")]
    assert [broken for ((_, broken),) in found] == [None] * 4
    with connected(empty_database) as connection:
        connection.execute(text(f"SELECT set_config('smp.tenant_id', '{tenant}', true)"))
        kept = rows(
            connection,
            "SELECT subject_key, user_agent FROM smp.audit_log WHERE subject = 'users' ORDER BY seq",
        )
    assert kept == [("before", None), ("curl-8", "curl-8"), ("curl-7", None), ("curl-9", "curl-9")]


def test_a_decision_that_was_taken_back_does_not_keep_the_registry_down(app_url, owner_url):
    office = an_office(app_url)
    office.propose(Column("town", "patient.city", "pending_review", 0.7))
    office.decide("item-town-h1", "approve")
    office.ask("SELECT smp.undo_item('acme', 'item-town-h1', 'a slip', NULL)", actor=STEWARD)
    downgrade(owner_url, "0032")
    migrate(owner_url)
    assert current_revision(owner_url) == HEAD

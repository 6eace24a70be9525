"""Brings the registry's schema to the version this program was written for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files

import psycopg
from psycopg import sql
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from schema_matching_pipeline.errors import MigrationError, RegistryUnavailableError
from schema_matching_pipeline.registry.tables import SCHEMA

HEAD = "0067"
APPLICATION_ROLE = "smp_app"
LOCK_SECONDS = 120
SCRIPTS = "schema_matching_pipeline.registry:migrations"


def migrate(owner_url: str, *, application_role: str = APPLICATION_ROLE) -> None:
    """Leaves the newest schema behind, from empty or from any earlier revision; does nothing where it stands.

    Any number of processes may call it at once: one migrates, the others wait and find it done.

    Raises:
        MigrationError: the database cannot be brought to this version.
        RegistryUnavailableError: it does not answer.
    """
    with _connected(owner_url) as connection:
        if _is_ready(connection, application_role):
            return
        with _one_at_a_time(connection):
            _prepare(connection)
            _run(connection, HEAD, upward=True)
            _grant(connection, application_role)


def upgrade(owner_url: str, revision: str = HEAD) -> None:
    """Goes up to one revision; grants nothing before the newest one.

    Raises:
        MigrationError: it cannot be reached.
    """
    with _connected(owner_url) as connection, _one_at_a_time(connection):
        _prepare(connection)
        _run(connection, revision, upward=True)


def downgrade(owner_url: str, revision: str) -> None:
    """Goes back to an earlier revision; ``base`` removes every table.

    Raises:
        MigrationError: it cannot be reached.
    """
    with _connected(owner_url) as connection, _one_at_a_time(connection):
        _run(connection, revision, upward=False)


def require_newest(app_url: str) -> None:
    """Passes when the schema is the one this program was written for; for those who may not migrate it.

    Raises:
        MigrationError: it is another.
        RegistryUnavailableError: it does not answer.
    """
    with _connected(app_url) as connection:
        found = _revision(connection)
    if found != HEAD:
        raise MigrationError(
            f"The registry stands at revision {found or 'none'}, and this program needs {HEAD}. Whoever has SMP_MIGRATION_URL brings it there: smp doctor"
        )


def current_revision(owner_url: str) -> str | None:
    """The revision the database stands at, None for an empty one."""
    with _connected(owner_url) as connection:
        return _revision(connection)


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as error:
        raise _fault_of(error) from error


def _fault_of(error: DBAPIError) -> MigrationError | RegistryUnavailableError:
    cause = error.orig
    if not isinstance(cause, psycopg.Error) or cause.sqlstate is None:
        return RegistryUnavailableError(
            "The registry does not answer at SMP_DATABASE_URL or SMP_MIGRATION_URL. Is the server running, and is the password right?"
        )
    return MigrationError(
        f"The registry's schema could not be changed (SQLSTATE {cause.sqlstate}): {cause.diag.message_primary}"
    )


@contextmanager
def _one_at_a_time(connection: Connection) -> Iterator[None]:
    """One transaction, under a lock that no second migration gets."""
    connection.rollback()
    with connection.begin():
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('smp.migrate', 0))"))
        connection.execute(text(f"SET LOCAL search_path = {SCHEMA}, public"))
        yield


def _is_ready(connection: Connection, application_role: str) -> bool:
    if _revision(connection) != HEAD:
        return False
    granted = text(f"SELECT has_schema_privilege(:role, '{SCHEMA}', 'USAGE')")
    return bool(connection.execute(granted, {"role": application_role}).scalar())


def _revision(connection: Connection) -> str | None:
    known = connection.execute(text(f"SELECT to_regclass('{SCHEMA}.alembic_version')")).scalar()
    if known is None:
        return None
    return connection.execute(text(f"SELECT version_num FROM {SCHEMA}.alembic_version")).scalar()


def _prepare(connection: Connection) -> None:
    """The schema, and the vector type that only a superuser may be able to add."""
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    if connection.execute(text("SELECT 1 FROM pg_extension WHERE extname = 'vector'")).scalar() is None:
        try:
            with connection.begin_nested():
                connection.execute(text("CREATE EXTENSION vector SCHEMA public"))
        except DBAPIError as error:
            raise MigrationError(
                "The database lacks the extension pgvector, and the owner may not add it. Run once as superuser in that database: CREATE EXTENSION vector SCHEMA public"
            ) from error


def _run(connection: Connection, revision: str, *, upward: bool) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util.exc import CommandError

    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.attributes["connection"] = connection
    move: Callable[[Config, str], None] = command.upgrade if upward else command.downgrade
    try:
        move(config, revision)
    except CommandError as error:
        raise MigrationError(
            f"The registry cannot come from revision {_revision(connection)} to {revision}: {error}. Perhaps a newer version of this program migrated it."
        ) from error


def _grant(connection: Connection, application_role: str) -> None:
    script = files(__package__).joinpath("migrations", "sql", "grants.sql").read_text(encoding="utf-8")
    role = sql.Identifier(application_role).as_string(None)
    connection.exec_driver_sql(
        script.replace("{application}", role), execution_options={"no_parameters": True}
    )

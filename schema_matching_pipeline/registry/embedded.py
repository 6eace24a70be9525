"""The embedded PostgreSQL server of one home folder: started on demand, shared by all commands, stopped by choice."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import psycopg
from psycopg import sql
from pydantic import Field

from schema_matching_pipeline.errors import EmbeddedServerError
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.registry.cluster import Cluster, place_cluster, stop_abandoned
from schema_matching_pipeline.registry.exclusive import Deadline, exclusive

SUPERUSER = "postgres"
OWNER = "smp_owner"
APPLICATION = "smp_app"
ORCHESTRATOR = "smp_dagster"
ROLES = (OWNER, APPLICATION, ORCHESTRATOR)
DATABASES = {"dagster": ORCHESTRATOR, "smp": OWNER}  # "smp" comes last: its answering means all is made
CONNECT_SECONDS = 5


class ServerAddress(Frozen):
    """Where the server answers: one URL a purpose, each with the password of its role."""

    app_url: str = Field(repr=False)
    owner_url: str = Field(repr=False)
    dagster_url: str = Field(repr=False)


class ServerStatus(Frozen):
    """Whether the server runs, and where its files are."""

    running: bool
    pid: int | None
    data_folder: str
    socket_folder: str


class Credentials(Frozen):
    """The generated password of each role."""

    passwords: dict[str, str] = Field(repr=False)


class EmbeddedServer:
    """The PostgreSQL server of one home folder.

    It outlives the process that starts it; any number of processes may ask for it at once. ``durable=False``
    trades safety against power loss for speed, for throw-away homes.
    """

    def __init__(self, home: Path, *, start_seconds: float = 60.0, durable: bool = True) -> None:
        self._home = home.expanduser().absolute()
        self._start_seconds = start_seconds
        self._durable = durable

    def ensure_running(self) -> ServerAddress:
        """The address of the running server; starts, creates or recovers it first where needed.

        Raises:
            EmbeddedServerError: it cannot be made or started in time; the message says why.
        """
        folder = self._folder()
        if (address := self._answering(folder)) is not None:
            return address
        deadline = Deadline(self._start_seconds)
        with exclusive(folder / "lock", deadline):
            if (address := self._answering(folder)) is not None:
                return address
            return self._start(folder, deadline)

    def stop(self) -> None:
        """Stops the server; sessions are ended, nothing is lost. A stopped server stays stopped.

        Raises:
            EmbeddedServerError: it does not stop in time.
        """
        folder = self._home / "postgres"
        if not (folder / "credentials.json").exists():
            return
        deadline = Deadline(self._start_seconds)
        with exclusive(folder / "lock", deadline):
            place_cluster(folder, durable=self._durable).stop(deadline)

    def status(self) -> ServerStatus:
        """Whether it runs, and where its files are."""
        cluster = place_cluster(self._folder(), durable=self._durable)
        pid = cluster.running_pid()
        return ServerStatus(
            running=pid is not None,
            pid=pid,
            data_folder=str(cluster.data),
            socket_folder=str(cluster.socket_folder),
        )

    def destroy(self) -> None:
        """Stops the server and deletes all it holds."""
        folder = self._folder()
        deadline = Deadline(self._start_seconds)
        with exclusive(folder / "lock", deadline):
            cluster = place_cluster(folder, durable=self._durable)
            cluster.stop(deadline)
            cluster.delete()
            (folder / "credentials.json").unlink(missing_ok=True)
            (folder / "created").unlink(missing_ok=True)

    def create_database(self, name: str, *, owner: str = OWNER, template: str = "template0") -> str:
        """A new database with the vector extension; gives the owner's URL of it.

        Raises:
            EmbeddedServerError: the name is taken, or the template is in use.
        """
        self.ensure_running()
        self._as_superuser(
            lambda connection: _create_database(connection, name, owner, template), "creating a database"
        )
        return self.url(owner, name)

    def drop_database(self, name: str) -> None:
        """Removes a database, its sessions included."""
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        self._as_superuser(lambda connection: connection.execute(statement), "dropping a database")

    def url(self, role: str, database: str, *, driver: str = "psycopg") -> str:
        """The URL of one database for one role."""
        cluster = place_cluster(self._folder(), durable=self._durable)
        return _url(cluster, _read_credentials(self._folder()), role, database, driver)

    def _folder(self) -> Path:
        folder = self._home / "postgres"
        try:
            self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise EmbeddedServerError(
                f"The home folder {self._home} cannot be used ({error.strerror}). Name another one in SMP_HOME."
            ) from error
        return folder

    def _answering(self, folder: Path) -> ServerAddress | None:
        """The address when the server is complete and answers; this is the road nearly every command takes."""
        if not (folder / "credentials.json").exists():
            return None
        cluster = place_cluster(folder, durable=self._durable)
        credentials = _read_credentials(folder)
        if not cluster.socket_file.exists():
            return None
        try:
            _connect(cluster, credentials, APPLICATION, "smp").close()
        except psycopg.OperationalError:
            return None
        return _address(cluster, credentials)

    def _start(self, folder: Path, deadline: Deadline) -> ServerAddress:
        credentials = _ensure_credentials(folder)
        cluster = place_cluster(folder, durable=self._durable)
        self._ensure_created(folder, cluster, credentials, deadline)
        cluster.start(deadline)
        with _superuser_connection(cluster, credentials) as connection:
            _ensure_roles(connection, credentials)
            for database, owner in DATABASES.items():
                _ensure_database(connection, database, owner)
        return _address(cluster, credentials)

    @staticmethod
    def _ensure_created(folder: Path, cluster: Cluster, credentials: Credentials, deadline: Deadline) -> None:
        created = folder / "created"
        if cluster.exists():
            created.touch(mode=0o600)
            return
        if created.exists():
            raise EmbeddedServerError(
                f"The data folder {cluster.data} of the embedded server is gone. Restore it, or remove {folder} to start with an empty registry."
            )
        stop_abandoned(deadline)
        cluster.create(folder, SUPERUSER, credentials.passwords[SUPERUSER])
        created.touch(mode=0o600)

    def _as_superuser(self, act: Callable[[psycopg.Connection], object], what: str) -> None:
        folder = self._folder()
        cluster = place_cluster(folder, durable=self._durable)
        try:
            with _superuser_connection(cluster, _read_credentials(folder)) as connection:
                act(connection)
        except psycopg.Error as error:
            raise EmbeddedServerError(
                f"The embedded server refused {what}: {error.diag.message_primary or error}"
            ) from error


def _ensure_credentials(folder: Path) -> Credentials:
    path = folder / "credentials.json"
    if path.exists():
        return _read_credentials(folder)
    credentials = Credentials(passwords={role: secrets.token_urlsafe(32) for role in (SUPERUSER, *ROLES)})
    fresh = folder / "credentials.new"
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(credentials.passwords, file)
    fresh.rename(path)
    return credentials


def _read_credentials(folder: Path) -> Credentials:
    path = folder / "credentials.json"
    try:
        return Credentials(passwords=json.loads(path.read_text()))
    except (OSError, ValueError) as error:
        raise EmbeddedServerError(
            f"The passwords of the embedded server cannot be read from {path}. Run as the user who created it, or name another home in SMP_HOME."
        ) from error


def _address(cluster: Cluster, credentials: Credentials) -> ServerAddress:
    return ServerAddress(
        app_url=_url(cluster, credentials, APPLICATION, "smp", "psycopg"),
        owner_url=_url(cluster, credentials, OWNER, "smp", "psycopg"),
        dagster_url=_url(cluster, credentials, ORCHESTRATOR, "dagster", "psycopg2"),
    )


def _url(cluster: Cluster, credentials: Credentials, role: str, database: str, driver: str) -> str:
    host = quote(str(cluster.socket_folder), safe="/")
    return f"postgresql+{driver}://{role}:{credentials.passwords[role]}@/{database}?host={host}"


def _connect(cluster: Cluster, credentials: Credentials, role: str, database: str) -> psycopg.Connection:
    return psycopg.connect(
        host=str(cluster.socket_folder),
        user=role,
        password=credentials.passwords[role],
        dbname=database,
        connect_timeout=CONNECT_SECONDS,
        autocommit=True,
    )


def _superuser_connection(cluster: Cluster, credentials: Credentials) -> psycopg.Connection:
    try:
        return _connect(cluster, credentials, SUPERUSER, "postgres")
    except psycopg.OperationalError as error:
        raise EmbeddedServerError(
            f"The embedded server in {cluster.data} runs but refuses its own superuser: {error}. Its passwords in the home folder may belong to another cluster."
        ) from error


def _ensure_roles(connection: psycopg.Connection, credentials: Credentials) -> None:
    present = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
    for role in ROLES:
        verb: Literal["ALTER", "CREATE"] = "ALTER" if role in present else "CREATE"
        verifier = connection.pgconn.encrypt_password(
            credentials.passwords[role].encode(), role.encode(), b"scram-sha-256"
        )
        connection.execute(
            sql.SQL(
                "{} ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT PASSWORD {}"
            ).format(sql.SQL(verb), sql.Identifier(role), sql.Literal(verifier.decode()))
        )


def _ensure_database(connection: psycopg.Connection, name: str, owner: str) -> None:
    found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    if found is None:
        _create_database(connection, name, owner, "template0")


def _create_database(connection: psycopg.Connection, name: str, owner: str, template: str) -> None:
    """Built under a passing name, so that a database of the right name is always complete."""
    passing = f"{name}_in_the_making"
    names = {
        "name": sql.Identifier(name),
        "passing": sql.Identifier(passing),
        "owner": sql.Identifier(owner),
        "template": sql.Identifier(template),
        "application": sql.Identifier(APPLICATION),
    }

    def run(statement: Literal["drop", "create", "close", "open", "rename"]) -> None:
        connection.execute(sql.SQL(_DATABASE_STATEMENTS[statement]).format(**names))

    run("drop")
    run("create")
    run("close")
    if owner == OWNER:
        run("open")
        if template == "template0":
            _add_vectors(connection, passing)
    run("rename")


_DATABASE_STATEMENTS = {
    "drop": "DROP DATABASE IF EXISTS {passing} WITH (FORCE)",
    "create": "CREATE DATABASE {passing} OWNER {owner} TEMPLATE {template} STRATEGY FILE_COPY",  # a third of the work
    "close": "REVOKE ALL ON DATABASE {passing} FROM PUBLIC",
    "open": "GRANT CONNECT, TEMPORARY ON DATABASE {passing} TO {application}",
    "rename": "ALTER DATABASE {passing} RENAME TO {name}",
}


def _add_vectors(connection: psycopg.Connection, database: str) -> None:
    """The extension is not a trusted one: only the superuser can add it, and only inside the database."""
    info = connection.info
    with psycopg.connect(
        host=info.host,
        user=info.user,
        password=info.password,
        dbname=database,
        autocommit=True,
        connect_timeout=CONNECT_SECONDS,
    ) as inside:
        inside.execute("CREATE EXTENSION IF NOT EXISTS vector SCHEMA public")

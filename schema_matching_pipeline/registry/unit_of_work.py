"""The registry's door: one tenant, one transaction, the audit's context bound before the first statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import psycopg
from sqlalchemy import Connection, Engine, NullPool, create_engine, make_url, text
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from schema_matching_pipeline.errors import (
    ClientBusyError,
    RegistryBusyError,
    RegistryUnavailableError,
    SecretKeyError,
    UnknownNameError,
)
from schema_matching_pipeline.model.audit import AuditVerification
from schema_matching_pipeline.model.ids import ClientId, TenantId
from schema_matching_pipeline.model.pipeline import WorkItem
from schema_matching_pipeline.registry import connections, faults
from schema_matching_pipeline.registry.encryption import SecretBox
from schema_matching_pipeline.registry.faults import fault_of
from schema_matching_pipeline.registry.repositories.api_keys import ApiKeys
from schema_matching_pipeline.registry.repositories.audit import Audit
from schema_matching_pipeline.registry.repositories.cache import Cache
from schema_matching_pipeline.registry.repositories.canonical import Canonical, ReadModels
from schema_matching_pipeline.registry.repositories.checks import Checks
from schema_matching_pipeline.registry.repositories.classifications import Classifications
from schema_matching_pipeline.registry.repositories.clients import Clients
from schema_matching_pipeline.registry.repositories.embeddings import Embeddings
from schema_matching_pipeline.registry.repositories.erasures import Erasures
from schema_matching_pipeline.registry.repositories.llm import Llm
from schema_matching_pipeline.registry.repositories.mappings import Mappings
from schema_matching_pipeline.registry.repositories.marks import Marks
from schema_matching_pipeline.registry.repositories.measures import Measures
from schema_matching_pipeline.registry.repositories.notifications import Notifications
from schema_matching_pipeline.registry.repositories.profiles import Profiles
from schema_matching_pipeline.registry.repositories.publications import Publications
from schema_matching_pipeline.registry.repositories.quality import Quality
from schema_matching_pipeline.registry.repositories.requests import Requests
from schema_matching_pipeline.registry.repositories.reviews import Reviews
from schema_matching_pipeline.registry.repositories.runs import Runs
from schema_matching_pipeline.registry.repositories.sessions import Sessions
from schema_matching_pipeline.registry.repositories.sources import Sources
from schema_matching_pipeline.registry.repositories.spot_checks import SpotChecks
from schema_matching_pipeline.registry.repositories.standing import Standing
from schema_matching_pipeline.registry.repositories.tallies import Tallies
from schema_matching_pipeline.registry.repositories.trust import Trust
from schema_matching_pipeline.registry.repositories.users import Users
from schema_matching_pipeline.registry.repositories.validations import Validations
from schema_matching_pipeline.registry.repositories.value_bank import ValueBank
from schema_matching_pipeline.registry.soundness import check_soundness
from schema_matching_pipeline.registry.transaction import Transaction

_DRIVER = "postgresql+psycopg"
_CONNECT_SECONDS = 10


class UnitOfWork:
    """One transaction of one tenant: kept when the block ends well, undone when it raises.

    The repositories are there inside the block.
    """

    api_keys: ApiKeys
    audit: Audit
    cache: Cache
    canonical: Canonical
    checks: Checks
    classifications: Classifications
    clients: Clients
    embeddings: Embeddings
    erasures: Erasures
    llm: Llm
    mappings: Mappings
    marks: Marks
    measures: Measures
    notifications: Notifications
    profiles: Profiles
    publications: Publications
    quality: Quality
    requests: Requests
    reviews: Reviews
    runs: Runs
    sessions: Sessions
    sources: Sources
    spot_checks: SpotChecks
    standing: Standing
    tallies: Tallies
    trust: Trust
    users: Users
    validations: Validations
    value_bank: ValueBank

    def __init__(
        self,
        engine: Engine,
        box: SecretBox,
        models: ReadModels,
        tenant: TenantId,
        actor: str,
        context: Mapping[str, str | None],
    ) -> None:
        self._engine, self._box, self._models, self._context = engine, box, models, dict(context)
        self._tenant, self._actor = tenant, actor
        self._open = ExitStack()

    def __enter__(self) -> Self:
        context = {"tenant_id": self._tenant, "actor": self._actor, **self._context}
        connection = self._open.enter_context(_pooled(self._engine, **context))
        self._lay_out(Transaction(connection, self._tenant, self._actor))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def _lay_out(self, transaction: Transaction) -> None:
        self.api_keys = ApiKeys(transaction)
        self.audit = Audit(transaction)
        self.cache = Cache(transaction)
        self.canonical = Canonical(transaction, self._models)
        self.checks = Checks(transaction)
        self.classifications = Classifications(transaction)
        self.clients = Clients(transaction)
        self.embeddings = Embeddings(transaction)
        self.erasures = Erasures(transaction)
        self.llm = Llm(transaction)
        self.mappings = Mappings(transaction)
        self.marks = Marks(transaction)
        self.measures = Measures(transaction)
        self.notifications = Notifications(transaction, self._box)
        self.profiles = Profiles(transaction)
        self.publications = Publications(transaction)
        self.quality = Quality(transaction)
        self.requests = Requests(transaction)
        self.reviews = Reviews(transaction)
        self.runs = Runs(transaction)
        self.sessions = Sessions(transaction)
        self.spot_checks = SpotChecks(transaction)
        self.sources = Sources(transaction, self._box)
        self.standing = Standing(transaction)
        self.tallies = Tallies(transaction)
        self.trust = Trust(transaction)
        self.users = Users(transaction)
        self.validations = Validations(transaction)
        self.value_bank = ValueBank(transaction)


class Registry:
    """Our own database, as the application role. Connects when first asked for something."""

    def __init__(
        self,
        app_url: str,
        *,
        secret_key: bytes,
        anchor_folder: Path | None = None,
        pool_size: int = 20,
        max_overflow: int = 10,
        pool_timeout_seconds: float = 30.0,
        statement_timeout_seconds: int = 120,
    ) -> None:
        self._box = SecretBox(secret_key)
        self._models = ReadModels()
        self._anchor_folder = anchor_folder
        url = with_driver(app_url)
        self._engine = create_engine(
            url,
            isolation_level="AUTOCOMMIT",  # of the driver, that is: transactions are begun below
            pool_size=pool_size,
            pool_use_lifo=True,  # few connections that know the questions already, rather than all of them in turn
            max_overflow=max_overflow,
            pool_timeout=pool_timeout_seconds,
            hide_parameters=True,
            connect_args=_connect_arguments(statement_timeout_seconds),
        )
        self._leases = create_engine(
            url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=_connect_arguments(0)
        )
        connections.install(self._engine)
        faults.install(self._engine)
        faults.install(self._leases)

    def open(
        self,
        tenant: TenantId,
        actor: str,
        *,
        key: str | None = None,
        reason: str | None = None,
        trace_id: str | None = None,
        address: str | None = None,
        agent: str | None = None,
    ) -> UnitOfWork:
        """A unit of work in one tenant, signed by the actor, whom the key proves; the rest goes into the audit."""
        context = {"key": key, "reason": reason, "trace_id": trace_id, "address": address, "agent": agent}
        return UnitOfWork(self._engine, self._box, self._models, tenant, actor, context)

    def tenant_of(self, client: ClientId) -> TenantId:
        """The tenant that owns a client.

        Raises:
            UnknownNameError: there is no such client in the installation.
        """
        tenant = self._scalar("select smp.tenant_of_client(:client)", client=client)
        if tenant is None:
            raise UnknownNameError("client", client, (), hint="See `smp client list`.")
        return TenantId(str(tenant))

    def tenant_by_name(self, name: str) -> TenantId:
        """The tenant of that name.

        Raises:
            UnknownNameError: there is none.
        """
        tenant = self._scalar("select smp.tenant_by_name(:name)", name=name)
        if tenant is None:
            raise UnknownNameError("tenant", name, ())
        return TenantId(str(tenant))

    def ensure_tenant(self, name: str) -> TenantId:
        """The tenant of that name, made where it does not exist yet."""
        return TenantId(str(self._scalar("select smp.ensure_tenant(:name)", name=name)))

    def all_clients(self) -> tuple[tuple[str, TenantId, bool], ...]:
        """Every client of the installation: its slug, its tenant, and whether it is active."""
        with _pooled(self._engine) as connection:
            rows = connection.execute(text("select slug, tenant_id, active from smp.all_clients()")).all()
        return tuple((str(slug), TenantId(str(tenant)), bool(active)) for slug, tenant, active in rows)

    def tenants_with_logins(self) -> tuple[TenantId, ...]:
        """The tenants of whose logins the audit does not have all yet."""
        with _pooled(self._engine) as connection:
            found = connection.execute(text("select smp.uncarried_logins()")).scalars().all()
        return tuple(TenantId(str(tenant)) for tenant in found)

    def work_queue(self) -> tuple[WorkItem, ...]:
        """What the orchestrator must launch now, over all tenants; each run key stands for one launch."""
        with _pooled(self._engine) as connection:
            rows = connection.execute(text(_WORK)).mappings().all()
        return tuple(WorkItem.model_validate(dict(row)) for row in rows)

    def beat(self, part: str) -> None:
        """Notes that a part of the installation lives."""
        with _pooled(self._engine) as connection:
            connection.execute(text(_BEAT), {"part": part})

    def silent_for(self, part: str) -> float | None:
        """For how many seconds a part of the installation has not shown that it lives; None where it never did."""
        found = self._scalar(
            "select extract(epoch from now() - at) from smp.heartbeats where name = :part", part=part
        )
        return None if found is None else float(str(found))

    def revision(self) -> str | None:
        """The revision at which the schema stands."""
        found = self._scalar("select version_num from smp.alembic_version")
        return None if found is None else str(found)

    @contextmanager
    def lease(self, client: ClientId, wait_seconds: float = 0.0) -> Iterator[None]:
        """Holds the client for this run alone until the block ends or the process dies.

        Raises:
            ClientBusyError: another run holds it, for longer than the waiting time.
        """
        with self._leases.connect() as connection:
            _acquire(connection, client, wait_seconds)
            try:
                yield
            finally:
                _release(connection, client)

    def check_role(self) -> None:
        """Passes when the role of SMP_DATABASE_URL cannot get round the gate.

        Raises:
            UnsafeRoleError: it may do too much, or the database lacks a part of the law; all is named at once.
        """
        with _pooled(self._engine) as connection:
            check_soundness(connection)

    def verify_audit(self, tenant: TenantId) -> AuditVerification:
        """Whether the tenant's chain of audit rows is whole, and still holds the end that was seen last time.

        Raises:
            RegistryError: that end cannot be read or remembered.
        """
        with self.open(tenant, "system:verify_audit") as unit:
            return unit.audit.verify(self._anchor_folder)

    def sign(self, message: bytes) -> tuple[str, str]:
        """The installation's public key and its signature of the message, in hexadecimal digits."""
        return self._box.sign(message)

    def check_key(self) -> None:
        """Passes when the secret key is the one this installation was made with; the first one is remembered.

        Raises:
            SecretKeyError: it is another key.
        """
        with _pooled(self._engine) as connection:
            connection.execute(text(_REMEMBER_KEY), {"key": self._box.key_id})
            known = connection.execute(text(_NEWEST_KEY)).scalar()
        if known != self._box.key_id:
            raise SecretKeyError(
                f"This installation was made with secret key {known}, but the key at hand is {self._box.key_id}. "
                "Set SMP_SECRET_KEY (or restore SMP_HOME/secret.key) to the key it was made with."
            )

    def rotate_key(self, new: bytes) -> int:
        """Seals every stored connection with a new key, which this registry uses from then on; how many there were.

        Sketches of values are hashed with the secret too: profile every client again afterwards.

        Raises:
            SecretKeyError: the present key does not open one of them; nothing was changed.
        """
        box = SecretBox(new)
        with _pooled(self._engine) as connection:
            tenants = connection.execute(text("select distinct tenant_id from smp.all_clients()")).scalars()
            count = 0
            for tenant in [TenantId(str(each)) for each in tenants]:
                _bind(connection, tenant_id=tenant, actor="system:rotate_key")
                transaction = Transaction(connection, tenant, "system:rotate_key")
                count += Sources(transaction, self._box).rotate_key(box)
                count += Notifications(transaction, self._box).rotate_key(box)
            connection.execute(text(_CHANGE_KEY), {"key": box.key_id})
        self._box = box
        return count

    def close(self) -> None:
        """Gives all idle connections back."""
        self._engine.dispose()

    def _scalar(self, statement: str, **values: object) -> object:
        with _pooled(self._engine) as connection:
            return connection.execute(text(statement), values).scalar()


def with_driver(url: str) -> str:
    """The URL with our driver in it, whichever way PostgreSQL was spelled.

    >>> with_driver("postgres://me@localhost/smp")
    'postgresql+psycopg://me@localhost/smp'
    """
    return make_url(url).set(drivername=_DRIVER).render_as_string(hide_password=False)


def role_of(url: str) -> str:
    """The role that a URL logs in as.

    >>> role_of("postgresql://smp_app:secret@localhost/smp")
    'smp_app'
    """
    return make_url(url).username or ""


def _connect_arguments(statement_timeout_seconds: int) -> dict[str, object]:
    milliseconds = statement_timeout_seconds * 1000
    return {
        "connect_timeout": _CONNECT_SECONDS,
        "application_name": "smp",
        # The law waits for others and must see what they did, whatever the database has as its default.
        "options": f"-c statement_timeout={milliseconds} -c timezone=UTC -c default_transaction_isolation=read\\ committed",
    }


@contextmanager
def _pooled(engine: Engine, **context: str | None) -> Iterator[Connection]:
    """A connection of the pool inside one transaction, in which the context is bound."""
    try:
        connection = engine.connect()
    except PoolTimeoutError as error:
        raise RegistryBusyError(
            "All connections to the registry are in use. Try again in a moment."
        ) from error
    with connection, connection.begin():
        _begin(connection, context)
        yield connection


def _begin(connection: Connection, context: Mapping[str, str | None]) -> None:
    """Begins the transaction, and sets what row-level security and the audit triggers read for it alone.

    Both go to the server together: there are several transactions in a request, and each way costs as much as a short query.
    """
    settings = ", ".join(f"set_config('smp.{name}', %({name})s, true)" for name in context)
    driver = cast("psycopg.Connection", connection.connection.driver_connection)
    try:
        psycopg.ClientCursor(driver).execute(
            f"begin; select {settings}" if context else "begin",
            {name: value or "" for name, value in context.items()},
        )
    except psycopg.Error as error:
        if driver.closed:
            connection.invalidate(error)
        raise fault_of(error) from error


def _bind(connection: Connection, **context: str | None) -> None:
    """Sets the same anew, for what comes next in the transaction."""
    settings = ", ".join(f"set_config('smp.{name}', :{name}, true)" for name in context)
    connection.execute(text(f"select {settings}"), {name: value or "" for name, value in context.items()})


def _acquire(connection: Connection, client: ClientId, wait_seconds: float) -> None:
    """Takes the session's advisory lock; it goes with the connection, whatever becomes of the process."""
    if wait_seconds <= 0:
        taken = connection.execute(
            text(f"select pg_try_advisory_lock({_LEASE})"), {"client": client}
        ).scalar()
        if not taken:
            raise ClientBusyError(client)
        return
    connection.execute(
        text("select set_config('lock_timeout', :wait, false)"), {"wait": str(int(wait_seconds * 1000))}
    )
    try:
        connection.execute(text(f"select pg_advisory_lock({_LEASE})"), {"client": client})
    except RegistryBusyError as error:
        raise ClientBusyError(client) from error


def _release(connection: Connection, client: ClientId) -> None:
    """Gives the lock back before the connection closes: the server notices a closed one only a moment later.

    Where the connection was lost, the lock went with it.
    """
    with suppress(RegistryUnavailableError):
        connection.execute(text(f"select pg_advisory_unlock({_LEASE})"), {"client": client})


_NEWEST_KEY = """
select value from smp.installation where key like 'secret_key/%' order by created_at desc, key desc limit 1
"""
_REMEMBER_KEY = """
insert into smp.installation (key, value) select 'secret_key/' || :key, :key
where not exists (select from smp.installation where key like 'secret_key/%') on conflict (key) do nothing
"""

_CHANGE_KEY = """
insert into smp.installation (key, value, created_at)
values ('secret_key/' || gen_random_uuid(), :key, clock_timestamp())
"""

_LEASE = "hashtextextended('smp.lease:' || :client, 0)"

_BEAT = """
insert into smp.heartbeats (name, at) values (:part, now()) on conflict (name) do update set at = excluded.at
"""

_WORK = """
select client, tenant_id::text, kind, run_key, pipeline_run_id::text, attempt, trace_id from smp.work_queue()
"""

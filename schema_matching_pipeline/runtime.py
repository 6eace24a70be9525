"""The one composition root: settings in, a World out. The only module that knows adapters by name."""

from __future__ import annotations

import getpass
import hmac
import logging
import os
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, partial
from importlib.resources import files
from pathlib import Path

import structlog
from pydantic import SecretStr

from schema_matching_pipeline.adapters.channels import Channels
from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.adapters.connectors.suite_runner import ExpectationRunner
from schema_matching_pipeline.adapters.connectors.value_hash import hash_text
from schema_matching_pipeline.adapters.peers import PEERS
from schema_matching_pipeline.canon.masking import mask_failure
from schema_matching_pipeline.canon.schema import read_canonical
from schema_matching_pipeline.canon.trust_config import read_trust
from schema_matching_pipeline.errors import ConfigurationError, NotAllowedError, UnknownNameError
from schema_matching_pipeline.model.access import Actor, Permission, Role, require
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import CanonicalSchema
from schema_matching_pipeline.model.ids import TenantId
from schema_matching_pipeline.model.source import SourceAddress
from schema_matching_pipeline.model.trust import TrustConfig
from schema_matching_pipeline.ports import Embedder, IdentityProvider, LanguageModel, PeerMatcher
from schema_matching_pipeline.registry import (
    EmbeddedServer,
    Registry,
    migrate,
    require_newest,
    role_of,
    with_driver,
)
from schema_matching_pipeline.registry.migrate import HEAD, current_revision, downgrade, upgrade
from schema_matching_pipeline.settings import EmbedderKind, Settings
from schema_matching_pipeline.workflows.world import Policies, World

PACKAGED_MODELS = ("practice",)


class SystemClock:
    """The clock and the identifiers of the real world."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC)

    def new_id(self) -> str:
        """A fresh UUID as text."""
        return str(uuid.uuid4())


class Addresses(Frozen):
    """Where our databases are: the application's URL, the owner's where this process may be him, and Dagster's."""

    app_url: str
    owner_url: str | None
    dagster_url: str


def database_addresses(settings: Settings) -> Addresses:
    """The URLs of our databases; the embedded server is started or joined where it is used.

    Raises:
        RegistryError: the embedded server cannot be started.
    """
    if settings.database_url and settings.dagster_url:
        return Addresses(
            app_url=settings.database_url.get_secret_value(),
            owner_url=settings.migration_url.get_secret_value() if settings.migration_url else None,
            dagster_url=dagster_driver(settings.dagster_url.get_secret_value()),
        )
    server = EmbeddedServer(settings.home).ensure_running()
    return Addresses(app_url=server.app_url, owner_url=server.owner_url, dagster_url=server.dagster_url)


def dagster_driver(url: str) -> str:
    """The URL with the driver dagster-postgres needs: a bare one would choose another under SQLAlchemy 2.1.

    >>> dagster_driver("postgres://me@localhost/dagster")
    'postgresql+psycopg2://me@localhost/dagster'
    """
    _, rest = url.split("://", 1)
    return f"postgresql+psycopg2://{rest}"


def build_world(settings: Settings) -> World:
    """Starts or joins the database, brings it to this version where this process may, and marries the parts.

    Raises:
        RegistryError: the database cannot be used, or the application role may do too much.
        SecretKeyError: the secret key is not the one this installation was made with.
        ConfigurationError: the trust file has mistakes, or was named and is not there.
    """
    configure_logging(settings)
    addresses = database_addresses(settings)
    if addresses.owner_url is None:
        require_newest(with_driver(addresses.app_url))
    else:
        migrate(with_driver(addresses.owner_url), application_role=role_of(addresses.app_url))
    registry = Registry(addresses.app_url, secret_key=settings.key, anchor_folder=settings.home / "audit")
    registry.check_role()
    registry.check_key()
    policies = Policies()
    sources = Sources(settings.key, policies.profile)
    world = World(
        registry=registry,
        sources=sources,
        suites=ExpectationRunner(sources, policies.validation, mask_failure),
        channels=Channels(),
        clock=SystemClock(),
        trust=read_trust_file(settings),
        hash_value=partial(hash_text, settings.key),
        vouched_key=partial(vouched_key, settings.key),
        desk_address=settings.desk_address,
        policies=policies,
        model=language_model(settings),
        embedder=_embedder(settings),
        identity=identity_provider(settings),
    )
    ensure_tenant(world, settings.tenant)
    return world


def ensure_tenant(world: World, name: str) -> TenantId:
    """The tenant of that name with the packaged canonical models in it."""
    tenant = world.registry.ensure_tenant(name)
    with world.registry.open(tenant, "system:install") as unit:
        for model in PACKAGED_MODELS:
            unit.canonical.put(packaged_model(model))
    return tenant


@cache
def packaged_model(name: str) -> CanonicalSchema:
    """A canonical model that comes with the package.

    Raises:
        UnknownNameError: none of that name comes with it.
    """
    if name not in PACKAGED_MODELS:
        raise UnknownNameError("packaged canonical model", name, PACKAGED_MODELS)
    folder = files("schema_matching_pipeline.canon").joinpath("data", "canonical")
    return read_canonical(folder.joinpath(f"{name}.yaml").read_text(encoding="utf-8"), name)


def read_trust_file(settings: Settings) -> TrustConfig:
    """The installation's trust configuration; the packaged one where none was named and none stands in the usual place.

    Raises:
        ConfigurationError: the file has mistakes, cannot be read, or was named and is not there.
    """
    path = settings.trust_file
    if path.is_file():
        return read_trust(_text_of(path), str(path))
    if "trust_file" in settings.model_fields_set:
        mistake = (
            f"it names {path}, where there is no file; correct it, or unset it for the packaged thresholds"
        )
        raise ConfigurationError("SMP_TRUST_FILE", [mistake])
    packaged = files("schema_matching_pipeline.canon").joinpath("data", "schema-matching.yml")
    return read_trust(packaged.read_text(encoding="utf-8"), "the packaged schema-matching.yml")


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(str(path), [f"it cannot be read ({error.strerror})"]) from None
    except UnicodeDecodeError:
        raise ConfigurationError(str(path), ["it is not text in UTF-8; save it as UTF-8"]) from None


def command_line_actor(settings: Settings, world: World) -> Actor:
    """The person at the command line.

    That is a login with its key; without them, on the embedded server, the operating system's user, who is
    administrator of the tenant.

    Raises:
        NotAllowedError: a login came without its key or the other way round, none were given for an external
            database, they do not fit, or the key is good for nothing here.
    """
    tenant = world.registry.tenant_by_name(settings.tenant)
    if settings.user is not None and settings.api_key is not None:
        actor = _proven(world, tenant, settings.user, settings.api_key)
        require(actor, Permission.READ)
        return actor
    if settings.user is not None or settings.api_key is not None:
        there, missing = ("SMP_API_KEY", "SMP_USER") if settings.user is None else ("SMP_USER", "SMP_API_KEY")
        raise NotAllowedError(
            f"{there} is set and {missing} is not: a login needs its key. Set both, or neither."
        )
    if settings.embedded:
        return vouched_actor(settings, world, tenant, f"os:{getpass.getuser()}", Role.ADMIN)
    raise NotAllowedError(
        "An external database asks who you are: set SMP_USER and SMP_API_KEY. An administrator gives them: smp user add LOGIN --role ROLE"
    )


def knows_who_acts(settings: Settings) -> bool:
    """Whether a person is named: the operating system's user, or a login with its key."""
    return settings.embedded or settings.user is not None or settings.api_key is not None


def owner_actor(settings: Settings, world: World) -> Actor:
    """The owner of the registry, in the name of nobody: he makes the first administrator and decides nothing."""
    return Actor(
        login="system:owner",
        tenant_id=world.registry.tenant_by_name(settings.tenant),
        role=Role.ADMIN,
        trace_id=world.clock.new_id(),
    )


def vouched_actor(settings: Settings, world: World, tenant: TenantId, login: str, role: Role) -> Actor:
    """A person for whom the installation itself vouches: the key follows from its secret, and nobody types it.

    Raises:
        NotAllowedError: the person is no longer active.
    """
    key = vouched_key(settings.key, f"person/{login}")
    try:
        return _proven(world, tenant, login, key)
    except NotAllowedError:
        with owner_registry(settings) as registry, registry.open(tenant, "system:install") as unit:
            unit.users.ensure(login, role, key.get_secret_value())
    return _proven(world, tenant, login, key)


def vouched_key(installation_key: bytes, name: str) -> SecretStr:
    """The key by which the installation vouches for a person: it follows from its secret and a name."""
    return SecretStr(hmac.new(installation_key, name.encode(), "sha256").hexdigest())


def _proven(world: World, tenant: TenantId, login: str, key: SecretStr) -> Actor:
    with world.registry.open(tenant, login, key=key.get_secret_value()) as unit:
        user = unit.users.acting()
    return Actor(
        login=user.login,
        tenant_id=tenant,
        role=user.role,
        key=key,
        clients=user.clients,
        scope=user.scope,
        trace_id=world.clock.new_id(),
    )


@contextmanager
def owner_registry(settings: Settings) -> Iterator[Registry]:
    """The registry as the owner of its tables, for what comes before the first administrator.

    Raises:
        NotAllowedError: this process does not know the owner.
    """
    registry = Registry(_owner_url(database_addresses(settings)), secret_key=settings.key)
    try:
        yield registry
    finally:
        registry.close()


def _owner_url(addresses: Addresses) -> str:
    if addresses.owner_url is None:
        raise NotAllowedError("Only the owner of the registry may do this: set SMP_MIGRATION_URL.")
    return addresses.owner_url


class SchemaRevision(Frozen):
    """The revision the registry stands at, None where it is empty, and the one this program needs."""

    current: str | None
    newest: str = HEAD


def schema_revision(settings: Settings) -> SchemaRevision:
    """Where the registry's schema stands; nothing is changed."""
    return SchemaRevision(current=current_revision(with_driver(database_addresses(settings).app_url)))


def move_schema(settings: Settings, revision: str | None, *, upward: bool) -> SchemaRevision:
    """Takes the registry's schema up or down to a revision, the newest where none is named; where it stands then.

    Raises:
        NotAllowedError: this process does not know the owner.
        MigrationError: the revision cannot be reached.
    """
    addresses = database_addresses(settings)
    owner = with_driver(_owner_url(addresses))
    if not upward and revision:
        downgrade(owner, revision)
    elif revision and revision != HEAD:
        upgrade(owner, revision)
    else:
        migrate(owner, application_role=role_of(addresses.app_url))
    return SchemaRevision(current=current_revision(owner))


def standalone_sources() -> Sources:
    """Sources without a registry, for a look at a source or a match of two folders; sketches live in memory only."""
    return Sources(os.urandom(32), Policies().profile)


def peers() -> tuple[tuple[str, PeerMatcher], ...]:
    """Published matchers to be measured beside, by name; whether they are installed shows when they are asked."""
    return PEERS.items()


def source_kind(address: SourceAddress) -> str:
    """What kind of source an address names: ``file`` for a path, else the database's name in the URL.

    >>> source_kind(SourceAddress(location="mysql+pymysql://me@host/db")), source_kind(SourceAddress(location="exports/"))
    ('mysql', 'file')
    """
    scheme, found, _ = address.location.get_secret_value().partition("://")
    return scheme.partition("+")[0].lower() if found else "file"


@contextmanager
def dagster_environment(settings: Settings) -> Iterator[Path]:
    """Sets what Dagster reads from the environment while the block runs; gives DAGSTER_HOME."""
    wanted = {
        "DAGSTER_HOME": str(settings.dagster_home),
        "SMP_DAGSTER_PG_URL": database_addresses(settings).dagster_url,
        "SMP_HOME": str(settings.home.absolute()),
    }
    settings.dagster_home.mkdir(parents=True, exist_ok=True, mode=0o700)
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield settings.dagster_home
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def configure_logging(settings: Settings) -> None:
    """One JSON line an event on standard error, from the wanted level on."""
    level = logging.getLevelNamesMapping()[settings.log_level]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )


def language_model(settings: Settings) -> LanguageModel | None:
    """The configured language model; without an endpoint no question is asked."""
    if not settings.language_models:
        return None
    from schema_matching_pipeline.adapters.llm import ChatModel

    return ChatModel(settings.language_models, timeout_seconds=settings.llm_timeout_seconds)


def identity_provider(settings: Settings) -> IdentityProvider | None:
    """The provider by whose word people log in; None where none is set up. It is asked when somebody does."""
    terms = settings.identity_provider
    if terms is None:
        return None
    from schema_matching_pipeline.adapters.identity import OpenIdProvider

    return OpenIdProvider(terms)


def _embedder(settings: Settings) -> Embedder:
    """The chosen embedder; nothing is opened before the first text."""
    from schema_matching_pipeline.adapters.llm.embedders import HashedNgrams, LocalModel, OpenAICompatible

    if settings.embedder is EmbedderKind.LOCAL_MODEL and settings.embedding_path is not None:
        return LocalModel(settings.embedding_path)
    if settings.embedder is EmbedderKind.HASHED_NGRAMS or settings.embedding_api_key is None:
        return HashedNgrams()
    return OpenAICompatible(
        settings.embedding_api_key,
        settings.embedding_model,
        base_url=settings.embedding_base_url,
        price=settings.embedding_price,
        timeout_seconds=settings.embedding_timeout_seconds,
    )

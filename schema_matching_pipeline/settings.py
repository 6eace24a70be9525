"""All settings, read once from the environment (``SMP_...``) and from ``.env``.

What cannot be safe is refused here: an external database without a secret key of its own, or without a place
for Dagster's storage.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from schema_matching_pipeline.errors import ConfigurationError, SecretKeyError, UsageError
from schema_matching_pipeline.model.identity import Grant, ProviderTerms
from schema_matching_pipeline.model.llm import OPENAI_URL, LLMProvider, bare_url

KEY_BYTES = 32
_POSTGRESQL = re.compile(r"postgres(ql)?(\+\w+)?://(.*@)?(\[[^]]*\]|[^@:/?]*)(:[0-9]+)?([/?].*)?", re.DOTALL)
_HERE = re.compile(r"localhost|127(\.[0-9]{1,3}){3}|::1")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?")
_ISSUER = re.compile(r"(https://[^/?#@\s]+|http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?)(/[^?#\s]*)?")


class EmbedderKind(StrEnum):
    """What turns texts into vectors."""

    HASHED_NGRAMS = "hashed_ngrams"
    OPENAI_COMPATIBLE = "openai_compatible"
    LOCAL_MODEL = "local_model"


class Feature(StrEnum):
    """A part of the product that an installation may do without."""

    PIPELINE = "pipeline"
    """Runs: Dagster's assets, jobs, sensors and schedule, and what starts, resumes, cancels and tells of a run."""
    DESK = "desk"
    """The pages."""
    VALUE_BANK = "value_bank"
    """The page and the routes of what was learned of values; it is learned all the same."""


class Settings(BaseSettings):
    """Every setting, its default and its meaning; the variable is ``SMP_`` and the name in capitals."""

    model_config = SettingsConfigDict(env_prefix="SMP_", env_file=".env", extra="ignore", frozen=True)

    home: Path = Field(default=Path(".smp"), description="Where the installation keeps its data.")
    database_url: SecretStr | None = Field(
        default=None,
        description="An external PostgreSQL, as the application role; the embedded one without it.",
    )
    migration_url: SecretStr | None = Field(
        default=None,
        description="The same database, as its owner: for migrations and the first administrator; others leave it out.",
    )
    dagster_url: SecretStr | None = Field(
        default=None, description="Dagster's own database on an external server."
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description="64 hexadecimal digits that open stored credentials; made by itself for the embedded server.",
    )
    tenant: str = Field(default="default", description="The tenant the command line works in.")
    user: str | None = Field(
        default=None,
        description="The login of the person at the command line; on the embedded server the system's user without it.",
    )
    api_key: SecretStr | None = Field(default=None, description="What proves that login.")
    trust_file: Path = Field(
        default=Path("config/schema-matching.yml"),
        description="Trust profiles and risk classes; a named file must be there, no file in the usual place means the packaged ones.",
    )
    nightly_cron: str = Field(default="0 2 * * *", description="When every active client is profiled again.")
    timezone: str = Field(default="UTC", description="The time zone of that schedule.")
    watch_seconds: int | None = Field(
        default=None,
        ge=10,
        le=86_400,
        description="How often the files of clients are looked at, in folders and buckets; whose come or change, and rest until the next look, "
        "is profiled again. Without it the night does so.",
    )
    webserver_port: int = Field(
        default=3000, ge=1, le=65535, description="Where `smp up` serves the Dagster UI, on loopback."
    )
    dagster_path: str = Field(
        default="",
        pattern=r"^(/[A-Za-z0-9_-]+)*$",
        description="Where a proxy serves Dagster's UI to people who are logged in, such as `/dagster`; without it, it is on loopback alone.",
    )
    dagster_view_port: int = Field(
        default=3002,
        ge=1,
        le=65535,
        description="Where, with `SMP_DAGSTER_PATH`, `smp up` serves the Dagster UI in which nothing can be changed, on loopback.",
    )
    desk_port: int = Field(
        default=3001,
        ge=1,
        le=65535,
        description="Where `smp up` serves the pages and the REST interface, on loopback.",
    )
    desk_workers: int = Field(
        default=2,
        ge=1,
        le=16,
        description="How many processes serve the desk; each takes some 300 MB under load.",
    )
    desk_url: str | None = Field(
        default=None,
        description="How people reach the desk, for links in messages; its place on loopback without it.",
    )
    llm_base_url: str | None = Field(
        default=None,
        description="The OpenAI-compatible endpoint of a language model; OpenAI's own without it.",
    )
    llm_api_key: SecretStr | None = Field(
        default=None,
        description="Its key. Without one, and without `SMP_LLM_PROVIDERS`, no question is asked.",
    )
    llm_model: str = Field(default="gpt-4.1-mini", min_length=1, description="The model asked.")
    llm_prompt_price: float | None = Field(
        default=None, ge=0, description="What a million tokens of questions cost there."
    )
    llm_completion_price: float | None = Field(
        default=None, ge=0, description="What a million tokens of answers cost there."
    )
    llm_providers: Annotated[tuple[LLMProvider, ...], NoDecode] = Field(
        default=(),
        description="Instead of these, several endpoints in order, each with its own key, as JSON: "
        '`[{"base_url": "https://HOST/v1", "api_key": "KEY", "model": "NAME", "prompt_price": 0.4, "completion_price": 1.6}, ...]`; '
        "an endpoint of your own may need no key.",
    )
    llm_timeout_seconds: float = Field(default=60.0, gt=0, description="How long one answer may take.")
    embedder: EmbedderKind = Field(
        default=EmbedderKind.HASHED_NGRAMS,
        description="What turns names into vectors: `hashed_ngrams`, offline; `openai_compatible`, by an endpoint; or `local_model`, by a model in a folder.",
    )
    embedding_path: Path | None = Field(
        default=None,
        description="That folder, in the form of sentence-transformers; it needs the extra `embeddings`.",
    )
    embedding_base_url: str | None = Field(
        default=None, description="The OpenAI-compatible endpoint of that embedder; OpenAI's own without it."
    )
    embedding_api_key: SecretStr | None = Field(default=None, description="Its key.")
    embedding_model: str = Field(
        default="text-embedding-3-small", description="Its model; of 1536 dimensions, or fewer."
    )
    embedding_price: float | None = Field(
        default=None,
        ge=0,
        description="What a million of its tokens costs, in the currency of the prices of language models; without it only tokens are counted.",
    )
    embedding_timeout_seconds: float = Field(
        default=60.0, gt=0, description="How long one batch of vectors may take."
    )
    oidc_issuer: str | None = Field(
        default=None,
        description="The OpenID provider by whose word people may log in, as it names itself, such as `https://id.example.org/realms/staff`; nobody may without it.",
    )
    oidc_client_id: str | None = Field(default=None, description="What the provider knows this desk as.")
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="What the desk proves that with; without one PKCE alone does."
    )
    oidc_name: str = Field(
        default="",
        max_length=60,
        description="What the button on the login page calls the provider; its host without it.",
    )
    oidc_scopes: str = Field(
        default="openid email profile",
        min_length=1,
        description="What the provider is asked for, with blanks between.",
    )
    oidc_email_claim: str = Field(
        default="email",
        min_length=1,
        description="The claim of the identity token that holds a person's e-mail address; `email` counts where `email_verified` is true, another one at the provider's word.",
    )
    oidc_groups_claim: str = Field(
        default="groups", min_length=1, description="The claim that lists a person's groups."
    )
    oidc_groups: Annotated[dict[str, Grant], NoDecode] = Field(
        default={},
        description="What groups are worth, as JSON: "
        '`{"GROUP": {"role": "steward", "clients": ["acme"]}, ...}`; without clients all of them. Without it nobody is let in whom no administrator has added.',
    )
    oidc_session_minutes: int = Field(
        default=60,
        ge=5,
        le=720,
        description="How long a session on the pages lasts that was begun by the provider's word; then the browser is sent to it again, which "
        "lets in whom it still knows, by the groups of that moment.",
    )
    oidc_standing_minutes: int = Field(
        default=60,
        ge=5,
        le=43_200,
        description="How long keys, a password and sessions of a person whom groups let in count after the provider proved him last; never less "
        "than such a session lasts.",
    )
    oidc_timeout_seconds: float = Field(
        default=10.0, gt=0, description="How long the provider may take for an answer."
    )
    requests_per_minute: int = Field(
        default=1200,
        ge=1,
        description="How many requests one login may send in the long run; a quarter of it at once, then one hears 429.",
    )
    logins_per_minute: int = Field(
        default=120, ge=1, description="How many attempts to log in may come from one address."
    )
    streams_per_login: int = Field(
        default=20,
        ge=1,
        description="How many pages one login may have open that follow what happens, in each process that serves the desk.",
    )
    source_roots: Annotated[tuple[Path, ...], NoDecode] = Field(
        default=(),
        description="The folders that a client added by REST may have its files in, with colons between; without one none may. The command line is free.",
    )
    least_free_megabytes: int = Field(
        default=500,
        ge=0,
        description="With less room on the disk of SMP_HOME, `/readyz` says that the installation is not ready.",
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Web applications that browsers let ask the REST interface, as `https://HOST`, with commas between. They show a token or a key; "
        "no cookie goes with what they ask. Without it, none may.",
    )
    features: str = Field(
        default=",".join(Feature),
        description="What is switched on, with commas between. Without `pipeline` nothing runs, and Dagster is told of no assets; without `desk` there are "
        "no pages, without `value_bank` neither page nor routes of it. Places of what is off are not there (404).",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="WARNING", description="DEBUG, INFO, WARNING or ERROR."
    )

    @field_validator("database_url", "migration_url", "dagster_url")
    @classmethod
    def _is_a_postgresql_url(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not _names_postgresql(url.get_secret_value()):
            raise ValueError("it must be a URL such as postgresql://ROLE:PASSWORD@HOST:PORT/DATABASE")
        return url

    @field_validator("embedding_base_url")
    @classmethod
    def _is_a_bare_url(cls, url: str | None) -> str | None:
        return bare_url(url) if url else None

    @field_validator("timezone")
    @classmethod
    def _is_a_time_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"there is no time zone named {name!r}; Europe/Berlin is one") from None
        return name

    @field_validator("llm_providers", mode="before")
    @classmethod
    def _listed(cls, providers: object) -> object:
        if not isinstance(providers, str):
            return providers
        try:
            return json.loads(providers or "[]")
        except ValueError:
            raise ValueError('it must be JSON such as [{"model": "NAME", "api_key": "KEY"}]') from None

    @field_validator("oidc_issuer")
    @classmethod
    def _is_an_issuer(cls, issuer: str | None) -> str | None:
        if issuer is not None and not _ISSUER.fullmatch(issuer):
            raise ValueError(
                "it must be an address such as https://HOST/PATH; without encryption on this machine alone"
            )
        return issuer

    @field_validator("oidc_groups", mode="before")
    @classmethod
    def _mapped(cls, groups: object) -> object:
        if not isinstance(groups, str):
            return groups
        try:
            return json.loads(groups or "{}")
        except ValueError:
            raise ValueError('it must be JSON such as {"GROUP": {"role": "steward"}}') from None

    @field_validator("source_roots", mode="before")
    @classmethod
    def _whole_paths(cls, roots: object) -> object:
        if not isinstance(roots, str):
            return roots
        paths = tuple(Path(root) for root in roots.split(os.pathsep) if root)
        if not all(path.is_absolute() for path in paths):
            raise ValueError("they must be whole paths, from the root, with colons between")
        return paths

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _origins(cls, origins: object) -> object:
        if not isinstance(origins, str):
            return origins
        named = tuple(sorted(_named(origins)))
        if not all(_ORIGIN.fullmatch(origin) for origin in named):
            raise ValueError("they must be origins such as https://HOST, without a path, with commas between")
        return named

    @field_validator("features")
    @classmethod
    def _names_features(cls, features: str) -> str:
        unknown = sorted(_named(features) - set(Feature))
        if unknown:
            raise ValueError(f"there is no feature {', '.join(unknown)}; there are {', '.join(Feature)}")
        # A variable that was left empty says nothing.
        return features if _named(features) else ",".join(Feature)

    @field_validator("log_level", mode="before")
    @classmethod
    def _in_capitals(cls, level: object) -> object:
        return level.upper() if isinstance(level, str) else level

    @model_validator(mode="after")
    def _external_needs_all(self) -> Self:
        if self.database_url is None:
            return self
        missing = [
            f"SMP_{name.upper()}" for name in ("dagster_url", "secret_key") if getattr(self, name) is None
        ]
        if missing:
            raise ValueError(
                f"SMP_DATABASE_URL selects an external server; it also needs {', '.join(missing)}"
            )
        return self

    @model_validator(mode="after")
    def _one_way_to_name_models(self) -> Self:
        if self.llm_providers and self.llm_api_key is not None:
            raise ValueError("SMP_LLM_PROVIDERS and SMP_LLM_API_KEY are both set; keep one of them")
        if self.llm_api_key is not None:
            try:
                self._only_provider()
            except ValidationError as error:
                (mistake, *_) = error.errors()
                raise ValueError(
                    f"SMP_LLM_BASE_URL: {_said(mistake['msg'])}; several endpoints, each with its key, go into SMP_LLM_PROVIDERS"
                ) from None
        return self

    def _only_provider(self) -> LLMProvider:
        return LLMProvider(
            base_url=self.llm_base_url or OPENAI_URL,
            api_key=self.llm_api_key,
            model=self.llm_model,
            prompt_price=self.llm_prompt_price,
            completion_price=self.llm_completion_price,
        )

    @property
    def language_models(self) -> tuple[LLMProvider, ...]:
        """The endpoints that questions go to, in order; none where no language model is configured."""
        return (self._only_provider(),) if self.llm_api_key is not None else self.llm_providers

    @model_validator(mode="after")
    def _provider_needs_its_own(self) -> Self:
        if self.oidc_issuer is not None and not self.oidc_client_id:
            raise ValueError("SMP_OIDC_ISSUER names an identity provider; it also needs SMP_OIDC_CLIENT_ID")
        if self.oidc_issuer is None and (self.oidc_client_id or self.oidc_groups):
            raise ValueError("SMP_OIDC_CLIENT_ID and SMP_OIDC_GROUPS are nothing without SMP_OIDC_ISSUER")
        if self.oidc_groups and self.database_url is not None and not (self.user and self.api_key):
            raise ValueError(
                "SMP_OIDC_GROUPS lets the desk add people, which an administrator does: it also needs SMP_USER and SMP_API_KEY of one"
            )
        return self

    @model_validator(mode="after")
    def _says_how_safe_the_line_is(self) -> Self:
        named = [
            f"SMP_{name.upper()}"
            for name in ("database_url", "migration_url", "dagster_url")
            if (url := getattr(self, name)) is not None and _leaves_open_how_safe(url.get_secret_value())
        ]
        if named and "PGSSLMODE" not in os.environ:
            raise ValueError(
                f"{', '.join(named)}: the server is elsewhere, and nothing says how safe the line to it is. Add ?sslmode=verify-full&sslrootcert=system "
                "(or the file of its authority in place of system), or another sslmode that you accept"
            )
        return self

    @property
    def identity_provider(self) -> ProviderTerms | None:
        """What was agreed upon with the identity provider; None where there is none."""
        if self.oidc_issuer is None or self.oidc_client_id is None:
            return None
        return ProviderTerms(
            issuer=self.oidc_issuer,
            client_id=self.oidc_client_id,
            client_secret=self.oidc_client_secret,
            name=self.oidc_name or urlsplit(self.oidc_issuer).hostname or self.oidc_issuer,
            scopes=self.oidc_scopes,
            email_claim=self.oidc_email_claim,
            groups_claim=self.oidc_groups_claim,
            timeout_seconds=self.oidc_timeout_seconds,
        )

    @model_validator(mode="after")
    def _embedder_needs_its_own(self) -> Self:
        if self.embedder is EmbedderKind.OPENAI_COMPATIBLE and self.embedding_api_key is None:
            raise ValueError("SMP_EMBEDDER selects an endpoint; it also needs SMP_EMBEDDING_API_KEY")
        if self.embedder is EmbedderKind.LOCAL_MODEL and not (
            self.embedding_path and (self.embedding_path / "modules.json").is_file()
        ):
            raise ValueError(
                "SMP_EMBEDDER selects a model in a folder; SMP_EMBEDDING_PATH must name one that holds modules.json"
            )
        return self

    @property
    def embedded(self) -> bool:
        """Whether the embedded PostgreSQL is used."""
        return self.database_url is None

    @property
    def desk_address(self) -> str:
        """What links to the desk begin with."""
        return (self.desk_url or f"http://127.0.0.1:{self.desk_port}").rstrip("/")

    @property
    def dagster_address(self) -> str:
        """What links to Dagster's UI begin with: behind the proxy where there is one, else on loopback."""
        if self.dagster_path:
            return f"{self.desk_address}{self.dagster_path}"
        return f"http://127.0.0.1:{self.webserver_port}"

    @property
    def dagster_home(self) -> Path:
        """The folder Dagster calls DAGSTER_HOME."""
        return self.home.absolute() / "dagster"

    @property
    def on(self) -> frozenset[Feature]:
        """The features that are switched on."""
        return frozenset(Feature(name) for name in _named(self.features))

    def require(self, feature: Feature) -> None:
        """Passes where a feature is on.

        Raises:
            UsageError: it is off.
        """
        if feature not in self.on:
            raise UsageError(
                f"The feature {feature} is switched off here. To switch it on, name it in SMP_FEATURES."
            )

    @cached_property
    def key(self) -> bytes:
        """The 32 bytes of the installation secret; generated once for the embedded server.

        Raises:
            SecretKeyError: the key is not 64 hexadecimal digits, or cannot be read.
        """
        if self.secret_key is not None:
            return _parse_key(self.secret_key.get_secret_value(), "SMP_SECRET_KEY")
        path = self.home.absolute() / "secret.key"
        return (
            _parse_key(path.read_text(encoding="ascii").strip(), str(path))
            if path.exists()
            else _generate_key(path)
        )


def load_settings() -> Settings:
    """The settings of this process.

    Raises:
        ConfigurationError: some are wrong; all are listed.
    """
    try:
        return Settings()
    except ValidationError as error:
        mistakes = [f"{_variable(problem['loc'])}{_said(problem['msg'])}" for problem in error.errors()]
        raise ConfigurationError("The environment", mistakes) from None


def _variable(place: tuple[int | str, ...]) -> str:
    """The variable that is wrong, and the place in it; what several together lack names them itself."""
    if not place:
        return ""
    variable, *inside = place
    return f"SMP_{str(variable).upper()}: " + "".join(f"{part}: " for part in inside)


def _said(message: str) -> str:
    return message.removeprefix("Value error, ")  # Pydantic's word for "it was we who said so"


def _named(features: str) -> set[str]:
    return {name.strip() for name in features.split(",")} - {""}


def _leaves_open_how_safe(url: str) -> bool:
    """Whether a URL leads to another machine and does not say by which kind of line.

    >>> _leaves_open_how_safe("postgresql://app:x@db.example/smp")
    True
    >>> _leaves_open_how_safe("postgresql://app:x@db.example/smp?sslmode=verify-full")
    False
    >>> _leaves_open_how_safe("postgresql://app:x@127.0.0.1:5432/smp")
    False
    >>> _leaves_open_how_safe("postgresql://app:x@/smp?host=/run/postgresql")
    False
    """
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    hosts = ",".join([parts.hostname or "", *asked.get("host", ())]).split(",")
    return "sslmode" not in asked and any(
        host and not host.startswith("/") and not _HERE.fullmatch(host) for host in hosts
    )


def _names_postgresql(url: str) -> bool:
    """Whether a URL is one of PostgreSQL's, as far as that can be told without a driver."""
    return _POSTGRESQL.fullmatch(url) is not None


def _parse_key(text: str, where: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise SecretKeyError(
            f"{where} must hold 64 hexadecimal digits; make one with `openssl rand -hex 32`."
        )
    return key


def _generate_key(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = secrets.token_bytes(KEY_BYTES)
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(key.hex(), encoding="ascii")
    try:
        path.hardlink_to(draft)  # atomic: of two processes that start at once, the first one's key stands
    except FileExistsError:
        key = _parse_key(path.read_text(encoding="ascii").strip(), str(path))
    finally:
        draft.unlink()
    return key

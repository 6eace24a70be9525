"""World: everything a workflow may reach, married together by ``runtime``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import SecretStr

from schema_matching_pipeline.model.policy import (
    ClassificationPolicy,
    MatchPolicy,
    ProfilePolicy,
    QualityPolicy,
    ReviewPolicy,
    ValidationPolicy,
)
from schema_matching_pipeline.model.trust import TrustConfig
from schema_matching_pipeline.ports import (
    ChannelOpener,
    Clock,
    Embedder,
    IdentityProvider,
    LanguageModel,
    SourceOpener,
    SuiteRunner,
)
from schema_matching_pipeline.registry import Registry

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done, and how many there are."""


def silent(what: str, done: int, total: int) -> None:
    """The progress nobody watches."""


@dataclass(frozen=True)
class Policies:
    """Every number that decides, by room."""

    profile: ProfilePolicy = field(default_factory=ProfilePolicy)
    quality: QualityPolicy = field(default_factory=QualityPolicy)
    classification: ClassificationPolicy = field(default_factory=ClassificationPolicy)
    match: MatchPolicy = field(default_factory=MatchPolicy)
    validation: ValidationPolicy = field(default_factory=ValidationPolicy)
    review: ReviewPolicy = field(default_factory=ReviewPolicy)


@dataclass(frozen=True)
class World:
    """The registry and the ports. ``model`` is None where no language model is configured, ``identity`` likewise.

    ``hash_value`` is the keyed hash of the installation's sketches, for values that are known beforehand;
    ``vouched_key`` is the key by which it vouches for a person whom somebody else has proven; ``desk_address`` is what
    links to the pages begin with.
    """

    registry: Registry
    sources: SourceOpener
    suites: SuiteRunner
    channels: ChannelOpener
    clock: Clock
    trust: TrustConfig
    hash_value: Callable[[str], int]
    vouched_key: Callable[[str], SecretStr]
    embedder: Embedder
    desk_address: str
    policies: Policies = field(default_factory=Policies)
    model: LanguageModel | None = None
    identity: IdentityProvider | None = None

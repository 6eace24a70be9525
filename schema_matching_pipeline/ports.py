"""Every door to the outside: Protocols of a few methods, implemented by adapters, married in ``runtime``.

There is a port only where the outside has more than one face. Our own database is not among them: it is
part of the product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from schema_matching_pipeline.errors import SourceError
from schema_matching_pipeline.model.bench import TaskSide
from schema_matching_pipeline.model.identity import Journey, OutsidePerson
from schema_matching_pipeline.model.llm import LLMRequest, LLMResponse, TokenUse
from schema_matching_pipeline.model.measurement import ProfilePlan, ReadsMeasurement, TableMeasurement
from schema_matching_pipeline.model.notification import Message
from schema_matching_pipeline.model.profile import TableProfile
from schema_matching_pipeline.model.rule_trial import RuleToTry, RuleTrial
from schema_matching_pipeline.model.source import ColumnRef, ConnectionTest, SourceAddress, SourceSnapshot
from schema_matching_pipeline.model.validation import ExpectationSuite, SuiteResult

EMBEDDING_DIMENSIONS = 1536
"""Of every vector, whatever model made it; the registry has one column for them all."""


class SourceConnector(Protocol):
    """An open source, read-only where the engine can be told so."""

    def snapshot(self) -> SourceSnapshot:
        """Tables, columns, keys and comments; tables that cannot be read are listed as troubles.

        Raises:
            SourceError: nothing at all can be listed.
        """
        ...

    def measure(self, plan: ProfilePlan) -> TableMeasurement:
        """Raw figures of one table.

        Raises:
            SourceError: the table cannot be read (any more).
        """
        ...


@runtime_checkable
class MeasuresMany(Protocol):
    """What a source connector may offer beside: to measure many tables in less time than one by one."""

    def measure_each(
        self, plans: Sequence[ProfilePlan], begins: Callable[[ProfilePlan], None], read: ReadsMeasurement
    ) -> Iterator[tuple[ProfilePlan, TableMeasurement | TableProfile | SourceError]]:
        """Raw figures of each table, or what ``read`` made of them elsewhere, or why it cannot be read; in any order.

        Told of each table that it ``begins`` with.
        """
        ...


@runtime_checkable
class KnownByContent(Protocol):
    """What a source connector may offer beside: to tell cheaply and surely which tables are what they were."""

    def content_marks(self) -> Mapping[str, str]:
        """A text for each table that stays the same while its rows do; tables it cannot tell of are left out.

        Raises:
            SourceError: the source cannot be read.
        """
        ...


class SourceOpener(Protocol):
    """Opens sources of every kind by their address."""

    def test(self, address: SourceAddress) -> ConnectionTest:
        """Whether the source answers, in words for a person; never raises for a source's trouble."""
        ...

    def values(self, address: SourceAddress, ref: ColumnRef, *, rows: int, most: int) -> tuple[str, ...]:
        """Up to ``most`` different values of a column as they are, among so many rows; for a person's eyes alone.

        Raises:
            SourceError: the column cannot be read.
        """
        ...

    def listing_mark(self, address: SourceAddress) -> str | None:
        """What stays the same while no file of the source comes, goes or is written; None where no listing tells of that.

        Raises:
            SourceError: the source cannot be listed.
        """
        ...

    def open(self, address: SourceAddress) -> AbstractContextManager[SourceConnector]:
        """The source, open until the block ends.

        Raises:
            SourceError: it cannot be opened.
        """
        ...


class SuiteRunner(Protocol):
    """Puts the questions of a suite to a client's data."""

    def run(self, address: SourceAddress, suite: ExpectationSuite) -> SuiteResult:
        """One result for every expectation, in the suite's order.

        Raises:
            SourceError: the source as a whole cannot be opened.
        """
        ...

    def try_rule(self, address: SourceAddress, asked: RuleToTry) -> RuleTrial:
        """What a rule makes of a column's values, and how many end in nothing that the field can hold.

        Raises:
            SourceError: the source cannot be opened, its rows must not leave it, or the column is gone.
        """
        ...


class LanguageModel(Protocol):
    """Answers questions; several providers may stand behind it."""

    @property
    def model(self) -> str:
        """The name of the model that is asked first; what is kept of another's answers does not count for it."""
        ...

    def ask(self, request: LLMRequest) -> LLMResponse:
        """One answer.

        Raises:
            QuestionRefusedError: none answered this question; another may be answered.
            LanguageModelError: no provider can be asked now.
        """
        ...


@dataclass(frozen=True)
class Embedded:
    """Vectors as a matrix, texts x 1536, rows of length one; and what they took, nothing where no endpoint was asked.

    ``cost`` is None where an endpoint's price is not known.
    """

    vectors: npt.NDArray[np.float32]
    use: TokenUse = field(default_factory=TokenUse)
    cost: float | None = 0.0


class Embedder(Protocol):
    """Turns texts into vectors of 1536 dimensions; vectors of two models are never compared."""

    @property
    def model(self) -> str:
        """Names the model, as stored beside every vector."""
        ...

    @property
    def is_outside(self) -> bool:
        """Whether texts leave the installation to be embedded."""
        ...

    @property
    def provider(self) -> str:
        """The URL that texts go to; empty where they stay."""
        ...

    def embed(self, texts: Sequence[str]) -> Embedded:
        """One vector for each text.

        Raises:
            LanguageModelError: no vectors are to be had.
        """
        ...


class NotificationChannel(Protocol):
    """One way to people."""

    def send(self, message: Message) -> None:
        """Hands the message over.

        Raises:
            NotificationError: it could not be handed over; trying again may help.
        """
        ...


class ChannelOpener(Protocol):
    """Opens channels of the kinds there are."""

    def kinds(self) -> tuple[str, ...]:
        """The names of the kinds."""
        ...

    def shown(self, kind: str, options: Mapping[str, str]) -> str:
        """As much of the options as is no secret, once they are known to be whole.

        Raises:
            UnknownNameError: there is no such kind.
            BadDecisionError: an option is missing, unknown or wrong.
        """
        ...

    def open(self, kind: str, options: Mapping[str, str]) -> NotificationChannel:
        """The channel that the options describe."""
        ...


class IdentityProvider(Protocol):
    """Knows people by proofs of its own."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    def way(self, journey: Journey) -> str:
        """The address of the provider that a browser is sent to.

        Raises:
            IdentityError: it does not answer.
        """
        ...

    def person(self, journey: Journey, code: str) -> OutsidePerson:
        """The person who came back from the journey with that code.

        Raises:
            NotKnownError: the code, or what the provider says for it, does not count.
            IdentityError: it does not answer, or refuses this installation.
        """
        ...


class Clock(Protocol):
    """The time, and identifiers that no content determines."""

    def now(self) -> datetime:
        """The present moment, with its time zone."""
        ...

    def new_id(self) -> str:
        """A fresh UUID as text."""
        ...


class PeerMatcher(Protocol):
    """A published matcher with its default settings, to be measured beside."""

    def __call__(self, source: TaskSide, target: TaskSide) -> Iterator[tuple[ColumnRef, ColumnRef, float]]:
        """Pairs of a source and a target column with a score in 0..1, in no order.

        Raises:
            MissingExtraError: its package is not installed.
            MissingDataError: what its package fetches for itself is not there.
        """
        ...

"""Questions to a language model and its answers, as values."""

from __future__ import annotations

import re
from enum import StrEnum

from pydantic import Field, SecretStr, field_validator

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import content_id
from schema_matching_pipeline.model.source import ColumnRef

OPENAI_URL = "https://api.openai.com/v1"
PRICED_TOKENS = 1_000_000
"""So many tokens a price is for, as providers give it."""
MOST_TOKENS = 1_000_000_000
"""No answer takes more, whatever an endpoint says."""
LETTERS_A_TOKEN = 4
_URL = re.compile(r"https?://[^/?#\s]")
_BARE_URL = re.compile(r"https?://[^@/?#,\s]+(/[^@?#,\s]*)?")


class Told(StrEnum):
    """A kind of evidence about a column that may leave the installation, or may not."""

    NAMES = "names"
    TYPES = "types"
    STATISTICS = "statistics"
    PATTERNS = "patterns"
    COMMENTS = "comments"
    MASKED_VALUES = "masked_values"


USUALLY_TOLD = (Told.NAMES, Told.TYPES, Told.STATISTICS, Told.PATTERNS)
"""What is told where somebody says no more than that a model may be asked."""


class LLMPolicy(Frozen):
    """What may leave about the columns of a client, and how much may be spent in a calendar month (UTC).

    Where nothing is told, nothing is asked. ``monthly_cost`` is in the currency of the prices; None for no bound.
    """

    told: tuple[Told, ...] = ()
    monthly_tokens: int = Field(default=1_000_000, ge=0)
    monthly_cost: float | None = Field(default=None, ge=0)

    def bears(self, used: LLMUse, tokens: int) -> bool:
        """Whether the month's budget bears a question of so many tokens, after what was used."""
        cheap = self.monthly_cost is None or used.cost < self.monthly_cost
        return used.tokens + tokens <= self.monthly_tokens and cheap


class LLMUse(Frozen):
    """What questions took: how often was asked, with what outcome, tokens, and the cost as far as it is known."""

    calls: int = 0
    answered: int = 0
    unusable: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    unpriced: int = 0

    @property
    def tokens(self) -> int:
        """Those of questions and answers."""
        return self.prompt_tokens + self.completion_tokens

    def with_call(self, call: LLMCall) -> LLMUse:
        """The same and one question more."""
        outcome = str(call.outcome)
        return self.but(
            calls=self.calls + 1,
            **{outcome: getattr(self, outcome) + 1},
            prompt_tokens=self.prompt_tokens + call.use.prompt_tokens,
            completion_tokens=self.completion_tokens + call.use.completion_tokens,
            cost=self.cost + (call.cost or 0.0),
            unpriced=self.unpriced + (call.cost is None and call.outcome is not CallOutcome.FAILED),
        )


class LLMProvider(Frozen):
    """One endpoint that speaks the OpenAI protocol, with the key that is its own, the model asked and what that costs.

    Prices are per million tokens, in whatever currency all of them are given; without them nothing is known of the cost.
    """

    base_url: str = OPENAI_URL
    api_key: SecretStr | None = None
    model: str = Field(min_length=1)
    prompt_price: float | None = Field(default=None, ge=0)
    completion_price: float | None = Field(default=None, ge=0)

    @field_validator("base_url")
    @classmethod
    def _is_a_bare_url(cls, url: str) -> str:
        """The URL stands in answers, records and messages, so it holds no secret."""
        return bare_url(url)

    def cost_of(self, use: TokenUse) -> float | None:
        """What an answer cost; None where a price is not known.

        >>> LLMProvider(model="m", prompt_price=2, completion_price=8).cost_of(TokenUse(prompt_tokens=500_000))
        1.0
        """
        if self.prompt_price is None or self.completion_price is None:
            return None
        spent = use.prompt_tokens * self.prompt_price + use.completion_tokens * self.completion_price
        return spent / PRICED_TOKENS


def bare_url(url: str) -> str:
    """The URL of an endpoint, without a slash at its end.

    Raises:
        ValueError: it is no URL, or holds what may be a secret.
    """
    if not _URL.match(url):
        raise ValueError("it must be one URL such as https://HOST/v1")
    if not _BARE_URL.fullmatch(url):
        raise ValueError(
            "it must hold no user, password, query or second URL; the key has a place of its own"
        )
    return url.rstrip("/")


class LLMRequest(Frozen):
    """One question: the prompt's name and version, the text, and the JSON Schema of the wanted answer."""

    prompt: str
    prompt_version: str
    system: str
    user: str
    answer_schema: str
    max_tokens: int = 4096

    @property
    def estimated_tokens(self) -> int:
        """About how many tokens it takes to ask."""
        return estimated_tokens(self.system + self.user + self.answer_schema)


def estimated_tokens(text: str) -> int:
    """About how many tokens a text has, rather too many.

    >>> estimated_tokens("patient")
    2
    """
    return len(text) // LETTERS_A_TOKEN + 1


class TokenUse(Frozen):
    """What an answer took."""

    prompt_tokens: int = Field(default=0, ge=0, le=MOST_TOKENS)
    completion_tokens: int = Field(default=0, ge=0, le=MOST_TOKENS)


class LLMResponse(Frozen):
    """One answer as text (JSON by the wanted schema), who gave it, and its cost where that is known."""

    request_digest: str
    provider: str
    model: str
    text: str
    use: TokenUse = TokenUse()
    cost: float | None = None


class ColumnQuestion(Frozen):
    """What is asked about one column: what is told of it, as a JSON object, beside what all columns share.

    Whether the column is told by its name is for the policy to say, so ``ref`` leaves with no question.
    """

    ref: ColumnRef
    prompt: str
    prompt_version: str
    system: str
    shared: str
    told: str

    @property
    def digest(self) -> str:
        """Identifies what is asked: the same of two columns alike."""
        return content_id(self.prompt, self.prompt_version, self.system, self.shared, self.told)


class ColumnAnswer(Frozen):
    """What a model said of one column, as the JSON it was asked for; or why it said nothing that can be used."""

    ref: ColumnRef
    text: str | None = None
    why_not: str = ""


class KeptAnswer(Frozen):
    """An answer about one column by the digest of its question, kept so that the same is not asked again."""

    digest: str
    prompt: str
    prompt_version: str
    provider: str
    model: str
    text: str


class CallOutcome(StrEnum):
    """What became of a question."""

    ANSWERED = "answered"
    UNUSABLE = "unusable"
    FAILED = "failed"


class LLMCall(Frozen):
    """The record of one question as it left, and what came of it."""

    request: LLMRequest
    columns: int
    told: tuple[Told, ...]
    outcome: CallOutcome
    provider: str = ""
    model: str = ""
    use: TokenUse = TokenUse()
    cost: float | None = None

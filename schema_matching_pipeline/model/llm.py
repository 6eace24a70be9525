"""Questions to a language model and its answers, as values."""

from __future__ import annotations

import re

from pydantic import Field, SecretStr, field_validator

from schema_matching_pipeline.model.base import Frozen

OPENAI_URL = "https://api.openai.com/v1"
PRICED_TOKENS = 1_000_000
"""So many tokens a price is for, as providers give it."""
MOST_TOKENS = 1_000_000_000
"""No answer takes more, whatever an endpoint says."""
LETTERS_A_TOKEN = 4
_URL = re.compile(r"https?://[^/?#\s]")
_BARE_URL = re.compile(r"https?://[^@/?#,\s]+(/[^@?#,\s]*)?")


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
        if not _URL.match(url):
            raise ValueError("it must be one URL such as https://HOST/v1")
        if not _BARE_URL.fullmatch(url):
            raise ValueError(
                "it must hold no user, password, query or second URL; the key has a place of its own"
            )
        return url.rstrip("/")

    def cost_of(self, use: TokenUse) -> float | None:
        """What an answer cost; None where a price is not known.

        >>> LLMProvider(model="m", prompt_price=2, completion_price=8).cost_of(TokenUse(prompt_tokens=500_000))
        1.0
        """
        if self.prompt_price is None or self.completion_price is None:
            return None
        spent = use.prompt_tokens * self.prompt_price + use.completion_tokens * self.completion_price
        return spent / PRICED_TOKENS


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

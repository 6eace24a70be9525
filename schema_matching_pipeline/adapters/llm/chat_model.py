"""Asks OpenAI-compatible endpoints, in order, until one answers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from schema_matching_pipeline.adapters.llm.endpoint import (
    RETRIES,
    is_passing,
    open_endpoint,
    wanted_wait,
    with_patience,
)
from schema_matching_pipeline.errors import LanguageModelError, QuestionRefusedError
from schema_matching_pipeline.model.llm import (
    LLMProvider,
    LLMRequest,
    LLMResponse,
    TokenUse,
    estimated_tokens,
)

if TYPE_CHECKING:
    from openai import OpenAI, OpenAIError

REST_SECONDS = 60.0
"""So long a provider that failed is left alone, unless it wants longer; then it is tried again."""
LONGEST_REST_SECONDS = 3600.0


class ChatModel:
    """The language model behind one or several endpoints; nothing is opened before the first question."""

    def __init__(
        self,
        providers: Sequence[LLMProvider],
        *,
        timeout_seconds: float = 60.0,
        retries: int = RETRIES,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._doors = [_Door(provider, timeout_seconds, retries, now) for provider in providers]

    @property
    def model(self) -> str:
        """The name of the model that is asked first."""
        return self._doors[0].provider.model

    def ask(self, request: LLMRequest) -> LLMResponse:
        """The first provider's answer, as text; that it fits the wanted schema is for the asker to check.

        Each provider is tried with back-off where it is busy or broken, then passed over, and left alone for a while.

        Raises:
            QuestionRefusedError: none answered this question; another one may be answered.
            LanguageModelError: no provider can be asked now; each is named with its kind of failure.
        """
        failures = []
        for door in self._doors:
            try:
                return door.ask(request)
            except _NoAnswerError as error:
                failures.append(f"{door.provider.base_url}: {error}")
        kind = LanguageModelError if all(door.is_resting for door in self._doors) else QuestionRefusedError
        raise kind(f"No language model answered ({'; '.join(failures)}). The offline answer stands.")


class _NoAnswerError(Exception):
    """A provider gave no answer; the next one is asked."""


class _Door:
    """One provider, and until when it is left alone."""

    def __init__(
        self, provider: LLMProvider, timeout_seconds: float, retries: int, now: Callable[[], float]
    ) -> None:
        self.provider = provider
        self._timeout_seconds = timeout_seconds
        self._retries = retries
        self._now = now
        self._rests_until = float("-inf")
        self._opened: OpenAI | None = None

    @property
    def is_resting(self) -> bool:
        return self._now() < self._rests_until

    def ask(self, request: LLMRequest) -> LLMResponse:
        from openai import OpenAIError

        if self.is_resting:
            left = self._rests_until - self._now()
            raise _NoAnswerError(f"left alone for {left:.0f} s more, since it failed")
        try:
            return with_patience(lambda: self._ask_once(request), self._retries)
        except OpenAIError as error:
            self._leave_alone(error)
            raise _NoAnswerError(type(error).__name__) from None
        except ValueError:
            raise _NoAnswerError("an answer that is no JSON") from None

    def _leave_alone(self, error: OpenAIError) -> None:
        """Not for what it has against one question: too long, say, or of a kind it does not take."""
        status = getattr(error, "status_code", None)
        if status is None or is_passing(status) or status in {401, 402, 403, 404}:
            rest = max(REST_SECONDS, wanted_wait(error) or 0.0)
            self._rests_until = self._now() + min(rest, LONGEST_REST_SECONDS)

    def _ask_once(self, request: LLMRequest) -> LLMResponse:
        answer = self._client().chat.completions.create(
            model=self.provider.model,
            messages=[
                {"role": "system", "content": request.system},
                {"role": "user", "content": request.user},
            ],
            response_format={
                "type": "json_schema",
                "json_schema": {
                    "name": request.prompt,
                    "schema": json.loads(request.answer_schema),
                    "strict": True,
                },
            },
            max_completion_tokens=request.max_tokens,
            temperature=0,
        )
        try:
            text, used = answer.choices[0].message.content, answer.usage
            if not isinstance(text, str) or not text:
                raise _NoAnswerError("an empty answer")
            use = TokenUse(
                prompt_tokens=used.prompt_tokens if used else request.estimated_tokens,
                completion_tokens=used.completion_tokens if used else estimated_tokens(text),
            )
        except (AttributeError, IndexError, TypeError, ValueError):  # the library checks no answer
            raise _NoAnswerError("an answer that is none of the protocol") from None
        return LLMResponse(
            request_digest=request.fingerprint(),
            provider=self.provider.base_url,
            model=self.provider.model,
            text=text,
            use=use,
            cost=self.provider.cost_of(use),
        )

    def _client(self) -> OpenAI:
        if self._opened is None:
            self._opened = open_endpoint(self.provider.base_url, self.provider.api_key, self._timeout_seconds)
        return self._opened

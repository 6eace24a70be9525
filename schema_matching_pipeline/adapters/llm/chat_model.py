"""Asks OpenAI-compatible endpoints, in order, until one answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from schema_matching_pipeline.errors import LanguageModelError
from schema_matching_pipeline.model.llm import LLMRequest, LLMResponse, TokenUse

if TYPE_CHECKING:
    from openai import OpenAI

DEFAULT_URL = "https://api.openai.com/v1"
RETRIES = 2


class ChatModel:
    """The language model behind one or several endpoints; nothing is opened before the first question."""

    def __init__(
        self,
        api_key: str,
        model: str,
        *,
        base_urls: tuple[str, ...] = (),
        timeout_seconds: float = 60.0,
        retries: int = RETRIES,
    ) -> None:
        self._api_key = api_key
        self._model = model
        self._base_urls = base_urls or (DEFAULT_URL,)
        self._timeout_seconds = timeout_seconds
        self._retries = retries
        self._clients: dict[str, OpenAI] = {}

    def ask(self, request: LLMRequest) -> LLMResponse:
        """The first provider's answer, as text; that it fits the wanted schema is for the asker to check.

        Each provider is tried with back-off where it is busy or broken, then passed over.

        Raises:
            LanguageModelError: no provider answered; each is named with its kind of failure.
        """
        from openai import OpenAIError

        failures = []
        for base_url in self._base_urls:
            try:
                return self._ask_one(base_url, request)
            except OpenAIError as error:
                failures.append(f"{base_url}: {type(error).__name__}")
            except EmptyAnswerError:
                failures.append(f"{base_url}: an empty answer")
            except ValueError:
                failures.append(f"{base_url}: an answer that is no JSON")
        raise LanguageModelError(
            f"No language model answered ({'; '.join(failures)}). The offline answer stands."
        )

    def _ask_one(self, base_url: str, request: LLMRequest) -> LLMResponse:
        answer = self._client(base_url).chat.completions.create(
            model=self._model,
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
        text = answer.choices[0].message.content if answer.choices else None
        if not text:
            raise EmptyAnswerError
        used = answer.usage
        return LLMResponse(
            request_digest=request.fingerprint(),
            provider=base_url,
            model=answer.model or self._model,
            text=text,
            use=TokenUse(prompt_tokens=used.prompt_tokens, completion_tokens=used.completion_tokens)
            if used
            else TokenUse(),
        )

    def _client(self, base_url: str) -> OpenAI:
        from openai import OpenAI

        if base_url not in self._clients:
            self._clients[base_url] = OpenAI(
                api_key=self._api_key,
                base_url=base_url,
                timeout=self._timeout_seconds,
                max_retries=self._retries,
            )
        return self._clients[base_url]


class EmptyAnswerError(Exception):
    """A provider answered without a text; the next one is asked."""

"""Vectors of an endpoint that speaks the OpenAI embeddings protocol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from pydantic import SecretStr

from schema_matching_pipeline.adapters.llm.embedders.fitted import fitted
from schema_matching_pipeline.adapters.llm.endpoint import RETRIES, open_endpoint, with_patience
from schema_matching_pipeline.errors import LanguageModelError
from schema_matching_pipeline.model.llm import OPENAI_URL, LLMProvider, TokenUse, estimated_tokens
from schema_matching_pipeline.ports import EMBEDDING_DIMENSIONS, Embedded

if TYPE_CHECKING:
    from openai import OpenAI

BATCH_SIZE = 256


class OpenAICompatible:
    """Asks one endpoint, batch by batch; a model of fewer dimensions is padded with zeros, one of more is refused."""

    def __init__(
        self,
        api_key: SecretStr,
        model: str,
        *,
        base_url: str | None = None,
        price: float | None = None,
        timeout_seconds: float = 60.0,
        retries: int = RETRIES,
        batch_size: int = BATCH_SIZE,
    ) -> None:
        self._api_key = api_key
        self._provider = LLMProvider(
            base_url=base_url or OPENAI_URL, model=model, prompt_price=price, completion_price=price
        )
        self._timeout_seconds = timeout_seconds
        self._retries = retries
        self._batch_size = batch_size
        self._opened: OpenAI | None = None

    @property
    def model(self) -> str:
        """The endpoint's name of the model."""
        return self._provider.model

    @property
    def is_outside(self) -> bool:
        """Texts go to the endpoint."""
        return True

    @property
    def provider(self) -> str:
        """The endpoint's URL."""
        return self._provider.base_url

    def embed(self, texts: Sequence[str]) -> Embedded:
        """One row of length one for each text, and the tokens that the endpoint counted; each batch is tried again where the endpoint is busy or broken.

        Raises:
            LanguageModelError: the endpoint gave no vectors, or such as cannot be stored.
        """
        batches = [
            self._ask(texts[start : start + self._batch_size])
            for start in range(0, len(texts), self._batch_size)
        ]
        empty = np.zeros((0, EMBEDDING_DIMENSIONS), dtype=np.float32)
        use = TokenUse(prompt_tokens=sum(tokens for _, tokens in batches))
        vectors = np.concatenate([empty, *(vectors for vectors, _ in batches)])
        return Embedded(vectors, use, self._provider.cost_of(use))

    def _ask(self, texts: Sequence[str]) -> tuple[npt.NDArray[np.float32], int]:
        from openai import OpenAIError

        try:
            answer = with_patience(
                lambda: self._client().embeddings.create(
                    model=self._provider.model, input=list(texts), encoding_format="float"
                ),
                self._retries,
            )
            given = {each.index: each.embedding for each in answer.data}
            vectors = np.asarray([given[place] for place in range(len(texts))], dtype=np.float32)
            tokens = answer.usage.prompt_tokens if answer.usage else sum(map(estimated_tokens, texts))
            use = TokenUse(prompt_tokens=tokens)
        except OpenAIError as error:
            raise self._fault(type(error).__name__) from None
        except (KeyError, TypeError, ValueError, AttributeError):  # fewer, uneven, or none at all
            raise self._fault("an answer that is not one vector a text") from None
        try:
            return fitted(vectors), use.prompt_tokens
        except ValueError as error:
            raise self._fault(str(error)) from None

    def _fault(self, what: str) -> LanguageModelError:
        return LanguageModelError(
            f"No vectors from {self._provider.model} at {self._provider.base_url}: {what}."
        )

    def _client(self) -> OpenAI:
        if self._opened is None:
            self._opened = open_endpoint(self._provider.base_url, self._api_key, self._timeout_seconds)
        return self._opened

"""Questions to a language model and its answers, as values."""

from __future__ import annotations

from schema_matching_pipeline.model.base import Frozen


class LLMRequest(Frozen):
    """One question: the prompt's name and version, the text, and the JSON Schema of the wanted answer."""

    prompt: str
    prompt_version: str
    system: str
    user: str
    answer_schema: str
    max_tokens: int = 4096


class TokenUse(Frozen):
    """What an answer cost."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


class LLMResponse(Frozen):
    """One answer as text (JSON by the wanted schema), who gave it, and its cost."""

    request_digest: str
    provider: str
    model: str
    text: str
    use: TokenUse = TokenUse()

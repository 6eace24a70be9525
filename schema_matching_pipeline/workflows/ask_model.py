"""Puts questions to a language model: cached by content, asked again where an answer is no use, never in anybody's way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from schema_matching_pipeline.errors import LanguageModelError
from schema_matching_pipeline.model.llm import LLMRequest, LLMResponse
from schema_matching_pipeline.ports import LanguageModel
from schema_matching_pipeline.workflows.run_state import RunStamp, open_client
from schema_matching_pipeline.workflows.world import World

TRIES = 2
"""A question whose answer cannot be used is asked once more."""

Usable = Callable[[LLMRequest, str], bool]
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Answers:
    """What a language model said: answers that can be used, questions without one, tokens spent just now."""

    usable: tuple[LLMResponse, ...] = ()
    unanswered: int = 0
    tokens: int = 0


def ask_all(
    world: World, client: str, asked: tuple[LLMRequest, ...], run: RunStamp, usable: Usable
) -> Answers:
    """The answers there are: from the cache where the content was asked before, else from the model.

    What cannot be used as an answer is asked for once more, and never kept. A provider that fails for good
    leaves its questions without an answer; what was known without it stands.
    """
    if world.model is None or not asked:
        return Answers()
    with open_client(world, client, run) as unit:
        kept = unit.classifications.cached(tuple(request.fingerprint() for request in asked))
    known = [
        answer
        for request in asked
        if (answer := kept.get(request.fingerprint())) and usable(request, answer.text)
    ]
    answered = {answer.request_digest for answer in known}
    open_questions = [request for request in asked if request.fingerprint() not in answered]
    fresh, tokens = _ask_anew(world.model, client, open_questions, usable)
    with open_client(world, client, run) as unit:
        unit.classifications.cache(tuple(fresh))
    return Answers((*known, *fresh), len(asked) - len(known) - len(fresh), tokens)


def _ask_anew(
    model: LanguageModel, client: str, open_questions: Sequence[LLMRequest], usable: Usable
) -> tuple[list[LLMResponse], int]:
    """The answers that can be used, and the tokens that all answers took."""
    answers: list[LLMResponse] = []
    tokens = 0
    for request in open_questions:
        for _ in range(TRIES):
            try:
                answer = model.ask(request)
            except LanguageModelError as error:
                log.warning("language_model_failed", client=client, code=error.code)
                return answers, tokens
            tokens += answer.use.prompt_tokens + answer.use.completion_tokens
            if usable(request, answer.text):
                answers.append(answer)
                break
            log.warning("language_model_answer_unusable", client=client, provider=answer.provider)
    return answers, tokens

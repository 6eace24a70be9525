"""Says what every usable column means: rules first, a language model for what they leave open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from schema_matching_pipeline.classification import answers_anything, classify_by_rules, questions, settle
from schema_matching_pipeline.errors import LanguageModelError, UsageError
from schema_matching_pipeline.model.classification import Classification
from schema_matching_pipeline.model.llm import LLMRequest, LLMResponse
from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.model.summary import PhaseSummary, SummaryTable
from schema_matching_pipeline.ports import LanguageModel
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.review import excluded_columns
from schema_matching_pipeline.workflows.gather_knowledge import gather_knowledge
from schema_matching_pipeline.workflows.label_columns import current_profile, current_report
from schema_matching_pipeline.workflows.run_state import RunStamp, open_client, phase
from schema_matching_pipeline.workflows.world import World

ROWS_SHOWN = 50
TRIES = 2
"""A question whose answer cannot be used is asked once more."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Answers:
    """What a language model said: answers that can be used, questions without one, tokens spent just now."""

    usable: tuple[LLMResponse, ...] = ()
    unanswered: int = 0
    tokens: int = 0


def classify_columns(world: World, client: str, *, run: RunStamp) -> PhaseSummary:
    """Classifies every usable column of the client and stores the verdicts.

    Raises:
        UsageError: an earlier phase has not run yet.
    """
    started = world.clock.now()
    with phase(world, client, Phase.CLASSIFICATIONS, run):
        with open_client(world, client, run) as unit:
            knowledge = gather_knowledge(world, unit, client)
            profile, report = current_profile(unit, client), current_report(unit, client)
            excluded = excluded_columns(
                report, knowledge.thresholds.profile, unit.reviews.quality_decisions(client)
            )
        ruled = classify_by_rules(profile, excluded, knowledge)
        asked = questions(profile, ruled, knowledge) if world.model else ()
        answers = ask_all(world, client, asked, run)
        classification = settle(ruled, asked, answers.usable, knowledge)
        with open_client(world, client, run) as unit:
            unit.classifications.store(client, unit.runs.latest(client).id, classification)
    return _summary(
        client, classification, len(excluded), answers, (world.clock.now() - started).total_seconds()
    )


def current_classification(unit: UnitOfWork, client: str) -> Classification:
    """The client's newest classification.

    Raises:
        UsageError: there is none yet.
    """
    classification = unit.classifications.current(client)
    if classification is None:
        raise UsageError(
            f"The columns of client {client!r} are not classified yet. Run `smp onboard {client}` first."
        )
    return classification


def ask_all(world: World, client: str, asked: tuple[LLMRequest, ...], run: RunStamp) -> Answers:
    """The answers there are: from the cache where the content was asked before, else from the model.

    What cannot be used as an answer is asked for once more, and never kept. A provider that fails for good
    leaves its questions without an answer; the rules' verdicts stand.
    """
    if world.model is None or not asked:
        return Answers()
    with open_client(world, client, run) as unit:
        kept = unit.classifications.cached(tuple(request.fingerprint() for request in asked))
    known = [
        answer
        for request in asked
        if (answer := kept.get(request.fingerprint())) and answers_anything(request, answer.text)
    ]
    answered = {answer.request_digest for answer in known}
    fresh, tokens = _ask_anew(
        world.model, client, [request for request in asked if request.fingerprint() not in answered]
    )
    with open_client(world, client, run) as unit:
        unit.classifications.cache(tuple(fresh))
    return Answers((*known, *fresh), len(asked) - len(known) - len(fresh), tokens)


def _ask_anew(
    model: LanguageModel, client: str, open_questions: Sequence[LLMRequest]
) -> tuple[list[LLMResponse], int]:
    """The answers that can be used, and the tokens that all answers took."""
    usable: list[LLMResponse] = []
    tokens = 0
    for request in open_questions:
        for _ in range(TRIES):
            try:
                answer = model.ask(request)
            except LanguageModelError as error:
                log.warning("language_model_failed", client=client, code=error.code)
                return usable, tokens
            tokens += answer.use.prompt_tokens + answer.use.completion_tokens
            if answers_anything(request, answer.text):
                usable.append(answer)
                break
            log.warning("language_model_answer_unusable", client=client, provider=answer.provider)
    return usable, tokens


def _summary(
    client: str,
    classification: Classification,
    excluded: int,
    answers: Answers,
    seconds: float,
) -> PhaseSummary:
    known = [verdict for verdict in classification.verdicts if verdict.semantic_type]
    types = Counter(str(verdict.semantic_type) for verdict in known)
    return PhaseSummary(
        phase=Phase.CLASSIFICATIONS,
        client=client,
        counts=(
            ("columns_classified", len(known)),
            ("columns_unknown", len(classification.verdicts) - len(known)),
            ("columns_excluded", excluded),
            ("questions_answered", len(answers.usable)),
            ("questions_unanswered", answers.unanswered),
            ("tokens_used", answers.tokens),
        ),
        tables=(
            SummaryTable(
                title="Most frequent meanings",
                header=("semantic type", "columns"),
                rows=tuple((name, str(count)) for name, count in types.most_common(ROWS_SHOWN)),
            ),
        ),
        seconds=seconds,
    )

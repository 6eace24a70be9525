"""Asks a language model about columns: no more than the policy allows, nothing twice, never in anybody's way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import structlog

from schema_matching_pipeline.canon.column_questions import entries_of
from schema_matching_pipeline.errors import LanguageModelError, QuestionRefusedError
from schema_matching_pipeline.model.ids import content_id
from schema_matching_pipeline.model.llm import (
    CallOutcome,
    ColumnAnswer,
    ColumnQuestion,
    KeptAnswer,
    LLMCall,
    LLMPolicy,
    LLMRequest,
    LLMUse,
)
from schema_matching_pipeline.ports import LanguageModel
from schema_matching_pipeline.workflows.run_state import RunStamp, open_client
from schema_matching_pipeline.workflows.world import World

TRIES = 2
"""A column whose answer cannot be used is asked about once more."""
NO_ANSWER = "a language model was asked and gave no answer that can be used"
NOT_ASKED = "a language model was not asked, since this month's budget for it is used up"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Questionnaire:
    """How columns are asked about together, how many at most, and what is an answer about one of them."""

    size: int
    request: Callable[[Sequence[ColumnQuestion]], LLMRequest]
    is_answer: Callable[[ColumnQuestion, str], bool]


@dataclass
class Answers:
    """What a language model said of the columns asked about, one answer each, and what that took just now."""

    given: tuple[ColumnAnswer, ...] = ()
    use: LLMUse = field(default_factory=LLMUse)

    @property
    def counts(self) -> tuple[tuple[str, float], ...]:
        """As a phase's summary tells them."""
        answered = sum(answer.text is not None for answer in self.given)
        return (
            ("columns_answered", answered),
            ("columns_unanswered", len(self.given) - answered),
            ("tokens_used", self.use.tokens),
        )


def client_policy(world: World, client: str, run: RunStamp) -> LLMPolicy:
    """What may be told of the client's columns; nothing where no language model is configured."""
    if world.model is None:
        return LLMPolicy()
    with open_client(world, client, run) as unit:
        return unit.llm.policy(client)


def ask_about_columns(
    world: World, client: str, asked: Sequence[ColumnQuestion], form: Questionnaire, run: RunStamp
) -> Answers:
    """One answer for every question, or why there is none: kept from when the same was asked, else the model's.

    Each answer is kept as it comes, with what it took. A provider that fails for good and a budget that is used up
    leave questions without an answer; what was known without it stands.
    """
    if world.model is None or not asked:
        return Answers()
    return ask_by_ledger(world.model, RegistryLedger(world, client, run), asked, form, about=client)


def ask_by_ledger(
    model: LanguageModel,
    ledger: Ledger,
    asked: Sequence[ColumnQuestion],
    form: Questionnaire,
    *,
    about: str = "",
) -> Answers:
    """The same with a ledger of the caller's; ``about`` names in the log what is asked about."""
    asking = _Asking(model, ledger, form, about)
    known = asking.kept(asked)
    open_questions = {question.digest: question for question in asked if question.digest not in known}
    asking.ask(list(open_questions.values()))
    texts = {**known, **asking.texts}
    return Answers(
        tuple(
            ColumnAnswer(ref=each.ref, text=texts[each.digest])
            if each.digest in texts
            else ColumnAnswer(ref=each.ref, why_not=asking.why_not.get(each.digest, NO_ANSWER))
            for each in asked
        ),
        asking.spent,
    )


class Ledger(Protocol):
    """Where answers are kept, and what questions take is noted; says what may be told and spent."""

    @property
    def policy(self) -> LLMPolicy:
        """What holds for the columns asked about."""
        ...

    def used(self) -> LLMUse:
        """What questions took in the time that the budget is for."""
        ...

    def kept(self, keys: Sequence[str]) -> Mapping[str, KeptAnswer]:
        """The answers that were kept when the same was asked before."""
        ...

    def note(self, call: LLMCall, answers: Sequence[KeptAnswer]) -> None:
        """Keeps a question with what it took, and its answers."""
        ...


class RegistryLedger:
    """Of one client, in the registry; the budget is for a calendar month."""

    def __init__(self, world: World, client: str, run: RunStamp) -> None:
        self._world, self._client, self._run = world, client, run
        with open_client(world, client, run) as unit:
            self.policy = unit.llm.policy(client)

    def used(self) -> LLMUse:
        """What this month's questions took."""
        with open_client(self._world, self._client, self._run) as unit:
            return unit.llm.used(self._client, month_begin(self._world.clock.now()))

    def kept(self, keys: Sequence[str]) -> Mapping[str, KeptAnswer]:
        """The answers in the registry."""
        with open_client(self._world, self._client, self._run) as unit:
            return unit.llm.answers(keys)

    def note(self, call: LLMCall, answers: Sequence[KeptAnswer]) -> None:
        """Keeps both in one transaction."""
        with open_client(self._world, self._client, self._run) as unit:
            unit.llm.note(self._client, call, self._world.clock.now())
            unit.llm.keep(answers)


@dataclass
class MemoryLedger:
    """Of this process alone, for what has no registry; the budget is for all of it."""

    policy: LLMPolicy
    total: LLMUse = field(default_factory=LLMUse)
    answers: dict[str, KeptAnswer] = field(default_factory=dict)

    def used(self) -> LLMUse:
        """What all questions took."""
        return self.total

    def kept(self, keys: Sequence[str]) -> Mapping[str, KeptAnswer]:
        """The answers given before."""
        return {key: self.answers[key] for key in keys if key in self.answers}

    def note(self, call: LLMCall, answers: Sequence[KeptAnswer]) -> None:
        """Adds the call to what was used, and keeps the answers."""
        self.total = self.total.with_call(call)
        self.answers |= {answer.digest: answer for answer in answers}


class _Asking:
    """The questions of one phase; ``texts`` are the answers by what was asked, ``spent`` their use."""

    def __init__(self, model: LanguageModel, ledger: Ledger, form: Questionnaire, about: str) -> None:
        self._model, self._ledger, self._form, self._about = model, ledger, form, about
        self.texts: dict[str, str] = {}
        self.why_not: dict[str, str] = {}
        self.spent = LLMUse()
        self._used = ledger.used()

    def kept(self, asked: Sequence[ColumnQuestion]) -> dict[str, str]:
        """The answers kept from earlier, by what was asked, as far as they still are answers."""
        by_key = {self._key(question): question for question in asked}
        answers = self._ledger.kept(tuple(by_key))
        return {
            by_key[key].digest: answer.text
            for key, answer in answers.items()
            if self._form.is_answer(by_key[key], answer.text)
        }

    def ask(self, open_questions: Sequence[ColumnQuestion]) -> None:
        """Asks batch by batch, until all is asked, no provider can be asked, or the budget is used up."""
        for start in range(0, len(open_questions), self._form.size):
            batch = open_questions[start : start + self._form.size]
            try:
                if not self._ask_batch(batch):
                    left = open_questions[start:]
                    self.why_not |= {q.digest: NOT_ASKED for q in left if q.digest not in self.texts}
                    log.warning("language_model_budget_used_up", client=self._about, columns=len(left))
                    return
            except QuestionRefusedError:
                continue
            except LanguageModelError as error:
                log.warning("language_model_failed", client=self._about, code=error.code)
                return

    def _ask_batch(self, batch: Sequence[ColumnQuestion]) -> bool:
        """Asks about the columns, and once more about those without an answer; false where the budget forbids it."""
        remaining = list(batch)
        for _ in range(TRIES):
            request = self._form.request(remaining)
            if not self._affordable(request):
                return False
            answers = self._ask_once(request, remaining)
            remaining = [question for question in remaining if question.digest not in answers]
            if not remaining:
                break
        return True

    def _ask_once(self, request: LLMRequest, batch: Sequence[ColumnQuestion]) -> Mapping[str, str]:
        call = LLMCall(
            request=request, columns=len(batch), told=self._ledger.policy.told, outcome=CallOutcome.FAILED
        )
        try:
            response = self._model.ask(request)
        except LanguageModelError:
            self._note(call, ())
            raise
        answers = {
            batch[place].digest: text
            for place, text in entries_of(response.text, len(batch))
            if self._form.is_answer(batch[place], text)
        }
        if len(answers) < len(batch):
            log.warning(
                "language_model_answer_unusable",
                client=self._about,
                provider=response.provider,
                columns=len(batch) - len(answers),
            )
        kept = tuple(
            KeptAnswer(
                digest=self._key(question),
                prompt=question.prompt,
                prompt_version=question.prompt_version,
                provider=response.provider,
                model=response.model,
                text=answers[question.digest],
            )
            for question in batch
            if question.digest in answers
        )
        self._note(
            call.but(
                outcome=CallOutcome.ANSWERED if answers else CallOutcome.UNUSABLE,
                provider=response.provider,
                model=response.model,
                use=response.use,
                cost=response.cost,
            ),
            kept,
        )
        self.texts |= answers
        return answers

    def _note(self, call: LLMCall, kept: Sequence[KeptAnswer]) -> None:
        self._ledger.note(call, kept)
        self.spent, self._used = self.spent.with_call(call), self._used.with_call(call)

    def _affordable(self, request: LLMRequest) -> bool:
        """Whether the month's budget bears another question."""
        return self._ledger.policy.bears(self._used, request.estimated_tokens)

    def _key(self, question: ColumnQuestion) -> str:
        """Answers of one model are none of another."""
        return content_id(self._model.model, question.digest)


def month_begin(now: datetime) -> datetime:
    """When the month of a moment began, in its time zone."""
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)

"""Answers of a language model, read with suspicion and weighed against the rules."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from schema_matching_pipeline.canon.column_questions import NONE_OF_THESE, entry_of
from schema_matching_pipeline.model.classification import Classification, Verdict, VerdictSource
from schema_matching_pipeline.model.llm import ColumnAnswer, ColumnQuestion
from schema_matching_pipeline.model.policy import ClassificationPolicy

_LONGEST_RATIONALE = 200


@dataclass(frozen=True)
class _Answer:
    """What a model says of one column; only names from the closed lists get here."""

    semantic_type: str | None
    entity: str | None
    confidence: float
    rationale: str


def settle(
    ruled: Classification,
    asked: Sequence[ColumnQuestion],
    answers: Sequence[ColumnAnswer],
    policy: ClassificationPolicy = ClassificationPolicy(),  # noqa: B008  # frozen value
) -> Classification:
    """The rules' verdicts, improved by the answers that can be trusted.

    Answers that are malformed, name columns that were not asked about, or leave the closed lists are ignored; a
    column without an answer says why. An answer that agrees with the rules makes them surer; one that differs
    replaces them only where they were less sure than the cap on answers lets it be.
    """
    questions = {question.ref: question for question in asked}
    given = {answer.ref: answer for answer in answers if answer.ref in questions}
    return Classification(
        verdicts=tuple(
            _heard(verdict, questions[verdict.ref], given[verdict.ref], policy)
            if verdict.ref in given
            else verdict
            for verdict in ruled.verdicts
        )
    )


def is_answer(question: ColumnQuestion, text: str) -> bool:
    """Whether the text says of the column what it means, as it was asked to."""
    return _answer(question, text) is not None


def _heard(
    verdict: Verdict, question: ColumnQuestion, given: ColumnAnswer, policy: ClassificationPolicy
) -> Verdict:
    answer = _answer(question, given.text) if given.text is not None else None
    if answer is not None:
        return _weigh(verdict, answer, policy)
    return verdict.but(reasons=(*verdict.reasons, given.why_not)) if given.why_not else verdict


def _answer(question: ColumnQuestion, text: str) -> _Answer | None:
    read = entry_of(text, ("semantic_type", "entity", "rationale"))
    if read is None:
        return None
    said, confidence = read
    shared = json.loads(question.shared)
    kind, entity = said["semantic_type"], said["entity"]
    if kind not in {*shared["semantic_types"], NONE_OF_THESE}:
        return None
    return _Answer(
        semantic_type=None if kind == NONE_OF_THESE else kind,
        entity=entity if entity in shared["entities"] else None,
        confidence=confidence,
        rationale=_plain(said["rationale"]),
    )


def _plain(rationale: str) -> str:
    """The rationale on one line, printable and short."""
    short = rationale[:_LONGEST_RATIONALE]
    return "".join(letter if letter.isprintable() else " " for letter in short).strip()


def _weigh(verdict: Verdict, answer: _Answer, policy: ClassificationPolicy) -> Verdict:
    if answer.semantic_type is None:
        return verdict
    reason = f"a language model says {answer.semantic_type}: {answer.rationale}".rstrip(": ")
    if answer.semantic_type == verdict.semantic_type:
        doubt = (1 - verdict.confidence) * (1 - policy.agreement_gain * answer.confidence)
        surer = max(verdict.confidence, min(1 - doubt, policy.answer_cap))
        return verdict.but(confidence=surer, reasons=(*verdict.reasons, reason))
    confidence = min(answer.confidence, policy.answer_cap)
    if confidence <= verdict.confidence:
        return verdict
    return verdict.but(
        semantic_type=answer.semantic_type,
        entity=answer.entity or verdict.entity,
        confidence=confidence,
        source=VerdictSource.LANGUAGE_MODEL,
        reasons=(reason,),
    )

"""Answers of a language model, read with suspicion and weighed against the rules."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

from schema_matching_pipeline.canon.semantic_types import semantic_types
from schema_matching_pipeline.classification.prompts import NONE_OF_THESE, PROMPT, asked_refs
from schema_matching_pipeline.model.classification import Classification, Verdict, VerdictSource
from schema_matching_pipeline.model.knowledge import Knowledge
from schema_matching_pipeline.model.llm import LLMRequest, LLMResponse
from schema_matching_pipeline.model.policy import ClassificationPolicy
from schema_matching_pipeline.model.source import ColumnRef

NO_ANSWER = "a language model was asked and gave no answer that can be used"
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
    requests: Sequence[LLMRequest],
    responses: Sequence[LLMResponse],
    knowledge: Knowledge,
    policy: ClassificationPolicy = ClassificationPolicy(),  # noqa: B008  # frozen value
) -> Classification:
    """The rules' verdicts, improved by the answers that can be trusted.

    Answers that are malformed, name columns that were not asked about, or leave the closed lists are
    ignored, and their columns say so. An answer that agrees with the rules makes them surer; one that differs
    replaces them only where they were less sure than the cap on answers lets it be.
    """
    answers = dict(_read(requests, responses, knowledge))
    unanswered = {ref for request in requests for ref in asked_refs(request)} - set(answers)
    return Classification(
        verdicts=tuple(
            _weigh(verdict, answers[verdict.ref], policy)
            if verdict.ref in answers
            else verdict.but(reasons=(*verdict.reasons, NO_ANSWER))
            if verdict.ref in unanswered
            else verdict
            for verdict in ruled.verdicts
        )
    )


def answers_anything(request: LLMRequest, text: str) -> bool:
    """Whether the text says of any column that was asked about what it means, as it was asked to."""
    entities = frozenset(json.loads(request.user)["entities"])
    return next(_of_request(asked_refs(request), text, entities), None) is not None


def _read(
    requests: Sequence[LLMRequest], responses: Sequence[LLMResponse], knowledge: Knowledge
) -> Iterator[tuple[ColumnRef, _Answer]]:
    by_digest = {request.fingerprint(): request for request in requests if request.prompt == PROMPT}
    entities = frozenset(entity.name for entity in knowledge.canonical.entities)
    for response in responses:
        request = by_digest.get(response.request_digest)
        if request is not None:
            yield from _of_request(asked_refs(request), response.text, entities)


def _of_request(
    refs: Sequence[ColumnRef], text: str, entities: frozenset[str]
) -> Iterator[tuple[ColumnRef, _Answer]]:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return
    entries = parsed.get("columns") if isinstance(parsed, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        index = entry.get("index") if isinstance(entry, dict) else None
        if isinstance(index, int) and not isinstance(index, bool) and 0 <= index < len(refs):
            answer = _answer(entry, entities)
            if answer is not None:
                yield refs[index], answer


def _answer(entry: dict[str, object], entities: frozenset[str]) -> _Answer | None:
    kind, entity = entry.get("semantic_type"), entry.get("entity")
    if not isinstance(kind, str) or kind not in {*(k.name for k in semantic_types()), NONE_OF_THESE}:
        return None
    confidence = entry.get("confidence")
    if isinstance(confidence, bool) or not isinstance(confidence, int | float):
        return None
    if isinstance(confidence, float) and not isfinite(confidence):  # an integer may be too large to ask
        return None
    return _Answer(
        semantic_type=None if kind == NONE_OF_THESE else kind,
        entity=entity if isinstance(entity, str) and entity in entities else None,
        confidence=float(min(max(confidence, 0), 1)),
        rationale=_plain(entry.get("rationale")),
    )


def _plain(rationale: object) -> str:
    """The rationale on one line, printable and short."""
    text = rationale if isinstance(rationale, str) else ""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:_LONGEST_RATIONALE].strip()


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

"""What a language model is asked about doubtful columns, and how far its choice goes."""

from __future__ import annotations

import json

import pytest

from schema_matching_pipeline.canon.column_questions import entries_of
from schema_matching_pipeline.classification import classify_by_rules
from schema_matching_pipeline.matching import (
    choice_questions,
    choice_request,
    is_choice,
    propose_mapping,
    read_choices,
)
from schema_matching_pipeline.model.canonical import FieldRef, RiskClass
from schema_matching_pipeline.model.knowledge import PastMapping
from schema_matching_pipeline.model.llm import USUALLY_TOLD, ColumnAnswer, ColumnQuestion, Told
from schema_matching_pipeline.model.matching import Correspondence, MappingSource, ModelChoice
from schema_matching_pipeline.model.policy import MatchPolicy
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.trust import EntityThreshold
from schema_matching_pipeline_tests.rooms.matching import cases
from schema_matching_pipeline_tests.rooms.matching.cases import CLIENT, propose

KNOWLEDGE = cases.KNOWLEDGE.but(
    thresholds=cases.KNOWLEDGE.thresholds.but(
        profile=cases.KNOWLEDGE.thresholds.profile.but(auto_accept_threshold=0.95),
        entities=tuple(
            EntityThreshold(
                entity=name, risk_class=RiskClass.CRITICAL, effective_threshold=0.95, validation_required=True
            )
            for name in ("member", "invoice")
        ),
    )
)
DOUBTFUL = ColumnRef(table="members", column="given_name")
POLICY = MatchPolicy(model_asked_from=0.05)


SILENT = "nothing that can be used"


def asked(*, decided: frozenset[ColumnRef] = frozenset()) -> tuple[ColumnQuestion, ...]:
    return choice_questions(propose(), CLIENT, KNOWLEDGE, USUALLY_TOLD, POLICY, decided=decided)


def field(name: str) -> FieldRef:
    entity, _, column = name.partition(".")
    return FieldRef(entity=entity, field=column)


def after(chosen: str | None, *, confidence: float = 1.0, answered: bool = True) -> Correspondence:
    """The doubtful column, once a model chose that field of all its candidates."""
    shown = tuple(candidate.target for candidate in propose().by_ref()[DOUBTFUL].candidates)
    choice = ModelChoice(
        ref=DOUBTFUL,
        shown=shown,
        chosen=field(chosen) if chosen else None,
        confidence=confidence,
        answered=answered,
        why_not="" if answered else SILENT,
    )
    ruled = classify_by_rules(CLIENT, frozenset(), KNOWLEDGE)
    return propose_mapping(CLIENT, ruled, KNOWLEDGE, choices=(choice,)).by_ref()[DOUBTFUL]


FIRST_NAME = field("member.first_name")
BEFORE = propose().by_ref()[DOUBTFUL]
NEEDED = KNOWLEDGE.thresholds.of("member").effective_threshold


def test_only_doubtful_columns_are_asked_about_each_with_its_own_candidates():
    request = choice_request(asked())
    told = json.loads(request.user)["columns"]
    assert {column["name"] for column in told} == {"given_name", "xq_7"}
    (column,) = [column for column in told if column["name"] == "given_name"]
    assert "member.first_name" in column["candidates"]
    assert len(column["candidates"]) <= POLICY.model_candidates
    allowed = json.loads(request.answer_schema)["properties"]["columns"]["items"]["properties"]["field"][
        "enum"
    ]
    assert set(allowed) == {"none_of_these", *(name for column in told for name in column["candidates"])}


def test_columns_that_people_decided_on_are_not_asked_about():
    assert [question.ref.column for question in asked(decided=frozenset({DOUBTFUL}))] == ["xq_7"]


def test_what_is_told_of_a_column_is_what_the_policy_allows():
    def told(*kinds: Told) -> set[str]:
        questions = choice_questions(propose(), CLIENT, KNOWLEDGE, kinds, POLICY)
        return {name for question in questions for name in json.loads(question.told)}

    assert told() == set()
    assert told(Told.STATISTICS) == {"candidates", "filled", "distinct"}
    assert "name" not in told(Told.TYPES, Told.PATTERNS)


def test_a_model_keeps_from_people_nothing_that_earlier_clients_left_to_them():
    """A column that clients mapped to nothing, and that much speaks for, is asked about with a model's no as without."""
    surname = ColumnRef(table="members", column="surname")
    past = tuple(
        PastMapping(client=name, ref=surname, target=None, data_type="text") for name in ("one", "two")
    )
    known = KNOWLEDGE.but(past_mappings=past)
    alone = propose(knowledge=known).by_ref()[surname]
    shown = tuple(candidate.target for candidate in alone.candidates)
    none = ModelChoice(ref=surname, shown=shown, chosen=None, confidence=1.0)
    ruled = classify_by_rules(CLIENT, frozenset(), known)
    heard = propose_mapping(CLIENT, ruled, known, choices=(none,)).by_ref()[surname]
    assert alone.target is not None
    assert heard.target == alone.target


def test_the_chosen_field_gains_and_never_reaches_the_threshold():
    surer = after("member.first_name")
    assert BEFORE.confidence < surer.confidence < NEEDED
    assert surer.target == BEFORE.target
    assert surer.objections == BEFORE.objections


def test_another_choice_is_told_and_moves_it_up_in_the_ranking():
    found = after("member.last_name")
    place = [candidate.target for candidate in found.candidates].index(field("member.last_name"))
    before = [candidate.target for candidate in BEFORE.candidates].index(field("member.last_name"))
    assert place <= before
    assert found.candidates[place].confidence > BEFORE.candidates[before].confidence
    assert "a language model chose member.last_name" in found.objections
    confidences = [candidate.confidence for candidate in found.candidates]
    assert confidences == sorted(confidences, reverse=True)


def test_none_of_these_lowers_but_keeps_it_from_nobody():
    found = after(None)
    assert MatchPolicy().review_floor <= found.confidence < BEFORE.confidence
    assert found.target == BEFORE.target
    assert "a language model chose none of its candidates" in found.objections


def test_a_model_that_is_not_sure_moves_less_and_one_without_an_answer_nothing():
    assert BEFORE.confidence < after("member.first_name", confidence=0.2).confidence
    assert (
        after("member.first_name", confidence=0.2).confidence
        < after("member.first_name", confidence=0.9).confidence
    )
    silent = after(None, answered=False)
    assert silent.confidence == BEFORE.confidence
    assert SILENT in silent.objections


def test_shares_still_sum_to_the_confidence_and_name_the_model():
    found = after("member.first_name").candidates[0]
    shares = {signal.signal: signal.share for signal in found.signals}
    assert 0 < shares["language_model"] <= MatchPolicy().model_gain
    assert sum(shares.values()) == pytest.approx(_log_odds(found.confidence), abs=1e-6)


def _log_odds(probability: float) -> float:
    from math import log

    return log(probability / (1 - probability))


def test_a_threshold_that_nothing_reaches_is_no_trouble():
    choice = ModelChoice(ref=DOUBTFUL, shown=(FIRST_NAME,), chosen=FIRST_NAME, confidence=1.0)
    ruled = classify_by_rules(CLIENT, frozenset(), cases.KNOWLEDGE)
    assert cases.KNOWLEDGE.thresholds.of("member").effective_threshold == 1.0
    found = propose_mapping(CLIENT, ruled, cases.KNOWLEDGE, choices=(choice,)).by_ref()[DOUBTFUL]
    assert BEFORE.confidence < found.confidence < 1.0


def test_a_source_is_the_model_only_where_it_says_the_most():
    assert after("member.first_name").source is not MappingSource.LANGUAGE_MODEL


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        '{"columns": "all"}',
        '{"columns": [null, 3, {"index": true, "field": "member.email", "confidence": 1}]}',
        '{"columns": [{"index": 99, "field": "none_of_these", "confidence": 1}]}',
        '{"columns": [{"index": 0, "field": "audit.secret", "confidence": 1}]}',
        '{"columns": [{"index": 0, "field": "none_of_these", "confidence": "high"}]}',
        '{"columns": [{"index": 0, "field": "none_of_these", "confidence": NaN}]}',
        '{"columns": [{"index": 0, "field": "audit.secret", "confidence": 1' + "0" * 400 + "}]}",
        '{"columns": [{"index": 0, "field": "none_of_these", "confidence": 1, "accept": true}]}',
        '{"columns": [{"index": 0, "field": "member.email", "confidence": 1}], "note": "ignore previous"}',
        "[" * 100_000,
    ],
)
def test_an_answer_off_the_list_is_none(text: str):
    assert not any(choice.answered for choice in read(text))


def test_an_answer_is_read_for_the_columns_it_is_about():
    text = json.dumps({"columns": [{"index": 0, "field": "none_of_these", "confidence": 7}]})
    first, second = read(text)
    assert (first.answered, first.chosen, first.confidence) == (True, None, 1.0)
    assert (second.answered, second.chosen, second.why_not) == (False, None, SILENT)


def test_a_candidate_of_another_column_is_no_answer():
    first, second = asked()
    only_seconds = set(json.loads(second.told)["candidates"]) - set(json.loads(first.told)["candidates"])
    text = json.dumps(
        {"columns": [{"index": 0, "field": name, "confidence": 1} for name in sorted(only_seconds)[:1]]}
    )
    assert only_seconds
    assert not any(choice.answered for choice in read(text))


def read(text: str) -> tuple[ModelChoice, ...]:
    """What the text says of the columns asked about, as the corridor takes it."""
    questions = asked()
    said = dict(entries_of(text, len(questions)))
    usable = {place: one for place, one in said.items() if is_choice(questions[place], one)}
    answers = [
        ColumnAnswer(ref=question.ref, text=usable.get(place), why_not="" if place in usable else SILENT)
        for place, question in enumerate(questions)
    ]
    return read_choices(questions, answers)

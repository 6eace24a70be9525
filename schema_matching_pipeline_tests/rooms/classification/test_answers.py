import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema_matching_pipeline.classification import classify_by_rules, questions, settle
from schema_matching_pipeline.classification.answers import NO_ANSWER
from schema_matching_pipeline.model.classification import VerdictSource
from schema_matching_pipeline.model.llm import LLMResponse
from schema_matching_pipeline.model.policy import ClassificationPolicy
from schema_matching_pipeline_tests.builders import a_column, a_profile, a_table
from schema_matching_pipeline_tests.rooms.matching.cases import KNOWLEDGE

POLICY = ClassificationPolicy()
SECRET = "Vera-Secret-4711"
PROFILE = a_profile(
    a_table(
        "members",
        [
            a_column("qqx", ["zz", "yy"] * 9),
            a_column("notes_7", [SECRET, "other"] * 9),
            a_column("email_address", [f"person{number}@example.org" for number in range(20)]),
        ],
    )
)
RULED = classify_by_rules(PROFILE, frozenset(), KNOWLEDGE)
ASKED = questions(PROFILE, RULED, KNOWLEDGE)


def answered(text, request=ASKED[0]):
    return (LLMResponse(request_digest=request.fingerprint(), provider="p", model="m", text=text),)


def answer(**changed):
    entry = {
        "index": 0,
        "semantic_type": "status",
        "entity": "member",
        "confidence": 0.99,
        "rationale": "a code",
    }
    return json.dumps({"columns": [entry | changed]})


def settled(text):
    return settle(RULED, ASKED, answered(text), KNOWLEDGE).by_ref()


def without_reasons(classification):
    return [verdict.but(reasons=()) for verdict in classification.verdicts]


def asked_columns(request):
    return [column["name"] for column in json.loads(request.user)["columns"]]


def test_only_columns_that_rules_leave_open_are_asked_about():
    assert "qqx" in asked_columns(ASKED[0])
    assert "email_address" not in asked_columns(ASKED[0])


def test_questions_come_in_batches_against_a_closed_list():
    batches = questions(PROFILE, RULED, KNOWLEDGE, POLICY.but(columns_per_question=1))
    assert [asked_columns(batch) for batch in batches] == [["qqx"], ["notes_7"]]
    schema = json.loads(batches[0].answer_schema)
    kinds = schema["properties"]["columns"]["items"]["properties"]["semantic_type"]["enum"]
    assert kinds[-1] == "none_of_these"
    assert "email" in kinds


def test_no_raw_value_goes_into_a_question():
    assert SECRET not in ASKED[0].user


def test_the_same_columns_give_the_same_question():
    assert questions(PROFILE, RULED, KNOWLEDGE) == ASKED


def test_without_answers_the_rules_stand_and_the_columns_say_so():
    verdicts = settle(RULED, ASKED, (), KNOWLEDGE)
    assert without_reasons(verdicts) == without_reasons(RULED)
    silent = [v.ref.column for v in verdicts.verdicts if v.reasons[-1:] == (NO_ANSWER,)]
    assert silent == asked_columns(ASKED[0])
    assert settle(RULED, (), (), KNOWLEDGE) == RULED


def test_an_answer_alone_is_never_surer_than_the_cap():
    verdict = settled(answer())[RULED.verdicts[0].ref]
    assert verdict.semantic_type == "status"
    assert verdict.confidence == POLICY.answer_cap
    assert verdict.source is VerdictSource.LANGUAGE_MODEL


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        '{"columns": 3}',
        '{"columns": [7]}',
        answer(semantic_type="drop_all_tables"),
        answer(index=99),
        answer(index=-1),
        answer(index=True),
        answer(confidence="very"),
        answer(confidence=float("nan")),
        answer(semantic_type="none_of_these"),
        "[" * 100_000,
    ],
)
def test_malformed_and_hostile_answers_change_nothing(text):
    assert without_reasons(settle(RULED, ASKED, answered(text), KNOWLEDGE)) == without_reasons(RULED)


def test_an_answer_to_a_question_that_was_not_asked_is_ignored():
    stray = LLMResponse(request_digest="0", provider="p", model="m", text=answer())
    assert settle(RULED, ASKED, (stray,), KNOWLEDGE) == settle(RULED, ASKED, (), KNOWLEDGE)


def test_a_rationale_is_cut_and_put_on_one_line():
    verdict = settled(answer(rationale="ignore all rules\n\x1b[31m" + "x" * 900))[RULED.verdicts[0].ref]
    assert "\n" not in verdict.reasons[0]
    assert "\x1b" not in verdict.reasons[0]
    assert len(verdict.reasons[0]) < 260


@settings(max_examples=50)
@given(st.text(max_size=200))
def test_no_answer_at_all_can_break_the_settling(text):
    verdicts = settle(RULED, ASKED, answered(text), KNOWLEDGE).verdicts
    assert len(verdicts) == len(RULED.verdicts)

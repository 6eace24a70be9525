"""A language model is asked about columns: within the policy, once for each, kept as it comes, and within the budget."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from schema_matching_pipeline.adapters.llm import ChatModel
from schema_matching_pipeline.classification import as_request, is_answer, questions
from schema_matching_pipeline.model.llm import USUALLY_TOLD, ColumnQuestion, LLMProvider, Told
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.runtime import SystemClock
from schema_matching_pipeline.workflows.ask_model import (
    NO_ANSWER,
    NOT_ASKED,
    Answers,
    Questionnaire,
    ask_about_columns,
)
from schema_matching_pipeline.workflows.classify_columns import classify_columns, current_classification
from schema_matching_pipeline.workflows.manage_llm import LLMChange, LLMReport, change_llm, show_llm
from schema_matching_pipeline.workflows.match_columns import match_columns
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline.workflows.run_state import RunStamp
from schema_matching_pipeline.workflows.world import World
from schema_matching_pipeline_tests.builders import a_column, a_profile, a_table
from schema_matching_pipeline_tests.entrances.dagster.installation import Installation
from schema_matching_pipeline_tests.fakes.chat_server import ChatServer, Question, Said, chat_server
from schema_matching_pipeline_tests.rooms.classification.test_answers import RULED
from schema_matching_pipeline_tests.rooms.matching.cases import KNOWLEDGE

BROKEN = "this is {not json"
TOKENS = 18  # of one question to the server and its answer


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    with chat_server() as running:
        yield running


@pytest.fixture
def installation(installation: Installation) -> Installation:
    """For a tenant of its own: answers are kept by tenant."""
    return installation.alone("asking")


@pytest.fixture
def world(installation: Installation, chat: ChatServer) -> World:
    provider = LLMProvider(base_url=chat.url, model="m", prompt_price=1e6, completion_price=1e6)
    return replace(installation.world, model=ChatModel([provider], retries=0))


@pytest.fixture
def client(installation: Installation, world: World) -> str:
    """One about whose columns the usual things may be told."""
    slug = installation.add_client("asking")
    allow(world, installation, slug)
    return slug


def allow(world: World, installation: Installation, client: str, **change: object) -> None:
    wanted = LLMChange.model_validate({"told": USUALLY_TOLD, **change})
    change_llm(world, installation.steward, client, wanted)


def asked(*names: str, told: tuple[Told, ...] = USUALLY_TOLD) -> tuple[ColumnQuestion, ...]:
    """Questions about columns of these names, which the rules know nothing of."""
    profile = a_profile(a_table("members", [a_column(name, ["zz", "yy"] * 9) for name in names]))
    ruled = RULED.but(
        verdicts=tuple(
            RULED.verdicts[0].but(ref=ColumnRef(table="members", column=name), confidence=0.0)
            for name in names
        )
    )
    return questions(profile, ruled, KNOWLEDGE, told)


def ask(world: World, client: str, *names: str, size: int = 40) -> Answers:
    return ask_about_columns(
        world, client, asked(*names), Questionnaire(size, as_request, is_answer), RunStamp()
    )


def told_in(question: Question) -> list[dict[str, object]]:
    columns = json.loads(question["messages"][1]["content"])["columns"]
    assert isinstance(columns, list)
    return columns


def names_in(question: Question) -> list[object]:
    return [column["name"] for column in told_in(question)]


def says_status(question: Question, **changed: object) -> Said:
    """A usable answer for every column that is asked about."""
    entry = {"semantic_type": "status", "entity": "none_of_these", "confidence": 0.9, "rationale": ""}
    entries = [{**entry, **changed, "index": column["index"]} for column in told_in(question)]
    return Said(body=json.dumps({"columns": entries}))


def use(world: World, installation: Installation, client: str) -> LLMReport:
    return show_llm(world, installation.steward, client, calls=50)


def test_what_cannot_be_used_is_asked_once_more_and_the_second_answer_counts(
    world, client, chat, installation
):
    chat.will_say(BROKEN)
    chat.always = says_status
    answers = ask(world, client, "qqx")
    assert (answers.given[0].text is not None, len(chat.questions)) == (True, 2)
    assert answers.use.tokens == 2 * TOKENS
    assert [call.outcome for call in use(world, installation, client).calls] == ["answered", "unusable"]


def test_what_cannot_be_used_is_never_kept(world, client, chat):
    for _ in range(2):
        chat.will_say(BROKEN)
    (silent,) = ask(world, client, "qqx").given
    assert (silent.text, silent.why_not) == (None, NO_ANSWER)
    chat.always = says_status
    assert ask(world, client, "qqx").given[0].text is not None


def test_only_the_columns_without_an_answer_are_asked_about_once_more(world, client, chat):
    chat.always = says_status
    chat.will_say(says_status({"messages": [{}, {"content": '{"columns": [{"index": 1}]}'}]}).body)
    answers = ask(world, client, "qqx", "wwx", "zzx")
    assert [names_in(question) for question in chat.questions] == [["qqx", "wwx", "zzx"], ["qqx", "zzx"]]
    assert all(answer.text for answer in answers.given)


def test_what_was_answered_is_not_asked_again_and_a_new_column_is_asked_about_alone(world, client, chat):
    chat.always = says_status
    first = ask(world, client, "qqx", "wwx")
    again = ask(world, client, "aax", "qqx", "wwx")
    assert [names_in(question) for question in chat.questions] == [["qqx", "wwx"], ["aax"]]
    assert again.given[1:] == first.given
    assert ask(world, client, "wwx", "aax").use.calls == 0


def test_columns_of_which_the_same_is_told_are_asked_about_once(world, client, chat):
    chat.always = says_status
    form = Questionnaire(40, as_request, is_answer)
    answers = ask_about_columns(world, client, asked("a", "b", told=(Told.TYPES,)), form, RunStamp())
    assert [answer.text is not None for answer in answers.given] == [True, True]
    assert len(told_in(chat.questions[0])) == 1


def test_another_model_is_asked_anew(world, client, chat):
    chat.always = says_status
    ask(world, client, "qqx")
    another = ChatModel([LLMProvider(base_url=chat.url, model="another")], retries=0)
    ask(replace(world, model=another), client, "qqx")
    assert [question["model"] for question in chat.questions] == ["m", "another"]


def test_an_answer_is_kept_as_it_comes_so_that_a_kill_loses_none(world, client, chat):
    class Killed(BaseException):
        """Ends the process where it stands."""

    class Dying:
        """A model whose second question is the process's last."""

        model = "m"

        def ask(self, request):
            if chat.questions:
                raise Killed
            return world.model.ask(request)

    chat.always = says_status
    with pytest.raises(Killed):
        ask(replace(world, model=Dying()), client, "qqx", "wwx", size=1)
    ask(world, client, "qqx", "wwx", size=1)
    assert [names_in(question) for question in chat.questions] == [["qqx"], ["wwx"]]


def test_one_refused_question_leaves_the_others_their_answers(world, client, chat):
    chat.will_fail(400)
    chat.always = says_status
    answers = ask(world, client, "qqx", "wwx", size=1)
    assert [answer.text is not None for answer in answers.given] == [False, True]


def test_a_provider_that_is_down_ends_the_asking(world, client, chat, installation):
    answers = ask(world, client, "qqx", "wwx", "zzx", size=1)
    assert len(chat.questions) == 1
    assert {answer.why_not for answer in answers.given} == {NO_ANSWER}
    (failed,) = use(world, installation, client).calls
    assert (failed.outcome, failed.prompt_tokens, failed.cost) == ("failed", 0, None)


def test_every_question_is_recorded_as_it_left_with_its_cost(world, client, chat, installation):
    chat.always = says_status
    ask(world, client, "qqx", "wwx")
    report = use(world, installation, client)
    (call,) = report.calls
    assert call.question == chat.questions[0]["messages"][1]["content"]
    assert (call.provider, call.model, call.prompt, call.columns) == (chat.url, "m", "classify_columns", 2)
    assert (call.told, len(call.request_digest)) == (USUALLY_TOLD, 64)
    assert (report.month.tokens, report.month.cost) == (TOKENS, TOKENS)


def test_where_nothing_may_be_told_nothing_leaves(world, chat, installation):
    client = installation.add_client("untold")
    installation.propose(client)
    classify_columns(world, client, run=RunStamp())
    match_columns(world, client, run=RunStamp())
    assert chat.questions == []
    assert use(world, installation, client).policy.told == ()


@pytest.mark.parametrize("bound", ["tokens", "cost"])
def test_a_budget_that_is_used_up_stops_the_asking_and_the_columns_say_so(
    world, client, chat, installation, bound
):
    enough_for_one = as_request(asked("qqx")).estimated_tokens + 500
    chat.always = lambda question: replace(says_status(question), tokens=(1000, 8))
    change = {"monthly_tokens": enough_for_one} if bound == "tokens" else {"monthly_cost": 1008}
    allow(world, installation, client, **change)
    answers = ask(world, client, "qqx", "wwx", "zzx", size=1)
    assert [answer.why_not for answer in answers.given] == ["", NOT_ASKED, NOT_ASKED]
    assert len(chat.questions) == 1
    assert ask(world, client, "zzx").given[0].why_not == NOT_ASKED


def test_another_month_has_a_budget_of_its_own(world, client, chat, installation):
    class Later(SystemClock):
        """A month ahead."""

        def now(self) -> datetime:
            return datetime(2999, 1, 1, tzinfo=UTC)

    chat.always = says_status
    allow(world, installation, client, monthly_cost=TOKENS)
    assert len(ask(world, client, "qqx", "wwx", size=1).given) == 2
    later = ask(replace(world, clock=Later()), client, "wwx")
    assert later.given[0].text is not None


def test_with_nothing_to_spend_the_run_is_the_one_without_a_model_and_says_so(
    world, client, chat, installation
):
    installation.propose(client)
    before = proposed(world, installation, client)
    allow(world, installation, client, monthly_tokens=0)
    summary = match_columns(world, client, run=RunStamp())
    after = proposed(world, installation, client)
    assert chat.questions == []
    assert summary.count("columns_unanswered") > 0
    assert candidates(after) == candidates(before)
    assert any(NOT_ASKED in each.objections for each in after.values())


def test_where_the_model_is_down_the_rules_stand_and_the_columns_say_so(world, client, chat, installation):
    installation.propose(client)
    summary = classify_columns(world, client, run=RunStamp())
    with open_as(world, installation.steward) as unit:
        verdicts = current_classification(unit, client).verdicts
    assert summary.count("columns_unanswered") > 0
    assert any(NO_ANSWER in verdict.reasons for verdict in verdicts)
    assert len(chat.questions) == 1


def test_a_model_chooses_among_the_candidates_of_doubtful_columns_and_is_not_asked_again(
    world, client, chat, installation
):
    installation.propose(client)
    before = proposed(world, installation, client)
    chat.always = nothing_for_all
    summary = match_columns(world, client, run=RunStamp())
    told = [column for question in chat.questions for column in told_in(question)]
    asked_about = {
        ref.column
        for ref, each in before.items()
        if each.candidates and 0.1 <= each.candidates[0].confidence < 0.97
    }
    assert summary.count("columns_answered") == len(asked_about) > 0
    assert {column["name"] for column in told} == asked_about
    assert all(column["candidates"] for column in told)
    after = proposed(world, installation, client)
    for column in told:
        ref = ColumnRef(table=str(column["table"]), column=str(column["name"]))
        assert after[ref].candidates[0].confidence <= before[ref].candidates[0].confidence
    count = len(chat.questions)
    assert match_columns(world, client, run=RunStamp()).count("tokens_used") == 0
    assert len(chat.questions) == count


def test_columns_that_people_decided_on_are_asked_about_no_more(world, client, chat, installation):
    installation.propose(client)
    installation.decide_all(client)
    chat.always = nothing_for_all
    classify_columns(world, client, run=RunStamp())
    match_columns(world, client, run=RunStamp())
    decided = {item.ref.column for item in decisions(world, installation, client)}
    assert decided
    assert decided.isdisjoint(name for question in chat.questions for name in names_in(question))


def test_where_the_model_is_down_the_offline_proposal_stands_and_says_so(world, client, installation):
    installation.propose(client)
    before = proposed(world, installation, client)
    summary = match_columns(world, client, run=RunStamp())
    after = proposed(world, installation, client)
    assert summary.count("columns_unanswered") > 0
    assert candidates(after) == candidates(before)
    assert any(NO_ANSWER in each.objections for each in after.values())


def decisions(world, installation, client):
    with open_as(world, installation.steward) as unit:
        return unit.reviews.standing_approvals(client)


def candidates(proposal):
    return {ref: (each.target, each.candidates) for ref, each in proposal.items()}


def proposed(world, installation, client):
    with open_as(world, installation.steward) as unit:
        found = unit.mappings.proposal(client)
    assert found is not None
    return found.by_ref()


def nothing_for_all(question: Question) -> Said:
    """No candidate for any column, or no meaning."""
    if "semantic_types" in json.loads(question["messages"][1]["content"]):
        return says_status(question, semantic_type="none_of_these")
    entries = [
        {"index": column["index"], "field": "none_of_these", "confidence": 1.0}
        for column in told_in(question)
    ]
    return Said(body=json.dumps({"columns": entries}))

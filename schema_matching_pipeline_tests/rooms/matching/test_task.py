import json

from schema_matching_pipeline.classification import classify_by_rules
from schema_matching_pipeline.matching import match_task, rank_task, task_questions, with_choices
from schema_matching_pipeline.model.llm import USUALLY_TOLD, ColumnAnswer
from schema_matching_pipeline.model.policy import MatchPolicy
from schema_matching_pipeline_tests.builders import a_column, a_profile, a_table
from schema_matching_pipeline_tests.rooms.matching.cases import MEMBERS

SOURCE = a_profile(MEMBERS)
TARGET = a_profile(
    a_table(
        "person",
        [
            a_column("person_key", [str(number) for number in range(1, 15)]),
            a_column("forename", ["Ada", "Grace", "Joan"]),
            a_column("family_name", ["Field", "Marsh", "Stone"]),
            a_column("birth_day", ["1950-03-01", "1951-03-02"]),
            a_column("mail", ["person1@example.org", "person2@example.org"]),
        ],
    )
)


def predictions(source=SOURCE, target=TARGET, **policy):
    classes = [classify_by_rules(profile, frozenset()) for profile in (source, target)]
    return match_task(source, target, classes[0], classes[1], MatchPolicy.model_validate(policy))


def best(source_column, found):
    return next(p.target_column for p in found if p.source_column == source_column)


def test_columns_of_two_clients_find_each_other():
    found = predictions()
    assert best("given_name", found) == "forename"
    assert best("surname", found) == "family_name"
    assert best("dob", found) == "birth_day"
    assert best("email_addr", found) == "mail"


def test_candidates_come_best_first_and_no_more_than_are_kept():
    found = predictions(candidates_kept=3)
    for column in MEMBERS.columns:
        scores = [p.score for p in found if p.source_column == column.column]
        assert len(scores) == 3
        assert scores == sorted(scores, reverse=True)
        assert all(0 < score < 1 for score in scores)


def test_the_order_of_the_targets_changes_nothing():
    turned = TARGET.but(tables=tuple(t.but(columns=tuple(reversed(t.columns))) for t in TARGET.tables))
    assert set(predictions()) == set(predictions(target=turned))


def test_a_side_without_rows_is_matched_by_names_and_descriptions():
    bare = a_profile(
        a_table(
            "person",
            [a_column("nm", [], comment="family name of the member"), a_column("ml", [], comment="e-mail")],
        )
    )
    assert best("surname", predictions(target=bare)) == "nm"
    assert best("email_addr", predictions(target=bare)) == "ml"


def test_nothing_is_predicted_against_nothing():
    assert predictions(target=a_profile()) == ()
    assert predictions(source=a_profile()) == ()


ASKING = MatchPolicy(model_asked_from=0.0)


def ranked():
    classes = [classify_by_rules(profile, frozenset()) for profile in (SOURCE, TARGET)]
    return rank_task(SOURCE, TARGET, classes[0], classes[1], ASKING)


def heard(**chosen):
    """The candidates of each column once a model chose those."""
    asked = task_questions(ranked(), SOURCE, USUALLY_TOLD, ASKING)
    answers = [
        ColumnAnswer(
            ref=question.ref, text=json.dumps({"field": chosen[question.ref.column], "confidence": 1.0})
        )
        for question in asked
        if question.ref.column in chosen
    ]
    found: dict[str, list[tuple[str, float]]] = {}
    for one in with_choices(ranked(), asked, answers, ASKING).predictions:
        found.setdefault(one.source_column, []).append((f"{one.target_table}.{one.target_column}", one.score))
    return found


def test_only_columns_below_the_bar_are_asked_about_and_none_where_nothing_may_be_told():
    asked = {question.ref.column for question in task_questions(ranked(), SOURCE, USUALLY_TOLD, ASKING)}
    sure = {column for column, candidates in heard().items() if candidates[0][1] >= ASKING.model_bar}
    assert asked
    assert asked == {column.column for column in MEMBERS.columns} - sure
    assert task_questions(ranked(), SOURCE, (), ASKING) == ()


def test_a_chosen_candidate_gains_within_its_cap_and_alone_lifts_no_pair_over_the_bar():
    before = heard()
    column, candidates = next((name, found) for name, found in before.items() if found[0][1] < 0.9)
    second = candidates[1][0]
    after = heard(**{column: second})
    assert dict(after[column])[second] > dict(candidates)[second]
    assert max(score for _, score in after[column]) < ASKING.model_bar
    assert {name: found for name, found in after.items() if name != column} == {
        name: found for name, found in before.items() if name != column
    }


def test_what_is_no_answer_to_the_question_changes_nothing():
    column = next(name for name, found in heard().items() if found[0][1] < 0.9)
    assert heard(**{column: "person.no_such_column"}) == heard()

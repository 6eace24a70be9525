from schema_matching_pipeline.classification import classify_by_rules
from schema_matching_pipeline.matching import match_task
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

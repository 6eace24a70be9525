import pytest

from schema_matching_pipeline.classification import classify_by_rules
from schema_matching_pipeline.model.classification import VerdictSource
from schema_matching_pipeline.model.policy import ClassificationPolicy
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline_tests.builders import a_column, a_profile, a_table
from schema_matching_pipeline_tests.rooms.matching.cases import KNOWLEDGE


def verdict(name, values=("a", "b"), table="t", knowledge=None, **stated):
    profile = a_profile(a_table(table, [a_column(name, list(values), **stated)]))
    return classify_by_rules(profile, frozenset(), knowledge).verdicts[0]


@pytest.mark.parametrize(
    ("name", "values", "meaning"),
    [
        ("birth_date", ["1980-01-02", "1990-03-04"], "birth_date"),
        ("GEBURTSDATUM", ["02.01.1980", "04.03.1990"], "birth_date"),
        ("dob", ["1980-01-02", "1990-03-04"], "birth_date"),
        ("fecha_nac", ["1980-01-02", "1990-03-04"], "birth_date"),
        ("LAST_NM", ["Field", "Marsh"], "person_last_name"),
        ("cognome", ["Field", "Marsh"], "person_last_name"),
        ("phone_home", ["555-0100", "555-0101"], "home_phone"),
        ("PLZ", ["10115", "80331"], "postal_code"),
        ("montant", ["10.50", "11.20"], "amount"),
        ("marital_status", ["M", "S"], "marital_status"),
    ],
)
def test_a_column_is_classified_by_the_words_of_its_name(name, values, meaning):
    assert verdict(name, values).semantic_type == meaning


def test_values_tell_what_a_meaningless_name_does_not():
    found = verdict("c17", [f"person{number}@example.org" for number in range(20)])
    assert found.semantic_type == "email"
    assert found.reasons == ("100% of its values look like email",)


def test_an_unknown_name_with_plain_values_is_left_open():
    found = verdict("qqx", ["zz", "yy", "xx"])
    assert found.semantic_type is None
    assert found.confidence == 0.0


def test_values_of_the_wrong_type_take_confidence_away():
    assert (
        verdict("birth_date", ["red", "green"]).confidence < verdict("birth_date", ["1980-01-02"]).confidence
    )


def test_known_values_are_consulted_first():
    found = verdict("kz", ["M", "F"], knowledge=KNOWLEDGE)
    assert found.semantic_type == "gender"
    assert found.source is VerdictSource.VALUE_BANK


def test_the_entity_is_guessed_from_the_name_of_the_table():
    assert verdict("x", table="tbl_members", knowledge=KNOWLEDGE).entity == "member"
    assert verdict("x", table="Rechnungen", knowledge=KNOWLEDGE).entity == "invoice"
    assert verdict("x", table="weather", knowledge=KNOWLEDGE).entity is None


def test_excluded_columns_get_no_verdict():
    profile = a_profile(a_table("t", [a_column("a"), a_column("b")]))
    left_out = frozenset({ColumnRef(table="t", column="a")})
    assert [v.ref.column for v in classify_by_rules(profile, left_out).verdicts] == ["b"]


@pytest.mark.parametrize(
    ("name", "values", "meaning", "said"),
    [
        ("CHARGEID", ["1", "2", "3"], "amount", "charge"),
        ("dob", ["1980-01-02"], "birth_date", "dob"),
        ("birth_dt", ["1980-01-02"], "birth_date", "birth dt"),
    ],
)
def test_what_a_name_says_is_quoted_as_it_stands_in_the_name(name, values, meaning, said):
    found = verdict(name, values)
    assert found.semantic_type == meaning
    assert found.reasons[0] == f"its name says '{said}'"


def test_what_a_name_hardly_says_is_not_told():
    emails = [f"person{number}@example.org" for number in range(20)]
    policy = ClassificationPolicy(name_confidence=0.1)
    profile = a_profile(a_table("t", [a_column("email", emails)]))
    (found,) = classify_by_rules(profile, frozenset(), policy=policy).verdicts
    assert (found.semantic_type, found.reasons) == ("email", ("100% of its values look like email",))

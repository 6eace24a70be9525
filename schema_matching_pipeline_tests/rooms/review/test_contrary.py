"""What speaks against a suggestion is told in full, each thing once, and nothing is made up."""

from __future__ import annotations

from schema_matching_pipeline.model.matching import Candidate
from schema_matching_pipeline.model.quality import LabelName, QualityLabel
from schema_matching_pipeline.model.validation import Finding, FindingStatus
from schema_matching_pipeline.review import Suggestion, contrary_evidence
from schema_matching_pipeline_tests.builders import a_column
from schema_matching_pipeline_tests.rooms.review.builders import LIBRARY, column, field

SURNAME = field("reader.surname")


def against(**known):
    target = known.pop("target", SURNAME)
    return contrary_evidence(Suggestion(target=target, field=LIBRARY.field(target), **known))


def test_nothing_speaks_against_a_column_that_fits():
    fits = a_column("surname", ["Ames", "Birch"], personal=False)
    assert against(column=fits, candidates=[Candidate(target=SURNAME, confidence=0.9)]) == ()


def test_personal_values_speak_against_a_field_that_is_not_marked_so():
    telling = a_column("surname", ["Ames", "Birch"], personal=True)
    assert against(column=telling) == (
        "Its values tell who somebody is, and reader.surname is not marked as personal.",
    )


def test_rows_without_a_value_speak_against_a_field_that_must_have_one():
    holes = a_column("c", ["a", None, "", "b"], personal=False)
    assert against(column=holes) == ("2 of 4 rows have no value, and reader.surname must have one.",)
    assert against(column=holes, target=field("reader.phone")) == ()


def test_values_that_repeat_speak_against_a_key():
    twice = a_column("c", ["7", "7"], personal=False)
    key = field("reader.reader_id")
    assert against(column=twice, target=key) == (
        "Its values repeat, and reader.reader_id tells one reader from another.",
    )
    assert against(column=a_column("c", ["7", "8"], personal=False), target=key) == ()


def test_a_rival_is_told_when_it_is_about_as_likely():
    own, near = (
        Candidate(target=SURNAME, confidence=0.6),
        Candidate(target=field("note.text"), confidence=0.5),
    )
    far = Candidate(target=field("reader.born"), confidence=0.4)
    assert against(candidates=[own, near, far]) == (
        "note.text is about as likely: 0.50, against 0.60 for reader.surname.",
    )


def test_objections_come_first_and_what_the_data_said_once():
    finding = Finding(
        code="c",
        status=FindingStatus.FAILED,
        ref=column(),
        target=SURNAME,
        expectation_id="e",
        message="3 of 4 values are no names",
    )
    passed = finding.but(status=FindingStatus.PASSED, message="all of them can be read")
    found = against(
        objections=["the column holds numbers", "3 of 4 values are no names"], findings=[finding, passed]
    )
    assert found == ("the column holds numbers", "3 of 4 values are no names")


def test_a_flagged_column_is_told_unless_a_person_uses_it_all_the_same():
    label = QualityLabel(ref=column(), label=LabelName.TEST_ONLY, confidence=1.0, reason="all rows are tests")
    assert against(label=label) == ("The column looks test only: all rows are tests",)
    assert against(label=label.but(overruled=True)) == ()


def test_columns_that_want_the_same_field_are_named():
    assert against(conflicts=[column("a"), column("b")]) == (
        "people.a and people.b would fill reader.surname, too.",
    )


def test_a_column_that_an_objection_names_is_not_named_again():
    said = "people.a2 also fits this field best"
    assert against(objections=[said], conflicts=[column("a2")]) == (said,)
    assert against(objections=[said], conflicts=[column("a"), column("a2")]) == (
        said,
        "people.a would fill reader.surname, too.",
    )

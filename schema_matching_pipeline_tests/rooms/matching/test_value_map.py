"""What a column's values become: by sameness, earlier clients, usual codes, words; never guessed from one letter alone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from schema_matching_pipeline.matching import value_map
from schema_matching_pipeline.model.canonical import CanonicalField, FieldRef, FieldType
from schema_matching_pipeline.model.matching import TransformRule
from schema_matching_pipeline.model.rule import MapValues
from schema_matching_pipeline.model.value_map import Equivalence, KnownTranslation, ValueMap
from schema_matching_pipeline_tests.builders import a_column
from schema_matching_pipeline_tests.rooms.matching.cases import a_field

SEX = a_field("sex", type=FieldType.CODE, values=("male", "female", "unknown"), semantic_type="gender")
MARRIED = a_field("civil", type=FieldType.CODE, values=("married", "widowed"), semantic_type="marital_status")
RACE = a_field("race", type=FieldType.CODE, values=("white", "black", "asian"))
LATIN = a_field("ethnicity", type=FieldType.CODE, values=("hispanic", "not hispanic"))
STATUS = a_field("status", type=FieldType.CODE, values=("no-show", "quashed", "revoked"))
TARGET = FieldRef(entity="member", field="any")


def mapped(
    values: Sequence[str], field: CanonicalField, rule: TransformRule | None = None, *known: KnownTranslation
) -> ValueMap:
    found = value_map(a_column("c", [*values] * 6), TARGET, field, rule, known)
    assert found is not None
    return found


def told(found: ValueMap) -> dict[str, tuple[str | None, str]]:
    return {match.value.text: (match.target, str(match.equivalence)) for match in found.matches}


@pytest.mark.parametrize(
    ("field", "becomes"),
    [
        (SEX, {"Male": ("male", "equal"), "FEMALE": ("female", "equal")}),
        (SEX, {"M": ("male", "equal"), "F": ("female", "equal"), "U": ("unknown", "equal")}),
        (SEX, {"1": ("male", "equal"), "2": ("female", "equal")}),
        (SEX, {"Mann": ("male", "equal"), "Frau": ("female", "equal")}),
        (SEX, {"H": (None, "unmatched"), "M": (None, "unmatched")}),
        (MARRIED, {"M": ("married", "equal"), "W": ("widowed", "equal")}),
        (RACE, {"Black or African American": ("black", "wider"), "White": ("white", "equal")}),
        (LATIN, {"hispanic or so": ("hispanic", "wider"), "not of hispanic origin": ("not hispanic", "wider")}),
        (LATIN, {"not known": (None, "unmatched")}),
        (STATUS, {"NO_SHOW": ("no-show", "equal"), "x9": (None, "unmatched")}),
        (STATUS, {"Q": ("quashed", "equal"), "R": ("revoked", "equal")}),
        (STATUS, {"Q": (None, "unmatched"), "Z": (None, "unmatched")}),
        (a_field("kind", type=FieldType.CODE, values=("medication", "food")), {"Medikament": ("medication", "equal")}),
        (a_field("kind", type=FieldType.CODE, values=("vital signs taken",)), {"vital": ("vital signs taken", "narrower")}),
    ],
)  # fmt: skip
def test_a_value_becomes_what_it_is_known_to_mean(
    field: CanonicalField, becomes: dict[str, tuple[str | None, str]]
) -> None:
    assert told(mapped(tuple(becomes), field)) == becomes


def test_people_of_earlier_clients_are_heard_before_any_list() -> None:
    known = KnownTranslation(target=TARGET, code="m", value="female", clients=2)
    elsewhere = known.but(target=FieldRef(entity="other", field="any"), code="F")
    gone = known.but(code="F", value="no value any more")
    found = mapped(("M", "F"), SEX, None, known, elsewhere, gone)
    assert told(found) == {"M": (None, "unmatched"), "F": (None, "unmatched")}
    found = mapped(("M", "U"), SEX, None, known, elsewhere, gone)
    assert told(found) == {"M": ("female", "equal"), "U": ("unknown", "equal")}
    assert found.matches[0].why == "people decided so for 2 earlier clients"


def test_what_a_person_said_of_the_column_stands() -> None:
    said = MapValues(codes={"M": "female"}, otherwise="keep", equivalence={"M": "wider", "F": "unmatched"})
    found = mapped(("M", "F", "U"), SEX, TransformRule(steps=(said,)))
    assert [(m.value.text, m.target, m.equivalence, m.decided) for m in found.matches] == [
        ("F", None, Equivalence.UNMATCHED, True),
        ("M", "female", Equivalence.WIDER, True),
        ("U", "unknown", Equivalence.EQUAL, False),
    ]
    assert found.unmatched_rows == 6


def test_rare_and_personal_values_are_counted_and_never_shown() -> None:
    values = ["male"] * 9 + ["secret"] * 2 + [""]
    found = value_map(a_column("c", values), TARGET, SEX)
    assert found is not None
    assert (told(found), found.hidden_rows) == ({"male": ("male", "equal")}, 2)
    personal = value_map(a_column("c", values, personal=True), TARGET, SEX)
    assert personal is not None
    assert (personal.matches, personal.hidden_rows) == ((), 11)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (["a", "b"] * 9, a_field("free")),
        (["a", "b"] * 9, a_field("flag", type=FieldType.BOOLEAN, values=("yes", "no"))),
        ([f"v{number}" for number in range(60)], SEX),
    ],
    ids=["no list", "a truth", "no codes"],
)
def test_nothing_is_translated_where_there_are_no_codes(values: list[str], field: CanonicalField) -> None:
    assert value_map(a_column("c", values), TARGET, field) is None


def test_a_translation_contradicts_itself_nowhere() -> None:
    with pytest.raises(ValueError, match="'x' is unmatched and becomes another code"):
        MapValues(codes={"x": "y"}, equivalence={"x": "unmatched"})
    with pytest.raises(ValueError, match="'z' is wider and does not become another code"):
        MapValues(codes={"x": "y"}, equivalence={"z": "wider"})

"""Fields that no column fills alone: derived from strong evidence, once decided kept, once refused not asked again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from schema_matching_pipeline.canon.value_bank import packaged_values
from schema_matching_pipeline.classification import classify_by_rules
from schema_matching_pipeline.matching import propose_mapping, with_derived
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.knowledge import Knowledge
from schema_matching_pipeline.model.matching import (
    Correspondence,
    MappingInForce,
    MappingProposal,
    TransformRule,
)
from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.model.rule import Where
from schema_matching_pipeline.model.source import ColumnRef, ForeignKey
from schema_matching_pipeline.runtime import packaged_model
from schema_matching_pipeline_tests.builders import Values, a_measured_source, keyed_hash
from schema_matching_pipeline_tests.rooms.matching.cases import THRESHOLDS

PRACTICE = packaged_model("practice")
KNOWLEDGE = Knowledge(
    canonical=PRACTICE, thresholds=THRESHOLDS, field_values=packaged_values(PRACTICE, keyed_hash)
)
FIRST = ("Anna", "Peter", "Laura", "John", "Emma", "Paul")
LAST = ("Schmidt", "Miller", "Weber", "Jones", "Fischer", "Taylor", "Klein")
ROWS = 210
IDS: Values = [str(number) for number in range(1, ROWS + 1)]
FIRST_NAMES: Values = [FIRST[number % len(FIRST)] for number in range(ROWS)]
LAST_NAMES: Values = [LAST[number % len(LAST)] for number in range(ROWS)]
NAMES: Values = [f"{first} {last}" for first, last in zip(FIRST_NAMES, LAST_NAMES, strict=True)]
COMMA_NAMES: Values = [f"{last}, {first}" for first, last in zip(FIRST_NAMES, LAST_NAMES, strict=True)]
BORN: Values = [f"19{40 + number % 60}-0{1 + number % 9}-1{number % 9}" for number in range(ROWS)]
CITIES: Values = [("Boston", "Berlin", "Graz")[number % 3] for number in range(ROWS)]
DAYS: Values = [f"202{number % 4}-0{1 + number % 9}-1{number % 9}" for number in range(ROWS)]
TIMES: Values = [f"{8 + number % 9:02d}:{number % 4 * 15:02d}" for number in range(ROWS)]
CODES: Values = [str(1 + number % 2) for number in range(ROWS)]
PATIENT: Mapping[str, Values] = {"patient_id": IDS, "date_of_birth": BORN, "city": CITIES}
VISIT: Mapping[str, Values] = {"encounter_id": IDS, "patient_id": IDS, "reason": CITIES}
SEXES: Mapping[str, Values] = {"id": ["1", "2"], "name": ["male", "female"]}
REFERENCE = ForeignKey(columns=("gender_id",), referred_table="sexes", referred_columns=("id",))


def a_client(**tables: Mapping[str, Values]) -> SourceProfile:
    keys: dict[str, tuple[ForeignKey, ...]] = {"patients": (REFERENCE,)} if "sexes" in tables else {}
    return a_measured_source({name: dict(columns) for name, columns in tables.items()}, foreign_keys=keys)


def proposed(profile: SourceProfile, **stated: object) -> MappingProposal:
    classification = classify_by_rules(profile, frozenset(), KNOWLEDGE)
    own = propose_mapping(profile, classification, KNOWLEDGE)
    return with_derived(own, profile, classification, KNOWLEDGE, **stated)  # type: ignore[arg-type]  # what a test states


def derived(proposal: MappingProposal) -> list[Correspondence]:
    return [each for each in proposal.correspondences if each.rule and each.rule.computed]


def told(proposal: MappingProposal) -> list[tuple[str, str, str]]:
    return [
        (str(each.ref), str(each.target), each.rule.in_words if each.rule else "")
        for each in derived(proposal)
    ]


@pytest.mark.parametrize(
    ("names", "first", "last"),
    [
        (NAMES, "before the last ' '", "after the last ' '"),
        (COMMA_NAMES, "after the last ','", "before the last ','"),
    ],
    ids=["in order", "with a comma"],
)
def test_whole_names_are_split_as_they_are_written(names: Values, first: str, last: str) -> None:
    found = proposed(a_client(patients={**PATIENT, "patient_name": names}))
    assert told(found) == [
        ("patients.patient_name:first_name", "patient.first_name", f"of patient_name, trim, what stands {first}, trim"),
        ("patients.patient_name:last_name", "patient.last_name", f"of patient_name, trim, what stands {last}, trim"),
    ]  # fmt: skip
    whole = found.by_ref()[ColumnRef(table="patients", column="patient_name")]
    assert (whole.target, "patient_name:" in whole.explanation) == (None, True)


@pytest.mark.parametrize(
    "columns",
    [
        {"first_name": FIRST_NAMES, "last_name": LAST_NAMES, "full_name": NAMES},
        {"emergency_contact_name": NAMES},
        {"full_name": CITIES},
        {"full_name": [*NAMES[: ROWS // 2], *COMMA_NAMES[ROWS // 2 :]]},
        {"full_name": [*NAMES[:10], *[None] * (ROWS - 10)]},
        {"father_name": NAMES, "name_of_mother": NAMES},
    ],
    ids=["parts are there", "somebody else's", "no names", "written in two ways", "too few", "parents"],
)
def test_nothing_is_split_without_strong_evidence(columns: Mapping[str, Values]) -> None:
    assert told(proposed(a_client(patients={**PATIENT, **columns}))) == []


def test_whole_names_that_have_a_field_of_their_own_are_not_split() -> None:
    staff = {"provider_id": IDS, "full_name": NAMES, "specialty": CITIES, "npi": IDS}
    assert told(proposed(a_client(providers=staff))) == []


def test_parts_of_a_name_are_joined_for_a_field_that_wants_it_whole() -> None:
    practice = PRACTICE.but(
        entities=tuple(
            entity.but(fields=tuple(f for f in entity.fields if f.name not in {"first_name", "last_name", "middle_name"}))
            if entity.name == "provider"
            else entity
            for entity in PRACTICE.entities
        )
    )  # fmt: skip
    profile = a_client(
        providers={"provider_id": IDS, "given_name": FIRST_NAMES, "last_name": LAST_NAMES, "specialty": CITIES, "npi": IDS}
    )  # fmt: skip
    knowledge = KNOWLEDGE.but(canonical=practice)
    classification = classify_by_rules(profile, frozenset(), knowledge)
    own = propose_mapping(profile, classification, knowledge)
    assert told(with_derived(own, profile, classification, knowledge)) == [
        ("providers.given_name+last_name", "provider.full_name", "given_name and last_name with ' ' between"),
    ]  # fmt: skip
    assert told(proposed(profile)) == []


def test_a_day_and_a_time_of_one_name_are_one_moment_which_neither_fills_alone() -> None:
    found = proposed(a_client(encounters={**VISIT, "start_date": DAYS, "start_time": TIMES}))
    assert told(found) == [
        (
            "encounters.start_date+start_time",
            "encounter.start_datetime",
            "start_date and start_time with ' ' between, read as datetime, %Y-%m-%d",
        )
    ]
    alone = found.by_ref()[ColumnRef(table="encounters", column="start_date")]
    assert (alone.target, alone.rule) == (None, None)


def test_a_day_and_the_time_of_something_else_are_no_moment() -> None:
    assert told(proposed(a_client(encounters={**VISIT, "start_date": DAYS, "checkout_time": TIMES}))) == []


def test_a_code_takes_the_words_of_its_list() -> None:
    found = proposed(a_client(patients={**PATIENT, "gender_id": CODES}, sexes=SEXES))
    assert told(found) == [
        ("patients.gender_id>sexes.name", "patient.sex", "sexes.name where sexes.id is gender_id")
    ]


@pytest.mark.parametrize(
    "listed",
    [
        {"id": ["1", "2"], "name": ["male", "male"]},
        {"id": ["1", "2"], "name": ["male", "female"], "title": ["m", "f"]},
        {"id": ["1", "2"], "remark": ["male", "female"]},
        {"id": ["1", "2"], "name": ["7", "8"]},
    ],
    ids=["one text for two codes", "two texts", "not called so", "no words"],
)
def test_a_table_that_does_not_clearly_say_what_codes_mean_is_no_list(listed: Mapping[str, Values]) -> None:
    assert told(proposed(a_client(patients={**PATIENT, "gender_id": CODES}, sexes=listed))) == []


def test_a_refused_rule_leaves_the_column_its_own_suggestion() -> None:
    profile = a_client(encounters={**VISIT, "start_date": DAYS, "start_time": TIMES})
    asked: list[tuple[ColumnRef, FieldRef, TransformRule]] = []

    def refuse(ref: ColumnRef, target: FieldRef, rule: TransformRule) -> bool:
        asked.append((ref, target, rule))
        return True

    found = proposed(profile, refused=refuse)
    day = found.by_ref()[ColumnRef(table="encounters", column="start_date")]
    assert (derived(found), str(day.target)) == ([], "encounter.start_datetime")
    assert [str(ref) for ref, _, _ in asked] == ["encounters.start_date+start_time"]


def test_what_was_decided_stays_with_its_field_while_its_columns_are_there() -> None:
    visits = {**VISIT, "start_date": DAYS, "start_time": TIMES}
    [once] = derived(proposed(a_client(encounters=visits)))
    decided = (once.but(target=FieldRef(entity="encounter", field="end_datetime")),)
    assert [str(e.target) for e in derived(proposed(a_client(encounters=visits), decided=decided))] == ["encounter.end_datetime"]  # fmt: skip
    gone = a_client(encounters={name: values for name, values in visits.items() if name != "start_time"})
    assert derived(proposed(gone, decided=decided)) == []


def test_what_production_fills_from_a_column_is_not_derived_anew() -> None:
    visits = {**VISIT, "start_date": DAYS, "start_time": TIMES}
    target = FieldRef(entity="encounter", field="start_datetime")
    by_day = MappingInForce(ref=ColumnRef(table="encounters", column="start_date"), target=target)
    found = proposed(a_client(encounters=visits), in_force=(by_day,))
    assert (derived(found), found.by_ref()[by_day.ref].target) == ([], target)


def test_the_order_of_columns_derives_the_same() -> None:
    columns: Sequence[tuple[str, Values]] = [*PATIENT.items(), ("patient_name", NAMES), ("gender_id", CODES)]
    one = proposed(a_client(patients=dict(columns), sexes=SEXES))
    other = proposed(a_client(patients=dict(reversed(columns)), sexes=SEXES))
    assert told(one) == told(other)
    assert len(told(one)) == 3


LEDGER: Mapping[str, Values] = {
    "record_id": IDS,
    "patient_id": IDS,
    "type": [("allergy", "medical_problem")[number % 2] for number in range(ROWS)],
    "begin_date": DAYS,
    "end_date": DAYS,
    "title": CITIES,
    "reaction": [("rash", "hives", None)[number % 3] for number in range(ROWS)],
    "severity": [("mild", "severe", "moderate")[number % 3] for number in range(ROWS)],
}


def test_a_table_of_different_things_fills_an_entity_for_each_kind() -> None:
    found = proposed(a_client(issues=LEDGER))
    by_kind = {str(each.ref): str(each.target) for each in derived(found)}
    assert {ref: target for ref, target in by_kind.items() if "date" in ref or "patient" in ref} == {
        "issues.begin_date[type=allergy]": "allergy.onset_date",
        "issues.begin_date[type=medical_problem]": "diagnosis.onset_date",
        "issues.end_date[type=allergy]": "allergy.end_date",
        "issues.end_date[type=medical_problem]": "diagnosis.resolution_date",
        "issues.patient_id[type=allergy]": "allergy.patient_id",
        "issues.patient_id[type=medical_problem]": "diagnosis.patient_id",
    }
    assert not any(ref.startswith(("issues.reaction", "issues.severity", "issues.type")) for ref in by_kind)
    own = {str(each.ref): each.target for each in found.correspondences if str(each.ref) not in by_kind}
    assert own["issues.patient_id"] is None
    assert str(own["issues.severity"]) == "allergy.severity"
    [dated] = [each for each in derived(found) if str(each.ref) == "issues.begin_date[type=allergy]"]
    assert dated.rule is not None
    assert dated.rule.computed == Where(columns=("begin_date",), by="type", among=("allergy",))
    assert (dated.candidates[0].target, dated.confidence) == (dated.target, dated.candidates[0].confidence)


@pytest.mark.parametrize(
    "kinds",
    [
        ("allergy", "other"),
        ("allergy", "allergy"),
        ("patient", "insurance"),
        ("allergy", "claim"),
        ("1", "2"),
    ],
    ids=["one entity", "one kind", "neither is the table's", "too few fields of one", "codes"],
)
def test_a_type_alone_makes_no_ledger(kinds: tuple[str, str]) -> None:
    rows = {**LEDGER, "type": [kinds[number % 2] for number in range(ROWS)]}
    assert told(proposed(a_client(issues=rows))) == []

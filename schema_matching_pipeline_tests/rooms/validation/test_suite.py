from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema_matching_pipeline.canon.identifiers import IDENTIFIERS
from schema_matching_pipeline.model.canonical import CanonicalSchema, FieldType
from schema_matching_pipeline.model.matching import (
    Cast,
    Correspondence,
    Disposition,
    MappedColumn,
    MappingSource,
    TransformRule,
)
from schema_matching_pipeline.model.rule import Lookup, OneColumn, Plain
from schema_matching_pipeline.model.source import ForeignKey
from schema_matching_pipeline.model.validation import ExpectationKind, Severity
from schema_matching_pipeline.validation import plan_suite
from schema_matching_pipeline.validation.validator import VALIDATORS
from schema_matching_pipeline_tests.rooms.validation.builders import (
    POLICY,
    TODAY,
    a_column_profile,
    a_source,
    an_entity,
    column,
    field,
    of_kind,
    planned,
    steps,
    thresholds,
)


def parameters(expectation):
    return {parameter.name: parameter.values for parameter in expectation.parameters}


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (FieldType.NUMBER, "number"),
        (FieldType.INTEGER, "integer"),
        (FieldType.BOOLEAN, "boolean"),
        (FieldType.DATE, "date"),
        (FieldType.DATETIME, "datetime"),
        (FieldType.TIME, "time"),
    ],
)
def test_a_field_with_a_type_asks_for_castable_values(kind, asked):
    (found,) = of_kind(planned({"t.c": "e.f"}, an_entity("e", f=kind)), ExpectationKind.CASTABLE)
    assert parameters(found) == {"type": (asked,)}
    assert (found.severity, found.validator) == (Severity.ERROR, "castable")


@pytest.mark.parametrize("kind", [FieldType.STRING, FieldType.TEXT, FieldType.CODE, FieldType.IDENTIFIER])
def test_text_takes_any_value(kind):
    assert planned({"t.c": "e.f"}, an_entity("e", f=kind)).expectations == ()


def test_dates_are_read_as_the_profile_found_them_written():
    source = a_source(a_column_profile("t.c", date_format="%d.%m.%Y"))
    suite = planned({"t.c": "e.f"}, an_entity("e", f=FieldType.DATE), source=source)
    assert {expectation.parameter("date_format") for expectation in suite.expectations} == {("%d.%m.%Y",)}


def test_a_rule_says_more_about_dates_than_the_profile():
    mapping = Correspondence(
        ref=column("t.c"),
        target=field("e.f"),
        confidence=0.9,
        rule=TransformRule(cast=Cast.DATE, date_format="%Y%m%d"),
    )
    source = a_source(a_column_profile("t.c", date_format="%d.%m.%Y"))
    canonical = CanonicalSchema(name="x", entities=(an_entity("e", f=FieldType.DATE),))
    suite = plan_suite([mapping], source, canonical, thresholds(), POLICY, today=TODAY)
    assert suite.expectations[0].parameter("date_format") == ("%Y%m%d",)


@pytest.mark.parametrize(("about", "asked"), [({"required": True}, 1), ({"primary_key": True}, 1), ({}, 0)])
def test_required_fields_and_keys_must_be_filled(about, asked):
    suite = planned({"t.c": "e.f"}, an_entity("e", f=about))
    assert len(of_kind(suite, ExpectationKind.NOT_NULL)) == asked


KEY = {"primary_key": True}


def test_a_key_must_be_unique():
    (found,) = of_kind(planned({"t.c": "e.f"}, an_entity("e", f=KEY)), ExpectationKind.UNIQUE)
    assert parameters(found) == {"columns": ("c",)}


def test_the_parts_of_a_key_must_be_unique_together():
    suite = planned({"t.b": "e.y", "t.a": "e.x"}, an_entity("e", x=KEY, y=KEY))
    (found,) = of_kind(suite, ExpectationKind.UNIQUE)
    assert parameters(found) == {"columns": ("a", "b")}


def test_a_part_of_a_key_alone_may_repeat():
    assert of_kind(planned({"t.a": "e.x"}, an_entity("e", x=KEY, y=KEY)), ExpectationKind.UNIQUE) == []


def test_each_table_that_fills_the_key_is_asked_by_itself():
    suite = planned({"t.a": "e.x", "u.a": "e.x"}, an_entity("e", x=KEY))
    assert [found.ref.table for found in of_kind(suite, ExpectationKind.UNIQUE)] == ["t", "u"]


LOAN = an_entity("loan", reader={"references": field("reader.id")})
READER = an_entity("reader", id=KEY, surname={})


def test_a_reference_is_asked_where_both_sides_are_mapped():
    suite = planned({"loans.who": "loan.reader", "people.no": "reader.id"}, LOAN, READER)
    (found,) = of_kind(suite, ExpectationKind.FOREIGN_KEY)
    assert (found.ref, parameters(found)) == (
        column("loans.who"),
        {"referred_table": ("people",), "referred_column": ("no",)},
    )


def test_a_reference_whose_other_side_is_not_mapped_is_not_asked():
    suite = planned({"loans.who": "loan.reader"}, LOAN, READER)
    assert of_kind(suite, ExpectationKind.FOREIGN_KEY) == []


TWO_READERS = {
    "loans.who": "loan.reader",
    "people.no": "reader.id",
    "people.name": "reader.surname",
    "archive.no": "reader.id",
}


def test_the_table_that_fills_most_of_the_entity_is_referred_to():
    (found,) = of_kind(planned(TWO_READERS, LOAN, READER), ExpectationKind.FOREIGN_KEY)
    assert found.parameter("referred_table") == ("people",)


def test_a_unique_column_is_preferred():
    source = a_source(a_column_profile("archive.no", is_unique=True))
    (found,) = of_kind(planned(TWO_READERS, LOAN, READER, source=source), ExpectationKind.FOREIGN_KEY)
    assert found.parameter("referred_table") == ("archive",)


def test_what_the_source_itself_refers_to_is_preferred_over_all():
    key = ForeignKey(columns=("who",), referred_table="archive", referred_columns=("no",))
    source = a_source(
        a_column_profile("loans.who"),
        a_column_profile("people.no", is_unique=True),
        foreign_keys={"loans": [key]},
    )
    (found,) = of_kind(planned(TWO_READERS, LOAN, READER, source=source), ExpectationKind.FOREIGN_KEY)
    assert found.parameter("referred_table") == ("archive",)


@pytest.mark.parametrize(
    ("name", "about", "latest", "severity"),
    [
        ("birth_date", {}, "2030-05-10", Severity.ERROR),
        ("dob", {}, "2030-05-10", Severity.ERROR),
        ("day", {"semantic_type": "birth_date"}, "2030-05-10", Severity.ERROR),
        ("death_date", {}, "2030-05-10", Severity.ERROR),
        ("created", {"semantic_type": "created_at"}, "2030-05-10", Severity.WARNING),
        ("end_date", {}, "2040-12-31", Severity.WARNING),
    ],
)
def test_days_must_be_plausible(name, about, latest, severity):
    suite = planned({"t.c": f"e.{name}"}, an_entity("e", **{name: {"type": FieldType.DATE, **about}}))
    (found,) = of_kind(suite, ExpectationKind.DATE_RANGE)
    assert parameters(found) == {"earliest": ("1900-01-02",), "latest": (latest,)}
    assert found.severity is severity


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("birth_date", "death_date"),
        ("start_date", "end_date"),
        ("coverage_start", "coverage_end"),
        ("valid_from", "valid_to"),
        ("admissionDate", "dischargeDate"),
        ("effective_date", "expiration_date"),
        ("created_at", "updated_at"),
    ],
)
def test_days_that_belong_together_must_be_in_order(earlier, later):
    entity = an_entity("e", **{later: FieldType.DATE, earlier: FieldType.DATETIME})
    source = a_source(a_column_profile("t.a", date_format="%Y"), a_column_profile("t.b", date_format="%m"))
    suite = planned({"t.a": f"e.{earlier}", "t.b": f"e.{later}"}, entity, source=source)
    (found,) = of_kind(suite, ExpectationKind.DATE_ORDER)
    assert found.ref == column("t.b")
    assert parameters(found) == {"before_column": ("a",), "date_format": ("%m",), "other_format": ("%Y",)}


@pytest.mark.parametrize(
    ("mapping", "fields"),
    [
        ({"t.a": "e.start_date", "u.b": "e.end_date"}, ("start_date", "end_date")),
        ({"t.a": "e.coverage_start", "t.b": "e.visit_end"}, ("coverage_start", "visit_end")),
        ({"t.a": "e.billed_date", "t.b": "e.service_date"}, ("billed_date", "service_date")),
    ],
    ids=["two tables", "two things", "no order known"],
)
def test_days_that_do_not_belong_together_are_not_compared(mapping, fields):
    suite = planned(mapping, an_entity("e", **dict.fromkeys(fields, FieldType.DATE)))
    assert of_kind(suite, ExpectationKind.DATE_ORDER) == []


def test_a_field_with_values_asks_for_those_and_only_warns():
    suite = planned({"t.c": "e.f"}, an_entity("e", f={"values": ("out", "back")}))
    (found,) = suite.expectations
    assert (found.kind, found.severity) == (ExpectationKind.VALUE_SET, Severity.WARNING)
    assert parameters(found) == {"values": ("out", "back")}


@pytest.mark.parametrize(
    ("name", "about", "kind"),
    [
        ("npi", {}, "npi"),
        ("national_provider_identifier", {}, "npi"),
        ("ssn", {}, "national_number"),
        ("social_security_number", {}, "national_number"),
        ("policy_number", {}, "contract_number"),
        ("member_number", {}, "contract_number"),
        ("work_email", {}, "email"),
        ("home_phone", {}, "phone"),
        ("contact", {"semantic_type": "mobile_phone"}, "phone"),
        ("insured", {"semantic_type": "policy_number"}, "contract_number"),
    ],
)
def test_identifiers_must_have_their_form(name, about, kind):
    suite = planned({"t.c": f"e.{name}"}, an_entity("e", **{name: about}))
    assert [found.parameter("pattern") for found in of_kind(suite, ExpectationKind.MATCHES)] == [(kind,)]


@pytest.mark.parametrize("name", ["phone_type", "email_verified", "policy_status", "nickname"])
def test_what_is_only_about_an_identifier_needs_no_form(name):
    assert planned({"t.c": f"e.{name}"}, an_entity("e", **{name: {}})).expectations == ()


@pytest.mark.parametrize(("share", "asked"), [(0.99, [("kvnr",)]), (0.5, [])])
def test_a_check_digit_that_most_values_carry_is_asked_of_all(share, asked):
    source = a_source(a_column_profile("t.c", patterns={"kvnr": share, "nonsense": 1.0}))
    suite = planned({"t.c": "e.card"}, an_entity("e", card={}), source=source)
    assert [found.parameter("pattern") for found in of_kind(suite, ExpectationKind.MATCHES)] == asked


@pytest.mark.parametrize(
    ("name", "severity", "limits"),
    [
        ("quantity", Severity.ERROR, {"minimum": ("0",)}),
        ("age", Severity.ERROR, {"minimum": ("0",), "maximum": ("125",)}),
        ("charge_amount", Severity.WARNING, {"minimum": ("0",)}),
        ("unit_price", Severity.WARNING, {"minimum": ("0",)}),
    ],
)
def test_figures_that_cannot_be_below_zero_are_asked(name, severity, limits):
    suite = planned({"t.c": f"e.{name}"}, an_entity("e", **{name: FieldType.NUMBER}))
    (found,) = of_kind(suite, ExpectationKind.NUMBER_RANGE)
    assert (found.severity, parameters(found)) == (severity, limits)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("balance", FieldType.NUMBER),
        ("price_adjustment", FieldType.NUMBER),
        ("amount", FieldType.NUMBER),
        ("quantity", FieldType.STRING),
    ],
)
def test_figures_that_may_be_below_zero_are_not_asked(name, kind):
    suite = planned({"t.c": f"e.{name}"}, an_entity("e", **{name: kind}))
    assert of_kind(suite, ExpectationKind.NUMBER_RANGE) == []


def mapped(disposition):
    return MappedColumn(
        ref=column("t.c"),
        target=field("e.f"),
        disposition=disposition,
        confidence=0.1,
        proposed_confidence=0.1,
        required_threshold=0.9,
        source=MappingSource.MANUAL,
    )


@pytest.mark.parametrize(
    ("disposition", "asked"),
    [
        (Disposition.AUTO_ACCEPTED, 1),
        (Disposition.APPROVED, 1),
        (Disposition.PENDING_REVIEW, 1),
        (Disposition.REJECTED, 0),
        (Disposition.EXCLUDED, 0),
        (Disposition.UNMAPPED, 0),
    ],
)
def test_only_mappings_in_force_or_suggested_are_asked(disposition, asked):
    canonical = CanonicalSchema(name="x", entities=(an_entity("e", f={"required": True}),))
    suite = plan_suite([mapped(disposition)], a_source(), canonical, thresholds(), POLICY, today=TODAY)
    assert len(suite.expectations) == asked


def test_a_suggestion_below_the_floor_is_not_asked():
    canonical = CanonicalSchema(name="x", entities=(an_entity("e", f={"required": True}),))
    weak = Correspondence(ref=column("t.c"), target=field("e.f"), confidence=0.49)
    assert plan_suite([weak], a_source(), canonical, thresholds(), POLICY, today=TODAY).expectations == ()


def test_a_target_that_the_model_does_not_have_is_not_asked():
    assert planned({"t.c": "e.gone"}, an_entity("e", f={"required": True})).expectations == ()


def test_the_order_of_the_mappings_does_not_matter():
    mapping = {"people.no": "reader.id", "loans.who": "loan.reader", "people.name": "reader.surname"}
    turned = dict(reversed(mapping.items()))
    assert planned(mapping, LOAN, READER) == planned(turned, LOAN, READER)


NAMES = st.sampled_from(
    ["birth_date", "death_date", "start", "end", "npi", "email", "quantity", "id", "price"]
)


@given(
    st.lists(st.tuples(NAMES, st.sampled_from(FieldType), st.booleans(), st.booleans()), max_size=6),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), max_size=8),
)
def test_any_mapping_gives_questions_with_ids_of_their_own(fields, links):
    entity = an_entity(
        "e",
        **{
            name: {"type": kind, "required": required, "primary_key": key}
            for name, kind, required, key in fields
        },
    )
    names = [field.name for field in entity.fields]
    mapping = {f"t{table}.c{place}": f"e.{names[place]}" for place, table in links if place < len(names)}
    suite = planned(mapping, entity)
    ids = [found.id for found in suite.expectations]
    assert len(set(ids)) == len(ids)
    assert {found.validator for found in suite.expectations} <= set(VALIDATORS)
    assert {str(found.ref) for found in suite.expectations} <= set(mapping)


def test_every_validator_has_a_code_of_its_own_and_a_manual():
    validators = [VALIDATORS[name] for name in VALIDATORS]
    assert sorted(validator.code for validator in validators) == [
        "DATES_OUT_OF_ORDER",
        "DATE_IMPLAUSIBLE",
        "IDENTIFIER_MALFORMED",
        "KEY_REPEATS",
        "LOST_BY_RULE",
        "NOT_CASTABLE",
        "NOT_GIVEN_NAMES",
        "NUMBER_IMPLAUSIBLE",
        "OUTSIDE_DOMAIN",
        "REFERENCE_BROKEN",
        "REQUIRED_MISSING",
    ]
    assert all(type(validator).__doc__ for validator in validators)


def test_every_form_that_is_asked_for_is_known():
    from schema_matching_pipeline.validation.validators import identifiers

    asked = {*identifiers._BY_TYPE.values(), *(kind for _, kind in identifiers._BY_WORDS)}
    assert asked <= set(IDENTIFIERS)


def test_a_question_that_moves_with_the_calendar_is_the_same_question_tomorrow():
    canonical = CanonicalSchema(name="x", entities=(an_entity("person", birth_date=FieldType.DATE),))
    mapping = Correspondence(ref=column("t.c"), target=field("person.birth_date"), confidence=0.9)
    today, tomorrow = (
        plan_suite([mapping], a_source(), canonical, thresholds(), POLICY, today=day)
        for day in (TODAY, TODAY + timedelta(days=1))
    )
    (asked,), (asked_again,) = (of_kind(suite, ExpectationKind.DATE_RANGE) for suite in (today, tomorrow))
    assert parameters(asked)["latest"] != parameters(asked_again)["latest"]
    assert asked.id == asked_again.id


VISIT = (
    an_entity("patient", id={"primary_key": True}),
    an_entity(
        "visit",
        id={"primary_key": True},
        patient={"references": field("patient.id")},
        start_date=FieldType.DATE,
        end_date=FieldType.DATE,
    ),
)
VISITS = {
    "p.id": "patient.id",
    "v.id": "visit.id",
    "v.patient": "visit.patient",
    "v.begin": "visit.start_date",
    "v.end": "visit.end_date",
}


def asked_about(suite):
    """What is asked, and of which columns a rule is part of the question."""
    return {
        (f"{asked.kind} {asked.ref}", tuple(str(each.ref) for each in asked.rules))
        for asked in suite.expectations
        if asked.rules
    }


def test_a_question_has_the_rules_of_every_column_it_looks_at():
    begin = steps({"step": "to_date", "format": "%d/%m/%Y"})
    suite = planned(VISITS, *VISIT, rules={"p.id": steps("trim"), "v.begin": begin})
    assert asked_about(suite) == {
        ("convertible p.id", ("p.id",)),
        ("not_null p.id", ("p.id",)),
        ("unique p.id", ("p.id",)),
        ("foreign_key v.patient", ("p.id",)),
        ("convertible v.begin", ("v.begin",)),
        ("castable v.begin", ("v.begin",)),
        ("date_range v.begin", ("v.begin",)),
        ("date_order v.end", ("v.begin",)),
    }


def test_another_rule_is_another_question_and_leaves_all_others_what_they_were():
    def ids(**rules):
        suite = planned(VISITS, *VISIT, rules={"v.patient": rules["rule"]} if rules else None)
        return {asked.id for asked in suite.expectations}

    plain, trimmed, raised = ids(), ids(rule=steps("trim")), ids(rule=steps("trim", "uppercase"))
    assert [len(plain - trimmed), len(trimmed - plain)] == [1, 2]
    assert [len(trimmed - raised), len(raised - trimmed)] == [2, 2]
    assert ids(rule=steps("trim")) == trimmed


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        (steps({"step": "to_date", "format": "%d/%m/%Y"}), ("%Y-%m-%d",)),
        (steps("trim"), ()),
        (TransformRule(cast=Cast.DATE, date_format="%m/%d/%Y"), ("%m/%d/%Y",)),
        (None, ("%d.%m.%Y",)),
    ],
    ids=["to_date", "text", "cast", "none"],
)
def test_days_are_read_as_the_rule_leaves_them(rule, wanted):
    suite = planned(
        {"v.begin": "visit.start_date"},
        *VISIT,
        rules={"v.begin": rule},
        source=a_source(a_column_profile("v.begin", date_format="%d.%m.%Y")),
    )
    for kind in (ExpectationKind.CASTABLE, ExpectationKind.DATE_RANGE):
        [asked] = of_kind(suite, kind)
        assert asked.parameter("date_format") == wanted


def test_a_derived_column_is_asked_about_with_what_it_is_made_of():
    whole = TransformRule(computed=OneColumn(columns=("name",)), steps=(Plain(step="trim"),))
    coded = TransformRule(computed=Lookup(columns=("sex_id",), table="sexes", key="id", value="name"))
    person = an_entity("e", first={"semantic_type": "person_first_name"}, sex={"values": ("M", "F")})
    suite = planned({"t.name:first": "e.first", "t.sex_id>sexes_name": "e.sex"}, person, rules={
        "t.name:first": whole, "t.sex_id>sexes_name": coded})  # fmt: skip
    assert {(asked.kind, str(asked.ref)) for asked in suite.expectations} == {
        (ExpectationKind.CONVERTIBLE, "t.name:first"),
        (ExpectationKind.MATCHES, "t.name:first"),
        (ExpectationKind.CONVERTIBLE, "t.sex_id>sexes_name"),
        (ExpectationKind.VALUE_SET, "t.sex_id>sexes_name"),
    }
    read = {str(asked.ref): tuple(map(str, asked.source_refs)) for asked in suite.expectations}
    assert read == {
        "t.name:first": ("t.name",),
        "t.sex_id>sexes_name": ("t.sex_id", "sexes.id", "sexes.name"),
    }


def test_first_names_of_the_source_itself_are_not_held_against_a_list():
    person = an_entity("e", first={"semantic_type": "person_first_name"})
    assert of_kind(planned({"t.first": "e.first"}, person), ExpectationKind.MATCHES) == []

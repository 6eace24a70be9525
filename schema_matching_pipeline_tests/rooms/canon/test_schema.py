from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema_matching_pipeline.canon.schema import read_canonical
from schema_matching_pipeline.errors import ConfigurationError
from schema_matching_pipeline.model.canonical import FieldRef, FieldType, RiskClass

LIBRARY = """
name: library
version: 3
domain: lending
entities:
  - name: loan
    risk_class: important
    description: A book that somebody took home.
    fields:
      - {name: loan_id, type: identifier, primary_key: true, required: true}
      - name: reader_id
        type: identifier
        references: reader.reader_id
      - {name: state, type: code, values: [out, back, 01, no], synonyms: [status, Zustand]}
      - {name: fine, type: money, semantic_type: amount}
  - name: reader
    synonyms: [member]
    fields:
      - {name: reader_id, type: identifier, primary_key: true}
      - {name: email, pii: true, one_source: false}
"""


def mistakes_of(text, name="library"):
    with pytest.raises(ConfigurationError) as caught:
        read_canonical(text, name)
    return caught.value.mistakes


def test_a_schema_has_what_the_text_says():
    schema = read_canonical(LIBRARY)
    loan, reader = schema.entities
    assert (schema.name, schema.version, schema.domain) == ("library", "3", "lending")
    assert (loan.risk_class, loan.description) == (
        RiskClass.IMPORTANT,
        "A book that somebody took home.",
    )
    assert [field.type for field in loan.fields] == [
        FieldType.IDENTIFIER,
        FieldType.IDENTIFIER,
        FieldType.CODE,
        FieldType.NUMBER,
    ]
    assert (loan.fields[0].primary_key, loan.fields[0].required, loan.fields[1].required) == (
        True,
        True,
        False,
    )
    assert loan.fields[1].references == FieldRef(entity="reader", field="reader_id")
    assert loan.fields[3].semantic_type == "amount"
    assert (reader.synonyms, reader.fields[1].pii, reader.fields[1].one_source) == (("member",), True, False)


def test_a_primary_key_is_required_unless_it_says_otherwise():
    by_itself, not_needed = (
        read_canonical(LIBRARY.replace("{name: reader_id, type: identifier, primary_key: true", given))
        .entities[1]
        .fields[0]
        for given in (
            "{name: reader_id, type: identifier, primary_key: true",
            "{name: reader_id, type: identifier, primary_key: true, required: false",
        )
    )
    assert (by_itself.required, not_needed.required) == (True, False)


def test_the_example_of_the_documentation_is_read_as_it_says():
    page = (Path(__file__).parents[3] / "docs" / "canonical.md").read_text(encoding="utf-8")
    schema = read_canonical(page.split("```yaml\n")[1].split("```")[0])
    required = [str(ref) for ref in schema.refs() if (field := schema.field(ref)) and field.required]
    assert required == ["reader.reader_id", "loan.reader_id"]


def test_an_entity_without_a_risk_class_is_critical():
    assert read_canonical(LIBRARY).entities[1].risk_class is RiskClass.CRITICAL


def test_listed_values_stay_as_they_are_written():
    state = read_canonical(LIBRARY).entities[0].fields[2]
    assert state.values == ("out", "back", "01", "no")
    assert state.synonyms == ("status", "Zustand")


def test_a_given_name_counts_more_than_the_texts_own():
    assert read_canonical(LIBRARY, "other").name == "other"


def test_the_fallback_name_counts_only_where_there_is_none():
    nameless = LIBRARY.replace("name: library\n", "", 1)
    assert read_canonical(LIBRARY, unnamed="stem").name == "library"
    assert read_canonical(nameless, unnamed="stem").name == "stem"


def test_all_mistakes_are_reported_at_once_each_with_its_line():
    text = """
entities:
  - name: loan
    risk_clas: critical
    risk_class: deadly
    fields:
      - {name: id, type: identifer, primary_key: maybe}
      - {name: id}
      - {name: no}
      - name: reader
        references: reader.idd
      - just text
  - name: reader
    fields: []
  - fields: [{name: q}]
  - 7
"""
    assert mistakes_of(text) == (
        "line 4: loan: unknown key 'risk_clas'. Did you mean 'risk_class'?",
        "line 5: loan.risk_class: unknown risk class 'deadly'. Known: critical, important, optional.",
        "line 7: loan.id.primary_key: must be true or false, but is text",
        "line 7: loan.id.type: unknown type 'identifer'. Did you mean 'identifier'?",
        "line 8: loan: the field 'id' stands twice",
        "line 9: loan.fields[3].name: must be text (put it in quotes), but is yes or no",
        "line 11: loan.reader: references 'reader.idd', but there is no such field. Known: loan.id, loan.no, loan.reader.",
        "line 12: loan.fields[5]: must be a mapping of keys to values, but is text",
        "line 14: reader: an entity needs at least one field",
        "line 15: entities[3]: the key 'name' is missing",
        "line 16: entities[4]: must be a mapping of keys to values, but is a number",
    )


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("", "line 1: the text is empty; a canonical model needs entities"),
        ("# nothing\n", "line 1: the text is empty; a canonical model needs entities"),
        ("name: x", "line 1: the key 'entities' is missing"),
        ("entities: 5", "line 1: entities: must be a list, but is a number"),
        ("entities: []", "line 1: entities: a canonical model needs at least one entity"),
        ("entities:\n  - {name: a}", "line 2: a: the key 'fields' is missing"),
        ("entities:\n  - {name: ' ', fields: [{name: f}]}", "line 2: entities[1].name: must not be blank"),
        ("a: 1\na: 2\nentities: [{name: e, fields: [{name: f}]}]", "line 1: unknown key 'a'. "),
        ("entities: {", "line 1: not YAML: "),
        ("x: \x01", "line 1: not YAML: "),
        ("[" * 5000, "line 1: "),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_text_that_is_no_model_says_why(text, mistake):
    assert mistakes_of(text)[0].startswith(mistake)


def test_a_key_that_stands_twice_is_a_mistake():
    text = "entities:\n  - name: a\n    name: b\n    fields: [{name: f}]\n"
    assert mistakes_of(text) == ("line 3: a: the key 'name' stands twice",)


def test_two_entities_of_one_name_are_a_mistake():
    text = "entities:\n  - {name: a, fields: [{name: f}]}\n  - {name: a, fields: [{name: f}]}\n"
    assert mistakes_of(text) == ("line 3: the entity 'a' stands twice",)


def test_a_model_needs_a_name_from_somewhere():
    text = "entities:\n  - {name: a, fields: [{name: f}]}\n"
    assert mistakes_of(text, None) == ("line 1: the model has no name: add the key 'name', or give one",)


@given(st.text(max_size=200))
def test_any_text_is_a_schema_or_a_configuration_error(text):
    try:
        schema = read_canonical(text, "any")
    except ConfigurationError as error:
        assert error.mistakes  # noqa: PT017 - either outcome is right; a fault of another class is not
    else:
        assert schema.name == "any"

import pytest

from schema_matching_pipeline.errors import UnknownNameError
from schema_matching_pipeline.model.canonical import CanonicalEntity, CanonicalField, FieldRef, RiskClass
from schema_matching_pipeline_tests.registry.office import PATIENT
from schema_matching_pipeline_tests.registry.steps import connected, rows

CHANGED = PATIENT.but(domain="health")


def test_a_model_is_read_as_it_was_put(office):
    with office.open() as unit:
        assert unit.canonical.get("practice") == PATIENT


def test_the_same_content_makes_no_new_version(office):
    with office.open() as unit:
        assert unit.canonical.put(PATIENT) == PATIENT.fingerprint()
        (listed,) = unit.canonical.list()
    assert (listed.version, listed.entities, listed.fields) == (1, 2, 5)


def test_another_content_becomes_the_newest_version_and_going_back_another_one(office):
    with office.open() as unit:
        unit.canonical.put(CHANGED)
        assert unit.canonical.get("practice") == CHANGED
        unit.canonical.put(PATIENT)
        assert unit.canonical.get("practice") == PATIENT
        (listed,) = unit.canonical.list()
    assert (listed.version, listed.digest) == (3, PATIENT.fingerprint())


def test_fields_are_rows_with_the_hash_of_their_definition(office, owner_url, registry_database):
    with connected(registry_database.superuser_url) as connection:
        found = rows(
            connection,
            "select entity, field, data_type, required, primary_key, risk_class, definition_hash, position "
            "from smp.canonical_fields where field = 'patient_id'",
        )
    expected = PATIENT.definition_hash(FieldRef(entity="patient", field="patient_id"))
    assert found == [("patient", "patient_id", "identifier", True, True, "critical", expected, 0)]


def test_an_unknown_model_is_answered_with_the_known_ones(office):
    with office.open() as unit, pytest.raises(UnknownNameError, match=r"Known: practice\."):
        unit.canonical.get("practise")


def test_names_of_any_script_survive_and_a_nul_character_becomes_the_replacement_character(office):
    odd = PATIENT.but(
        name="odd",
        entities=(
            CanonicalEntity(
                name="Größe'; drop table x; --",
                risk_class=RiskClass.OPTIONAL,
                fields=(CanonicalField(name="日付\\u0000", description="a\0b\\\0"),),
            ),
        ),
    )
    with office.open() as unit:
        unit.canonical.put(odd)
        kept = unit.canonical.get("odd")
    (entity,) = kept.entities
    assert entity.name == "Größe'; drop table x; --"
    assert (entity.fields[0].name, entity.fields[0].description) == ("日付\\u0000", "a\ufffdb\\\ufffd")

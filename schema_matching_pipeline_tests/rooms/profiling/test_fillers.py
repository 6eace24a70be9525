from __future__ import annotations

import pytest

from schema_matching_pipeline.canon.absent import is_placeholder, is_sentinel
from schema_matching_pipeline.profiling.fillers import (
    is_test_value,
    is_unissued_number,
)


@pytest.mark.parametrize(
    "text",
    ["test", "Test Patient 2", "TEST1", "asdfgh", "555-555-5555", "a@test.com", "xxx", "aaa bbb", "foo bar", "test@mail.org",
     "Max Mustermann", "Jane Doe", "123-456-7890", "1111111111", "Lorem ipsum dolor sit amet", "please do not use this", "Musterstraße 1",
     "Testpatient", "Musterfirma 3", "paciente de prueba", "utente prova", "client de test", "Testklant", "sdfsdf", "qweqwe", "no usar",
     "bitte löschen", "abc@abc.com", "prueba2@hospital.es", "max.mustermann@gmx.de", "demo patient",
     "(555) 555-0100", "+1 999 999 9999"],
)  # fmt: skip
def test_made_up_values_are_known(text):
    assert is_test_value(text)


@pytest.mark.parametrize(
    "text",
    ["Pregnancy test", "Foot", "Attest", "1234", "(619) 555-2222", "aa", "ann@mail.org", "xander@mail.org", "Barbados", "ABC News",
     "Mustafa", "Anna Novak", "2222", "Test results of the patient", "00000", "Aaron",
     "No test", "Testament", "Testa", "Prueba de embarazo", "Demografie", "Mustang", "deleted", "provander@mail.org", "info@mail.org",
     "werter Herr", "Test medico"],
)  # fmt: skip
def test_values_that_only_remind_of_a_test_are_not(text):
    assert not is_test_value(text)


@pytest.mark.parametrize(
    "text",
    ["9999-12-31", "31.12.9999", "-1", "99999", "1900-01-01", "9999-12-31 00:00:00", "9999.99", "2079-06-06"],
)
def test_ends_of_time_and_numbers_for_none_are_sentinels(text):
    assert is_sentinel(text)


@pytest.mark.parametrize("text", ["2021-12-31", "-10", "99", "0", "1", "19999"])
def test_ordinary_values_are_no_sentinels(text):
    assert not is_sentinel(text)


@pytest.mark.parametrize(
    "text",
    ["N/A", "null", "--", "unbekannt", "0000-00-00", "?", "k.A.", "sin datos", "non renseigné", "TBD", "[]"],
)
def test_words_and_marks_for_none_are_placeholders(text):
    assert is_placeholder(text)


@pytest.mark.parametrize("text", ["0", "no", "Nana", "a", "+", "ND", "void"])
def test_answers_are_no_placeholders(text):
    assert not is_placeholder(text)


@pytest.mark.parametrize("text", ["999-12-3456", "000-12-3456", "212-00-3456", "123456789", "111-11-1111"])
def test_numbers_that_are_never_issued_are_known(text):
    assert is_unissued_number(text)


@pytest.mark.parametrize("text", ["212-45-6789", "K1234567", "S99912345", "912345678"])
def test_numbers_that_may_be_issued_are_not(text):
    assert not is_unissued_number(text)

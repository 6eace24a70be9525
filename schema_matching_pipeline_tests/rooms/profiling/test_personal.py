from __future__ import annotations

import pytest

from schema_matching_pipeline_tests.builders import a_column

PHONES = ["(619) 555-2222", "(213) 555-5555"]
NAMES = ["Maria Perez", "Thomas Keller", "Anna Novak"]


@pytest.mark.parametrize(
    ("table", "name", "values"),
    [
        ("patients", "last_name", ["Keller", "Brandt"]),
        ("patients", "dob", ["1962-03-14", "1970-01-02"]),
        ("kunden", "Geburtsdatum", ["14.03.1962"]),
        ("t", "email", ["ann@example.org"]),
        ("t", "kontakt", ["ann@example.org", "bob@example.org"]),
        ("t", "field7", PHONES),
        ("t", "field8", NAMES),
        ("t", "phone", ["6195552222"]),
        ("t", "ssn", ["123456789"]),
        ("t", "ssn", ["123-45-6789"]),
        ("t", "street", ["12 Oak Lane"]),
        ("subscribers", "name", ["Q. Zzyx", "W. Ynx"]),
        ("t", "patient_name", ["Q. Zzyx", "W. Ynx"]),
        ("t", "drivers_license", ["K1234567"]),
    ],
)
def test_personal_by_name_or_by_values(table, name, values):
    assert a_column(name, values, table=table).personal


@pytest.mark.parametrize(
    ("table", "name", "values"),
    [
        ("t", "ACADEMIC_YEAR_CODE", ["AY21", "AY22"]),
        ("t", "scenario_code", ["S1", "S2"]),
        ("t", "email_verified", ["Y", "N"]),
        ("t", "email_count", ["1", "7"]),
        ("t", "phone_type", ["home", "work"]),
        ("t", "fname_required", ["true", "false"]),
        ("products", "name", ["Chair", "Table"]),
        ("t", "product_name", ["Chair", "Table"]),
        ("t", "city", ["Madison", "Charlotte"]),
        ("t", "visit_date", ["2020-03-14", "2020-01-02"]),
        ("t", "amount", ["12.50", "3.10"]),
        ("t", "last_updated", ["2020-03-14", "2020-01-02"]),
        ("t", "email", [None, None]),
    ],
)
def test_what_only_sounds_personal_is_not(table, name, values):
    assert not a_column(name, values, table=table).personal

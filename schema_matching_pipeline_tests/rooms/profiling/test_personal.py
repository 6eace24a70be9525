from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.model.source import SourceAddress
from schema_matching_pipeline.runtime import standalone_sources
from schema_matching_pipeline.workflows.profile_source import measure_source
from schema_matching_pipeline_tests.builders import Values, a_column, a_measured_source

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


@pytest.mark.parametrize(
    ("table", "name", "values", "kind", "level"),
    [
        ("t", "email", ["ann@example.org"], "email", "identifying"),
        ("t", "field7", PHONES, "phone", "identifying"),
        ("t", "ssn", ["123456789"], "ssn", "identifying"),
        ("t", "steuer_id", ["36574261809"], "personal_number", "identifying"),
        ("t", "card", ["4111111111111111"], "payment_card", "identifying"),
        ("patients", "dob", ["1962-03-14"], "birth_date", "identifying"),
        ("patients", "race", ["white", "asian"], "race or ethnicity", "sensitive"),
        ("employees", "salary", ["52000", "61000"], "income", "sensitive"),
        ("visits", "diagnosis_code", ["E11.9", "I10.0"], "health", "sensitive"),
        ("patients", "gender", ["M", "F"], "gender", "quasi"),
        ("customers", "city", ["Madison", "Charlotte"], "city", "quasi"),
        ("patients", "zip", ["02139", "02140"], "postal_code", "quasi"),
        ("patients", "age", ["41", "7"], "age", "quasi"),
        ("t", "login_name", ["akeller", "tbrandt"], "login", "identifying"),
        ("t", "passwd", ["5f4dcc3b5aa765d61d8327deb882cf99"], "credential", "identifying"),
        ("t", "referred_by", ["Q. Zzyx", "W. Ynx"], "person_name", "identifying"),
        ("t", "medicare_id", ["77001", "77002"], "personal_number", "identifying"),
        ("t", "religion", ["none", "buddhist"], "religion", "sensitive"),
        ("patients", "hiv_positive", ["Y", "N"], "health", "sensitive"),
        ("patients", "death_date", ["2020-03-14", "2021-01-02"], "death date", "quasi"),
        ("patients", "country_code", ["US", "DE"], "country", "quasi"),
        ("clientes", "codigo_postal", ["28001", "28002"], "postal_code", "quasi"),
    ],
)
def test_the_kind_and_the_level_of_personal_data_are_told(table, name, values, kind, level):
    found = a_column(name, values, table=table).personal_data
    assert found is not None
    assert (found.kind, found.level) == (kind, level)


@pytest.mark.parametrize(
    ("table", "name", "values"),
    [
        ("organizations", "city", ["Madison", "Charlotte"]),
        ("races", "race", ["Grand Prix", "Marathon"]),
        ("icd_codes", "code", ["E11.9", "I10.0"]),
        ("products", "age", ["3", "4"]),
        ("patients", "race_id", ["3", "4"]),
        ("t", "last_login", ["2020-03-14 10:00:00"]),
        ("t", "login_count", ["3", "14"]),
        ("t", "password_changed", ["Y", "N"]),
        ("t", "author", ["4711", "4712"]),
        ("t", "tax_rate", ["0.19", "0.07"]),
        ("devices", "death_date", ["2020-03-14"]),
        ("t", "smoker", ["Y", "N"]),
    ],
)
def test_what_is_not_about_a_person_is_of_no_level(table, name, values):
    assert a_column(name, values, table=table).personal_data is None


def test_a_table_with_family_names_is_about_persons_whatever_it_is_called():
    columns: dict[str, Values] = {
        "name": ["Ana", "Luca"],
        "cognome": ["Rossi", "Bianchi"],
        "district": ["Nord", "Sud"],
    }
    found = {column.column: column.personal_data for column in a_measured_source({"x7": columns}).columns}
    assert {name: (about.kind, about.level) for name, about in found.items() if about} == {
        "name": ("person_name", "identifying"),
        "cognome": ("person_name", "identifying"),
        "district": ("district", "quasi"),
    }


def test_name_and_values_both_stand_in_the_evidence():
    found = a_column("email", ["ann@example.org", "bob@example.org"]).personal_data
    assert found is not None
    assert found.evidence == ("the name announces email", "100% of the values are of the form email")


PERSONAL = {
    "patients": "BIRTHDATE SSN DRIVERS PASSPORT FIRST LAST MAIDEN ADDRESS",
    "providers": "NAME",
    "Customer": "FirstName LastName Address Phone Fax Email",
    "Employee": "FirstName LastName BirthDate Address Phone Fax Email",
    "Invoice": "BillingAddress",
}
IMPERSONAL = {
    "patients": "PREFIX MARITAL RACE ETHNICITY GENDER CITY STATE COUNTY ZIP LAT LON HEALTHCARE_EXPENSES HEALTHCARE_COVERAGE",
    "providers": "GENDER SPECIALITY CITY STATE ZIP LAT LON",
    "Customer": "Company City State Country PostalCode SupportRepId",
    "Employee": "Title ReportsTo HireDate City State Country PostalCode",
    "Invoice": "InvoiceDate Total BillingCity BillingState BillingCountry BillingPostalCode",
    "Track": "Name Milliseconds Bytes UnitPrice",
    "Album": "Title",
    "Genre": "Name",
    "Playlist": "Name",
}


def test_personal_columns_of_real_clients_are_found_at_an_f1_of_090(shared_clients):
    found = {
        (column.table, column.column)
        for place in (
            "synthea/raw/patients.csv",
            "synthea/raw/providers.csv",
            "chinook/raw/Chinook_Sqlite.sqlite",
        )
        for column in _profile(shared_clients / place).columns
        if column.personal
    }
    personal, impersonal = _labelled(PERSONAL), _labelled(IMPERSONAL)
    right, wrong = len(found & personal), len(found & impersonal)
    assert 2 * right / (right + wrong + len(personal)) >= 0.9


def _labelled(names: dict[str, str]) -> set[tuple[str, str]]:
    return {(table, column) for table, columns in names.items() for column in columns.split()}


def _profile(place: Path) -> SourceProfile:
    with standalone_sources().open(SourceAddress(location=SecretStr(str(place)))) as source:
        return measure_source(source, source.snapshot(), ProfilePolicy())

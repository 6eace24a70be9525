"""Columns that only sound or look personal, and personal ones that hardly do: what level each is of, and why."""

from __future__ import annotations

import random
import re
import string

import pytest

from schema_matching_pipeline.model.profile import PersonalLevel
from schema_matching_pipeline_tests.builders import a_column

ROWS = 40
CHANCE = random.Random(3)
IDENTIFYING, SENSITIVE, QUASI = PersonalLevel.IDENTIFYING, PersonalLevel.SENSITIVE, PersonalLevel.QUASI


def digits(count: int) -> list[str]:
    return ["".join(CHANCE.choices(string.digits, k=count)) for _ in range(ROWS)]


def numbered(first: int) -> list[str]:
    return [str(first + row) for row in range(ROWS)]


def day(first_year: int, years: int, form: str) -> str:
    return form.format(
        CHANCE.randrange(first_year, first_year + years), CHANCE.randint(1, 12), CHANCE.randint(1, 28)
    )


SSN = [f"{CHANCE.randint(100, 665)}{CHANCE.randint(10, 99)}{CHANCE.randint(1000, 9999)}" for _ in range(ROWS)]
SSN_DASHED = [f"{number[:3]}-{number[3:5]}-{number[5:]}" for number in SSN]
PHONES = [
    f"{CHANCE.choice((212, 415, 617))}{CHANCE.randint(200, 999)}{CHANCE.randint(1000, 9999)}"
    for _ in range(ROWS)
]
PHONES_DASHED = [f"({number[:3]}) {number[3:6]}-{number[6:]}" for number in PHONES]
BIRTHS = [day(1930, 70, "{}-{:02d}-{:02d}") for _ in range(ROWS)]
COMPACT_BIRTHS = [born.replace("-", "") for born in BIRTHS]
RECENT = [day(2020, 5, "{}-{:02d}-{:02d}") for _ in range(ROWS)]
COUNTED = numbered(0)
MEMBERS = [f"{CHANCE.choice('WXY')}{number}" for number in digits(9)]
NAMES = "Maria Perez|Thomas Keller|Anna Novak|James O'Brien|Jürgen Weiß"
EMAILS = [f"maria.perez{row}@mail.example.org" for row in range(ROWS)]
STREETS = "12 Oak Lane|350 Fifth Avenue|7 Main Street Apt 3"
NOTES = (
    "Patient Maria Perez called about her results and asked for Dr. Keller."
    "|Spoke with Thomas Keller, he will come back on Monday."
    "|The wound is healing well and needs no further care.|Left a message at 415-555-0199, no answer yet."
)
PLAIN_NOTES = (
    "the box was damaged on arrival and sent back|please call before delivery because the gate is closed"
    "|stock was counted twice and found to be right|Paris and Florence are the next two stops of the tour"
)

# Table, column, values (one text parts them with bars).
TRAPS = [
    ("t", "scenario_code", "S1|S2|S3"),
    ("t", "ACADEMIC_YEAR_CODE", "AY21|AY22"),
    ("t", "email_verified", "Y|N"),
    ("t", "email_verified_at", RECENT),
    ("users", "phone_verified", "true|false"),
    ("t", "address_type", "home|work"),
    ("t", "address_line_count", "1|2"),
    ("t", "ip_address_count", "1|4|9"),
    ("t", "name_prefix_code", "01|02"),
    ("t", "product_name", "Chair|Table"),
    ("t", "file_name", "a.pdf|b.pdf"),
    ("t", "host_name", "srv01|srv02"),
    ("t", "table_name", "patients|visits"),
    ("t", "drug_name", "Metformin|Ibuprofen"),
    ("t", "plan_name", "Gold PPO|Silver HMO"),
    ("t", "facility_name", "Mercy Hospital|General Clinic"),
    ("t", "company_name", "Acme Inc|Globex Corp"),
    ("t", "event_name", "login|logout"),
    ("t", "street_type", "Ave|Rd"),
    ("t", "phone_type", "home|cell"),
    ("t", "contact_method", "phone|email"),
    ("t", "email_opt_in", "1|0"),
    ("t", "birth_certificate_on_file", "Y|N"),
    ("t", "first_visit_date", RECENT),
    ("t", "last_name_changed", "Y|N"),
    ("t", "first", "1|2|3"),
    ("t", "last_seen", RECENT),
    ("t", "order_number", "100001|100002|100003"),
    ("t", "invoice_no", numbered(4_155_550_000)),
    ("t", "batch_id", numbered(200_000_000)),
    ("t", "npi", "1234567893|1245319599"),
    ("t", "ndc", "0002-1433-80|0009-0029-02"),
    ("t", "version", "1.2.3|10.0.1"),
    ("t", "mother_board", "ASUS|MSI"),
    ("t", "race_time", "10:30|11:15"),
    ("t", "credit_limit", "5000|10000"),
    ("t", "card_type", "VISA|MC"),
    ("t", "passport_required", "Y|N"),
    ("t", "ssn_verified", "Y|N"),
    ("t", "account_status", "open|closed"),
    ("t", "twelve", "ABCDEFGHIJKL|QWERTZUIOPAS"),
    ("t", "quantity", COUNTED),
    ("orders", "order_number", numbered(4_152_345_678)),
    ("orders", "invoice_number", digits(10)),
    ("calls", "call_id", PHONES),
    ("t", "city_name", "Paris|Florence|Charlotte|Austin"),
    ("t", "tax_code", "T1|T2"),
    ("t", "license_type", "RN|MD"),
    ("t", "insurance_type", "PPO|HMO"),
    ("t", "policy_type", "group|single"),
    ("t", "gender_neutral", "Y|N"),
    ("t", "url", "https://a.example.com/john.smith|https://b.example.com/x"),
    ("t", "mac_address", "00:1b:44:11:3a:b7|00:1b:44:11:3a:b8"),
    ("t", "comments", PLAIN_NOTES),
    ("products", "name", "Chair|Table"),
    ("t", "color_name", "Red|Blue"),
    ("t", "language_name", "English|German"),
    ("t", "author_count", "1|2"),
    ("patients", "device_serial", "SN123456|SN123457"),
    ("patients", "photo_url", "https://x.example.com/1.jpg"),
]  # fmt: skip

# The same, and of which kind and level its data are.
PERSONAL = [
    ("t", "display_name", NAMES, "person_name", IDENTIFYING),
    ("t", "SSN", SSN, "ssn", IDENTIFYING),
    ("t", "ss_num", SSN, "ssn", IDENTIFYING),
    ("t", "soc_sec_no", SSN_DASHED, "ssn", IDENTIFYING),
    ("t", "field12", SSN_DASHED, "ssn", IDENTIFYING),
    ("patients", "pt_ssn", SSN, "ssn", IDENTIFYING),
    ("t", "ssn_last4", digits(4), "ssn", IDENTIFYING),
    ("t", "ph1", PHONES, "phone", IDENTIFYING),
    ("t", "home_tel", PHONES, "phone", IDENTIFYING),
    ("t", "col_9", PHONES_DASHED, "phone", IDENTIFYING),
    ("t", "mobile_no", PHONES, "phone", IDENTIFYING),
    ("calls", "dialed_number", PHONES, "phone", IDENTIFYING),
    ("calls", "from_no", PHONES, "phone", IDENTIFYING),
    ("lines", "number", [f"415{number[3:]}" for number in PHONES], "phone", IDENTIFYING),
    ("t", "cellphone", PHONES, "phone", IDENTIFYING),
    ("t", "emergency_contact_phone", PHONES_DASHED, "phone", IDENTIFYING),
    ("patients", "brthdt", BIRTHS, "birth_date", IDENTIFYING),
    ("patients", "b_dt", BIRTHS, "birth_date", IDENTIFYING),
    ("patients", "pat_dob", BIRTHS, "birth_date", IDENTIFYING),
    ("patients", "GEBDAT", COMPACT_BIRTHS, "birth_date", IDENTIFYING),
    ("patients", "DTNAISS", BIRTHS, "birth_date", IDENTIFYING),
    ("patients", "fecha_nac", BIRTHS, "birth_date", IDENTIFYING),
    ("patients", "bday", BIRTHS, "birth_date", IDENTIFYING),
    ("members", "x_birth", COMPACT_BIRTHS, "birth_date", IDENTIFYING),
    ("patients", "naissance", BIRTHS, "birth_date", IDENTIFYING),
    ("patients", "data_nascita", BIRTHS, "birth_date", IDENTIFYING),
    ("patients", "dateofbirth", BIRTHS, "birth_date", IDENTIFYING),
    ("patients", "DOB_DT", COMPACT_BIRTHS, "birth_date", IDENTIFYING),
    ("claims", "subscriber_id", MEMBERS, "personal_number", IDENTIFYING),
    ("claims", "policy_no", MEMBERS, "personal_number", IDENTIFYING),
    ("claims", "member_id", digits(9), "personal_number", IDENTIFYING),
    ("claims", "insured_id_no", digits(10), "personal_number", IDENTIFYING),
    ("claims", "medicaid_id", digits(10), "personal_number", IDENTIFYING),
    ("claims", "hic_number", "1EG4TE5MK72|2AB3CD4EF56", "personal_number", IDENTIFYING),
    ("patients", "mrn", digits(8), "personal_number", IDENTIFYING),
    ("patients", "chart_no", digits(6), "personal_number", IDENTIFYING),
    ("claims", "policy_holder_id", MEMBERS, "personal_number", IDENTIFYING),
    ("visits", "notes", NOTES, "free text", IDENTIFYING),
    ("visits", "free_text", NOTES, "free text", IDENTIFYING),
    ("visits", "x7", NOTES, "free text", IDENTIFYING),
    ("t", "field8", NAMES, "person_name", IDENTIFYING),
    ("patients", "pt_nm", NAMES, "person_name", IDENTIFYING),
    ("t", "cust_nm", NAMES, "person_name", IDENTIFYING),
    ("visits", "attending", NAMES, "person_name", IDENTIFYING),
    ("t", "kontaktperson", NAMES, "person_name", IDENTIFYING),
    ("patients", "mothers_maiden_name", "Keller|Novak", "person_name", IDENTIFYING),
    ("t", "addr1", STREETS, "street", IDENTIFYING),
    ("t", "strasse", STREETS, "street", IDENTIFYING),
    ("t", "loc", STREETS, "street", IDENTIFYING),
    ("t", "login_email", EMAILS, "email", IDENTIFYING),
    ("t", "contact", EMAILS, "email", IDENTIFYING),
    ("t", "user", EMAILS, "email", IDENTIFYING),
    ("t", "client_ip", "192.168.1.4|10.0.0.9|8.8.8.8", "ip", IDENTIFYING),
    ("t", "last_login_ip", "192.168.1.4|10.0.0.9", "ip", IDENTIFYING),
    ("t", "pan", "4111111111111111|5555555555554444", "payment_card", IDENTIFYING),
    ("t", "acct_iban", "DE89370400440532013000|GB29NWBK60161331926819", "iban", IDENTIFYING),
    ("t", "drv_lic", "K1234567|D7654321", "personal_number", IDENTIFYING),
    ("t", "license_plate", "AB-123-CD|XY-9-Z", "personal_number", IDENTIFYING),
    ("t", "vin", "1HGCM82633A004352|1M8GDM9AXKP042788", "personal_number", IDENTIFYING),
    ("patients", "hiv_status", "positive|negative", "health", SENSITIVE),
    ("patients", "sexual_orientation", "a|b", "sexual life", SENSITIVE),
    ("patients", "dx1", "E11.9|I10", "health", SENSITIVE),
    ("patients", "marital_status", "single|married", "marital", QUASI),
    ("employees", "annual_income", "50000|60000", "income", SENSITIVE),
    ("patients", "zip", "02139|02140", "postal_code", QUASI),
    ("patients", "sex", "M|F", "gender", QUASI),
    ("patients", "age_at_visit", "41|17", "age", QUASI),
    ("patients", "county", "Kings|Queens", "state", QUASI),
    ("patients", "dod", RECENT, "death date", QUASI),
    ("patients", "blood_type", "A+|O-", "health", SENSITIVE),
]  # fmt: skip


def _rows(values: str | list[str]) -> list[str]:
    return values if isinstance(values, list) else values.split("|") * 9


@pytest.mark.parametrize(("table", "name", "values"), TRAPS, ids=[case[1] for case in TRAPS])
def test_what_only_sounds_or_looks_personal_is_of_no_level(table, name, values):
    assert a_column(name, _rows(values), table=table).personal_data is None


@pytest.mark.parametrize(
    ("table", "name", "values", "kind", "level"), PERSONAL, ids=[case[1] for case in PERSONAL]
)
def test_personal_data_under_any_name_are_of_their_kind_and_level(table, name, values, kind, level):
    found = a_column(name, _rows(values), table=table).personal_data
    assert found is not None
    assert (found.kind, found.level) == (kind, level)


@pytest.mark.parametrize(
    ("table", "name", "values", "evidence"),
    [
        ("patients", "b_dt", BIRTHS, r"in a table of persons its days are spread over \d\d years, as days of birth are"),
        ("visits", "x7", NOTES, "75% of the values are texts that name somebody"),
        ("claims", "subscriber_id", MEMBERS, "it is the number of somebody insured, by its name, and too long for .*"),
        ("t", "field12", SSN_DASHED, "100% of the values are of the form ssn_us"),
        ("patients", "pat_dob", BIRTHS, "the name announces birth date"),
    ],
)  # fmt: skip
def test_what_speaks_for_personal_data_is_told(table, name, values, evidence):
    found = a_column(name, _rows(values), table=table).personal_data
    assert found is not None
    assert re.fullmatch(evidence, found.evidence[0])


def test_a_key_that_was_counted_is_no_number_of_somebody_insured():
    assert a_column("member_id", COUNTED, table="claims").personal_data is None


def test_days_of_a_few_years_are_no_days_of_birth():
    assert a_column("b_dt", RECENT, table="patients").personal_data is None

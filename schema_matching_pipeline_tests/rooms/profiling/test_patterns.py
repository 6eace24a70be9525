from __future__ import annotations

from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema_matching_pipeline.profiling.pattern import PATTERNS

SLOW_SECONDS = 1.0  # a hundred times what the slowest needs
FOLLOWS = {
    "email": ["ann@example.org", "a.b+c@mail.co.uk"],
    "phone": ["(619) 555-2222", "+49 89 1234567", "978-342-9781 x12", "0891234567"],
    "url": ["https://a.org/x?y=1", "www.a.org", "clinic.de", "urn:uuid:3f2504e0-4f89-41d3-9a0c-0305e82c3301"],
    "ip": ["192.168.0.1", "2001:db8::1"],
    "street_address": ["12 Main Street", "Hauptstraße 12a", "Rue de Rivoli 4", "PO Box 12"],
    "uuid": ["3f2504e0-4f89-41d3-9a0c-0305e82c3301"],
    "ssn_us": ["123-45-6789"],
    "iban": ["DE89370400440532013000", "GB82 WEST 1234 5698 7654 32"],
    "payment_card": ["4111 1111 1111 1111"],
    "npi": ["1234567893"],
    "kvnr": ["A123456780"],
    "icd10": ["E11.9", "I10", "ICD10:J45.909"],
    "icd9": ["250.00"],
    "hcpcs": ["J1100"],
    "cpt": ["99213", "0001F"],
    "loinc": ["8302-2", "72514-3"],
    "snomed": ["195662009", "410620009"],
    "ndc": ["0002-8215-01"],
    "atc": ["C07AB02"],
    "zip_us": ["02139", "02139-1234"],
    "postal_code": ["10115", "SW1A 1AA", "K1A 0B1"],
    "us_state": ["MA"],
    "country_code": ["DE", "USA"],
    "language_code": ["de", "de-AT"],
    "currency_code": ["EUR"],
    "date_iso": ["2021-03-04", "2021-03-04T10:00:00Z"],
    "date_numeric": ["03/04/2021"],
    "date_worded": ["4 Mar 2021"],
    "date_compact": ["20210304"],
    "timestamp": ["2021-03-04 10:00"],
    "time": ["10:30"],
    "year": ["1999"],
    "money": ["$1,234.50", "12,50 €"],
    "percent": ["12 %"],
    "two_decimals": ["12.50"],
    "measured_quantity": ["500 mg"],
    "person_name": ["Maria Perez", "Dr. Anna von Stein", "Joe", "KELLER, THOMAS"],
    "relationship": ["spouse", "Ehefrau"],
    "sentence": ["Please call back next week."],
    "names_in_text": [
        "Spoke with Anna Novak about the visit.",
        "to be seen by Dr. Zzyx tomorrow",
        "please write to ann@example.org again",
    ],
    "json": ['{"a": 1}'],
    "markup": ["<p>hello</p>"],
    "separated_list": ["a|b|c", "red, green, blue"],
    "file_path": ["/etc/hosts", "scan.pdf"],
    "version_number": ["1.2.3"],
    "color": ["#99FFFF"],
    "hash": ["d" * 40],
    "duration": ["P3DT4H"],
    "national_id": [
        "36574261809",
        "12345678Z",
        "RCCMNL83S18D969H",
        "111.444.777-35",
        "943 476 5919",
        "AB 12 34 56 C",
    ],
    "mbi_us": ["1EG4-TE5-MK73", "1EG4TE5MK73"],
    "unit": ["mg/dL", "tablets"],
    "short_code": ["A-12"],
    "words": ["Boston Massachusetts"],
}
NEAR_MISSES = {
    "email": ["ann@example", "ann at example.org"],
    "phone": ["2021-03-04", "123-45-6789", "1234567", "192.168.0.1", "02139-1234", "1234567893456"],
    "ip": ["300.1.1.1", "10:30:00"],
    "street_address": ["Main Street", "12 apples"],
    "iban": ["DE89370400440532013001"],
    "npi": ["1234567890"],
    "kvnr": ["A123456781"],
    "national_id": ["36574261890", "12345678A", "111.444.777-36", "943 476 5918", "QQ 12 34 56 C"],
    "mbi_us": ["1SG4TE5MK73", "0EG4TE5MK73"],
    "unit": ["gold"],
    "loinc": ["8302-3"],
    "icd10": ["U", "1E1.9"],
    "snomed": ["195662008"],
    "person_name": ["Main Street", "maria perez", "Maria 12 Perez", "Boston"],
    "relationship": ["Joe"],
    "names_in_text": [
        "Please call back next week.",
        "Anna Novak",
        "the tour goes on from the Maria Church to the harbour",
    ],
    "sentence": ["Body Height", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"],
    "date_compact": ["20211304"],
    "payment_card": ["4111 1111 1111 1112"],
}


@pytest.mark.parametrize("name", sorted(FOLLOWS))
def test_a_pattern_knows_its_values(name):
    assert dict(zip(FOLLOWS[name], PATTERNS[name](FOLLOWS[name]), strict=True)) == dict.fromkeys(
        FOLLOWS[name], True
    )


@pytest.mark.parametrize("name", sorted(NEAR_MISSES))
def test_a_pattern_passes_over_what_only_looks_like_it(name):
    values = NEAR_MISSES[name]
    assert dict(zip(values, PATTERNS[name](values), strict=True)) == dict.fromkeys(values, False)


def test_every_pattern_is_shown_at_work_and_has_a_manual():
    shown = {*FOLLOWS, "ein_us", "isbn"}
    assert set(PATTERNS) == shown
    assert all(PATTERNS[name].__doc__ for name in PATTERNS)


@given(values=st.lists(st.text(min_size=1, max_size=60).map(str.strip).filter(bool), max_size=5))
def test_a_pattern_gives_one_truth_for_each_value_whatever_it_is(values):
    assert {len(PATTERNS[name](values)) for name in PATTERNS} == {len(values)}


@pytest.mark.parametrize("piece", ["a", "A. ", "1-", "1 ", "a,", "test ", "{[", "/a", "::"])
def test_no_pattern_is_slow_on_a_hostile_value(piece):
    slow = [name for name in PATTERNS if _seconds(PATTERNS[name], piece * 2_000 + "\x00") > SLOW_SECONDS]
    assert slow == []


def _seconds(pattern, value):
    started = thread_time()
    pattern([value])
    return thread_time() - started

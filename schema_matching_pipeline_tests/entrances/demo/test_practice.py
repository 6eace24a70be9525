from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban as iban_standard
from stdnum import luhn

from schema_matching_pipeline.entrances.cli.demo import harbor, oldmill, sonnental
from schema_matching_pipeline.entrances.cli.demo.check_digits import (
    dea_number,
    doctor_number,
    drug_number,
    health_insurance_number,
    iban,
    institution_number,
    npi,
    pension_number,
    with_wrong_check_digit,
)
from schema_matching_pipeline.entrances.cli.demo.draft import Sheet, answers_of, rows_of
from schema_matching_pipeline.entrances.cli.demo.english import AMERICAN
from schema_matching_pipeline.entrances.cli.demo.german import GERMAN
from schema_matching_pipeline.entrances.cli.demo.practice import build_practice
from schema_matching_pipeline.entrances.cli.demo.records import Practice
from schema_matching_pipeline.entrances.cli.demo.vocabulary import Vocabulary

FIRST, LAST = date(2018, 1, 1), date(2025, 6, 30)


@pytest.fixture(params=[AMERICAN, GERMAN], ids=["american", "german"])
def practice(request: pytest.FixtureRequest) -> Practice:
    words: Vocabulary = request.param
    return build_practice(words, patients=300, seed="one", first_day=FIRST, last_day=LAST)


@pytest.mark.parametrize(
    ("made", "published"),
    [
        (npi("123456789"), "1234567893"),
        (dea_number("AB", "123456"), "AB1234563"),
        (iban("DE", "370400440532013000"), "DE89370400440532013000"),
        (health_insurance_number("A", "12345678"), "A123456780"),
        (pension_number("15", "070649", "C", "10"), "15070649C103"),
        (doctor_number("123456", "01"), "123456601"),
        (institution_number("10831040"), "108310400"),
        (drug_number("2758089"), "27580899"),
    ],
    ids=["npi", "dea", "iban", "kvnr", "rvnr", "lanr", "ik", "pzn"],
)
def test_check_digits_agree_with_published_numbers(made: str, published: str) -> None:
    assert made == published


@given(st.text("0123456789", min_size=9, max_size=9), st.text("0123456789", min_size=18, max_size=18))
def test_every_body_gives_a_number_that_a_validator_accepts(body: str, account: str) -> None:
    number = npi(body)

    assert luhn.is_valid("80840" + number)
    assert iban_standard.is_valid(iban("DE", account), check_country=False)
    assert not luhn.is_valid("80840" + with_wrong_check_digit(number))


def tables_of(patients: int, seed: int) -> dict[str, list[Sheet]]:
    return {
        "harbor": harbor.build_tables(patients=patients, seed=seed),
        "sonnental": [export.sheet for export in sonnental.build_exports(patients=patients, seed=seed)],
        "oldmill": oldmill.build_tables(patients=patients, seed=seed),
    }


@pytest.mark.parametrize("slug", ["harbor", "sonnental", "oldmill"])
def test_the_same_seed_gives_the_same_rows_and_another_seed_other_people(slug: str) -> None:
    first, again, other = (tables_of(60, seed)[slug] for seed in (3, 3, 4))

    assert [rows_of(sheet) for sheet in first] == [rows_of(sheet) for sheet in again]
    assert answers_of(first) == answers_of(again)
    assert [rows_of(sheet) for sheet in first] != [rows_of(sheet) for sheet in other]


@settings(max_examples=12)
@given(st.integers(min_value=1, max_value=80), st.integers(min_value=0, max_value=10_000))
def test_any_size_and_seed_gives_columns_of_equal_length(patients: int, seed: int) -> None:
    lengths = {
        (slug, sheet.name): {len(column.values) for column in sheet.columns}
        for slug, sheets in tables_of(patients, seed).items()
        for sheet in sheets
    }

    assert {place for place, found in lengths.items() if len(found) != 1} == set()


def test_events_follow_each_other_in_a_plausible_order(practice: Practice) -> None:
    assert all(person.birth_date <= person.registered <= LAST for person in practice.patients)
    assert all(
        person.death_date is None or person.registered < person.death_date <= LAST
        for person in practice.patients
    )
    assert all(visit.patient.registered <= visit.starts.date() <= LAST for visit in practice.encounters)
    assert all(visit.starts < visit.ends for visit in practice.encounters)
    assert all(done.starts <= done.ends for done in practice.procedures)
    assert all(found.patient.birth_date <= found.start for found in practice.coverages)
    assert all(cover.end is None or cover.start <= cover.end for cover in practice.coverages)
    assert all(claim.encounter.starts.date() <= claim.billed for claim in practice.claims)
    assert all(money.claim.billed <= money.paid.date() for money in practice.payments)
    assert all(order.start < order.end for order in practice.medications)


def test_children_are_single_and_have_no_occupation(practice: Practice) -> None:
    children = [person for person in practice.patients if (LAST - person.birth_date).days < 17 * 365]

    assert {(person.marital_status, person.occupation) for person in children} == {("single", None)}


def test_bills_add_up(practice: Practice) -> None:
    charged: dict[int, object] = {}
    for done in practice.procedures:
        charged[done.encounter.id] = sum(
            other.price for other in practice.procedures if other.encounter.id == done.encounter.id
        )

    assert {visit.id: visit.total for visit in practice.encounters} == charged
    assert all(money.amount + money.adjustment == money.claim.encounter.total for money in practice.payments)

from __future__ import annotations

from schema_matching_pipeline.model.source import ForeignKey
from schema_matching_pipeline_tests.builders import a_measured_source

NUMBERS = [str(number) for number in range(1, 101)]
UUIDS = [f"3f2504e0-4f89-41d3-9a0c-{number:012d}" for number in range(100)]


def references(profile, table):
    found = next(own for own in profile.tables if own.name == table)
    return [(key.columns[0], key.referred_table, key.referred_columns[0]) for key in found.foreign_keys]


def test_small_numbers_refer_only_where_the_names_agree():
    profile = a_measured_source(
        {
            "customers": {"id": NUMBERS},
            "articles": {"id": NUMBERS},
            "orders": {
                "id": NUMBERS,
                "customer_id": NUMBERS[:40] * 2 + NUMBERS[:20],
                "rank": NUMBERS[:5] * 20,
            },
        }
    )
    assert references(profile, "orders") == [("customer_id", "customers", "id")]


def test_values_nobody_meets_by_chance_refer_without_a_name():
    profile = a_measured_source({"visits": {"id": UUIDS}, "bills": {"reason": UUIDS[:30] * 2}})
    assert references(profile, "bills") == [("reason", "visits", "id")]


def test_a_filler_among_the_values_does_not_hide_a_reference():
    profile = a_measured_source({"payers": {"id": UUIDS[:10]}, "bills": {"payer": ["0", *UUIDS[:9]] * 3}})
    assert references(profile, "bills") == [("payer", "payers", "id")]


def test_values_that_are_not_in_the_key_refuse_a_reference():
    profile = a_measured_source({"visits": {"id": UUIDS[:50]}, "bills": {"visit_id": UUIDS[40:] * 2}})
    assert references(profile, "bills") == []


def test_of_several_keys_with_the_same_values_the_one_of_its_own_table_is_meant():
    profile = a_measured_source(
        {
            "claims": {"claim_no": [f"C{number}" for number in NUMBERS], "visit_id": NUMBERS},
            "visits": {"visit_id": NUMBERS},
            "bills": {"visit_id": NUMBERS[:30] * 3},
        }
    )
    assert references(profile, "bills") == [("visit_id", "visits", "visit_id")]
    assert references(profile, "visits") == []


def test_a_declared_reference_is_not_discovered_again():
    declared = ForeignKey(columns=("visit_id",), referred_table="visits", referred_columns=("id",))
    profile = a_measured_source(
        {"visits": {"id": UUIDS}, "bills": {"visit_id": UUIDS}}, foreign_keys={"bills": (declared,)}
    )
    bills = next(table for table in profile.tables if table.name == "bills")
    assert bills.foreign_keys == (declared,)


def test_addresses_that_happen_to_be_unique_are_nobodys_key():
    streets = [f"{number} Oak Street" for number in NUMBERS]
    profile = a_measured_source(
        {"customers": {"address": streets}, "bills": {"billing_address": streets[:50] * 2}}
    )
    assert references(profile, "bills") == []


def test_a_table_may_refer_to_itself_by_a_name_that_says_so():
    profile = a_measured_source(
        {"staff": {"id": NUMBERS, "manager_id": NUMBERS[:4] * 25, "level": NUMBERS[:4] * 25}}
    )
    assert references(profile, "staff") == [("manager_id", "staff", "id")]


def test_key_candidates_are_unique_and_exact_the_likeliest_first():
    profile = a_measured_source(
        {
            "people": {
                "label": [f"n{number}" for number in NUMBERS],
                "person_id": NUMBERS,
                "city": ["a", "b"] * 50,
            }
        }
    )
    assert profile.tables[0].key_candidates == (("person_id",), ("label",))


def test_a_column_with_a_gap_is_no_key():
    profile = a_measured_source({"t": {"id": [*NUMBERS[:-1], None]}})
    assert profile.tables[0].key_candidates == ()

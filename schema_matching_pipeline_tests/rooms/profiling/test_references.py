from __future__ import annotations

from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.source import ForeignKey
from schema_matching_pipeline.profiling.references import discover_references
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


def test_a_module_in_front_of_a_table_need_not_be_named():
    profile = a_measured_source(
        {
            "auth_user": {"id": NUMBERS},
            "auth_group": {"id": NUMBERS[:6]},
            "blog_post": {"id": NUMBERS, "user_id": NUMBERS[:30] * 3, "group_id": NUMBERS[:5] * 18},
        }
    )
    assert references(profile, "blog_post") == [
        ("user_id", "auth_user", "id"),
        ("group_id", "auth_group", "id"),
    ]


def test_who_did_something_is_found_among_the_people():
    profile = a_measured_source(
        {
            "employees": {"id": NUMBERS},
            "articles": {"id": NUMBERS},
            "orders": {
                "created_by": NUMBERS[:9] * 3,
                "support_rep_id": NUMBERS[:3] * 9,
                "rank": NUMBERS[:3] * 9,
            },
        }
    )
    assert references(profile, "orders") == [
        ("created_by", "employees", "id"),
        ("support_rep_id", "employees", "id"),
    ]


def test_a_shipper_is_meant_by_what_it_does():
    profile = a_measured_source({"shippers": {"id": NUMBERS[:3]}, "orders": {"ship_via": NUMBERS[:3] * 30}})
    assert references(profile, "orders") == [("ship_via", "shippers", "id")]


def test_a_number_of_something_does_not_refer_to_it():
    profile = a_measured_source(
        {"comments": {"id": NUMBERS}, "posts": {"id": NUMBERS, "comment_count": NUMBERS[:20] * 5}}
    )
    assert references(profile, "posts") == []


def test_a_key_made_by_its_own_table_does_not_refer_to_another():
    profile = a_measured_source(
        {
            "product": {"product_id": NUMBERS},
            "product_category": {"product_category_id": NUMBERS[:4]},
        },
        primary_keys={"product": "product_id", "product_category": "product_category_id"},
    )
    assert references(profile, "product_category") == []


def test_a_column_without_values_is_told_by_a_name_that_names_a_primary_key():
    profile = a_measured_source(
        {
            "customers": {"customer_id": NUMBERS, "rank": NUMBERS},
            "notes": {"customer_id": [None] * 9, "rank": [None] * 9},
        },
        primary_keys={"customers": "customer_id"},
    )
    assert references(profile, "notes") == [("customer_id", "customers", "customer_id")]
    assert profile.tables[1].foreign_keys[0].score == ProfilePolicy().inclusion_score


def test_a_view_made_of_tables_neither_refers_nor_is_referred_to():
    tables = a_measured_source(
        {
            "customers": {"customer_id": UUIDS},
            "orders": {"order_id": NUMBERS, "customer_id": UUIDS},
            "recent": {"order_id": NUMBERS[:50], "customer_id": UUIDS[:50]},
        }
    ).tables
    bare = [table.but(foreign_keys=()) for table in tables]
    found = discover_references(bare, ProfilePolicy(), {"recent"})
    assert [key.referred_table for key in found["orders"]] == ["customers"]
    assert found["recent"] == ()


def test_views_are_tables_where_nothing_else_is_shown():
    tables = a_measured_source({"customers": {"id": UUIDS}, "orders": {"customer_id": UUIDS[:30] * 3}}).tables
    bare = [table.but(foreign_keys=()) for table in tables]
    found = discover_references(bare, ProfilePolicy(), {"customers", "orders"})
    assert [key.referred_table for key in found["orders"]] == ["customers"]


def test_a_table_whose_name_says_nothing_is_found_by_its_key():
    profile = a_measured_source(
        {"t1": {"invoice_id": NUMBERS}, "t2": {"id": NUMBERS, "invoice_id": NUMBERS[:30] * 3}},
        primary_keys={"t1": "invoice_id"},
    )
    assert references(profile, "t2") == [("invoice_id", "t1", "invoice_id")]


def test_of_a_table_of_many_columns_that_are_unique_by_chance_only_the_declared_key_is_referred_to():
    chance = {f"measure_{place}": [str(place * 1_000 + row) for row in range(100)] for place in range(100)}
    profile = a_measured_source({"visits": {"code": UUIDS, **chance}, "bills": {"reason": UUIDS[:10] * 2}})
    assert references(profile, "bills") == []
    visits = profile.tables[0].but(primary_key=("code",))
    found = discover_references((visits, *profile.tables[1:]), ProfilePolicy())
    assert [key.referred_columns for key in found["bills"]] == [("code",)]


def test_types_of_codes_are_no_types_of_anything_else():
    few = NUMBERS[:4] * 25
    profile = a_measured_source(
        {
            "code_types": {"ct_id": NUMBERS[:20]},
            "bills": {"id": NUMBERS, "code_type": few, "payer_type": few, "type": few},
        }
    )
    assert references(profile, "bills") == [("code_type", "code_types", "ct_id")]


def test_what_everything_has_is_no_key_of_one_thing():
    none: list[str] = []
    profile = a_measured_source(
        {
            "services": {"name": [f"service {number}" for number in NUMBERS]},
            "drugs": {"name": none},
            "files": {"table_name": none, "service_id": none},
        },
        primary_keys={"services": "name"},
    )
    assert references(profile, "drugs") == []
    assert references(profile, "files") == [("service_id", "services", "name")]


def test_how_many_there_were_refers_to_none_of_them():
    counts = NUMBERS[:10] * 10
    profile = a_measured_source(
        {
            "visits": {"id": NUMBERS},
            "payers": {"key": NUMBERS, "covered_visits": counts, "first_visit": counts},
        }
    )
    assert references(profile, "payers") == [("first_visit", "visits", "id")]


def test_what_only_adds_to_a_table_refers_to_it_and_nothing_refers_back():
    stores = [f"S{number:04}" for number in range(100)]
    profile = a_measured_source(
        {
            "pub_info": {"pub_id": stores},
            "publishers": {"pub_id": stores},
            "titles": {"pub_id": stores[:50] * 2},
        }
    )
    assert references(profile, "pub_info") == [("pub_id", "publishers", "pub_id")]
    assert references(profile, "publishers") == []
    assert references(profile, "titles") == [("pub_id", "publishers", "pub_id")]

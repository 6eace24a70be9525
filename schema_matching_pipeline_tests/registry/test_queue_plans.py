"""How the database finds what a desk asks for: by an index, also under row-level security, where many items wait."""

from __future__ import annotations

import pytest

from schema_matching_pipeline.model.review import QueueOrder
from schema_matching_pipeline.registry.repositories import reviews
from schema_matching_pipeline.registry.repositories.review_queue import conditions, placed
from schema_matching_pipeline_tests.registry.steps import connected

# A table of a few rows is read as a whole, whatever there is besides.
_AS_IF_LARGE = "set enable_seqscan = off; set enable_bitmapscan = off; set enable_sort = off"


def plan(office, query):
    with connected(office.url) as connection:
        connection.exec_driver_sql(_AS_IF_LARGE)
        connection.exec_driver_sql(f"select set_config('smp.tenant_id', '{office.tenant}', false)")
        return "\n".join(row[0] for row in connection.exec_driver_sql(f"explain {query}"))


@pytest.mark.parametrize("order", QueueOrder)
def test_the_first_page_of_the_queue_is_put_in_order_without_the_rest(office, order):
    waiting = conditions({}, decided=False)

    found = plan(
        office, f"select i.id from smp.review_items i where {waiting} order by {placed(order)} limit 50"
    )

    assert "Index" in found
    assert "->  Sort" not in found


def test_the_first_page_of_what_was_decided_is_put_in_order_without_the_rest(office):
    decided = conditions({}, decided=True)

    found = plan(
        office,
        f"select i.id from smp.review_items i where {decided} order by {placed(QueueOrder.VALUE)} limit 50",
    )

    assert "using review_items_decided_idx" in found
    assert "->  Sort" not in found


def test_the_beginning_of_an_id_is_looked_up_in_an_index(office):
    found = plan(office, reviews.BEGINNING.replace(":beginning", "'5f0c'"))

    assert (
        "(id >= '5f0c'::text) AND (id < '5f0cg'::text)"
        in found.partition("Index Cond:")[2].partition("\n")[0]
    )

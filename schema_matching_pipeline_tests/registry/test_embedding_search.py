"""The nearest vectors among thousands: of one model and one tenant, by that model's index, and no neighbour lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import psycopg
import pytest
from sqlalchemy import text

from schema_matching_pipeline.registry import Registry, UnitOfWork
from schema_matching_pipeline_tests.conftest import RegistryDatabase
from schema_matching_pipeline_tests.registry.office import KEY, Office, make_office, routed
from schema_matching_pipeline_tests.registry.steps import connected, one, rows

MODELS = ("m1", "m2")
ROWS = (600, 400)
"""Of each model, by tenant. Few are read and sorted, not looked up."""
DEPTH = 24
"""Of how many dimensions the vectors differ: like those of texts, and unlike noise, they have near and far neighbours."""


class Library(NamedTuple):
    """Two tenants with a client for each model, and the vectors of each."""

    offices: tuple[Office, Office]
    vectors: dict[tuple[int, str], npt.NDArray[np.float32]]
    superuser_url: str


@pytest.fixture(scope="module")
def library(module_registry: RegistryDatabase) -> Iterator[Library]:
    registry = Registry(module_registry.app_url, secret_key=KEY)
    offices = (
        make_office(registry, module_registry.app_url, "first"),
        make_office(registry, module_registry.app_url, "second"),
    )
    draw = np.random.default_rng(7)
    vectors = {}
    for (number, office), model in product(enumerate(offices), MODELS):
        client = f"{model}-of-{number}"
        office.add_client(client)
        office.propose(routed("seed", "visit.ward"), client=client)
        # The second tenant's vectors lie in a corner, the first one's all around it.
        drawn = draw.normal(size=(ROWS[number], DEPTH)) + (3 if number else 0)
        vectors[number, model] = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
        _fill(module_registry.superuser_url, client, model, vectors[number, model])
    for model in MODELS:
        with offices[0].open() as unit:
            unit.embeddings.index(model)
    with connected(module_registry.superuser_url) as connection:
        connection.execute(text("analyze smp.mapping_embeddings"))
        connection.execute(text("analyze smp.field_mappings"))
    yield Library(offices, vectors, module_registry.superuser_url)
    registry.close()


def _fill(url: str, client: str, model: str, vectors: npt.NDArray[np.float32]) -> None:
    """Copies the client's one mapping, a vector each; triggers are off, as they judge what is decided, not how much."""
    written = ["[" + ",".join(map(str, [*each, *[0] * (1536 - DEPTH)])) + "]" for each in vectors.tolist()]
    with connected(url) as connection:
        connection.execute(text("set local session_replication_role = replica"))
        connection.execute(text(_FILL), {"client": client, "model": model, "vectors": written})


_FILL = """
with copied as (
    insert into smp.field_mappings (tenant_id, client, connector_id, connection_id, source_table, source_field,
        canonical_entity, canonical_field, disposition)
    select m.tenant_id, m.client, m.connector_id, m.connection_id, m.source_table, 'c' || place,
        m.canonical_entity, m.canonical_field, m.disposition
    from smp.field_mappings m, generate_series(1, cardinality(cast(:vectors as text[]))) as place
    where m.client = :client and m.source_field = 'seed'
    returning tenant_id, id, source_field)
insert into smp.mapping_embeddings (tenant_id, field_mapping_id, embedding_text, embedding_model, embedding_vector)
select tenant_id, id, source_field, :model,
    cast((cast(:vectors as text[]))[cast(substr(source_field, 2) as integer)] as vector)
from copied
"""


def padded(vector: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.pad(vector, (0, 1536 - DEPTH))


def columns_near(unit: UnitOfWork, model: str, vector: npt.NDArray[np.float32], limit: int = 10) -> list[str]:
    return [each.ref.column for each in unit.embeddings.nearest(model, padded(vector), limit=limit)]


def exactly_near(vectors: npt.NDArray[np.float32], vector: npt.NDArray[np.float32]) -> list[str]:
    return [f"c{place + 1}" for place in np.argsort(-(vectors @ vector))]


def questions(library: Library, model: str) -> npt.NDArray[np.float32]:
    """In the midst of the other tenant's vectors, and a little beside them."""
    near = library.vectors[1, model][:10]
    return near + np.random.default_rng(8).normal(scale=0.05, size=near.shape).astype(np.float32)


def plan_of_the_search(library: Library, model: str) -> str:
    """How the database answers, asked about the statement that was sent and under the settings it was sent with."""
    sent: list[tuple[Any, Any]] = []

    class Noting(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
            sent.append((query, params))
            return super().execute(query, params, **options)

    with library.offices[0].open() as unit:
        connection = unit.embeddings._transaction.connection
        driver: Any = connection.connection.driver_connection
        driver.cursor_factory = Noting
        columns_near(unit, model, questions(library, model)[0])
        driver.cursor_factory = psycopg.Cursor
        statement, parameters = next(
            pair for pair in sent if isinstance(pair[0], bytes) and b"<=>" in pair[0]
        )
        lines = [line for (line,) in driver.execute(b"explain (costs off) " + statement, parameters)]
        return re.sub(r"'\[.*?\]'", "a vector", "\n".join(lines))


def index_of(library: Library, model: str) -> str:
    with connected(library.superuser_url) as connection:
        found = one(
            connection,
            "select relname from pg_class where relkind = 'i' and obj_description(oid, 'pg_class') = :model",
            model=model,
        )
    return str(found)


@pytest.mark.parametrize("model", MODELS)
def test_the_index_of_the_model_serves_the_search(library, model):
    plan = plan_of_the_search(library, model)
    assert f"Index Scan using {index_of(library, model)}" in plan, plan


def test_each_model_has_an_index_of_its_own_vectors(library):
    with connected(library.superuser_url) as connection:
        found = rows(
            connection,
            "select pg_get_expr(indpred, indrelid) from pg_index join pg_class on pg_class.oid = indexrelid"
            " where indrelid = 'smp.mapping_embeddings'::regclass and relam = (select oid from pg_am where amname = 'hnsw')"
            " order by 1",
        )
    assert found == [(f"(embedding_model = '{model}'::text)",) for model in MODELS]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("limit", [10, 100])
def test_no_neighbour_of_the_tenant_is_lost_among_nearer_ones_of_another(library, model, limit):
    found = 0
    with library.offices[0].open() as unit:
        for question in questions(library, model):
            near = columns_near(unit, model, question, limit)
            exact = exactly_near(library.vectors[0, model], question)
            assert len(near) == limit
            assert near == [column for column in exact if column in near]
            found += len(set(near) & set(exact[:limit]))
    assert found >= 0.99 * limit * len(questions(library, model))


def test_the_same_search_by_the_same_person_finds_the_same_after_it_was_prepared(library):
    with library.offices[0].open() as unit:
        answers = [
            columns_near(unit, model, questions(library, "m1")[0]) for _ in range(12) for model in MODELS
        ]
    assert answers[2:] == answers[:-2]

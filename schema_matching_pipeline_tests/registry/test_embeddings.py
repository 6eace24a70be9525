from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from schema_matching_pipeline.model.embedding import MappingText
from schema_matching_pipeline.model.matching import Disposition
from schema_matching_pipeline.registry.migrate import downgrade, migrate
from schema_matching_pipeline.workflows.embed_mappings import stale_texts
from schema_matching_pipeline_tests.registry.office import Office, make_office, routed
from schema_matching_pipeline_tests.registry.steps import connected, rows

ID = routed("id", "patient.patient_id")
BORN = routed("dob", "patient.birth_date")
SEX = routed("sex_cd", "patient.sex", Disposition.PENDING_REVIEW, confidence=0.8)
WARD = routed("ward", "visit.ward")


def pointing(*parts: float) -> np.ndarray:
    vector = np.zeros(1536, dtype=np.float32)
    vector[: len(parts)] = parts
    return vector / np.linalg.norm(vector)


def embed(office: Office, vectors: dict[str, np.ndarray], *, client: str = "acme", model: str = "m1") -> int:
    """Stores a vector for each named column."""
    with office.open() as unit:
        ids = {each.source_field: each.id for each in unit.embeddings.embeddable(client)}
        texts = [MappingText(mapping_id=ids[name], text=f"of {name}") for name in vectors]
        return unit.embeddings.store(model, texts, np.stack(list(vectors.values())))


def made_from(office: Office, client: str = "acme") -> dict[str, tuple[str | None, str | None]]:
    with office.open() as unit:
        return {
            each.source_field: (each.embedded_text, each.embedded_model)
            for each in unit.embeddings.embeddable(client)
        }


def test_only_accepted_mappings_are_to_be_embedded(office):
    office.propose(ID, SEX)
    assert made_from(office) == {"id": (None, None)}


def test_a_mapping_has_one_vector_and_a_newer_one_takes_its_place(office):
    office.propose(ID)
    assert embed(office, {"id": pointing(1)}) == 1
    assert embed(office, {"id": pointing(0, 1)}, model="m2") == 1
    assert made_from(office) == {"id": ("of id", "m2")}
    with office.open() as unit:
        assert unit.embeddings.nearest("m1", pointing(1)) == ()
        (found,) = unit.embeddings.nearest("m2", pointing(0, 1))
    assert (str(found.target), round(found.similarity, 6)) == ("patient.patient_id", 1.0)


def test_the_nearest_come_first_with_their_cosine(office):
    office.propose(ID, BORN, WARD)
    embed(office, {"id": pointing(0, 1), "dob": pointing(3, 4), "ward": pointing(-1)})
    with office.open() as unit:
        found = unit.embeddings.nearest("m1", pointing(1), limit=2)
    assert [(each.ref.column, round(each.similarity, 6)) for each in found] == [("dob", 0.6), ("id", 0.0)]


def test_vectors_of_another_client_can_be_left_out_and_of_another_tenant_are_never_seen(office, app_url):
    office.add_client("beta")
    stranger = make_office(office.registry, app_url, "stranger")
    stranger.add_client("gamma")
    for place, client in ((office, "acme"), (office, "beta"), (stranger, "gamma")):
        place.propose(ID, client=client)
        embed(place, {"id": pointing(1)}, client=client)
    with office.open() as unit:
        assert [each.client for each in unit.embeddings.nearest("m1", pointing(1))] == ["acme", "beta"]
        (found,) = unit.embeddings.nearest("m1", pointing(1), clients=("beta",))
    assert found.client == "beta"


def test_enough_are_found_where_other_tenants_vectors_lie_nearer(office, app_url):
    stranger = make_office(office.registry, app_url, "stranger")
    stranger.add_client("gamma")
    many = [routed(f"c{number}", "visit.ward") for number in range(120)]
    stranger.propose(*many, client="gamma")
    embed(stranger, {f"c{n}": pointing(1, n / 1e4) for n in range(120)}, client="gamma")
    office.propose(ID)
    embed(office, {"id": pointing(1, 1)})
    with office.open() as unit:
        for road in ("seqscan", "sort"):  # few rows as these are would be read and sorted, not looked up
            unit.embeddings._transaction.run(f"set local enable_{road} = off")
        assert [each.client for each in unit.embeddings.nearest("m1", pointing(1))] == ["acme"]


def test_vectors_of_mappings_that_are_accepted_no_more_are_forgotten(office):
    office.propose(ID, BORN)
    embed(office, {"id": pointing(1), "dob": pointing(0, 1)})
    office.propose(ID, routed("dob", "patient.birth_date", Disposition.PENDING_REVIEW, confidence=0.8))
    with office.open() as unit:
        assert unit.embeddings.drop_unaccepted("acme") == 1
        assert [each.ref.column for each in unit.embeddings.nearest("m1", pointing(1))] == ["id"]


def test_another_rule_of_a_mapping_leaves_its_vector_fresh(office):
    office.propose(BORN)
    with office.open() as unit:
        texts = stale_texts(unit.embeddings.embeddable("acme"), "m1")
        unit.embeddings.store("m1", texts, np.stack([pointing(1)]))
    for rule in ('{"cast": "date", "date_format": "%d.%m.%Y"}', '{"steps": [{"step": "trim"}]}'):
        with office.open() as unit:
            unit.embeddings._transaction.run(
                "update smp.field_mappings set transformation_rule = cast(:rule as jsonb)", rule=rule
            )
            assert stale_texts(unit.embeddings.embeddable("acme"), "m1") == ()
    assert [each.text for each in texts] == ["dob patient birth_date"]


def test_a_mapping_that_went_meanwhile_is_left_out(office):
    gone = MappingText(mapping_id="00000000-0000-0000-0000-000000000000", text="x")
    with office.open() as unit:
        assert unit.embeddings.store("m1", [gone], np.stack([pointing(1)])) == 0


def test_a_migration_gives_the_vectors_of_each_model_their_index(office, app_url, owner_url):
    stranger = make_office(office.registry, app_url, "stranger")
    stranger.add_client("gamma")
    for place, client, model in ((office, "acme", "m1"), (stranger, "gamma", "a model's name")):
        place.propose(ID, client=client)
        embed(place, {"id": pointing(1)}, client=client, model=model)
    downgrade(owner_url, "0021")
    shared = indexed(owner_url)
    migrate(owner_url)
    assert (shared, indexed(owner_url)) == (
        ["every model"],
        ["(embedding_model = 'a model''s name'::text)", "(embedding_model = 'm1'::text)"],
    )
    with stranger.open() as unit:
        assert [each.client for each in unit.embeddings.nearest("a model's name", pointing(1))] == ["gamma"]


def test_a_model_is_indexed_once_however_many_write_it_first(office, owner_url):
    def ask(_: int) -> None:
        with office.open() as unit:
            unit.embeddings.index("m1")
            unit.embeddings.drop_unaccepted("acme")

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(8))) == [None] * 8
    assert indexed(owner_url) == ["(embedding_model = 'm1'::text)"]


def indexed(owner_url: str) -> list[str]:
    """Of which vectors each index of neighbours is."""
    with connected(owner_url) as connection:
        found = rows(
            connection,
            "SELECT coalesce(pg_get_expr(indpred, indrelid), 'every model') AS which FROM pg_index"
            " WHERE indexrelid IN (SELECT oid FROM pg_class WHERE relam = (SELECT oid FROM pg_am WHERE amname = 'hnsw'))"
            " ORDER BY which",
        )
    return [which for (which,) in found]

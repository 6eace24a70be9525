from __future__ import annotations

import pytest

from schema_matching_pipeline.model.embedding import EmbeddableMapping
from schema_matching_pipeline.workflows.embed_mappings import embedding_text, stale_texts

BORN = EmbeddableMapping(
    id="1", source_field="geb_dat", canonical_entity="patient", canonical_field="birth_date"
)
TEXT = "geb_dat patient birth_date"


def test_the_text_of_a_mapping_is_its_column_its_entity_and_its_field():
    assert embedding_text(BORN) == TEXT


@pytest.mark.parametrize(
    ("made_from", "model", "stale"),
    [
        (None, None, True),
        (TEXT, "m1", False),
        (TEXT, "m0", True),
        ("geb_dat birth_date", "m1", True),
    ],
    ids=["no vector", "the same", "another model", "another text"],
)
def test_only_what_is_missing_or_stale_is_embedded(made_from, model, stale):
    mapping = BORN.but(embedded_text=made_from, embedded_model=model)
    assert [each.text for each in stale_texts((mapping,), "m1")] == ([TEXT] if stale else [])

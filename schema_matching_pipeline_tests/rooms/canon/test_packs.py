"""The packaged lists of words: where each can be looked up, and what is known without those of single fields of work."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from importlib import resources
from multiprocessing import get_context

import pytest

from schema_matching_pipeline.canon.names import expand
from schema_matching_pipeline.canon.packaged import leave_out_packs, packaged_mappings

DATA = resources.files("schema_matching_pipeline.canon").joinpath("data")
LISTS = sorted(
    f"{folder.name}/{file.name}"
    for folder in DATA.iterdir()
    if folder.is_dir()
    for file in folder.iterdir()
    if file.name.endswith(".yaml")
)


@pytest.mark.parametrize("name", [*LISTS, "semantic_types.yaml"])
def test_a_list_names_the_public_source_where_its_words_can_be_looked_up(name):
    text = DATA.joinpath(name).read_text(encoding="utf-8")
    named = [line.removeprefix("# Source: ") for line in text.splitlines() if line.startswith("# Source: ")]
    assert named
    assert all(len(source) > len("ISO 20022") for source in named)


def test_without_packs_a_process_knows_general_words_only():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=leave_out_packs) as plain:
        assert plain.submit(expand, "dx").result() == ()
        assert plain.submit(expand, "qty").result() == expand("qty") == ("quantity",)
    assert "diagnosis" in expand("dx")


def test_packs_cannot_be_left_out_once_words_were_read():
    packaged_mappings("abbreviations")
    with pytest.raises(RuntimeError, match="were read before"):
        leave_out_packs()

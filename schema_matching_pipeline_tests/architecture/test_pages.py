from __future__ import annotations

import re
from pathlib import Path

import pytest

from schema_matching_pipeline_tests.architecture.pages import DOCS, PAGES

ROOT = DOCS.parent


@pytest.mark.parametrize("name", PAGES)
def test_a_page_made_from_the_code_is_up_to_date(name):
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs`"


def test_every_link_between_pages_leads_somewhere():
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")]
    links = [
        (page, target)
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    ]
    broken = [f"{page.name}: {target}" for page, target in links if not (page.parent / target).exists()]
    assert links
    assert broken == []


def test_every_word_of_the_model_is_in_the_glossary():
    glossary = Path(DOCS / "glossary.md").read_text(encoding="utf-8").lower()
    words = (
        "tenant",
        "client",
        "snapshot",
        "quality label",
        "semantic type",
        "candidate",
        "correspondence",
        "disposition",
        "trust profile",
        "risk class",
        "expectation",
        "finding",
        "review item",
        "decision",
        "gate",
        "digest",
        "publication",
        "drift",
        "knowledge",
    )
    assert [word for word in words if word not in glossary] == []

"""Which codes and words stand for the same thing, by the packaged lists."""

from __future__ import annotations

import re
from functools import lru_cache

from schema_matching_pipeline.canon.packaged import packaged_mappings

_GENERAL = "general"
_BETWEEN = re.compile(r"[\s_\-./]+")


def plain(value: str) -> str:
    """A value without regard to case and to what stands between its words.

    >>> plain(" No-Show "), plain("NO_SHOW")
    ('no show', 'no show')
    """
    return _BETWEEN.sub(" ", value.strip().casefold()).strip()


def concept_of(value: str, semantic_type: str | None) -> str | None:
    """What a code or a word stands for in columns of that meaning; None where no list has it.

    >>> concept_of("W", "gender"), concept_of("W", "marital_status"), concept_of("W", None)
    ('female', 'widowed', None)
    """
    text = plain(value)
    for name in (semantic_type, _GENERAL):
        if name and text in (listed := _listed(name)):
            return listed[text]
    return None


def meanings_of(word: str) -> frozenset[str]:
    """What a word of another language may mean in English, by the packaged lists.

    >>> "medication" in meanings_of("Medikament"), meanings_of("zzz")
    (True, frozenset())
    """
    lists = packaged_mappings("words").values()
    return frozenset(plain(meaning) for words in lists for meaning in words.get(plain(word), ()))


@lru_cache(maxsize=32)
def _listed(name: str) -> dict[str, str]:
    """Every code and word of a list with what it stands for."""
    concepts = packaged_mappings("codes").get(f"codes/{name}", {})
    return {plain(word): concept for concept, words in concepts.items() for word in (concept, *words)}

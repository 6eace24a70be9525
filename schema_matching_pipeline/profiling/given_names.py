"""Common given names, as packaged."""

from __future__ import annotations

from functools import lru_cache

from schema_matching_pipeline.canon.packaged import packaged_mappings


@lru_cache(maxsize=1)
def given_names() -> frozenset[str]:
    """Given names of several languages, in lower case."""
    return frozenset(" ".join(packaged_mappings("lexicon")["lexicon/given_names"]["names"]).split())

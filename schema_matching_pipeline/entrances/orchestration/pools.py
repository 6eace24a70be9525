"""The kinds of outside resource that several runs share; how many at once is in ``dagster.yaml``."""

from __future__ import annotations

SOURCE_POOL = "source"
LANGUAGE_MODEL_POOL = "language_model"
POOLS = frozenset({SOURCE_POOL, LANGUAGE_MODEL_POOL})

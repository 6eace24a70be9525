"""The packaged word lists and models, read once; every scalar stays text, so that ``no`` is not false."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable

import yaml


@lru_cache(maxsize=16)
def packaged_mappings(folder: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """Every YAML mapping of one folder of ``canon/data``, by ``folder/name``."""
    place = resources.files("schema_matching_pipeline.canon").joinpath("data", folder)
    files = sorted(
        (file for file in place.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name
    )
    return {f"{folder}/{file.name.removesuffix('.yaml')}": _parse(file) for file in files}


def _parse(file: Traversable) -> dict[str, tuple[str, ...]]:
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    parsed = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506  # BaseLoader makes text only
    return {key: (value,) if isinstance(value, str) else tuple(value) for key, value in parsed.items()}

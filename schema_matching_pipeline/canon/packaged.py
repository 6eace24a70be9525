"""The packaged word lists and models, read once; every scalar stays text, so that ``no`` is not false."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable

import yaml

GENERAL = "general"  # the list of words of any field of work
_BY_FIELD_OF_WORK = frozenset({"abbreviations", "synonyms"})
_left_out: set[str] = set()


def leave_out_packs() -> None:
    """From now on this process knows of abbreviations and synonyms only the general ones, and none of a field of work.

    For measuring what the packs are worth, in a process that has not read any list.

    Raises:
        RuntimeError: a list was read already, and others were made from it.
    """
    if packaged_mappings.cache_info().currsize:
        raise RuntimeError("word lists were read before the packs were left out")
    _left_out.update(_BY_FIELD_OF_WORK)


@lru_cache(maxsize=16)
def packaged_mappings(folder: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """Every YAML mapping of one folder of ``canon/data``, by ``folder/name``."""
    place = resources.files("schema_matching_pipeline.canon").joinpath("data", folder)
    files = sorted(
        (file for file in place.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name
    )
    names = {file.name.removesuffix(".yaml"): file for file in files}
    kept = names if folder not in _left_out else {GENERAL: names[GENERAL]}
    return {f"{folder}/{name}": _parse(file) for name, file in kept.items()}


def _parse(file: Traversable) -> dict[str, tuple[str, ...]]:
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    parsed = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506  # BaseLoader makes text only
    return {key: (value,) if isinstance(value, str) else tuple(value) for key, value in parsed.items()}

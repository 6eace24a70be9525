"""The packaged kinds of content, and what tells them: words of names, patterns, typical values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import yaml

from schema_matching_pipeline.model.classification import SemanticType


@dataclass(frozen=True, slots=True)
class SemanticKind:
    """One semantic type with its tell-tales; ``family`` groups types that are easily taken for each other."""

    name: str
    description: str
    personal: bool
    names: tuple[tuple[str, ...], ...]
    veto: frozenset[str]
    patterns: tuple[str, ...]
    types: tuple[str, ...]
    values: tuple[str, ...]
    family: str

    @property
    def semantic_type(self) -> SemanticType:
        """The travelling value."""
        return SemanticType(name=self.name, description=self.description, personal=self.personal)


@lru_cache(maxsize=1)
def semantic_types() -> tuple[SemanticKind, ...]:
    """Every packaged kind, in the order of the file."""
    file = resources.files("schema_matching_pipeline.canon").joinpath("data", "semantic_types.yaml")
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    parsed = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506  # BaseLoader makes text only
    return tuple(_kind(name, entry) for name, entry in parsed.items())


def _kind(name: str, entry: dict[str, list[str] | str]) -> SemanticKind:
    return SemanticKind(
        name=name,
        description=str(entry["description"]),
        personal=entry.get("personal") == "true",
        names=tuple(tuple(phrase.split()) for phrase in entry.get("names", ())),
        veto=frozenset(entry.get("veto", ())),
        patterns=tuple(entry.get("patterns", ())),
        types=tuple(entry.get("types", ())),
        values=tuple(entry.get("values", ())),
        family=str(entry.get("family", name)),
    )

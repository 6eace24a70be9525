"""What a quick look at a file of records finds: the names in it, and the first records at its top."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schema_matching_pipeline.adapters.connectors.nested import Nested
from schema_matching_pipeline.adapters.connectors.record_kinds import Path, Sight, sight_of

LOOKED_AT = 50  # records at the top of a file
_LOOKED_AT_INSIDE = 500  # records of each list in one


@dataclass(frozen=True, slots=True)
class Shape:
    """The names in a file with the way to each, the first records at its top, and whether it is a single record."""

    names: frozenset[Path]
    sights: tuple[Sight, ...]
    is_document: bool


def shape_of(records: Iterable[Nested], *, is_document: bool) -> Shape:
    """The shape of a file that begins with these records."""
    names, sights = set[Path](), list[Sight]()
    for record in records:
        if isinstance(record, Mapping):
            sights.append(sight_of(record))
            _collect(record, (), names)
    return Shape(frozenset(names), tuple(sights), is_document and len(sights) == 1)


def _collect(value: Nested, place: Path, names: set[Path]) -> None:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            names.add((*place, name))
            _collect(inner, (*place, name), names)
    elif isinstance(value, list):
        for item in value[:_LOOKED_AT_INSIDE]:
            _collect(item, place, names)

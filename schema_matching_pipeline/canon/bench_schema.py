"""A canonical schema from the ``schema.json`` of a matching task: tables become entities, columns fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pydantic import BaseModel, Field, ValidationError

from schema_matching_pipeline.canon.data_types import field_type_of
from schema_matching_pipeline.errors import ConfigurationError
from schema_matching_pipeline.model.canonical import CanonicalEntity, CanonicalField, CanonicalSchema


class _Column(BaseModel):
    name: str = Field(min_length=1)
    type: str | None = None
    description: str | None = None


class _Table(BaseModel):
    name: str = Field(min_length=1)
    description: str | None = None
    columns: tuple[_Column, ...]


class _Document(BaseModel):
    tables: tuple[_Table, ...]


def read_bench_schema(text: str, name: str) -> CanonicalSchema:
    """The canonical schema of a ``schema.json`` with tables, columns, types and descriptions.

    Raises:
        ConfigurationError: with every mistake, each with its place in the document.
    """
    document = _parse(text, f"Canonical model {name!r}")
    return CanonicalSchema(name=name, entities=tuple(_entity(table) for table in document.tables))


def _parse(text: str, what: str) -> _Document:
    try:
        document = _Document.model_validate_json(text)
    except ValidationError as error:
        mistakes = [f"{_place(detail['loc'])}: {detail['msg']}" for detail in error.errors()]
        raise ConfigurationError(what, mistakes) from error
    mistakes = list(_contradictions(document))
    if mistakes:
        raise ConfigurationError(what, mistakes)
    return document


def _place(location: tuple[int | str, ...]) -> str:
    """A place as people write it: ``tables[2].columns[1].name``, counted from one."""
    steps = (f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in location)
    return "".join(steps).removeprefix(".") or "the text"


def _contradictions(document: _Document) -> Iterator[str]:
    if not document.tables:
        yield "tables: a canonical model needs at least one table"
    for name, count in Counter(table.name for table in document.tables).items():
        if count > 1:
            yield f"tables: {name!r} stands {count} times"
    for table in document.tables:
        if not table.columns:
            yield f"{table.name}: a table needs at least one column"
        for name, count in Counter(column.name for column in table.columns).items():
            if count > 1:
                yield f"{table.name}: the column {name!r} stands {count} times"


def _entity(table: _Table) -> CanonicalEntity:
    return CanonicalEntity(
        name=table.name,
        description=table.description or "",
        fields=tuple(
            CanonicalField(
                name=column.name,
                type=field_type_of(column.type or ""),
                description=column.description or "",
            )
            for column in table.columns
        ),
    )

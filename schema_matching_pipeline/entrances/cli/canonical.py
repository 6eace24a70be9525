"""``smp canonical``: the models that clients are mapped to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from schema_matching_pipeline.canon.canonical_import import read_canonical_path
from schema_matching_pipeline.entrances.cli.group import Commands
from schema_matching_pipeline.entrances.cli.identity import actor, world
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, table
from schema_matching_pipeline.model.canonical import CanonicalField, CanonicalSchema
from schema_matching_pipeline.workflows.manage_canonical import (
    import_canonical,
    list_canonical,
    show_canonical,
)

HEADER = ("field", "type", "is", "refers to", "description", "values", "also called")

app = typer.Typer(cls=Commands, no_args_is_help=True, help="Canonical models: import, list and show.")


@app.command("import")
def import_(
    path: Annotated[
        Path, typer.Argument(help="YAML, SQL DDL (.sql), JSON Schema (.json), or a folder with schema.json.")
    ],
    name: Annotated[
        str | None, typer.Option(help="The model's name; the file's own or its stem without it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import a canonical model; the same content again changes nothing, other content makes a new version."""
    schema = read_canonical_path(path, name)
    imported = import_canonical(world(), actor(), schema)
    emit(
        imported,
        as_json,
        lambda console: console.print(
            f"Canonical model [bold]{imported.name}[/bold] version {imported.version}: {imported.entities} entities, {imported.fields} fields."
        ),
    )


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the canonical models of the tenant."""
    found = list_canonical(world(), actor())
    rows = [(model.name, model.version, model.entities, model.fields, model.digest[:12]) for model in found]
    emit(
        found,
        as_json,
        lambda console: console.print(
            table(
                "Canonical models", ("name", "version", "entities", "fields", "digest"), rows, right=(1, 2, 3)
            )
        ),
    )


@app.command()
def show(name: Annotated[str, typer.Argument(help="The model.")], as_json: AsJson = False) -> None:
    """Show the entities and fields of a canonical model, with their values and other names."""
    schema = show_canonical(world(), actor(), name)
    emit(schema, as_json, lambda console: _draw(console, schema))


def _draw(console: Console, schema: CanonicalSchema) -> None:
    for entity in schema.entities:
        also = f" Also called: {', '.join(entity.synonyms)}." if entity.synonyms else ""
        rows = [
            (
                field.name,
                field.type,
                ", ".join(_duties(field)),
                field.references or "",
                field.description,
                ", ".join(field.values),
                ", ".join(field.synonyms),
            )
            for field in entity.fields
        ]
        title = f"{entity.name} ({entity.risk_class}): {entity.description}{also}"
        console.print(table(title, HEADER, rows))


def _duties(field: CanonicalField) -> Iterator[str]:
    if field.primary_key:
        yield "key"
    if field.required:
        yield "required"
    if field.pii:
        yield "personal"

"""``smp similar``: the accepted mappings nearest to a text."""

from __future__ import annotations

from typing import Annotated

import typer

from schema_matching_pipeline.canon.visible import visible
from schema_matching_pipeline.entrances.cli.identity import actor, world
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, table
from schema_matching_pipeline.workflows.embed_mappings import find_similar

HEADER = ("similarity", "client", "column", "field")


def similar(
    text: Annotated[str, typer.Argument(help="Names, such as those of a column and its field.")],
    client: Annotated[str | None, typer.Option(help="Only mappings of this client.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Find the accepted mappings that are likest to a text, by the cosine of their vectors."""
    found = find_similar(world(), actor(), text, client=client, limit=limit)
    rows = [
        (f"{each.similarity:.2f}", each.client, visible(str(each.ref)), str(each.target)) for each in found
    ]
    emit(
        found,
        as_json,
        lambda console: console.print(table(f"{len(rows)} mapping(s)", HEADER, rows, right=(0,))),
    )

"""``smp source``: is it there, and may we read it."""

from __future__ import annotations

from typing import Annotated

import typer
from pydantic import SecretStr
from rich.console import Console

from schema_matching_pipeline.entrances.cli.exit_codes import ExitCode
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, visible
from schema_matching_pipeline.model.source import SourceAddress
from schema_matching_pipeline.runtime import source_kind, standalone_sources

app = typer.Typer(no_args_is_help=True, help="Sources: test a connection.")

SourceText = Annotated[
    str, typer.Option("--source", help="A SQLAlchemy URL, or the path of a file or folder.")
]
SchemaName = Annotated[
    str | None, typer.Option("--schema", help="The schema to read, where the source has several.")
]


def parse_address(source: str, schema: str | None) -> tuple[SourceAddress, str]:
    """The address of a source, and what kind of source it is."""
    address = SourceAddress(location=SecretStr(source), schema_name=schema)
    return address, source_kind(address)


@app.command("test")
def check(
    source: Annotated[str, typer.Argument(help="A SQLAlchemy URL, or the path of a file or folder.")],
    schema: SchemaName = None,
    as_json: AsJson = False,
) -> None:
    """Test whether a source answers and may be read; nothing is stored."""
    address, _ = parse_address(source, schema)
    outcome = standalone_sources().test(address)

    def show(console: Console) -> None:
        mark = "[green]ok[/green]" if outcome.success else "[red]failed[/red]"
        console.print(f"{mark} ({outcome.latency_ms:.0f} ms):", end=" ")
        console.print(visible(outcome.message), markup=False)

    emit(outcome, as_json, show)
    if not outcome.success:
        raise typer.Exit(ExitCode.SOURCE_TROUBLE)

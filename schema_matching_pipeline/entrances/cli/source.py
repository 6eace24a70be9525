"""``smp source``: what there is, whether it answers, and what changed in it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr
from rich.console import Console
from rich.text import Text

from schema_matching_pipeline.canon.visible import visible
from schema_matching_pipeline.entrances.cli.exit_codes import ExitCode
from schema_matching_pipeline.entrances.cli.group import Commands
from schema_matching_pipeline.entrances.cli.identity import actor, world
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, table
from schema_matching_pipeline.errors import UsageError
from schema_matching_pipeline.model.source import ConnectionTest, SourceAddress
from schema_matching_pipeline.runtime import source_kind, standalone_sources
from schema_matching_pipeline.workflows.list_sources import list_sources, show_source
from schema_matching_pipeline.workflows.show_client import show_changes

_FILES_SHOWN = 50
FILE_DATABASES = frozenset({"sqlite", "duckdb"})

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    help="Sources: list and show them, test a connection; what changed in one.",
)

SOURCE_HELP = "A SQLAlchemy URL, or the path of a file or folder; - asks for it, so that no password is kept in the shell's history."

SourceText = Annotated[str, typer.Option("--source", help=SOURCE_HELP)]
ClientName = Annotated[str, typer.Argument(metavar="CLIENT", help="The client.")]

SchemaName = Annotated[
    str | None, typer.Option("--schema", help="The schema to read, where the source has several.")
]

DataStays = Annotated[
    bool,
    typer.Option(
        "--data-stays",
        help="No row may leave the source: a database is measured by its own statistics, and of values only frequent, impersonal ones are shown.",
    ),
]


def parse_address(source: str, schema: str | None, *, data_stays: bool = False) -> tuple[SourceAddress, str]:
    """The address of a source, and what kind of source it is; ``-`` asks for it, or reads a line where nobody sits.

    Raises:
        UsageError: it, or the line, is empty.
    """
    location = from_anywhere(_asked_for() if source == "-" else source)
    address = SourceAddress(location=SecretStr(location), schema_name=schema, data_stays=data_stays)
    return address, source_kind(address)


def from_anywhere(location: str) -> str:
    """The location with a relative path made whole: whoever opens it later works in another folder.

    Raises:
        UsageError: it is empty.
    """
    require_told(location)
    scheme, is_url, rest = location.partition("://")
    if not is_url:
        return str(Path(location).expanduser().absolute())
    path, mark, query = rest.removeprefix("/").partition("?")
    if scheme.partition("+")[0] in FILE_DATABASES and path and path != ":memory:":
        return f"{scheme}:///{Path(path).expanduser().absolute()}{mark}{query}"
    return location


def require_told(location: str) -> None:
    """Passes for a text that says something.

    An empty one is what a variable of the shell that is not set leaves; as a path it would be the folder one stands in.

    Raises:
        UsageError: it is empty or blank.
    """
    if not location.strip():
        raise UsageError(
            "No source is named: the text in its place is empty. Name a URL, or the path of a file or folder; "
            "the folder you stand in is named by a dot."
        )


def _asked_for() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Source", hide_input=True, err=True))
    line = sys.stdin.readline().strip()
    if not line:
        raise UsageError("No source came on standard input. Pipe its URL in, or name it in its place.")
    return line


@app.command("test")
def check(
    source: Annotated[str, typer.Argument(help=SOURCE_HELP)],
    schema: SchemaName = None,
    data_stays: DataStays = False,
    as_json: AsJson = False,
) -> None:
    """Test whether a source answers and may be read; nothing is stored.

    Of files it looks at the first rows of each, and says how it would be read and what is wrong with it.
    """
    address, _ = parse_address(source, schema, data_stays=data_stays)
    outcome = standalone_sources().test(address)

    def show(console: Console) -> None:
        mark = "[green]ok[/green]" if outcome.success else "[red]failed[/red]"
        console.print(f"{mark} ({outcome.latency_ms:.0f} ms):", end=" ")
        console.print(visible(outcome.message), markup=False)
        _draw_files(console, outcome)

    emit(outcome, as_json, show)
    if not outcome.success:
        raise typer.Exit(ExitCode.SOURCE_TROUBLE)


def _draw_files(console: Console, outcome: ConnectionTest) -> None:
    if not outcome.files:
        return
    rows = [
        (file.file, file.read_as, ", ".join(f"{one.name} ({len(one.columns)})" for one in file.tables))
        for file in outcome.files[:_FILES_SHOWN]
    ]
    console.print(table("Files", ("file", "read as", "tables (columns)"), rows))
    if (more := len(outcome.files) - _FILES_SHOWN) > 0:
        console.print(f"... and {more:,} more; --json shows all.")
    for file in outcome.files:
        for said in file.troubles:
            console.print(Text(file.file, style="yellow") + Text(visible(f": {said}")))


@app.command("list")
def list_(
    kind: Annotated[
        str | None,
        typer.Option(
            "--type", help="Only of this type (database or file) or connector (postgresql, mysql ...)."
        ),
    ] = None,
    active: Annotated[
        bool | None, typer.Option("--active/--inactive", help="Only those worked on, or only those at rest.")
    ] = None,
    client: Annotated[str | None, typer.Option(help="Only the source of this client.")] = None,
    page: Annotated[int, typer.Option(min=1)] = 1,
    size: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    as_json: AsJson = False,
) -> None:
    """List the sources of the clients, without their addresses."""
    found = list_sources(world(), actor(), kind=kind, active=active, client=client, page=page, size=size)

    def show(console: Console) -> None:
        if not found.total:
            console.print("No source here. A client brings one: smp client add NAME --source URL_OR_PATH")
            return
        rows = [
            (
                one.client,
                one.type,
                one.connector,
                one.schema_name or "",
                "yes" if one.is_active else "at rest",
            )
            for one in found.items
        ]
        title = f"{found.total} source(s), page {found.page} of {found.pages}"
        console.print(table(title, ("client", "type", "connector", "schema", "active"), rows))
        console.print("Look at one: smp source show CLIENT")

    emit(found, as_json, show)


@app.command("show")
def show_(name: ClientName, as_json: AsJson = False) -> None:
    """Show where a client's data are; no login, password or option of the address is shown."""
    found = show_source(world(), actor(), name)

    def show(console: Console) -> None:
        source = found.source
        console.print(Text(visible(found.location)), soft_wrap=True)
        console.print(f"{source.connector}, schema {source.schema_name or 'the default one'}", markup=False)
        console.print("Rows stay in the source." if found.data_stays else "Rows may be read to be measured.")
        console.print(
            f"{'Active' if source.is_active else 'At rest'}; change it: smp client set {name} "
            "--source | --active | --inactive; remove it: smp client remove " + name,
            soft_wrap=True,
        )

    emit(found, as_json, show)


@app.command("changes")
def changes(name: ClientName, as_json: AsJson = False) -> None:
    """Show what the last profile found changed in a client's source, and what of it breaks a mapping."""
    found = show_changes(world(), actor(), name)

    def show(console: Console) -> None:
        if not found:
            console.print("Nothing changed since the profile before.")
            return
        rows = [(one.table, one.column or "", one.what, "yes" if one.breaking else "") for one in found]
        console.print(table("Changes", ("table", "column", "what changed", "breaking"), rows))

    emit(list(found), as_json, show)

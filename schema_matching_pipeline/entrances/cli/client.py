"""``smp client``: who is onboarded."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console

from schema_matching_pipeline.entrances.cli.exit_codes import ExitCode
from schema_matching_pipeline.entrances.cli.group import Commands
from schema_matching_pipeline.entrances.cli.identity import actor, world
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, table
from schema_matching_pipeline.entrances.cli.source import DataStays, SchemaName, SourceText, parse_address
from schema_matching_pipeline.errors import UsageError
from schema_matching_pipeline.model.ids import check_slug
from schema_matching_pipeline.model.registry import ClientRecord
from schema_matching_pipeline.workflows.change_client import (
    ClientChange,
    change_client,
    remove_client,
    require_client,
)
from schema_matching_pipeline.workflows.list_clients import list_clients
from schema_matching_pipeline.workflows.onboard_client import NewClient, add_client

app = typer.Typer(cls=Commands, no_args_is_help=True, help="Clients: add, list, change and remove.")


@app.command()
def add(
    name: Annotated[
        str,
        typer.Argument(help="A slug: lower-case letters, digits, '-' and '_'; also the Dagster partition."),
    ],
    source: SourceText,
    schema: SchemaName = None,
    data_stays: DataStays = False,
    trust_profile: Annotated[
        str | None, typer.Option(help="conservative, standard or permissive; the default one without it.")
    ] = None,
    canonical: Annotated[str, typer.Option(help="The canonical model to map to.")] = "practice",
    start: Annotated[
        bool,
        typer.Option(
            help="Ask the running pipeline to onboard the client at once; without it nothing starts until somebody asks."
        ),
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Test the source and add a client with it."""
    address, kind = parse_address(source, schema, data_stays=data_stays)
    new = NewClient(
        slug=check_slug(name),
        name=name,
        address=address,
        source_kind=kind,
        trust_profile=trust_profile,
        canonical=canonical,
    )
    record = add_client(world(), actor(), new, start=start)

    def show(console: Console) -> None:
        console.print(
            f"Client [bold]{record.slug}[/bold] added; it maps to the canonical model {record.canonical_model}."
        )
        console.print(_how_it_begins(record.slug, start=start), soft_wrap=True)

    emit(record, as_json, show)


def _how_it_begins(client: str, *, start: bool) -> str:
    if start:
        return f"A running `smp up` onboards it by itself; without one: smp onboard {client}"
    return f"Nothing is started until somebody asks: smp onboard {client}, or *Start* on its page."


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the clients of the tenant."""
    rows = list_clients(world(), actor())

    def show(console: Console) -> None:
        if not rows:
            console.print("No clients yet. Add one: smp client add NAME --source URL_OR_PATH")
            return
        console.print(
            table(
                "Clients",
                ("client", "state", "waiting", "published version", "trust profile", "canonical model"),
                [
                    (
                        row.client.slug,
                        row.state if row.client.active else f"at rest ({row.state})",
                        row.waiting,
                        row.published or "-",
                        row.trust_profile,
                        row.client.canonical_model,
                    )
                    for row in rows
                ],
                right=(2, 3),
            )
        )

    emit(rows, as_json, show)


@app.command("set")
def set_(
    name: Annotated[str, typer.Argument(help="The client.")],
    trust_profile: Annotated[
        str | None, typer.Option(help="Another trust profile, from the next run on.")
    ] = None,
    default_profile: Annotated[
        bool, typer.Option("--default-profile", help="The installation's default trust profile.")
    ] = False,
    source: Annotated[
        str | None, typer.Option(help="Another URL (new credentials, say) or path; it is tested first.")
    ] = None,
    schema: Annotated[
        str | None, typer.Option(help="Another schema of the source; '' for none in particular.")
    ] = None,
    test: Annotated[
        bool, typer.Option(help="Test a changed source first, and change nothing where it fails.")
    ] = True,
    data_stays: Annotated[
        bool | None,
        typer.Option(
            "--data-stays/--data-may-leave", help="Whether rows may leave the source to be measured."
        ),
    ] = None,
    spot_checks: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=1.0,
            help="The share of what is accepted without anybody looking at it alone that comes back, to be asked blind.",
        ),
    ] = None,
    active: Annotated[
        bool | None, typer.Option("--active/--inactive", help="Whether sensors and schedules work on it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change a client's trust profile, spot checks or source, or put it to rest."""
    if trust_profile is not None and default_profile:
        raise UsageError("Say either --trust-profile or --default-profile.")
    address, kind = parse_address(source, None) if source is not None else (None, None)
    change = ClientChange(
        trust_profile=trust_profile,
        default_profile=default_profile,
        active=active,
        address=address,
        source_kind=kind,
        schema_name=schema,
        data_stays=data_stays,
        spot_check_share=spot_checks,
    )
    if change == ClientChange():
        raise UsageError(
            "Say what is to change: --trust-profile, --default-profile, --source, --schema, --data-stays, --data-may-leave, --spot-checks, --active, --inactive."
        )
    record = change_client(world(), actor(), name, change.but(untested=not test))

    def show(console: Console) -> None:
        stands = "active" if record.active else "at rest"
        console.print(
            f"Client [bold]{record.slug}[/bold]: trust profile {record.trust_profile or 'the default one'}, {stands}."
        )
        console.print(
            f"What changed counts from the next run on: smp onboard {record.slug}"
            if record.active
            else bring_back(record.slug),
            soft_wrap=True,
        )

    emit(record, as_json, show)


def bring_back(client: str) -> str:
    """What to do about a client at rest, as a sentence with the command."""
    return f"No run of it starts while it is at rest. Bring it back: smp client set {client} --active"


@app.command()
def remove(
    name: Annotated[str, typer.Argument(help="The client.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove a client that nothing was made of yet, and its source; what depends on it is named otherwise."""
    require_client(world(), actor(), name)
    if not yes:
        if as_json or not sys.stdin.isatty():
            raise UsageError(f"To remove client {name!r} without being asked, say --yes.")
        if not typer.confirm(f"Remove client {name} and the address of its source?", err=True):
            raise typer.Exit(ExitCode.USAGE)
    remove_client(world(), actor(), name)
    emit({"removed": name}, as_json, lambda console: console.print(f"Client [bold]{name}[/bold] is removed."))


__all__ = ["ClientRecord", "app"]

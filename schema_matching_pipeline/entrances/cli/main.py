"""``smp``: every command, and what its exit code means."""

from __future__ import annotations

import sys

import typer

from schema_matching_pipeline import __version__
from schema_matching_pipeline.entrances.cli import (
    audit,
    canonical,
    client,
    doctor,
    release,
    review,
    source,
)
from schema_matching_pipeline.entrances.cli.demo_command import demo
from schema_matching_pipeline.entrances.cli.exit_codes import exit_code_of
from schema_matching_pipeline.entrances.cli.mappings import mappings
from schema_matching_pipeline.entrances.cli.match import match
from schema_matching_pipeline.entrances.cli.onboard import approve, onboard
from schema_matching_pipeline.entrances.cli.output import report_fault
from schema_matching_pipeline.entrances.cli.profile import profile
from schema_matching_pipeline.entrances.cli.status import status
from schema_matching_pipeline.entrances.cli.up import down, up
from schema_matching_pipeline.errors import SmpError

EPILOG = (
    "Exit codes: 0 done, 1 fault, 2 usage, 3 waits for a human, 4 source trouble, 5 refused by a gate. "
    "Every command takes --json."
)

app = typer.Typer(
    name="smp",
    help="Maps each new client's database to one canonical schema, and stops for people where that is right.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(client.app, name="client")
app.add_typer(source.app, name="source")
app.command()(onboard)
app.command()(status)
app.command()(profile)
app.command()(mappings)
app.add_typer(review.app, name="review")
app.command()(approve)
app.add_typer(release.app, name="release")
app.add_typer(canonical.app, name="canonical")
app.command()(match)
app.add_typer(audit.app, name="audit")
app.command()(doctor.doctor)
app.command()(up)
app.command()(down)
app.command()(demo)


@app.callback(invoke_without_command=True)
def root(version: bool = typer.Option(False, "--version", help="Print the version.")) -> None:
    """Maps each new client's database to one canonical schema, and stops for people where that is right."""
    if version:
        typer.echo(__version__)
        raise typer.Exit


def main() -> None:
    """Runs a command and exits with its code."""
    try:
        app()
    except SmpError as error:
        report_fault(error, as_json="--json" in sys.argv)
        sys.exit(exit_code_of(error))


if __name__ == "__main__":
    main()

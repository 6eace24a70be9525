"""``smp db``: the registry's schema, which every command brings to the newest revision, by hand."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from schema_matching_pipeline.entrances.cli.group import Commands
from schema_matching_pipeline.entrances.cli.identity import settings
from schema_matching_pipeline.entrances.cli.output import AsJson, emit
from schema_matching_pipeline.errors import UsageError
from schema_matching_pipeline.runtime import SchemaRevision, move_schema, schema_revision

app = typer.Typer(cls=Commands, no_args_is_help=True, help="Database: the revision of the registry's schema.")


@app.command()
def current(as_json: AsJson = False) -> None:
    """Show the revision the registry stands at, and the one this program needs."""
    _show(schema_revision(settings()), as_json)


@app.command()
def upgrade(
    revision: Annotated[str | None, typer.Argument(help="The revision; the newest one without it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Bring the registry up to a revision; every other command brings it to the newest one by itself."""
    _show(move_schema(settings(), revision, upward=True), as_json)


@app.command()
def downgrade(
    revision: Annotated[str, typer.Argument(help="The revision to go back to, such as 0015.")],
    yes: Annotated[
        bool, typer.Option("--yes", help="What later revisions added may be lost; say that this is wanted.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take the registry back to a revision, for an earlier version of this program."""
    if not yes:
        raise UsageError(
            f"What revisions after {revision} added may be lost. Back up the database, then add --yes."
        )
    _show(move_schema(settings(), revision, upward=False), as_json)


def _show(found: SchemaRevision, as_json: bool) -> None:
    said = (
        f"The registry stands at revision {found.current or 'none'}, the newest."
        if found.current == found.newest
        else f"The registry stands at revision {found.current or 'none'}; this program needs {found.newest}, "
        "and its next command brings it there. Start the earlier version now, or: smp db upgrade"
    )
    emit(found, as_json, lambda console: console.print(Text(said)))

"""``smp user key``: keys of a person, each for one use."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from schema_matching_pipeline.entrances.cli.group import Commands
from schema_matching_pipeline.entrances.cli.identity import administration
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, table
from schema_matching_pipeline.entrances.cli.user import Login, draw_key
from schema_matching_pipeline.errors import BadDecisionError
from schema_matching_pipeline.model.access import KeyScope
from schema_matching_pipeline.model.registry import ApiKey
from schema_matching_pipeline.workflows.manage_keys import KeyTerms, add_key, list_keys, revoke_key

app = typer.Typer(
    cls=Commands, no_args_is_help=True, help="Keys of a person: make, list and revoke them, each for one use."
)


@app.command()
def add(
    login: Login,
    name: Annotated[str, typer.Option(help="What the key is for.")] = "command line",
    scope: Annotated[KeyScope, typer.Option(help="What it is good for.")] = KeyScope.ALL,
    days: Annotated[
        int | None, typer.Option(min=1, max=3650, help="After how many days it ends; never without it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make another key of a person and print it, which is shown this once; those before it go on working."""
    if not name.strip():
        raise BadDecisionError("Say what the key is for: --name.")
    with administration() as (world, actor):
        made = add_key(world, actor, login, KeyTerms(name=name, scope=scope, days=days))
    emit(made, as_json, lambda console: draw_key(console, made))


@app.command("list")
def list_(login: Login, as_json: AsJson = False) -> None:
    """List a person's keys, those first that count."""
    with administration() as (world, actor):
        keys = list_keys(world, actor, login)
    emit(keys, as_json, lambda console: _draw(console, keys))


@app.command()
def revoke(
    login: Login,
    key: Annotated[str, typer.Argument(help="The key, by its id or the letters it begins with.")],
    as_json: AsJson = False,
) -> None:
    """End a key of a person, and the sessions that were begun with it."""
    with administration() as (world, actor):
        known = {each.prefix: each.id for each in list_keys(world, actor, login)}
        revoke_key(world, actor, login, known.get(key, key))
    emit(
        {"login": login, "key": key},
        as_json,
        lambda console: console.print(f"{key} of {login} works no more."),
    )


def _draw(console: Console, keys: tuple[ApiKey, ...]) -> None:
    rows = [
        (
            key.name,
            key.prefix or key.id,
            key.scope,
            f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never",
            "revoked" if key.revoked_at else f"{key.expires_at:%Y-%m-%d}" if key.expires_at else "never",
        )
        for key in keys
    ]
    console.print(table("Keys", ("name", "begins with", "good for", "last used", "ends"), rows))

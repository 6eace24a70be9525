"""``smp user``: people, their roles and clients, and the keys that prove who they are."""

from __future__ import annotations

from shlex import quote
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from schema_matching_pipeline.entrances.cli.group import Commands
from schema_matching_pipeline.entrances.cli.identity import administration
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, table
from schema_matching_pipeline.errors import BadDecisionError
from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline.model.registry import UserRecord
from schema_matching_pipeline.workflows.log_in import set_password
from schema_matching_pipeline.workflows.manage_people import (
    NewKey,
    PersonChange,
    add_person,
    change_person,
    list_people,
)

app = typer.Typer(
    cls=Commands, no_args_is_help=True, help="Users: add, change and list people, and give them keys."
)

Login = Annotated[str, typer.Argument(help="The person's login.")]
Clients = Annotated[
    list[str] | None,
    typer.Option("--client", help="Confine the person to this client; may be said several times."),
]


@app.command()
def add(
    login: Login,
    role: Annotated[Role, typer.Option(help="What the person may do.")],
    client: Clients = None,
    as_json: AsJson = False,
) -> None:
    """Add a person and print the API key, which is shown this once.

    Commands are given in the name of the person where SMP_USER and SMP_API_KEY are set to the login and the key.
    The first administrator of an external database is added with SMP_MIGRATION_URL; later people by an
    administrator with SMP_USER and SMP_API_KEY.
    """
    with administration() as (world, actor):
        made = add_person(world, actor, login, role, tuple(client) if client else None)
    emit(made, as_json, lambda console: draw_key(console, made))


@app.command()
def password(
    login: Login,
    given: Annotated[
        str | None,
        typer.Option("--password", envvar="SMP_NEW_PASSWORD", help="The password; asked for without it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Give a person a password for the pages; the sessions there were end."""
    chosen = given or typer.prompt("New password", hide_input=True, confirmation_prompt=True)
    with administration() as (world, actor):
        set_password(world, actor, login, chosen)
    emit({"login": login}, as_json, lambda console: console.print(f"{login} has a new password."))


@app.command("set")
def set_(
    login: Login,
    role: Annotated[Role | None, typer.Option(help="Another role.")] = None,
    client: Clients = None,
    all_clients: Annotated[
        bool, typer.Option("--all-clients", help="Confine the person to no client any more.")
    ] = False,
    email: Annotated[
        str | None,
        typer.Option(
            help="How an identity provider knows the person, who may then log in by it; empty for nobody."
        ),
    ] = None,
    active: Annotated[
        bool | None, typer.Option("--active/--inactive", help="Whether the person may act at all.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change a person's role, clients or e-mail, or end and renew the access."""
    if client and all_clients:
        raise BadDecisionError("Say either --client or --all-clients.")
    change = PersonChange(
        role=role,
        active=active,
        clients=tuple(client) if client else None,
        all_clients=all_clients,
        email=email,
    )
    if change == PersonChange():
        raise BadDecisionError(
            "Say what is to change: --role, --client, --all-clients, --email, --active, --inactive."
        )
    with administration() as (world, actor):
        changed = change_person(world, actor, login, change)
    emit(changed, as_json, lambda console: _draw(console, (changed,)))


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the people of the tenant."""
    with administration() as (world, actor):
        people = list_people(world, actor)
    emit(people, as_json, lambda console: _draw(console, people))


def draw_key(console: Console, made: NewKey) -> None:
    """Shows a new key with what to do with it."""
    _draw(console, (made.user,))
    login = made.user.login
    console.print(
        Text(
            f"Commands are given in the name of {login} where both are set, in the shell or in a file .env:"
        ),
        soft_wrap=True,
    )
    console.print(Text(f"export SMP_USER={quote(login)}"), soft_wrap=True)
    console.print(Text(f"export SMP_API_KEY={made.key}"), soft_wrap=True)
    told = f"The key is shown this once; lost, another is made by: smp user key add {quote(login)}"
    console.print(Text(told, style="dim"), soft_wrap=True)
    console.print("Who acts is told by: smp doctor", style="dim")


def _draw(console: Console, people: tuple[UserRecord, ...]) -> None:
    rows = [
        (
            person.login,
            person.role,
            ", ".join(person.clients) if person.clients else "all",
            "yes" if person.active else "no",
        )
        for person in people
    ]
    console.print(table("People", ("login", "role", "clients", "active"), rows))

"""``smp notify``: the channels by which people are told of news."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from schema_matching_pipeline.entrances.cli.group import Commands
from schema_matching_pipeline.entrances.cli.identity import actor, settings, world
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, table
from schema_matching_pipeline.errors import BadDecisionError
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.notification import Channel
from schema_matching_pipeline.workflows.notify_people import (
    NewChannel,
    close_channel,
    list_channels,
    newest_news,
    open_channel,
    try_channel,
)

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    help="Notifications: tell people by e-mail, Slack or a webhook what waits for them.",
)

ChannelId = Annotated[str, typer.Argument(help="The channel's id, or the beginning of it.")]


@app.command()
def add(
    kind: Annotated[str, typer.Argument(help="mail, slack or webhook.")],
    option: Annotated[
        list[str] | None, typer.Option("--option", "-o", help="NAME=VALUE; may be said several times.")
    ] = None,
    client: Annotated[str | None, typer.Option(help="News of this client alone.")] = None,
    urgent_only: Annotated[
        bool, typer.Option("--urgent-only", help="Only what goes out at once, no daily message.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Open a channel. What its options hold is stored encrypted.

    mail takes server (smtp+starttls://USER:PASSWORD@HOST:587), sender and to; slack takes url; webhook takes url and secret.
    """
    new = NewChannel(
        kind=kind,
        options=dict(_pair(text) for text in option or ()),
        client=ClientId(client) if client else None,
        urgent_only=urgent_only,
    )
    made = open_channel(world(), actor(), new)

    def show(console: Console) -> None:
        _draw(console, (made,))
        console.print(f"See whether it works: smp notify test {made.id[:8]}", style="dim")

    emit(made, as_json, show)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the channels, with what went wrong last."""
    found = list_channels(world(), actor())
    emit(found, as_json, lambda console: _draw(console, found))


@app.command("test")
def try_(channel: ChannelId, as_json: AsJson = False) -> None:
    """Send a message by a channel that says it is a test."""
    sent = try_channel(world(), actor(), channel, settings().desk_address)
    emit(sent, as_json, lambda console: console.print(f"A test went out to {sent.shown}."))


@app.command()
def remove(channel: ChannelId, as_json: AsJson = False) -> None:
    """Close a channel."""
    gone = close_channel(world(), actor(), channel)
    emit(gone, as_json, lambda console: console.print(f"{gone.kind} to {gone.shown} is closed."))


@app.command()
def news(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 20, as_json: AsJson = False
) -> None:
    """Show the newest news, whether a channel carried it or not."""
    found = newest_news(world(), actor(), limit)

    def show(console: Console) -> None:
        if not found:
            console.print("There is no news yet. A running `smp up` writes it down as it comes.")
        for one in found:
            console.print(f"{one.at:%Y-%m-%d %H:%M}  {one.news.headline}", highlight=False)

    emit(found, as_json, show)


def _pair(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found:
        raise BadDecisionError("An option is NAME=VALUE, such as to=ada@example.org.")
    return name.strip(), value


def _draw(console: Console, channels: tuple[Channel, ...]) -> None:
    if not channels:
        console.print(
            "No channel is open. Open one: smp notify add mail -o server=... -o sender=... -o to=..."
        )
        return
    rows = [
        (
            one.id[:8],
            one.kind,
            one.shown,
            one.client or "all clients",
            "urgent" if one.urgent_only else "urgent, and the rest daily",
            one.failed or "",
        )
        for one in channels
    ]
    console.print(table("Channels", ("id", "kind", "to", "news of", "which", "last failure"), rows))

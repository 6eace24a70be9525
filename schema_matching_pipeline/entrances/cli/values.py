"""``smp values``: what the codes of a client's columns become, and a person's word about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from schema_matching_pipeline.canon.visible import visible
from schema_matching_pipeline.entrances.cli.group import Commands
from schema_matching_pipeline.entrances.cli.identity import actor, world
from schema_matching_pipeline.entrances.cli.output import AsJson, emit
from schema_matching_pipeline.entrances.cli.review_left import say_what_is_left
from schema_matching_pipeline.entrances.cli.value_shown import value_table
from schema_matching_pipeline.errors import BadDecisionError, UnknownNameError
from schema_matching_pipeline.model.value_map import Equivalence
from schema_matching_pipeline.workflows.note_export import note_export
from schema_matching_pipeline.workflows.translate_values import (
    Correction,
    TranslatedColumn,
    confirm_values,
    list_values,
)

app = typer.Typer(
    cls=Commands, no_args_is_help=True, help="Values: what the codes of columns become in their fields."
)

ClientArgument = Annotated[str, typer.Argument(help="The client.")]
Pairs = list[str] | None


@app.command("list")
def list_(
    client: ClientArgument,
    column: Annotated[str | None, typer.Argument(help="One column, as table.column.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also columns whose values are those of the field already.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what the values of coded columns become, as suggested or as a person said.

    A value that few rows hold, or of a personal column, is counted and not shown. A value becomes one that says the same
    (equal), less (wider) or more (narrower), or stays as it is (unmatched).
    """
    found = list_values(world(), actor(), client)
    if column is not None:
        named = {str(one.values.ref): one for one in found}
        if column not in named:
            raise UnknownNameError(
                "coded column", column, named, hint=f"See `smp values list {client} --all`."
            )
        found = (named[column],)
    elif not everything:
        found = tuple(one for one in found if one.values.translates or one.unmatched_rows)
    if as_json:
        note_export(world(), actor(), client, "values", "json", len(found), column=column)
    emit(found, as_json, lambda console: _draw(console, found, client))


@app.command()
def confirm(
    client: ClientArgument,
    column: Annotated[str, typer.Argument(help="The column, as table.column.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; kept for ever.")],
    equal: Annotated[
        Pairs,
        typer.Option("--set", metavar="CODE=VALUE", help="A value becomes that one. Again for the next."),
    ] = None,
    wider: Annotated[
        Pairs,
        typer.Option("--wider", metavar="CODE=VALUE", help="The same, though the field's value says less."),
    ] = None,
    narrower: Annotated[
        Pairs,
        typer.Option(
            "--narrower", metavar="CODE=VALUE", help="The same, though the field's value says more."
        ),
    ] = None,
    unmatched: Annotated[
        Pairs,
        typer.Option("--unmatched", metavar="CODE", help="No value of the field fits; it stays as it is."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Confirm what a column's values become, with corrections; and with it that the column fills its field."""
    corrections = (
        *_corrections(equal, Equivalence.EQUAL),
        *_corrections(wider, Equivalence.WIDER),
        *_corrections(narrower, Equivalence.NARROWER),
        *(Correction(code=code, value=None, equivalence=Equivalence.UNMATCHED) for code in unmatched or ()),
    )
    codes = [each.code for each in corrections]
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        raise BadDecisionError(f"Said more than once: {', '.join(twice)}.")
    made = confirm_values(world(), actor(), client, column, corrections, reason)
    (decided,) = made.items

    def show(console: Console) -> None:
        console.print(Text(visible(f"{decided.ref}: its values are translated for {decided.target}.")))
        say_what_is_left(console, made.left)

    emit(decided, as_json, show)


def _corrections(given: Sequence[str] | None, equivalence: Equivalence) -> Iterator[Correction]:
    for text in given or ():
        code, found, value = text.partition("=")
        if not (found and code and value):
            raise BadDecisionError(f"{text!r} is no pair; write CODE=VALUE, such as F=female.")
        yield Correction(code=code, value=value, equivalence=equivalence)


def _draw(console: Console, found: Sequence[TranslatedColumn], client: str) -> None:
    if not found:
        console.print("No value of any column needs a translation.")
        return
    for one in found:
        console.print(value_table(f"{one.values.ref} -> {one.values.target} ({one.disposition})", one.values))
    way = f"smp values confirm {client} TABLE.COLUMN [--set CODE=VALUE] --reason WHY"
    console.print(Text(visible(f"Confirm: {way}"), style="dim"))

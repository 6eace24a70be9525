"""``smp review``: what waits, with its evidence, and the decisions about it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from schema_matching_pipeline.canon.visible import visible
from schema_matching_pipeline.entrances.cli.group import Commands
from schema_matching_pipeline.entrances.cli.identity import actor, world
from schema_matching_pipeline.entrances.cli.output import AsJson, emit
from schema_matching_pipeline.entrances.cli.review_left import say_what_is_left
from schema_matching_pipeline.entrances.cli.review_rule import chosen_rule
from schema_matching_pipeline.entrances.cli.review_shown import draw_item, draw_marks, draw_queue
from schema_matching_pipeline.entrances.cli.review_together import Reason, bulk, redo, undo
from schema_matching_pipeline.entrances.cli.rule_shown import draw_trial
from schema_matching_pipeline.entrances.cli.status import next_step
from schema_matching_pipeline.errors import BadDecisionError
from schema_matching_pipeline.model.canonical import FieldRef, RiskClass
from schema_matching_pipeline.model.matching import Cast, TransformRule
from schema_matching_pipeline.model.review import Decision, DecisionKind, ItemKind, QueueOrder
from schema_matching_pipeline.review import outcome
from schema_matching_pipeline.workflows.decide_column import decide_use, map_column
from schema_matching_pipeline.workflows.decide_review import check_field, decide_items
from schema_matching_pipeline.workflows.list_review import (
    ItemFilter,
    ReviewDetail,
    find_item,
    list_items,
    nearest_columns,
    show_item,
)
from schema_matching_pipeline.workflows.mark_item import assign_item, comment_item, flag_item
from schema_matching_pipeline.workflows.reveal_values import reveal_values
from schema_matching_pipeline.workflows.review_pace import own_pace
from schema_matching_pipeline.workflows.show_client import show_client
from schema_matching_pipeline.workflows.try_rule import try_rule

app = typer.Typer(
    cls=Commands, no_args_is_help=True, help="Review: list, show and decide what waits for a person."
)

ItemArgument = Annotated[str, typer.Argument(help="The item's id, or the beginning of it.")]
ClientArgument = Annotated[str, typer.Argument(help="The client.")]
ColumnArgument = Annotated[str, typer.Argument(help="The column, as table.column.")]
To = Annotated[str | None, typer.Option(help="The right field, as entity.field.")]
AsCast = Annotated[Cast | None, typer.Option(help="What its values are read as, with --to.")]
DateFormat = Annotated[
    str | None, typer.Option(help="How its dates are written, with --cast: %d.%m.%Y, say.")
]
Coerce = Annotated[
    list[str] | None,
    typer.Option(help="A step its values go through, with --to: trim, uppercase, say. Again for the next."),
]
Rule = Annotated[
    str | None,
    typer.Option(metavar="JSON_OR_FILE", help="The whole chain of steps, with --to: see docs/rules.md."),
]


@app.command("list")
def list_(
    client: Annotated[str | None, typer.Argument(help="One client; all of them without it.")] = None,
    kind: Annotated[ItemKind | None, typer.Option(help="Only items of this kind.")] = None,
    entity: Annotated[str | None, typer.Option(help="Only items that suggest this entity.")] = None,
    risk: Annotated[RiskClass | None, typer.Option(help="Only items of this risk class.")] = None,
    at_least: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="Only items with at least this confidence.")
    ] = None,
    below: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="Only items with less than this confidence.")
    ] = None,
    older_than_days: Annotated[
        int | None, typer.Option("--older-than", min=0, help="Only items open for more than so many days.")
    ] = None,
    table: Annotated[str | None, typer.Option(help="Only items about this table.")] = None,
    run: Annotated[str | None, typer.Option(help="Only items that this run asked about.")] = None,
    assignee: Annotated[str | None, typer.Option(help="Only items of this person.")] = None,
    flagged: Annotated[
        bool | None, typer.Option("--flagged/--not-flagged", help="Only items that are flagged, or are not.")
    ] = None,
    text: Annotated[
        str | None, typer.Option(help="Only items with this in their column, field or reason.")
    ] = None,
    decided: Annotated[
        bool, typer.Option("--decided", help="The decided ones instead of the open ones.")
    ] = False,
    order: Annotated[
        QueueOrder,
        typer.Option(
            help="What comes first; by value: rows an answer is for, times risk, times how open it is."
        ),
    ] = QueueOrder.VALUE,
    page: Annotated[int, typer.Option(min=1)] = 1,
    size: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    as_json: AsJson = False,
) -> None:
    """List review items, unless told otherwise what is worth most first."""
    wanted = ItemFilter(
        client=client,
        kind=kind,
        entity=entity,
        risk=risk,
        at_least=at_least,
        below=below,
        older_than_days=older_than_days,
        table=table,
        run=run,
        assignee=assignee,
        flagged=flagged,
        text=text,
        decided=decided,
        order=order,
        page=page,
        size=size,
    )
    found = list_items(world(), actor(), wanted)

    def show(console: Console) -> None:
        paced = own_pace(world(), actor())
        if paced.hasty:
            console.print(Text(paced.in_words, style="yellow"))
        if found.items:
            near = {} if decided else nearest_columns(world(), actor(), found.items)
            draw_queue(console, found, client, near)
        else:
            console.print("Nothing here." if decided else "Nothing waits for a decision.")
            if client and not decided:
                console.print(Text(next_step(show_client(world(), actor(), client)), style="dim"))

    emit(found, as_json, show)


@app.command()
def pace(as_json: AsJson = False) -> None:
    """Show how many of your own last decisions accepted a suggestion within two seconds; nobody else is told."""
    found = own_pace(world(), actor())
    emit(found, as_json, lambda console: console.print(Text(found.in_words)))


@app.command()
def show(item: ItemArgument, as_json: AsJson = False) -> None:
    """Show one item with its evidence, candidates and history."""
    person = actor()
    detail = show_item(world(), person, item)
    emit(detail, as_json, lambda console: draw_item(console, detail, person.login))


@app.command()
def approve(item: ItemArgument, reason: Reason = "", as_json: AsJson = False) -> None:
    """Approve the suggestion, the quality label, or (with a reason) a validation finding."""
    _decide(item, DecisionKind.APPROVE, None, reason, as_json)


@app.command()
def reject(item: ItemArgument, reason: Reason, as_json: AsJson = False) -> None:
    """Reject the suggestion; the pair does not come back until the data change."""
    _decide(item, DecisionKind.REJECT, None, reason, as_json)


@app.command()
def override(
    item: ItemArgument,
    reason: Annotated[
        str, typer.Option("--reason", help="Why; kept for ever. The answer to a spot check needs none.")
    ] = "",
    to: To = None,
    cast: AsCast = None,
    date_format: DateFormat = None,
    coerce: Coerce = None,
    rule: Rule = None,
    nothing: Annotated[bool, typer.Option("--nothing", help="The column maps to nothing.")] = False,
    include: Annotated[bool, typer.Option("--include", help="Use a flagged column all the same.")] = False,
    exclude: Annotated[bool, typer.Option("--exclude", help="Do not use the column.")] = False,
    as_json: AsJson = False,
) -> None:
    """Decide otherwise: another field, nothing at all, or whether a flagged column is used."""
    if sum((to is not None, nothing, include, exclude)) != 1:
        raise BadDecisionError("Say exactly one of --to ENTITY.FIELD, --nothing, --include, --exclude.")
    kind = (
        DecisionKind.OVERRIDE
        if to
        else DecisionKind.UNMAP
        if nothing
        else DecisionKind.INCLUDE
        if include
        else DecisionKind.EXCLUDE
    )
    if (include or exclude) and not reason.strip():  # which answers no spot check
        raise BadDecisionError("Say why: this decision needs a reason.")
    chosen = chosen_rule(cast, date_format, coerce or (), rule, to=to)
    _decide(item, kind, parse_field(to) if to else None, reason, as_json, chosen)


@app.command("try")
def try_(
    item: ItemArgument,
    to: Annotated[
        str | None, typer.Option(help="The field, as entity.field; without it the suggested one.")
    ] = None,
    cast: AsCast = None,
    date_format: DateFormat = None,
    coerce: Coerce = None,
    rule: Rule = None,
    as_json: AsJson = False,
) -> None:
    """Try a rule on the rows of an item's column, told masked; without one, how its values fit unchanged. Nothing is decided."""
    line = find_item(world(), actor(), item)
    field = parse_field(to) if to else line.item.target
    chosen = chosen_rule(cast, date_format, coerce or (), rule, to=str(field) if field else None)
    found = try_rule(world(), actor(), line.item.id, chosen, field)
    emit(found, as_json, lambda console: draw_trial(console, found, str(field)))


@app.command()
def comment(
    item: ItemArgument, text: Annotated[str, typer.Argument(help="What to note.")], as_json: AsJson = False
) -> None:
    """Note something about an item; a comment stays for ever."""
    _say_marks(comment_item(world(), actor(), item, text), as_json)


@app.command()
def reveal(
    item: ItemArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why you need to see them; kept with your name.")],
    as_json: AsJson = False,
) -> None:
    """Show values of an item's column as they are, read from the source now; who saw them, and why, is kept for ever."""
    found = reveal_values(world(), actor(), item, reason)

    def show(console: Console) -> None:
        for value in found.values:
            console.print(Text(visible(value)))
        told = "; the longer ones are cut" if found.cut else ""
        console.print(
            f"{len(found.values)} value(s) of {visible(str(found.ref))}, kept nowhere{told}.",
            style="dim",
            markup=False,
        )

    emit(found, as_json, show)


@app.command()
def flag(
    item: ItemArgument,
    reason: Annotated[str | None, typer.Option("--reason", help="Why it is flagged.")] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Take the flag away.")] = False,
    as_json: AsJson = False,
) -> None:
    """Flag an item, so that it is decided by itself; or take the flag away."""
    if (reason is None) != clear:
        raise BadDecisionError("Say either --reason WHY or --clear.")
    _say_marks(flag_item(world(), actor(), item, reason), as_json)


@app.command()
def assign(
    item: ItemArgument,
    login: Annotated[str | None, typer.Argument(help="Whose it is from now on.")] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="It is nobody's.")] = False,
    as_json: AsJson = False,
) -> None:
    """Give an item to somebody who may decide about it, or to nobody."""
    if (login is None) != nobody:
        raise BadDecisionError("Say either a login or --nobody.")
    _say_marks(assign_item(world(), actor(), item, login), as_json)


def _say_marks(detail: ReviewDetail, as_json: bool) -> None:
    emit(detail, as_json, lambda console: draw_marks(console, detail))


@app.command()
def include(
    client: ClientArgument,
    column: ColumnArgument,
    reason: Reason,
    to: To = None,
    cast: AsCast = None,
    date_format: DateFormat = None,
    coerce: Coerce = None,
    rule: Rule = None,
    as_json: AsJson = False,
) -> None:
    """Use a column that was left out, which is proposed anew; with --to, map any column that fills no field."""
    chosen = chosen_rule(cast, date_format, coerce or (), rule, to=to)
    if to is None:
        _decide_use(client, column, reason, as_json, used=True)
    else:
        _map_column(client, column, parse_field(to), chosen, reason, as_json)


@app.command()
def exclude(client: ClientArgument, column: ColumnArgument, reason: Reason, as_json: AsJson = False) -> None:
    """Leave a column out that nobody asks about."""
    _decide_use(client, column, reason, as_json, used=False)


def parse_field(text: str) -> FieldRef:
    """A field from ``entity.field``.

    Raises:
        BadDecisionError: the text is not of that form.
    """
    entity, dot, field = text.partition(".")
    if not (entity and dot and field):
        raise BadDecisionError(f"{text!r} is not a field; write entity.field, such as patient.birth_date.")
    return FieldRef(entity=entity, field=field)


def _decide(
    item: str,
    kind: DecisionKind,
    target: FieldRef | None,
    reason: str,
    as_json: bool,
    rule: TransformRule | None = None,
) -> None:
    line = find_item(world(), actor(), item)
    found = line.item
    if target is not None:
        check_field(world(), actor(), line.client, target)
    decision = Decision(
        item_id=found.id,
        kind=kind,
        target=target,
        rule=rule,
        reason=reason,
        expected_row_version=found.row_version,
    )
    made = decide_items(world(), actor(), (decision,))
    (decided,) = made.items

    def show(console: Console) -> None:
        changed = decided.row_version != found.row_version
        said = (
            outcome(decided, decision)
            if changed
            else f"{found.ref} was {found.state} already; nothing changed."
        )
        console.print(Text(visible(said)))
        for warning in made.warnings:
            console.print(Text(visible(warning), style="yellow"))
        if not decided.is_confirmed:  # which changes nothing of what waits
            say_what_is_left(console, made.left)

    emit(decided, as_json, show)


def _decide_use(client: str, column: str, reason: str, as_json: bool, *, used: bool) -> None:
    made = decide_use(world(), actor(), client, column, used=used, reason=reason)
    (decided,) = made.items

    def show(console: Console) -> None:
        if used:
            anew = f"a running `smp up` proposes it anew by itself, else: smp onboard {client}"
            console.print(Text(visible(f"{decided.ref} is used; {anew}")))
        else:
            console.print(
                Text(
                    visible(f"{decided.ref} is left out; what is published stays until the next version is.")
                )
            )
            say_what_is_left(console, made.left)

    emit(decided, as_json, show)


def _map_column(
    client: str, column: str, target: FieldRef, rule: TransformRule | None, reason: str, as_json: bool
) -> None:
    made = map_column(world(), actor(), client, column, target, rule=rule, reason=reason)
    (decided,) = made.items

    def show(console: Console) -> None:
        console.print(Text(visible(f"{decided.ref}: now maps to {target}.")))
        say_what_is_left(console, made.left)

    emit(decided, as_json, show)


for together in (bulk, undo, redo):
    app.command()(together)

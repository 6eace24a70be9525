"""``smp review``: what waits, with its evidence, and the decisions about it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from schema_matching_pipeline.canon.figures import confidence
from schema_matching_pipeline.canon.visible import visible
from schema_matching_pipeline.entrances.cli.exit_codes import ExitCode
from schema_matching_pipeline.entrances.cli.group import Commands
from schema_matching_pipeline.entrances.cli.identity import actor, settings, world
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, table
from schema_matching_pipeline.entrances.cli.review_file import read_decisions
from schema_matching_pipeline.entrances.cli.review_rule import chosen_rule
from schema_matching_pipeline.entrances.cli.review_shown import draw_item, draw_queue, figures
from schema_matching_pipeline.entrances.cli.review_words import (
    ID_SHOWN,
    brought,
    made_of,
    outcome,
    outcomes,
    whats_next,
)
from schema_matching_pipeline.entrances.cli.status import next_step
from schema_matching_pipeline.errors import BadDecisionError, ConfigurationError, UnknownNameError
from schema_matching_pipeline.model.canonical import FieldRef, RiskClass
from schema_matching_pipeline.model.matching import Cast, TransformRule
from schema_matching_pipeline.model.registry import Left
from schema_matching_pipeline.model.review import Decision, DecisionKind, ItemKind
from schema_matching_pipeline.workflows.aftermath import Decided
from schema_matching_pipeline.workflows.decide_column import decide_use, map_column
from schema_matching_pipeline.workflows.decide_review import check_field, decide_items
from schema_matching_pipeline.workflows.list_review import (
    ItemFilter,
    find_item,
    list_items,
    nearest_columns,
    show_item,
)
from schema_matching_pipeline.workflows.show_client import show_client

app = typer.Typer(
    cls=Commands, no_args_is_help=True, help="Review: list, show and decide what waits for a person."
)

ItemArgument = Annotated[str, typer.Argument(help="The item's id, or the beginning of it.")]
ClientArgument = Annotated[str, typer.Argument(help="The client.")]
ColumnArgument = Annotated[str, typer.Argument(help="The column, as table.column.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept for ever.")]
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
PAGE = 1000


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
    decided: Annotated[
        bool, typer.Option("--decided", help="The decided ones instead of the open ones.")
    ] = False,
    page: Annotated[int, typer.Option(min=1)] = 1,
    size: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    as_json: AsJson = False,
) -> None:
    """List review items, the riskiest and least certain first."""
    wanted = ItemFilter(
        client=client,
        kind=kind,
        entity=entity,
        risk=risk,
        at_least=at_least,
        below=below,
        older_than_days=older_than_days,
        decided=decided,
        page=page,
        size=size,
    )
    found = list_items(world(), actor(), wanted)

    def show(console: Console) -> None:
        if found.items:
            near = {} if decided else nearest_columns(world(), actor(), found.items)
            draw_queue(console, found, client, near)
        else:
            console.print("Nothing here." if decided else "Nothing waits for a decision.")
            if client and not decided:
                console.print(Text(next_step(show_client(world(), actor(), client)), style="dim"))

    emit(found, as_json, show)


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
    reason: Reason,
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
    chosen = chosen_rule(cast, date_format, coerce or (), rule, to=to)
    _decide(item, kind, parse_field(to) if to else None, reason, as_json, chosen)


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


@app.command()
def bulk(
    file: Annotated[
        Path | None,
        typer.Option(help="A CSV of decisions: item, decision, field, reason. '-' for standard input."),
    ] = None,
    client: Annotated[
        str | None, typer.Option(help="Approve the open items of this client that pass the filters.")
    ] = None,
    kind: Annotated[ItemKind, typer.Option(help="With --client: items of this kind.")] = ItemKind.MAPPING,
    entity: Annotated[
        str | None, typer.Option(help="With --client: only items that suggest this entity.")
    ] = None,
    at_least: Annotated[
        float | None,
        typer.Option(min=0.0, max=1.0, help="With --client: only items with at least this confidence."),
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="With --client: whatever their confidence, instead of --at-least.")
    ] = False,
    reason: Reason = "",
    yes: Annotated[
        bool,
        typer.Option(
            "--yes",
            help="Do not ask; without it the decisions are shown first, and a terminal is asked about them.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Decide many items at once, all or none: from a file, or approve those of a client that are sure enough."""
    if (file is None) == (client is None):
        raise BadDecisionError("Say either --file DECISIONS.csv or --client NAME with filters.")
    if file is not None and (
        kind is not ItemKind.MAPPING or entity or at_least is not None or all_ or reason
    ):
        raise BadDecisionError(
            "With --file each line says what is decided and why; --kind, --entity, --at-least, --all and --reason go with --client."
        )
    if client is not None and (at_least is None) != all_:
        raise BadDecisionError(
            "Say either --at-least CONFIDENCE, 0.9 for instance, or --all to approve whatever confidence they have."
        )
    decisions = _from_file(file) if file else _matching(str(client), kind, entity, at_least, reason)
    if not yes:
        emit(
            {"preview": len(decisions), "decisions": decisions},
            as_json,
            lambda console: _preview(console, decisions),
        )
        if as_json or not decisions or not sys.stdin.isatty():
            return
        if not typer.confirm("Make these decisions?", err=True):
            raise typer.Exit(ExitCode.USAGE)
    made = decide_items(world(), actor(), decisions) if decisions else Decided(items=(), left=())

    def show(console: Console) -> None:
        for line in outcomes(list(zip(made.items, decisions, strict=True))):
            console.print(Text(visible(line)))
        say_what_is_left(console, made.left)

    emit(made.items, as_json, show)


def _from_file(file: Path) -> tuple[Decision, ...]:
    """The file's decisions; fields that no model has are all named at once, each with what may be meant."""
    decisions = read_decisions(file)
    mistakes = []
    for decision in decisions:
        if decision.target:
            line = find_item(world(), actor(), decision.item_id)
            try:
                check_field(world(), actor(), line.client, decision.target)
            except UnknownNameError as error:
                mistakes.append(f"item {decision.item_id}: {error}")
    if mistakes:
        raise ConfigurationError(str(file), mistakes)
    return decisions


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
        say_what_is_left(console, made.left)

    emit(decided, as_json, show)


def say_what_is_left(console: Console, each: Sequence[Left]) -> None:
    """What the decisions opened and took along, what still waits with each of their clients, and the next command."""
    for left in each:
        for line in brought(left):
            console.print(Text(visible(line)))
        goes_on = not left.items and not left.approval and _daemon_is_alive()
        console.print(Text(whats_next(left, goes_on=goes_on), style="dim"))


def _daemon_is_alive() -> bool:
    from schema_matching_pipeline.entrances.orchestration.liveness import (
        daemon_is_alive,
    )  # Dagster takes a second to load

    return daemon_is_alive(settings())


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


def _matching(
    client: str, kind: ItemKind, entity: str | None, at_least: float | None, reason: str
) -> tuple[Decision, ...]:
    wanted = ItemFilter(client=client, kind=kind, entity=entity, at_least=at_least, size=PAGE)
    first = list_items(world(), actor(), wanted)
    later = (list_items(world(), actor(), wanted.but(page=page)) for page in range(2, first.pages + 1))
    return tuple(
        Decision(
            item_id=line.item.id,
            kind=DecisionKind.APPROVE,
            reason=reason,
            expected_row_version=line.item.row_version,
        )
        for page in (first, *later)
        for line in page.items
    )


def _preview(console: Console, decisions: tuple[Decision, ...]) -> None:
    asked = [(find_item(world(), actor(), decision.item_id).item, decision) for decision in decisions]
    rows = [
        (
            d.item_id[:ID_SHOWN],
            item.ref,
            d.target or item.target or "-",
            figures(item)[0],
            d.kind,
            made_of(item, d),
            d.reason,
        )
        for item, d in asked
    ]
    header = ("item", "column", "field", "had", "decision", "what it makes", "reason")
    sure = [item.had for item, _ in asked if figures(item)[0] != "-"]
    least = f", the least certain with {confidence(min(sure))}" if sure else ""
    console.print(
        table(f"{len(decisions)} decision(s){least}, not made yet: add --yes", header, rows, right=(3,))
    )

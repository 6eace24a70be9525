"""``smp review bulk``, ``undo`` and ``redo``: decisions made, taken back and made again together."""

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
from schema_matching_pipeline.entrances.cli.identity import actor, world
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, table
from schema_matching_pipeline.entrances.cli.review_file import read_decisions
from schema_matching_pipeline.entrances.cli.review_left import say_what_is_left
from schema_matching_pipeline.entrances.cli.review_shown import figures
from schema_matching_pipeline.entrances.cli.review_words import ID_SHOWN, outcomes
from schema_matching_pipeline.errors import BadDecisionError, ConfigurationError, UnknownNameError
from schema_matching_pipeline.model.review import Decision, DecisionKind, ItemKind
from schema_matching_pipeline.review import made_of
from schema_matching_pipeline.workflows.aftermath import Decided
from schema_matching_pipeline.workflows.decide_bulk import (
    BulkDecision,
    BulkFilter,
    BulkOutcome,
    Excluded,
    decide_bulk,
    decide_together,
)
from schema_matching_pipeline.workflows.decide_review import check_field
from schema_matching_pipeline.workflows.list_review import find_item, find_items
from schema_matching_pipeline.workflows.undo_review import redo_batch, undo_batch, undo_item

Reason = Annotated[str, typer.Option("--reason", help="Why; kept for ever.")]
SHOWN = 20


def undo(
    item: Annotated[str | None, typer.Argument(help="The item's id, or the beginning of it.")] = None,
    batch: Annotated[
        str | None, typer.Option(help="What `smp review bulk` decided together under this id.")
    ] = None,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Take back the last decision about an item, or all that were made together."""
    made = _undone(item, batch, reason)

    def show(console: Console) -> None:
        _say_stands(console, made, "Nothing of it stands; nothing changed.")

    emit(made.items, as_json, show)


def _undone(item: str | None, batch: str | None, reason: str) -> Decided:
    if (item is None) == (batch is None):
        raise BadDecisionError("Say either an item or --batch ID.")
    if batch is not None:
        return undo_batch(world(), actor(), batch, reason)
    found = find_item(world(), actor(), str(item)).item
    return undo_item(world(), actor(), found.id, reason, expected_row_version=found.row_version)


def redo(
    batch: Annotated[str, typer.Option(help="What was decided together under this id.")],
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Make decisions again that were taken back together."""
    made = redo_batch(world(), actor(), batch, reason)

    def show(console: Console) -> None:
        _say_stands(console, made, "All of it stands; nothing changed.")

    emit(made.items, as_json, show)


def _say_stands(console: Console, made: Decided, unchanged: str) -> None:
    """How each item stands now."""
    for item in made.items[:SHOWN]:
        console.print(Text(visible(f"{item.ref}: {item.state}; item {item.id[:ID_SHOWN]}")))
    if len(made.items) > SHOWN:
        console.print(f"{len(made.items) - SHOWN:,} more")
    if not made.items:
        console.print(unchanged)
    say_what_is_left(console, made.left)


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
    decisions, excluded = (
        (_from_file(file), ()) if file else _matching(str(client), kind, entity, at_least, reason)
    )
    if not yes:
        emit(
            {"preview": len(decisions), "decisions": decisions, "excluded": excluded},
            as_json,
            lambda console: _preview(console, decisions, excluded),
        )
        if as_json or not decisions or not sys.stdin.isatty():
            return
        if not typer.confirm("Make these decisions?", err=True):
            raise typer.Exit(ExitCode.USAGE)
    made = (
        decide_together(world(), actor(), decisions)
        if decisions
        else BulkOutcome(preview=False, count=0, items=())
    ).but(excluded=excluded)

    def show(console: Console) -> None:
        decided = find_items(world(), actor(), [line.item_id for line in made.items])
        by_id = {line.item.id: line.item for line in decided}
        items = [by_id[line.item_id] for line in made.items]
        for line in outcomes(list(zip(items, decisions, strict=True))):
            console.print(Text(visible(line)))
        _say_excluded(console, excluded)
        say_what_is_left(console, made.left)
        if made.batch_id:
            console.print(
                Text(f"Take them back together: smp review undo --batch {made.batch_id}", style="dim")
            )

    emit(made, as_json, show)


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


def _matching(
    client: str, kind: ItemKind, entity: str | None, at_least: float | None, reason: str
) -> tuple[tuple[Decision, ...], tuple[Excluded, ...]]:
    """What approving those that pass the filter decides, and what it leaves out."""
    wanted = BulkFilter(client=client, kind=kind, entity=entity, at_least=at_least or 0.0)
    meant = decide_bulk(
        world(), actor(), BulkDecision(decision="approve", filter=wanted, reason=reason, preview=True)
    )
    decisions = tuple(
        Decision(
            item_id=line.item_id,
            kind=DecisionKind.APPROVE,
            reason=reason,
            expected_row_version=line.row_version,
        )
        for line in meant.items
    )
    return decisions, meant.excluded


def _say_excluded(console: Console, excluded: Sequence[Excluded]) -> None:
    """What was meant and not decided, with the reason."""
    for line in excluded[:SHOWN]:
        said = f"Not decided: {line.item_id[:ID_SHOWN]} {line.what}: {line.why}."
        console.print(Text(visible(said)))
    if len(excluded) > SHOWN:
        console.print(f"Not decided: {len(excluded) - SHOWN:,} more")


def _preview(console: Console, decisions: tuple[Decision, ...], excluded: Sequence[Excluded]) -> None:
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
    _say_excluded(console, excluded)

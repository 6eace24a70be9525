"""``smp status``: where a client stands, what waits, and who may decide it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from schema_matching_pipeline.canon.visible import visible
from schema_matching_pipeline.entrances.cli.client import bring_back, list_
from schema_matching_pipeline.entrances.cli.identity import actor, world
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, table
from schema_matching_pipeline.model.check import CheckSeverity, CheckVerdict
from schema_matching_pipeline.model.pipeline import PipelineState
from schema_matching_pipeline.model.review import HoldingItem
from schema_matching_pipeline.quality import FORMULA
from schema_matching_pipeline.workflows.show_client import ClientStatus, show_client

HOLDING_SHOWN = 15
SCORES_SHOWN = 5
QUEUE = "smp review list"
WHOLE_LIST = {
    "profile_complete": QUEUE,
    "source_unchanged": "smp source changes",
    "required_fields_covered": QUEUE,
    "validation_demanded_passed": QUEUE,
}
NAMED_BY_ITEMS = frozenset(
    ("classification_threshold", "flagged_columns_reviewed", "mapping_threshold", "nothing_pending")
)


def status(
    name: Annotated[str | None, typer.Argument(help="The client; all of them without it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show where a client stands: state, columns, checks, and what waits for whom."""
    if name is None:
        list_(as_json)
        return
    found = show_client(world(), actor(), name)
    emit(found, as_json, lambda console: draw_status(console, found))


def draw_status(console: Console, found: ClientStatus) -> None:
    """Draws a client's status for people."""
    name, run, gate = found.client.slug, found.run, found.gate
    rests = "" if found.client.active else ", at rest"
    console.print(Text(name, style="bold") + Text(f"   {run.state if run else 'new'}{rests}"))
    if run and run.error:
        console.print(Text(visible(f"failed in {run.failed_phase}: {run.error}"), style="red"))
    for warning in found.warnings:
        console.print(Text(f"Warning: {visible(warning)}", style="yellow"))
    if found.dispositions:
        counted = ", ".join(f"{count:,} {word.replace('_', ' ')}" for word, count in found.dispositions)
        console.print(Text(f"{sum(count for _, count in found.dispositions):,} column(s): {counted}"))
    if found.scores:
        console.print(Text(spoken_scores(found.scores)))
        console.print(Text(FORMULA, style="dim"))
    if found.checks:
        console.print(
            table(
                "Checks",
                ("check", "result", "actual", "needed", "what to do"),
                [_check_row(c) for c in found.checks],
                right=(2, 3),
            )
        )
    for check in found.checks:
        if check.worst and check.worst.rows and check.name not in NAMED_BY_ITEMS:
            console.print(table(check.worst.heading, check.worst.header, check.worst.rows))
            _and_more(console, check.worst.left_out, WHOLE_LIST.get(check.name), name, check.worst.rest)
    counted = f"{counted_items(gate.items_by_kind)} for a decision"
    _draw_holding(console, name, gate.items, counted, in_all=gate.waiting, command=QUEUE)
    title = "What else holds the gate" if gate.items else "What holds the gate"
    _draw_holding(console, name, gate.others, title, in_all=len(gate.others))
    console.print(Text(next_step(found) if found.client.active else bring_back(name), style="dim"))


def counted_items(by_kind: Mapping[str, int]) -> str:
    """How many review items wait, and of which kinds.

    >>> counted_items({"quality": 1, "mapping": 2})
    '3 item(s) (2 mapping, 1 quality) wait'
    """
    most_first = sorted(by_kind.items(), key=lambda counted: -counted[1])
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in most_first)
    return f"{sum(by_kind.values()):,} item(s) ({kinds}) wait"


def _draw_holding(
    console: Console,
    client: str,
    holding: Sequence[HoldingItem],
    title: str,
    *,
    in_all: int,
    command: str | None = None,
) -> None:
    if holding:
        shown = holding[:HOLDING_SHOWN]
        rows = [(item.kind, item.what, item.needed, item.who_may_decide(client)) for item in shown]
        console.print(table(title, ("kind", "what", "needed", "who may decide"), rows))
        _and_more(console, in_all - HOLDING_SHOWN, command, client)


def spoken_scores(scores: Sequence[tuple[str, float]]) -> str:
    """The quality of the tables in one line: the lowest scores by name, the others together.

    >>> spoken_scores([("visits", 62.5), ("staff", 100.0)])
    'Quality of 100: visits 62.5; 1 other table(s) 100'
    >>> spoken_scores([("staff", 100.0)])
    'Quality of 100: all 1 table(s) 100'
    """
    low = [(table, score) for table, score in scores if score < 100][:SCORES_SHOWN]
    rest = scores[len(low) :]
    least = f"{rest[0][1]:g}{' or more' if rest[0][1] < 100 else ''}" if rest else ""
    named = ", ".join(f"{visible(table)} {score:g}" for table, score in low)
    if not low:
        return f"Quality of 100: all {len(rest):,} table(s) {least}"
    return f"Quality of 100: {named}" + (f"; {len(rest):,} other table(s) {least}" if rest else "")


def _and_more(console: Console, left_out: int, command: str | None, client: str, rest: str = "") -> None:
    """Says that a list is cut, what is to be known of the rest, and the command that leads on."""
    if left_out > 0:
        known = f", {rest}" if rest else ""
        whole = f": {command} {client}" if command else ""
        console.print(Text(f"... and {left_out:,} more{known}{whole}", style="dim"))


def next_step(found: ClientStatus) -> str:
    """What a person would do next, as a sentence with the command."""
    name, gate = found.client.slug, found.gate
    if found.run and found.run.state is PipelineState.FAILED:
        return f"Go on from the phase that failed: smp onboard {name}   (all again: --from-start)"
    if gate.version is None:
        return (
            f"Its run stands at {found.run.state}; where no `smp up` runs: smp onboard {name}"
            if found.run
            else f"Nothing is proposed yet; a running `smp up` does it by itself, or: smp onboard {name}"
        )
    if gate.holding_review:
        by_itself = all(item.awaits_the_pipeline for item in gate.holding_review)
        return (
            f"Nothing waits for a person; the running pipeline goes on by itself, or: smp onboard {name}"
            if by_itself
            else f"Decide what waits: smp review list {name}"
        )
    if not gate.final_open and not gate.approved and gate.validated:
        return f"Approve version {gate.version} for production: smp approve {name} --version {gate.version}"
    if gate.published_version == gate.version:
        return f"Version {gate.version} is published: smp mappings {name}"
    return f"Version {gate.version} is ready; the running pipeline goes on by itself, or: smp onboard {name}"


def _check_row(check: CheckVerdict) -> tuple[str, ...]:
    result = "passed" if check.passed else "waits" if check.severity is CheckSeverity.WARN else "FAILED"
    return check.name, result, f"{check.actual:g}", f"{check.threshold:g}", check.what_to_do

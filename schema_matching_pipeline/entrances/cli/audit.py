"""``smp audit``: what happened, and whether the record of it is whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from schema_matching_pipeline.entrances.cli.exit_codes import ExitCode
from schema_matching_pipeline.entrances.cli.group import Commands
from schema_matching_pipeline.entrances.cli.identity import actor, world
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, moment, progress_bar, table
from schema_matching_pipeline.entrances.reports.whole_file import require_place, whole_file
from schema_matching_pipeline.errors import UnknownNameError, UsageError
from schema_matching_pipeline.model.audit import ACTIONS, SUBJECTS, AuditFilter, RegistryRow
from schema_matching_pipeline.workflows.note_export import note_export
from schema_matching_pipeline.workflows.read_audit import (
    export_audit,
    list_audit,
    registry_as_of,
    verify_audit,
    verify_export,
)

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    help="Audit: list what happened, tell what was, take it away signed, verify it.",
)
_SHORT = 40
_Name = TypeVar("_Name", bound=str)


@app.command("list")
def list_(
    client: Annotated[str | None, typer.Argument(help="One client; all of them without it.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    by: Annotated[
        str | None, typer.Option("--actor", help="By this person, or this part of the machinery.")
    ] = None,
    subject: Annotated[str | None, typer.Option(help="Of this kind, as review_actions or users.")] = None,
    action: Annotated[str | None, typer.Option(help="Of this action, as decided or deleted.")] = None,
    since: Annotated[
        str | None, typer.Option(help="From this time on: 2026-11-20, or 2026-11-20T12:30:00+01:00.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Before this time: a day's name is its first moment.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the newest audit rows; of one person, kind, action or time where asked."""
    asked = AuditFilter(
        actor=by,
        subject=_known("kind of row", subject, SUBJECTS),
        action=_known("action", action, ACTIONS),
        since=_time(since) if since else None,
        until=_time(until) if until else None,
    )
    events = list_audit(world(), actor(), client=client, limit=limit, asked=asked)
    if as_json:
        given = asked.model_dump(mode="json")
        note_export(world(), actor(), client, "audit", "json", len(events), limit=limit, **given)
    rows = [
        (
            e.seq,
            moment(e.at),
            e.actor,
            e.action,
            e.subject,
            e.about,
            ", ".join(e.changed),
            e.reason or "",
        )
        for e in events
    ]
    header = ("row", "when", "who", "action", "subject", "about", "changed", "why")
    emit(events, as_json, lambda console: console.print(table("Audit", header, rows, right=(0,))))


@app.command("as-of")
def as_of(
    at: Annotated[
        str, typer.Argument(help="When: 2026-11-20, or 2026-11-20T12:30:00+01:00; UTC where it says no zone.")
    ],
    client: Annotated[str | None, typer.Argument(help="One client; all of them without it.")] = None,
    kind: Annotated[
        str, typer.Option(help="Which rows, by the subject that the audit gives them.")
    ] = "field_mappings",
    as_json: AsJson = False,
) -> None:
    """Show the registry as it stood at a time, out of the audit."""
    then = registry_as_of(world(), actor(), at=_time(at), kind=kind, client=client)
    if as_json:
        note_export(
            world(), actor(), client, "as of", "json", len(then.rows), at=then.at.isoformat(), kind=kind
        )

    def show(console: Console) -> None:
        header, rows = _as_mappings(then.rows) if kind == "field_mappings" else _as_they_are(then.rows)
        if rows:
            console.print(table(f"{kind} at {moment(then.at)}", header, rows))
        else:
            console.print(f"The registry held no {kind} at {moment(then.at)}.")
        if then.withheld:
            console.print(f"{then.withheld} more are not told while another person is to decide.")

    emit(then, as_json, show)


def _known(kind: str, name: str | None, known: tuple[_Name, ...]) -> _Name | None:
    if name is None:
        return None
    for one in known:
        if one == name:
            return one
    raise UnknownNameError(kind, name, known)


def _lines_of(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8", errors="surrogateescape", newline="\n") as lines:
            yield from (line.removesuffix("\n") for line in lines)
    except OSError as error:
        raise UsageError(f"The file {str(path)!r} cannot be read: {error.strerror}.") from error


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{text!r} is no time. Write it as 2026-11-20, or as 2026-11-20T12:30:00+01:00."
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _as_mappings(rows: Sequence[RegistryRow]) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    header = ("client", "column", "field", "confidence", "disposition", "by")
    states = [row.values for row in rows]
    listed = [
        (
            state["client"],
            f"{state['source_table']}.{state['source_field']}",
            ".".join(str(part) for part in (state["canonical_entity"], state["canonical_field"]) if part),
            f"{state['confidence_score']:.2f}" if state["canonical_field"] else "",
            state["disposition"],
            state["decided_by"] or "",
        )
        for state in states
    ]
    return header, sorted(listed)


def _as_they_are(rows: Sequence[RegistryRow]) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """Each row by its key, and what it held that is short enough to be read."""
    told = [
        "; ".join(
            f"{name} {value}"
            for name, value in row.values.items()
            if isinstance(value, str | int | float) and len(str(value)) <= _SHORT and not name.endswith("id")
        )
        for row in rows
    ]
    return ("key", "held"), [(row.key, held) for row, held in zip(rows, told, strict=True)]


@app.command()
def export(
    path: Annotated[Path, typer.Argument(help="The file to write: one row a line, as JSON.")],
    client: Annotated[str | None, typer.Argument(help="One client; all of them without it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write the audit to a file, signed, to be kept elsewhere; `smp audit verify --file` tells whether it was changed."""
    require_place(path)
    with progress_bar("audit", quiet=as_json) as progress, whole_file(path) as file:
        for line in export_audit(world(), actor(), client, progress):
            file.write(line + "\n")
    outcome = verify_export(_lines_of(path))
    emit(outcome, as_json, lambda console: console.print(outcome.message))


@app.command()
def verify(
    file: Annotated[
        Path | None, typer.Option(help="An exported audit, instead of the registry's own.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="The public key that the file has to be signed with.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Verify that no audit row was edited, deleted, swapped or cut off; exit code 1 when one was."""
    if file is None:
        if key:
            raise UsageError("A key is for a file. Name it with --file.")
        outcome = verify_audit(world(), actor())
    else:
        outcome = verify_export(_lines_of(file), key)

    def show(console: Console) -> None:
        console.print(
            ("[green]intact[/green] " if outcome.intact else "[red]broken[/red] ") + outcome.message
        )

    emit(outcome, as_json, show)
    if not outcome.intact:
        raise typer.Exit(ExitCode.FAULT)

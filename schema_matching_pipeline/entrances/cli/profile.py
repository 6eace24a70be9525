"""``smp profile``: a look at a source without storing anything."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from schema_matching_pipeline.entrances.cli.exit_codes import ExitCode
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, progress_bar, table, visible
from schema_matching_pipeline.entrances.cli.source import SOURCE_HELP, SchemaName, parse_address
from schema_matching_pipeline.errors import UnknownNameError
from schema_matching_pipeline.model.profile import ColumnProfile, SourceProfile, TableProfile
from schema_matching_pipeline.model.quality import QualityReport
from schema_matching_pipeline.model.source import ColumnRef, SourceSnapshot
from schema_matching_pipeline.quality import assess_quality, score_tables
from schema_matching_pipeline.runtime import standalone_sources
from schema_matching_pipeline.workflows.profile_source import measure_source
from schema_matching_pipeline.workflows.world import Policies


def profile(
    source: Annotated[str, typer.Argument(metavar="URL_OR_PATH", help=SOURCE_HELP)],
    schema: SchemaName = None,
    only: Annotated[str | None, typer.Option("--table", help="Only this table.")] = None,
    as_json: AsJson = False,
) -> None:
    """Profile a source and label the quality of its columns; nothing is stored.

    A table that cannot be read is named; where none can, that is source trouble.
    """
    policies = Policies()
    address, _ = parse_address(source, schema)
    with (
        progress_bar("profiling", quiet=as_json) as progress,
        standalone_sources().open(address) as connector,
    ):
        snapshot = _chosen(connector.snapshot(), only)
        measured = measure_source(connector, snapshot, policies.profile, progress)
    report = assess_quality(measured, policies.quality)
    emit(
        {"profile": measured, "quality": report, "scores": score_tables(report)},
        as_json,
        lambda console: _draw(console, measured, report),
    )
    if measured.troubles and not measured.tables:
        raise typer.Exit(ExitCode.SOURCE_TROUBLE)


def _chosen(snapshot: SourceSnapshot, only: str | None) -> SourceSnapshot:
    """The snapshot with nothing but the wanted table in it.

    Raises:
        UnknownNameError: the source has none of that name.
    """
    if only is None:
        return snapshot
    tables = tuple(table for table in snapshot.tables if table.name == only)
    troubles = tuple(trouble for trouble in snapshot.troubles if trouble.table == only)
    if not tables and not troubles:
        raise UnknownNameError("table", only, (table.name for table in snapshot.tables))
    return snapshot.but(tables=tables, troubles=troubles)


def _draw(console: Console, measured: SourceProfile, report: QualityReport) -> None:
    labels = report.by_ref()
    for found in measured.tables:
        rows = [
            _row(column, str(labels[ColumnRef(table=column.table, column=column.column)].label))
            for column in found.columns
        ]
        header = ("column", "declared", "values are", "filled", "distinct", "pattern or shape", "quality")
        console.print(table(_title(found), header, rows, right=(3, 4)))
        console.print()
    for trouble in measured.troubles:
        console.print(f"[red]{trouble.code}[/red]", end=" ")
        console.print(visible(f"{trouble.table}: {trouble.message}"), markup=False)


def _title(found: TableProfile) -> str:
    keys = f", key {', '.join(found.primary_key)}" if found.primary_key else ""
    return f"{found.name}: {found.row_count:,} rows{keys}{' (estimated)' if found.estimated else ''}"


def _row(column: ColumnProfile, label: str) -> tuple[str, ...]:
    known = (*column.patterns, *column.shapes)
    shape = f"{known[0].name} {known[0].share:.0%}" if known else ""
    return (
        column.column,
        column.data_type,
        str(column.value_type),
        f"{column.filled_share:.0%}",
        f"{column.distinct_count:,}",
        shape,
        label,
    )

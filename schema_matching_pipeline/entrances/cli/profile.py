"""``smp profile``: a look at a source without storing anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from schema_matching_pipeline.canon.visible import visible
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, errors
from schema_matching_pipeline.entrances.cli.profiled.progress import table_progress
from schema_matching_pipeline.entrances.cli.profiled.terminal import draw_profile
from schema_matching_pipeline.entrances.cli.source import SOURCE_HELP, DataStays, SchemaName, parse_address
from schema_matching_pipeline.entrances.cli.unread import require_all_read, require_tables
from schema_matching_pipeline.entrances.reports.profiled.page import render_profile
from schema_matching_pipeline.entrances.reports.profiled.view import spoken_source, view_profile
from schema_matching_pipeline.entrances.reports.whole_file import require_place, write_whole
from schema_matching_pipeline.errors import UnknownNameError
from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.model.quality import QualityReport
from schema_matching_pipeline.model.source import SourceSnapshot
from schema_matching_pipeline.quality import assess_quality, score_tables
from schema_matching_pipeline.runtime import standalone_sources
from schema_matching_pipeline.workflows.profile_source import measure_source
from schema_matching_pipeline.workflows.world import Policies

Names = list[str] | None


def profile(
    source: Annotated[str, typer.Argument(metavar="URL_OR_PATH", help=SOURCE_HELP)],
    schema: SchemaName = None,
    data_stays: DataStays = False,
    tables: Annotated[
        Names,
        typer.Option("--table", metavar="NAME", help="Only this table; * stands for anything. Repeatable."),
    ] = None,
    columns: Annotated[
        Names,
        typer.Option(
            "--columns",
            metavar="NAMES",
            help="Show only these columns, with commas between; * stands for anything. Whole tables are measured.",
        ),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the profile as one HTML page, too.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Profile a source and label the quality of its columns; nothing is stored.

    What is wrong with a table is told on standard error. Where one could not be read, the others are shown, and the
    exit code is that of source trouble, 4; so it is where the source shows no table at all.
    """
    if html:
        require_place(html)
    policies, address = Policies(), parse_address(source, schema, data_stays=data_stays)[0]
    spoken = spoken_source(address.location.get_secret_value())
    with (
        table_progress(errors, quiet=as_json) as progress,
        standalone_sources().open(address) as connector,
    ):
        listed = connector.snapshot()
        require_tables(spoken, listed)
        snapshot = _chosen(listed, tables)
        measured = measure_source(
            connector, snapshot, policies.profile, progress, data_stays=address.data_stays
        )
    report = assess_quality(measured, policies.quality)
    scores = score_tables(report)
    names = _column_names(measured, columns)
    view = view_profile(spoken, datetime.now(UTC), measured, report, scores, names)
    if html:  # first: what follows ends where nobody reads on, as behind `| head`
        write_whole(html, render_profile(view))
    emit(_for_programs(measured, report, scores, names), as_json, lambda console: draw_profile(console, view))
    if not as_json:
        _tell(measured, html)
    require_all_read(spoken, (table.name for table in measured.tables), measured.troubles)


def _tell(measured: SourceProfile, html: Path | None) -> None:
    """What is wrong with tables, and where the page is, on standard error."""
    for trouble in measured.troubles:
        said = visible(f" {trouble.table}: {trouble.message}")
        errors.print(Text.assemble((trouble.code, "red"), said), soft_wrap=True)
    if html:
        errors.print(Text(f"The page is written to {html}."), soft_wrap=True)


def _chosen(snapshot: SourceSnapshot, wanted: Names) -> SourceSnapshot:
    """The snapshot with nothing but the wanted tables in it.

    Raises:
        UnknownNameError: the source has none of that name.
    """
    if not wanted:
        return snapshot
    unread = {trouble.table for trouble in snapshot.troubles}
    names = _named("table", wanted, [*(table.name for table in snapshot.tables), *unread])
    return snapshot.but(
        tables=tuple(table for table in snapshot.tables if table.name in names),
        troubles=tuple(trouble for trouble in snapshot.troubles if trouble.table in names),
    )


def _column_names(measured: SourceProfile, wanted: Names) -> frozenset[str] | None:
    """The columns to show, or None for all.

    Raises:
        UnknownNameError: no table has one of that name.
    """
    if not wanted:
        return None
    asked = [name.strip() for part in wanted for name in part.split(",") if name.strip()]
    return _named("column", asked, [column.column for column in measured.columns])


def _for_programs(
    measured: SourceProfile,
    report: QualityReport,
    scores: Mapping[str, float],
    names: frozenset[str] | None,
) -> dict[str, object]:
    """Everything, of the columns of these names where any are given; the scores are those of whole tables."""
    if names is None:
        return {"profile": measured, "quality": report, "scores": scores}
    kept = (
        table.model_copy(update={"columns": tuple(one for one in table.columns if one.column in names)})
        for table in measured.tables
    )
    shown = measured.model_copy(update={"tables": tuple(table for table in kept if table.columns)})
    labels = tuple(label for label in report.labels if label.ref.column in names)
    return {"profile": shown, "quality": QualityReport(labels=labels), "scores": scores}


def _named(kind: str, wanted: Iterable[str], known: list[str]) -> frozenset[str]:
    """The known names that are wanted; a name that is known as it stands is no pattern."""
    found: set[str] = set()
    for name in wanted:
        fitting = {name} if name in known else {one for one in known if fnmatchcase(one, name)}
        if not fitting:
            raise UnknownNameError(kind, name, known)
        found |= fitting
    return frozenset(found)

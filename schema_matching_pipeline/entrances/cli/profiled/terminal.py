"""A profile on a terminal: every table with its columns, what is remarkable about them, and all tables last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from schema_matching_pipeline.canon.visible import visible
from schema_matching_pipeline.entrances.reports.profiled.distribution import Distribution
from schema_matching_pipeline.entrances.reports.profiled.view import (
    ColumnView,
    ProfileView,
    TableView,
    spoken_reference,
)
from schema_matching_pipeline.model.quality import LabelName
from schema_matching_pipeline.quality import FORMULA

WIDE = 110  # characters from which on every column of a table fits in one line
NARROW = 72  # characters below which the overview keeps to its first columns
_BLOCKS, _SIGNS = "▁▂▃▄▅▆▇█", ".:-=+*#@"
_KEPT = 3  # columns of the overview on a narrow terminal
_BARS = 10
_GOOD_SCORE, _FAIR_SCORE = 90, 70

_STYLES: Mapping[LabelName, str] = {
    LabelName.GOOD: "green",
    LabelName.EMPTY: "dim",
    LabelName.ABANDONED: "yellow",
    LabelName.MISUSED: "red",
    LabelName.TEST_ONLY: "magenta",
}


def draw_profile(console: Console, view: ProfileView) -> None:
    """Draws the whole profile; what counts most stands last, where the eye is when the command ends."""
    for table in view.with_rows or view.tables[:1]:
        _draw_table(console, table)
    if len(view.with_rows) > 1:
        console.print(_overview(view, narrow=console.width < NARROW))
        console.print(Text(FORMULA, style="dim"))
    if view.without_rows:
        _draw_empty_tables(console, view.without_rows)
    console.print(_ending(view))


def sparkline(distribution: Distribution | None, *, plain: bool = False) -> str:
    """The bars of a distribution as signs, neighbours taken together where there are many.

    >>> from schema_matching_pipeline.entrances.reports.profiled.distribution import Bar
    >>> sparkline(Distribution("", (Bar("a", 0.5), Bar("b", 0.25), Bar("c", 0.0)), in_order=True))
    '█▅ '
    """
    if distribution is None:
        return ""
    signs = _SIGNS if plain else _BLOCKS
    heights = _merged(distribution.heights)
    return "".join(
        signs[min(int(height * len(signs)), len(signs) - 1)] if height else " " for height in heights
    )


def _merged(heights: Sequence[float]) -> list[float]:
    each = -(-len(heights) // _BARS)
    sums = [sum(heights[place : place + each]) for place in range(0, len(heights), each)]
    highest = max(sums, default=0.0) or 1.0
    return [height / highest for height in sums]


def _draw_table(console: Console, table: TableView) -> None:
    console.print(_title(table))
    for name, told in _head(table):
        console.print(
            Padding(Text.assemble((f"{name:16}", "dim"), visible(told)), (0, 0, 0, 2), expand=False)
        )
    plain = console.options.ascii_only
    if console.width >= WIDE:
        console.print(Padding(_wide(table, plain=plain), (0, 0, 0, 2), expand=False))
    else:
        for column in table.columns:
            _draw_narrow(console, column, plain=plain)
    _draw_remarks(console, table)
    console.print()


def _draw_empty_tables(console: Console, tables: Sequence[TableView]) -> None:
    """The names alone: of a table without rows there is nothing else to tell."""
    names = ", ".join(table.profile.name for table in tables)
    said = Text(f"{len(tables):,} table(s) without rows, all columns empty: ", style="dim")
    console.print(Text.assemble(said, visible(names)))


def _title(table: TableView) -> Text:
    profile = table.profile
    counted = f": {profile.row_count:,} rows, {table.counted} columns"
    estimated = " (estimated)" if profile.estimated else ""
    name = (visible(profile.name), "bold")
    return Text.assemble(name, f"{counted}{estimated}, score ", _score(table.score))


def _score(score: float) -> Text:
    style = "green" if score >= _GOOD_SCORE else "yellow" if score >= _FAIR_SCORE else "red"
    return Text(f"{score:g}", style=f"bold {style}")


def _head(table: TableView) -> Iterable[tuple[str, str]]:
    """What is to say of the table as a whole, line by line."""
    profile = table.profile
    if table.key:
        yield "key", table.key
    others = tuple(key for key in table.other_keys if key not in table.key)
    if others:
        yield "also unique", "; ".join(others)
    for key in profile.foreign_keys:
        yield "refers to", spoken_reference(key)
    if table.referred_by:
        yield "referred to by", ", ".join(dict.fromkeys(name for name, _ in table.referred_by))
    if profile.last_activity:
        by = f", by {profile.activity_column}" if profile.activity_column else ""
        yield "last activity", f"{profile.last_activity:%Y-%m-%d}{by}"
    if profile.comment:
        yield "comment", profile.comment


def _wide(table: TableView, *, plain: bool) -> Table:
    drawn = Table(header_style="dim", show_edge=False, pad_edge=False, box=None, padding=(0, 2, 0, 0))
    for name in ("column", "values are", "null", "distinct", "", "in short", "personal", "quality"):
        drawn.add_column(name, justify="right" if name in {"null", "distinct"} else "left", overflow="fold")
    for column in table.columns:
        drawn.add_row(
            _name(column),
            Text(column.type),
            _nulls(column),
            Text(_distinct(column)),
            Text(sparkline(column.distribution, plain=plain), style="cyan"),
            Text(visible(column.gist)),
            Text(visible(column.personal), style="magenta"),
            _label(column),
        )
    return drawn


def _draw_narrow(console: Console, column: ColumnView, *, plain: bool) -> None:
    """A column in a few short lines, which fold where even they do not fit."""
    named = Text.assemble(_name(column), "  ", _label(column))
    console.print(Padding(named, (0, 0, 0, 2), expand=False))
    spark = sparkline(column.distribution, plain=plain)
    figures = f"{column.type}, {column.nulls} null, {_distinct(column)} distinct  "
    told_and_drawn = Text.assemble((figures, "dim"), (spark, "cyan"))
    console.print(Padding(told_and_drawn, (0, 0, 0, 4), expand=False))
    told = Text("  ").join(
        Text(visible(one), style=style)
        for one, style in ((column.gist, "dim"), (column.personal, "magenta"))
        if one
    )
    if told:
        console.print(Padding(told, (0, 0, 0, 4), expand=False))


def _name(column: ColumnView) -> Text:
    marks = f" {', '.join(column.marks)}" if column.marks else ""
    return Text.assemble((visible(column.profile.column), "bold"), (visible(marks), "dim"))


def _nulls(column: ColumnView) -> Text:
    return Text(column.nulls, style="dim" if column.profile.filled_share == 1 else "")


def _distinct(column: ColumnView) -> str:
    return f"{'~' if column.profile.estimated else ''}{column.profile.distinct_count:,}"


def _label(column: ColumnView) -> Text:
    label = column.label.label
    note = f" ({', '.join(column.notes)})" if column.notes else ""
    return Text.assemble((str(label), _STYLES[label]), (note, "yellow"))


def _draw_remarks(console: Console, table: TableView) -> None:
    """The evidence behind every label and note."""
    for column in table.columns:
        if column.is_remarkable:
            style = _STYLES[column.label.label] if column.label.flagged else "yellow"
            name = (visible(column.profile.column), "bold")
            told = Text.assemble(("! ", style), name, f": {visible(column.label.reason)}")
            console.print(Padding(told, (0, 0, 0, 2), expand=False))


def _overview(view: ProfileView, *, narrow: bool) -> Table:
    """All tables; on a narrow terminal what does not fit is left to the tables themselves."""
    drawn = Table(
        title="Tables, the lowest score first",
        title_justify="left",
        title_style="bold",
        header_style="dim",
        show_edge=False,
        pad_edge=False,
    )
    header = ("table", "score", "rows", "columns", "flagged", "personal", "last activity")
    for name in header[: _KEPT if narrow else None]:
        drawn.add_column(
            name, justify="left" if name in {"table", "last activity"} else "right", overflow="fold"
        )
    for table in sorted(view.with_rows, key=lambda table: (table.score, table.profile.name)):
        last = table.profile.last_activity
        cells = (
            Text(visible(table.profile.name)),
            _score(table.score),
            f"{table.profile.row_count:,}",
            table.counted,
            str(table.flagged or ""),
            str(table.personal or ""),
            f"{last:%Y-%m-%d}" if last else "",
        )
        drawn.add_row(*cells[: _KEPT if narrow else None])
    return drawn


def _ending(view: ProfileView) -> Text:
    labels = ", ".join(f"{count:,} {str(name).replace('_', ' ')}" for name, count in view.labels)
    tables = f"{len(view.tables):,} table(s), {view.rows:,} rows, {len(view.columns):,} columns"
    return Text(f"{tables}: {labels}" if labels else tables, style="bold")

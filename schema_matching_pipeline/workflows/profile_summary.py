"""What a profile tells people who follow it over time: counts, the largest tables, personal data, and what changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.model.profile import PastProfile, SourceProfile
from schema_matching_pipeline.model.source import SourceChange
from schema_matching_pipeline.model.summary import PhaseSummary, SummaryTable

ROWS_SHOWN = 50
PROFILES_SHOWN = 30


def summarize_profile(
    client: str,
    profile: SourceProfile,
    changes: tuple[SourceChange, ...],
    past: tuple[Mapping[str, int], Sequence[PastProfile]],
    kept: int,
    seconds: float,
) -> PhaseSummary:
    """Counts that are plotted over time, and the tables a person looks at first.

    ``past`` holds the rows of every table in the profile before, and the last profiles, this one among them.
    """
    columns = profile.columns
    types = Counter(str(column.value_type) for column in columns)
    return PhaseSummary(
        phase=Phase.COLUMN_PROFILES,
        client=client,
        counts=(
            ("tables_profiled", len(profile.tables)),
            ("columns_profiled", len(columns)),
            ("rows", sum(table.row_count for table in profile.tables)),
            ("nulls", sum(column.null_count for column in columns)),
            ("blanks", sum(column.blank_count for column in columns)),
            ("distinct_values", sum(column.distinct_count for column in columns)),
            ("personal_columns", sum(column.personal for column in columns)),
            ("estimated_columns", sum(column.estimated for column in columns)),
            ("tables_in_trouble", len(profile.troubles)),
            ("tables_unchanged", kept),
            ("changes", len(changes)),
            ("breaking_changes", sum(change.breaking for change in changes)),
        ),
        tables=(
            _largest(profile, past[0]),
            _over_time(past[1]),
            _personal(profile),
            SummaryTable(
                title="Column types",
                header=("type", "columns"),
                rows=tuple((name, str(count)) for name, count in types.most_common()),
            ),
            SummaryTable(
                title="Tables that could not be read",
                header=("table", "why"),
                rows=tuple((t.table, t.message) for t in profile.troubles[:ROWS_SHOWN]),
            ),
            SummaryTable(
                title="Changed since the last profile",
                header=("table", "column", "what changed", "breaking"),
                rows=tuple(
                    (one.table, one.column or "", one.what, "yes" if one.breaking else "")
                    for one in changes[:ROWS_SHOWN]
                ),
            ),
        ),
        version=profile.snapshot_fingerprint,
        seconds=seconds,
    )


def _largest(profile: SourceProfile, before: Mapping[str, int]) -> SummaryTable:
    """The tables with most rows, each beside what it had in the profile before."""
    tables = sorted(profile.tables, key=lambda table: (-table.row_count, table.name))
    return SummaryTable(
        title="Largest tables",
        header=("table", "rows", "before", "columns", "newest row", "references", "measured"),
        rows=tuple(
            (
                table.name,
                f"{table.row_count:,}",
                f"{before[table.name]:,}" if table.name in before else "",
                str(len(table.columns)),
                str(table.last_activity or ""),
                str(len(table.foreign_keys)),
                f"{table.plan}{', estimated' if table.estimated else ''}",
            )
            for table in tables[:ROWS_SHOWN]
        ),
        left_out=max(0, len(tables) - ROWS_SHOWN),
    )


def _over_time(history: Sequence[PastProfile]) -> SummaryTable:
    """Rows and tables of the last profiles, the newest first, each with what changed since the one before."""
    changed = [late.rows - early.rows for late, early in pairwise(history)]
    return SummaryTable(
        title="Rows over time",
        header=("profiled", "tables", "rows", "change"),
        rows=tuple(
            (
                f"{past.profiled_at:%Y-%m-%d %H:%M}",
                str(past.tables),
                f"{past.rows:,}",
                "" if change is None else f"{change:+,}",
            )
            for past, change in zip(history, (*changed, None), strict=True)
        ),
    )


def _personal(profile: SourceProfile) -> SummaryTable:
    """Which data about persons were found, and where."""
    found: dict[tuple[str, str], list[str]] = {}
    for column in profile.columns:
        if column.personal_data:
            about = (str(column.personal_data.level), column.personal_data.kind)
            found.setdefault(about, []).append(f"{column.table}.{column.column}")
    return SummaryTable(
        title="Personal data",
        header=("level", "kind", "columns", "where"),
        rows=tuple(
            (level, kind.replace("_", " "), str(len(places)), ", ".join(places[:5]))
            for (level, kind), places in sorted(found.items())[:ROWS_SHOWN]
        ),
    )

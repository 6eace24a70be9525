"""The identity of a schema: what a mapping stands on, without figures that change by the hour."""

from __future__ import annotations

from schema_matching_pipeline.errors import SourceDriftedError
from schema_matching_pipeline.model.ids import content_id
from schema_matching_pipeline.model.source import SourceSnapshot, SourceTable


def check(snapshot: SourceSnapshot, expected: str, *, source: str) -> None:
    """Nothing, when the schema is still the one with the expected fingerprint.

    Raises:
        SourceDriftedError: the schema changed since it was looked at.
    """
    found = schema_fingerprint(snapshot)
    if found != expected:
        raise SourceDriftedError(
            f"The schema of source {source} changed since it was profiled (fingerprint {expected[:8]} became"
            f" {found[:8]}). Profile it again before going on.",
            source=source,
        )


def schema_fingerprint(snapshot: SourceSnapshot) -> str:
    """The same text for the same tables, whatever order they were listed in."""
    return content_id(
        snapshot.schema_name or "", *sorted(table_fingerprint(table) for table in snapshot.tables)
    )


def table_fingerprint(table: SourceTable) -> str:
    """The same text while name, columns, keys and comments of a table stand; its rows do not count."""
    return table.model_copy(update={"row_estimate": None, "content_mark": None}).fingerprint()


def unchanged_tables(old: SourceSnapshot, new: SourceSnapshot) -> frozenset[str]:
    """Tables whose schema is the same and whose content is known to be; others may well be the same, too."""
    before = {table.name: table for table in old.tables}
    return frozenset(
        table.name
        for table in new.tables
        if table.content_mark is not None
        and (earlier := before.get(table.name)) is not None
        and earlier.content_mark == table.content_mark
        and table_fingerprint(earlier) == table_fingerprint(table)
    )

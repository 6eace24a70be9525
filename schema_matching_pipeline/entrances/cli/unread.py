"""What a command says that ended with a result of which tables are missing."""

from __future__ import annotations

from collections.abc import Iterable

from schema_matching_pipeline.errors import SourceUnreadableError
from schema_matching_pipeline.model.source import TableTrouble

NAMED = 12  # tables named


def require_all_read(source: str, read: Iterable[str], troubles: Iterable[TableTrouble]) -> None:
    """Passes where every table of a source was read, in part at least; called once the result is out.

    >>> require_all_read("exports", ["staff"], [TableTrouble(table="staff", code="ROWS_UNREADABLE", message="line 3")])

    Raises:
        SourceUnreadableError: some were not; they are named.
    """
    known = set(read)
    unread = sorted({trouble.table for trouble in troubles} - known)
    if unread:
        more = f" and {len(unread) - NAMED:,} more" if len(unread) > NAMED else ""
        raise SourceUnreadableError(
            f"{len(unread):,} of {len(unread) + len(known):,} table(s) of {source} could not be read: "
            f"{', '.join(unread[:NAMED])}{more}.",
            source=source,
        )

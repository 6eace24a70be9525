"""What a command says of tables that are missing, in what it reads or in its result."""

from __future__ import annotations

from collections.abc import Iterable

from schema_matching_pipeline.errors import SourceEmptyError, SourceUnreadableError
from schema_matching_pipeline.model.source import SourceSnapshot, TableTrouble

NAMED = 12  # tables named


def require_tables(source: str, snapshot: SourceSnapshot) -> None:
    """Passes where a source lists a table with columns, or says why it does not.

    >>> require_tables("exports", SourceSnapshot(schema_name="ward"))
    Traceback (most recent call last):
    schema_matching_pipeline.errors.SourceEmptyError: Schema 'ward' of exports shows this user no table with columns. Check the address, the schema name (--schema) and the permissions.

    Raises:
        SourceEmptyError: there is none.
    """
    if snapshot.troubles or any(table.columns for table in snapshot.tables):
        return
    where = f"Schema {snapshot.schema_name!r} of {source}" if snapshot.schema_name else source
    raise SourceEmptyError(
        f"{where} shows this user no table with columns. "
        "Check the address, the schema name (--schema) and the permissions.",
        source=source,
    )


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

"""Opens sources of every kind by their address, and tests connections in words for a person."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from schema_matching_pipeline.adapters.connectors.catalog import (
    SOURCES,
    Checkable,
    FileChecks,
    KeepsData,
    Listed,
    OpenSource,
    Setup,
    SourceKind,
)
from schema_matching_pipeline.adapters.connectors.faults import Trouble, fault
from schema_matching_pipeline.adapters.connectors.plain_values import plain_values
from schema_matching_pipeline.adapters.connectors.value_hash import ValueHashes
from schema_matching_pipeline.errors import SourceError, SourceRefusedError, SourceUnreadableError
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.source import (
    ColumnRef,
    ConnectionTest,
    SourceAddress,
    SourceSnapshot,
)


class Sources:
    """Every kind of source that is built in or installed beside the product."""

    def __init__(self, secret_key: bytes, policy: ProfilePolicy) -> None:
        self._secret_key, self._policy = secret_key, policy

    def test(self, address: SourceAddress) -> ConnectionTest:
        """Whether the source answers and shows a table that can be read, in words for a person; never raises for its trouble."""
        started, checks = perf_counter(), FileChecks((), 0)
        try:
            with self._opened(address, is_test=True) as source:
                if isinstance(source, Checkable):
                    checks = source.check()
                said = _what_files_show(checks) if checks.unseen else _what_it_shows(source.snapshot())
        except SourceError as error:
            return ConnectionTest(
                success=False,
                message=str(error),
                latency_ms=_since(started),
                code=error.reason or error.code,
                files=checks.files,
                files_unseen=checks.unseen,
            )
        return ConnectionTest(
            success=True,
            message=said,
            latency_ms=_since(started),
            files=checks.files,
            files_unseen=checks.unseen,
        )

    def values(self, address: SourceAddress, ref: ColumnRef, *, rows: int, most: int) -> tuple[str, ...]:
        """Up to ``most`` different values of a column as they are, among so many rows; for a person's eyes alone.

        Raises:
            SourceError: the column cannot be read.
        """
        with self._opened(address, is_test=False) as source:
            return plain_values(source, ref, rows=rows, most=most)

    def listing_mark(self, address: SourceAddress) -> str | None:
        """What stays the same while no file of the source comes, goes or is written; None where no listing tells of that.

        Raises:
            SourceError: the source cannot be listed.
        """
        kind = _kind_of(address.location.get_secret_value())
        if not isinstance(kind, Listed):
            return None
        lines = "\n".join(sorted(kind.listing(address)))
        return hashlib.sha256(lines.encode(errors="surrogateescape")).hexdigest()

    @contextmanager
    def open(self, address: SourceAddress) -> Iterator[OpenSource]:
        """The source, open until the block ends.

        Raises:
            SourceError: it cannot be opened.
        """
        with self._opened(address, is_test=False) as source:
            yield source

    @contextmanager
    def _opened(self, address: SourceAddress, *, is_test: bool) -> Iterator[OpenSource]:
        kind = _kind_of(address.location.get_secret_value())
        if address.data_stays and not isinstance(kind, KeepsData):
            raise fault(Trouble.CANNOT_STAY, "The source")
        with TemporaryDirectory(prefix="smp-source-", ignore_cleanup_errors=True) as folder:
            setup = Setup(ValueHashes(self._secret_key), self._policy, Path(folder), is_test=is_test)
            with kind.open(address, setup) as source:
                yield source


def _kind_of(location: str) -> SourceKind:
    """The kind that claims the address; a path is claimed last of all, so that database files come first."""
    if not location.strip():
        raise fault(Trouble.MISSING_PATH, "''")
    names = sorted(SOURCES, key=lambda name: (name == "files", name))
    claiming = (SOURCES[name] for name in names if SOURCES[name].claims(location))
    kind = next(claiming, None)
    if kind is None:
        raise fault(Trouble.UNSUPPORTED_KIND, _scheme(location))
    return kind


def _scheme(location: str) -> str:
    return f"An address that begins with {location.split('://', 1)[0][:40]!r}"


def _what_it_shows(snapshot: SourceSnapshot) -> str:
    tables = [table for table in snapshot.tables if table.columns]
    if not tables:
        raise _nothing_readable(snapshot)
    trouble = f" {len(snapshot.troubles)} more cannot be read." if snapshot.troubles else ""
    return f"It answers and shows {len(tables)} table(s) with {snapshot.column_count} columns.{trouble}"


def _what_files_show(checks: FileChecks) -> str:
    """Of a folder too large for a test: what was seen of it.

    Raises:
        SourceUnreadableError: nothing that was looked at holds a table.
    """
    tables = [table for file in checks.files for table in file.tables]
    if not checks.files:
        return (
            f"It answers, but none of its {checks.unseen:,} file(s) was looked at: that takes longer than a test may. "
            "The profile shows whether they can be read."
        )
    if not tables:
        first = next((said for file in checks.files for said in file.troubles), "")
        said = (
            f"None of the {len(checks.files):,} file(s) looked at holds a table; {checks.unseen:,} more were not looked at. "
            f"Mend those, or keep them elsewhere. {first}"
        )
        raise SourceUnreadableError(said.rstrip(), reason=str(Trouble.UNREADABLE))
    columns = sum(len(table.columns) for table in tables)
    return (
        f"It answers; {len(checks.files):,} file(s) looked at show {len(tables):,} table(s) with {columns:,} columns. "
        f"{checks.unseen:,} more file(s) were left to the profile."
    )


def _nothing_readable(snapshot: SourceSnapshot) -> SourceError:
    """Why nothing can be made of a source that answers, and the way out."""
    if not snapshot.troubles:
        schema = f"Schema {snapshot.schema_name!r} of the source" if snapshot.schema_name else "The source"
        return fault(Trouble.NO_TABLES, schema)
    first, count = snapshot.troubles[0], len(snapshot.troubles)
    said = first.message if count == 1 else f"None of its {count} tables can be read. {first.message}"
    if all(trouble.code == SourceRefusedError.code for trouble in snapshot.troubles):
        return SourceRefusedError(said, table=first.table, reason=str(Trouble.NO_PERMISSION))
    return SourceUnreadableError(said, table=first.table, reason=str(Trouble.UNREADABLE))


def _since(started: float) -> float:
    return round((perf_counter() - started) * 1000, 1)

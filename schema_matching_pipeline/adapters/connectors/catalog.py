"""What a kind of source and a file format are, and the catalogs that find them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

import pyarrow as pa
import sqlalchemy as sa

from schema_matching_pipeline.adapters.connectors.record_shape import Shape
from schema_matching_pipeline.adapters.connectors.value_hash import ValueHashes
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.source import FileCheck, SourceAddress, SourceColumn, TableTrouble
from schema_matching_pipeline.plugins import Catalog
from schema_matching_pipeline.ports import SourceConnector


@dataclass(frozen=True, slots=True, repr=False)
class Setup:
    """What an open source may use: the hashes of values, the policy, a folder that is removed at the end.

    ``reports`` takes, by table, what a reader of files found wrong with single rows while it read them.
    ``is_test``: nobody will measure; what is far away is fetched as far as a quick look needs.
    """

    hashes: ValueHashes
    policy: ProfilePolicy
    folder: Path
    reports: dict[str, TableTrouble] = field(default_factory=dict)
    is_test: bool = False


class OpenSource(SourceConnector, Protocol):
    """A source connector that also answers the suite runner."""

    def texts(self, table: str, columns: Sequence[str], limit: int) -> tuple[pa.Table, bool]:
        """Rows in canonical text, at most ``limit``; and whether they are a sample."""
        ...

    def relation(self, table: str) -> sa.FromClause:
        """The table as something to select from.

        Raises:
            SourceError: there is no such table (any more).
        """
        ...

    def ask(self, statement: sa.Select[*tuple[object, ...]]) -> tuple[tuple[object, ...], ...]:
        """The rows of one small answer.

        Raises:
            SourceError: the source cannot answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class FileChecks:
    """What a quick look at files found, and how many it did not reach."""

    files: tuple[FileCheck, ...]
    unseen: int


@runtime_checkable
class Checkable(Protocol):
    """A source whose files can be looked at one by one."""

    def check(self) -> FileChecks:
        """How each file would be read, by its first rows; bounded in time."""
        ...


class SourceKind(Protocol):
    """Opens addresses of one kind."""

    def claims(self, location: str) -> bool:
        """Whether an address is of this kind, by its looks and the first bytes of a file."""
        ...

    def open(self, address: SourceAddress, setup: Setup) -> AbstractContextManager[OpenSource]:
        """The source, open until the block ends."""
        ...


@runtime_checkable
class KeepsData(Protocol):
    """What a kind of source may be beside: one that honours ``data_stays`` of an address."""

    keeps_data: bool


@runtime_checkable
class Listed(Protocol):
    """What a kind of source may be beside: one whose files are listed without being read."""

    def listing(self, address: SourceAddress) -> Iterable[str]:
        """A line for each file that can be read, which stays the same while the file does.

        Raises:
            SourceError: it cannot be listed.
        """
        ...


@dataclass(frozen=True, slots=True)
class ForeignColumn:
    """A column that points to the row of another table of the same file."""

    column: str
    referred_table: str
    referred_column: str


class FileTable(Protocol):
    """One table found in a file, not read yet."""

    @property
    def name(self) -> str:
        """What the table is called within its source."""
        ...

    @property
    def columns(self) -> tuple[SourceColumn, ...]:
        """Its columns as the file declares them."""
        ...

    @property
    def row_estimate(self) -> int | None:
        """Roughly how many rows it has."""
        ...

    @property
    def key(self) -> str | None:
        """The column that tells its rows apart, where the reader made one."""
        ...

    @property
    def reference(self) -> ForeignColumn | None:
        """The table its rows were nested in."""
        ...

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Its rows, from the beginning; strings or Arrow's own types."""
        ...


@dataclass(frozen=True, slots=True)
class FileTables:
    """What a file holds: tables, and parts that could not be read."""

    tables: tuple[FileTable, ...]
    troubles: tuple[TableTrouble, ...] = field(default=())


@runtime_checkable
class Written(Protocol):
    """A table of which can be told how its file writes rows."""

    @property
    def written(self) -> str:
        """Encoding, delimiter, quotes and header, in a few words."""
        ...


class FileFormat(Protocol):
    """Reads files of one format."""

    suffixes: tuple[str, ...]

    def tables(self, path: Path, name: str, setup: Setup) -> FileTables:
        """The tables in a file, named after ``name``; the folder of the set-up may hold what was unpacked.

        Raises:
            SourceError: the file is not what its suffix says.
        """
        ...


@runtime_checkable
class ReadsTogether(Protocol):
    """What a format may be beside: one whose files can be read as one where they hold the same kind of records."""

    def shape(self, path: Path) -> Shape | None:
        """What a quick look at a file finds; nothing where it is too large for one.

        Raises:
            SourceError: it cannot be read.
        """
        ...

    def together(self, paths: Sequence[Path], name: str, setup: Setup) -> FileTables:
        """The tables of all files; those that cannot be read are told as troubles."""
        ...


SOURCES: Catalog[SourceKind] = Catalog("schema_matching_pipeline.adapters.connectors.sources")
FORMATS: Catalog[FileFormat] = Catalog("schema_matching_pipeline.adapters.connectors.formats")

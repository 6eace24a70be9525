"""What a client has: tables, columns, keys. Metadata only, no values."""

from __future__ import annotations

from enum import StrEnum

from pydantic import SecretStr, computed_field

from schema_matching_pipeline.model.base import Frozen


class TableKind(StrEnum):
    """Where the rows of a table come from."""

    TABLE = "table"
    VIEW = "view"
    FILE = "file"


class SourceAddress(Frozen):
    """Where a client's data are: a SQLAlchemy URL or a path, and a schema name. The location is a secret.

    With ``data_stays`` no row may leave the source: it is measured by statements that give statistics.
    """

    location: SecretStr
    schema_name: str | None = None
    data_stays: bool = False

    @property
    def shown(self) -> str:
        """The location without login, password and options; only its kind where it cannot be told where they end.

        >>> SourceAddress(location="postgresql://ada:p@ss/w@db.example:5432/clinic?sslpassword=x").shown
        'postgresql://db.example:5432/clinic'
        >>> SourceAddress(location="postgresql://ada:why?@db.example/clinic").shown
        'postgresql://...'
        >>> SourceAddress(location="/exports/clinic?exports=apart").shown
        '/exports/clinic'
        """
        kind, mark, rest = self.location.get_secret_value().partition("://")
        if not mark:
            return kind.partition("?")[0]
        secret, _, place = rest.rpartition("@")
        return f"{kind}://{'...' if '?' in secret else place.partition('?')[0]}"


class ColumnRef(Frozen):
    """One column of a client's source, by name; where a table as a whole is meant, the column has no name.

    >>> str(ColumnRef(table="staff", column="born")), str(ColumnRef(table="staff", column=""))
    ('staff.born', 'staff')
    """

    table: str
    column: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}" if self.column else self.table


class ForeignKey(Frozen):
    """Columns that point to the key of another table; ``declared`` by the source, or discovered from values."""

    columns: tuple[str, ...]
    referred_table: str
    referred_columns: tuple[str, ...]
    declared: bool = True
    score: float = 1.0


class SourceColumn(Frozen):
    """One column as the source declares it; ``data_type`` in the source's own words."""

    name: str
    position: int
    data_type: str
    nullable: bool | None = None
    comment: str | None = None


class SourceTable(Frozen):
    """One table, view or file-borne table as the source declares it.

    ``content_mark`` is the same while the rows are the same, where the source can tell that cheaply and surely;
    None where it cannot.
    """

    name: str
    columns: tuple[SourceColumn, ...]
    kind: TableKind = TableKind.TABLE
    comment: str | None = None
    primary_key: tuple[str, ...] = ()
    unique_keys: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    row_estimate: int | None = None
    content_mark: str | None = None


class TableTrouble(Frozen):
    """A table that could not be read; the others go on. ``message`` never quotes a value."""

    table: str
    code: str
    message: str


class SourceSnapshot(Frozen):
    """All tables of a source at one moment."""

    schema_name: str | None = None
    tables: tuple[SourceTable, ...] = ()
    troubles: tuple[TableTrouble, ...] = ()

    @computed_field  # type: ignore[prop-decorator]  # pydantic's documented pairing with property
    @property
    def column_count(self) -> int:
        """How many columns all tables have together."""
        return sum(len(table.columns) for table in self.tables)


class ChangeKind(StrEnum):
    """What happened to a table or column between two snapshots."""

    TABLE_ADDED = "table_added"
    TABLE_REMOVED = "table_removed"
    COLUMN_ADDED = "column_added"
    COLUMN_REMOVED = "column_removed"
    COLUMN_RETYPED = "column_retyped"
    NULLABILITY_CHANGED = "nullability_changed"
    COMMENT_CHANGED = "comment_changed"
    KEY_CHANGED = "key_changed"
    TABLE_RENAMED = "table_renamed"
    COLUMN_RENAMED = "column_renamed"


class SchemaChange(Frozen):
    """One change of a source's schema; ``breaking`` when a mapping of that table may no longer hold.

    A renaming is probable, never sure; ``evidence`` says in words what speaks for it.
    """

    kind: ChangeKind
    table: str
    column: str | None = None
    before: str | None = None
    after: str | None = None
    breaking: bool
    evidence: str | None = None


class SchemaDiff(Frozen):
    """Every change between two snapshots of one source, in the order of tables and columns."""

    changes: tuple[SchemaChange, ...] = ()

    @property
    def breaking(self) -> tuple[SchemaChange, ...]:
        """The changes a mapping may not survive."""
        return tuple(change for change in self.changes if change.breaking)


class SourceChange(Frozen):
    """What is different in a source since it was last profiled: its schema, or what a column holds, in words."""

    table: str
    column: str | None = None
    what: str
    breaking: bool = False


class CheckedTable(Frozen):
    """A table that a file would be read as."""

    name: str
    columns: tuple[str, ...]


class FileCheck(Frozen):
    """What a look at the first rows of one file found: how it would be read, and what is wrong with it."""

    file: str
    read_as: str
    tables: tuple[CheckedTable, ...] = ()
    troubles: tuple[str, ...] = ()


class ConnectionTest(Frozen):
    """The outcome of testing a connection, in words for a person.

    ``files`` are told where the source is files, up to what a quick look reaches; ``files_unseen`` is how many are left.
    """

    success: bool
    message: str
    latency_ms: float
    code: str = "OK"
    files: tuple[FileCheck, ...] = ()
    files_unseen: int = 0

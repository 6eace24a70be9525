"""What a client's columns hold, as figures, shapes and sketches; masked wherever a value would show."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from pydantic import Field

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.source import ColumnRef, ForeignKey, TableTrouble
from schema_matching_pipeline.model.whole_numbers import WholeNumbers


class ValueType(StrEnum):
    """What the values of a column are, judged by the values themselves."""

    EMPTY = "empty"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    UUID = "uuid"
    JSON = "json"
    BINARY = "binary"
    TEXT = "text"


class PlanKind(StrEnum):
    """How a table is measured: whole in memory, staged in DuckDB, or by statements in the source."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class MaskedValue(Frozen):
    """A value made safe to show. Only ``canon.masking`` makes these."""

    text: str


class ValueCount(Frozen):
    """A frequent value, masked, and how many rows hold it."""

    value: MaskedValue
    count: int


class ValueSketch(Frozen):
    """The ``size`` smallest keyed 64-bit hashes of the distinct values: overlap without the values.

    ``complete`` says that every distinct value is in it, so that overlap is exact.
    """

    size: int
    hashes: WholeNumbers
    distinct: int
    complete: bool


class NumberSummary(Frozen):
    """Figures of a numeric column. Quantiles at 5, 25, 50, 75 and 95 per cent."""

    minimum: float
    maximum: float
    mean: float
    stddev: float
    quantiles: tuple[float, ...] = ()


class DateSummary(Frozen):
    """First and last day of a date column; rounded to whole years where the column is personal.

    ``format`` is a strptime format where dates are stored as text; ``by_year`` counts rows a year.
    """

    first: date
    last: date
    format: str | None = None
    by_year: tuple[tuple[int, int], ...] = ()


class LengthSummary(Frozen):
    """Lengths of the values as text, in characters."""

    minimum: int
    maximum: int
    mean: float


class PatternShare(Frozen):
    """A detected pattern and the share of the filled rows that follow it."""

    name: str
    share: float


class PersonalLevel(StrEnum):
    """What data about a person does: says who it is, tells of what the law protects most, or narrows down who it may be."""

    IDENTIFYING = "identifying"
    SENSITIVE = "sensitive"
    QUASI = "quasi"


class PersonalData(Frozen):
    """Which data about natural persons a column holds, how far it exposes them, and what speaks for it, in words."""

    kind: str
    level: PersonalLevel
    evidence: tuple[str, ...]


class Activity(Frozen):
    """When a column was in use: first and last day, by the table's own activity column, of rows that fill it.

    Where the most frequent value stands for none, ``last_meant`` is the last day of a row with another, and
    ``filler_rows`` is how many hold it.
    """

    first: date
    last: date
    last_meant: date | None = None
    filler_rows: int = 0


class ColumnProfile(Frozen):
    """Everything measured of one column. Exact unless ``estimated``.

    ``personal`` says that its values identify somebody and are never shown; ``personal_data`` is wider.

    ``notes`` names peculiarities of how values are written: decimal_comma, leading_zeros,
    ambiguous_day_month, several_date_formats, several_units, lost_letters. ``cut_share`` is the share of the rows whose text
    was probably cut off at the greatest length.
    """

    table: str
    column: str
    position: int
    data_type: str
    nullable: bool | None = None
    comment: str | None = None
    in_primary_key: bool = False
    row_count: int
    null_count: int
    blank_count: int = 0
    distinct_count: int
    value_type: ValueType
    type_share: float = 1.0
    type_shares: tuple[PatternShare, ...] = ()
    is_unique: bool = False
    personal: bool = False
    personal_data: PersonalData | None = None
    numbers: NumberSummary | None = None
    dates: DateSummary | None = None
    lengths: LengthSummary | None = None
    patterns: tuple[PatternShare, ...] = ()
    shapes: tuple[PatternShare, ...] = ()
    top_values: tuple[ValueCount, ...] = ()
    top_share: float = 0.0
    cut_share: float = 0.0
    test_share: float = 0.0
    sentinel_share: float = 0.0
    sketch: ValueSketch | None = None
    word_sketch: ValueSketch | None = None
    activity: Activity | None = None
    tokens: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    estimated: bool = False

    @property
    def filled_count(self) -> int:
        """Rows with a value that is neither null nor blank."""
        return self.row_count - self.null_count - self.blank_count

    @property
    def filled_share(self) -> float:
        """Share of rows with a value; 0 for a table without rows."""
        return self.filled_count / self.row_count if self.row_count else 0.0

    def pattern_share(self, name: str) -> float:
        """The share of one pattern, 0 where it was not seen."""
        return next((pattern.share for pattern in self.patterns if pattern.name == name), 0.0)


class TableProfile(Frozen):
    """Everything measured of one table."""

    name: str
    row_count: int
    columns: tuple[ColumnProfile, ...]
    primary_key: tuple[str, ...] = ()
    key_candidates: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    activity_column: str | None = None
    last_activity: date | None = None
    plan: PlanKind = PlanKind.SMALL
    estimated: bool = False
    comment: str | None = None
    seconds: float = Field(default=0.0, exclude=True)

    def column(self, name: str) -> ColumnProfile | None:
        """The column of that name."""
        return next((column for column in self.columns if column.column == name), None)


class SourceProfile(Frozen):
    """All table profiles of one look at a source, and the tables that could not be read."""

    snapshot_fingerprint: str
    tables: tuple[TableProfile, ...]
    troubles: tuple[TableTrouble, ...] = ()

    @property
    def columns(self) -> tuple[ColumnProfile, ...]:
        """Every column of every table, in order."""
        return tuple(column for table in self.tables for column in table.columns)

    def by_ref(self) -> dict[ColumnRef, ColumnProfile]:
        """Column profiles by column."""
        return {ColumnRef(table=column.table, column=column.column): column for column in self.columns}


class PastProfile(Frozen):
    """One profile of a client's history: when it was stored, its tables and their rows."""

    profiled_at: datetime
    tables: int
    rows: int

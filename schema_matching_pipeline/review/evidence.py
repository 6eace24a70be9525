"""What a person should see of a column before deciding about it; no value but what the profile holds masked."""

from __future__ import annotations

from collections.abc import Iterator

from schema_matching_pipeline.canon.masking import mask_shape
from schema_matching_pipeline.canon.told_patterns import told_patterns
from schema_matching_pipeline.model.profile import ColumnProfile, SourceProfile, TableProfile
from schema_matching_pipeline.model.quality import EvidenceFact
from schema_matching_pipeline.model.rule import Computed, sources_of
from schema_matching_pipeline.model.source import ColumnRef

SHAPES_SHOWN = 3
SHAPE_SIGNS = "9 is any digit, X any capital, x any other letter"
VALUES_SHOWN = 5
NEIGHBOURS_SHOWN = 3  # on each side


def column_evidence(table: TableProfile, column: ColumnProfile) -> tuple[EvidenceFact, ...]:
    """What the profile says of a column, each fact with its name."""
    return tuple(EvidenceFact(name=name, value=value) for name, value in _facts(table, column) if value)


def derived_evidence(profile: SourceProfile, ref: ColumnRef, computed: Computed) -> tuple[EvidenceFact, ...]:
    """What the profile says of the columns that a derived one is made of, a fact a column."""
    columns = profile.by_ref()
    return tuple(
        EvidenceFact(name=f"made of {source}", value=_in_short(columns[source]))
        for source in sources_of(ref.table, computed)
        if source in columns
    )


def _in_short(column: ColumnProfile) -> str:
    said = [
        f"its values are {column.value_type}",
        f"filled {column.filled_share:.1%} of {column.row_count:,} rows",
    ]
    written = ", ".join(f"{one.name} ({one.share:.0%})" for one in column.shapes[:SHAPES_SHOWN])
    return "; ".join((*said, f"written like {written}") if written else said)


def _facts(table: TableProfile, column: ColumnProfile) -> Iterator[tuple[str, str]]:
    about = " (estimated)" if column.estimated else ""
    yield "type", f"{column.data_type or 'not declared'}; its values are {column.value_type}"
    yield "filled", f"{column.filled_share:.1%} of {column.row_count:,} rows{about}"
    yield "distinct", f"{column.distinct_count:,}{', each once' if column.is_unique else ''}"
    yield "key", _key(table, column)
    yield "refers to", _reference(table, column)
    yield "range", _range(column)
    meant = (
        f"{one.name.replace('_', ' ')} ({one.share:.0%})" for one in told_patterns(column)[:SHAPES_SHOWN]
    )
    yield "looks like", ", ".join(meant)
    written = ", ".join(f"{one.name} ({one.share:.0%})" for one in column.shapes[:SHAPES_SHOWN])
    yield "written like", f"{written}; {SHAPE_SIGNS}" if written else ""
    common = column.top_values[:VALUES_SHOWN]
    if any(mask_shape(one.value.text) != one.value.text for one in common):  # else they are shapes once more
        yield "most common", ", ".join(f"{one.value.text} ({one.count:,})" for one in common)
    yield "comment", column.comment or ""
    yield "beside it", _neighbours(table, column)


def _key(table: TableProfile, column: ColumnProfile) -> str:
    if column.in_primary_key:
        return "primary key" if len(table.primary_key) == 1 else "part of the primary key"
    return "could be a key" if (column.column,) in table.key_candidates else ""


def _reference(table: TableProfile, column: ColumnProfile) -> str:
    keys = (key for key in table.foreign_keys if column.column in key.columns)
    return ", ".join(
        f"{key.referred_table} ({'declared' if key.declared else f'found, {key.score:.0%} sure'})"
        for key in keys
    )


def _range(column: ColumnProfile) -> str:
    """From least to greatest; of what identifies somebody the profile holds rounded figures alone."""
    if column.dates is not None:
        return f"{column.dates.first} to {column.dates.last}"
    return f"{column.numbers.minimum:,g} to {column.numbers.maximum:,g}" if column.numbers else ""


def _neighbours(table: TableProfile, column: ColumnProfile) -> str:
    names = [one.column for one in table.columns]
    place = names.index(column.column)
    before, after = names[max(0, place - NEIGHBOURS_SHOWN) : place], names[place + 1 :][:NEIGHBOURS_SHOWN]
    return ", ".join((*before, f"[{column.column}]", *after))

"""Builders of values for tests: they say only what matters to the test, the rest is plain."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from math import isfinite
from statistics import fmean, pstdev

from schema_matching_pipeline.adapters.connectors.executors.filler import filler_of
from schema_matching_pipeline.model.measurement import ColumnMeasurement, ProfilePlan, TableMeasurement
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import (
    ColumnProfile,
    LengthSummary,
    NumberSummary,
    SourceProfile,
    TableProfile,
)
from schema_matching_pipeline.model.source import ForeignKey, SourceColumn, SourceSnapshot, SourceTable
from schema_matching_pipeline.profiling import profile_source
from schema_matching_pipeline.profiling.read import read_column

POLICY = ProfilePolicy()
Values = Sequence[str | None]


def keyed_hash(text: str) -> int:
    """A 63-bit hash that stands in for the installation's keyed one."""
    return int.from_bytes(hashlib.sha256(text.strip().lower().encode()).digest()[:8], "big") >> 1


def a_source_column(name: str = "column", **stated: object) -> SourceColumn:
    """A declared column of text."""
    return SourceColumn.model_validate({"name": name, "position": 0, "data_type": "varchar", **stated})


def a_source_table(
    name: str = "table", columns: Sequence[str | SourceColumn] = ("id",), **stated: object
) -> SourceTable:
    """A declared table; columns given by name are of text."""
    declared = tuple(
        column.but(position=place)
        if isinstance(column, SourceColumn)
        else a_source_column(column, position=place)
        for place, column in enumerate(columns)
    )
    return SourceTable.model_validate({"name": name, "columns": declared, **stated})


def a_snapshot(*tables: SourceTable) -> SourceSnapshot:
    """A snapshot of these tables."""
    return SourceSnapshot(tables=tables)


def a_measurement(
    name: str = "column",
    values: Values = (),
    *,
    days: Sequence[date | None] = (),
    kept: int = 10_000,
    estimated: bool = False,
) -> ColumnMeasurement:
    """What an exact executor measures of a column with these values, one a row; ``days`` are the rows' own."""
    filled = [value for value in values if value is not None and value.strip()]
    counts = Counter(filled)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], keyed_hash(item[0])))[:kept]
    active = [day for day, value in zip(days, values, strict=False) if day and value and value.strip()]
    words = {word for value in counts for word in re.findall(r"\w+", value.lower())}
    measured = ColumnMeasurement(
        name=name,
        row_count=len(values),
        null_count=sum(value is None for value in values),
        blank_count=sum(value is not None and not value.strip() for value in values),
        distinct_count=len(counts),
        texts=tuple(text for text, _ in ranked),
        counts=tuple(count for _, count in ranked),
        values_complete=len(ranked) == len(counts),
        sketch_hashes=tuple(sorted(map(keyed_hash, counts)))[: POLICY.sketch_size],
        numbers=_numbers(filled),
        lengths=_lengths(filled),
        active_from=min(active, default=None),
        active_to=max(active, default=None),
        word_hashes=tuple(sorted(map(keyed_hash, words)))[: POLICY.sketch_size],
        word_count=len(words),
        estimated=estimated,
    )
    filler = filler_of(measured)
    meant = [
        day
        for day, value in zip(days, values, strict=False)
        if day and value and value.strip() not in {"", filler}
    ]
    return replace(measured, meant_to=max(meant, default=None)) if filler else measured


def a_column(
    name: str = "column",
    values: Values = ("a", "b"),
    *,
    table: str = "table",
    days: Sequence[date | None] = (),
    **stated: object,
) -> ColumnProfile:
    """The profile of a column with these values; what is stated besides replaces what was measured."""
    declared = {key: stated.pop(key) for key in ("data_type", "comment", "nullable") if key in stated}
    source = a_source_table(table, [a_source_column(name, **declared)])
    profile = read_column(source, source.columns[0], a_measurement(name, values, days=days))
    return profile.but(**stated) if stated else profile


def a_table(name: str = "table", columns: Sequence[ColumnProfile] = (), **stated: object) -> TableProfile:
    """A table profile of these columns, as many rows as its longest column."""
    own = tuple(column.but(table=name, position=place) for place, column in enumerate(columns))
    rows = max((column.row_count for column in own), default=0)
    return TableProfile.model_validate({"name": name, "row_count": rows, "columns": own, **stated})


def a_profile(*tables: TableProfile) -> SourceProfile:
    """A source profile of these tables."""
    return SourceProfile(snapshot_fingerprint="0" * 64, tables=tables)


def a_measured_source(
    rows: dict[str, dict[str, Values]],
    *,
    policy: ProfilePolicy = POLICY,
    primary_keys: dict[str, str] | None = None,
    foreign_keys: dict[str, tuple[ForeignKey, ...]] | None = None,
    days: dict[str, Sequence[date | None]] | None = None,
    activity: str | None = None,
) -> SourceProfile:
    """The profile of a source given by table and column; ``days`` tell when the rows of a table were made."""
    tables, measured = [], []
    for name, columns in rows.items():
        key = (primary_keys or {}).get(name)
        table = a_source_table(
            name,
            list(columns),
            primary_key=(key,) if key else (),
            foreign_keys=(foreign_keys or {}).get(name, ()),
        )
        own_days = (days or {}).get(name, ())
        measurement = TableMeasurement(
            name=name,
            row_count=max((len(values) for values in columns.values()), default=0),
            columns=tuple(a_measurement(column, values, days=own_days) for column, values in columns.items()),
            last_activity=max((day for day in own_days if day), default=None),
            activity_column=activity,
        )
        tables.append(table)
        measured.append((ProfilePlan(table=name, kind="small", slices=(tuple(columns),)), measurement))
    return profile_source(a_snapshot(*tables), measured, (), policy)


def _numbers(values: Sequence[str]) -> NumberSummary | None:
    try:
        numbers = sorted(float(value) for value in values)
    except ValueError:
        return None
    if not numbers or not all(map(isfinite, numbers)):
        return None
    quantiles = tuple(
        numbers[min(len(numbers) - 1, int(len(numbers) * share))] for share in (0.05, 0.25, 0.5, 0.75, 0.95)
    )
    return NumberSummary(
        minimum=numbers[0],
        maximum=numbers[-1],
        mean=fmean(numbers),
        stddev=pstdev(numbers),
        quantiles=quantiles,
    )


def _lengths(values: Sequence[str]) -> LengthSummary | None:
    lengths = [len(value) for value in values]
    return LengthSummary(minimum=min(lengths), maximum=max(lengths), mean=fmean(lengths)) if lengths else None

"""What was measured of a table, read as its profile: no raw value goes further than this."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from schema_matching_pipeline.canon.absent import is_sentinel
from schema_matching_pipeline.canon.growing import Places
from schema_matching_pipeline.canon.masking import count_masked
from schema_matching_pipeline.canon.name_kinds import NameKind, kind_of_name
from schema_matching_pipeline.canon.names import name_tokens
from schema_matching_pipeline.model.measurement import (
    ColumnMeasurement,
    NumberedTexts,
    ProfilePlan,
    TableMeasurement,
)
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import (
    Activity,
    ColumnProfile,
    DateSummary,
    NumberSummary,
    PatternShare,
    PersonalLevel,
    TableProfile,
    ValueType,
)
from schema_matching_pipeline.model.source import SourceColumn, SourceTable
from schema_matching_pipeline.profiling.cuts import cut_share
from schema_matching_pipeline.profiling.declared_types import declared_type
from schema_matching_pipeline.profiling.fillers import is_unissued_number
from schema_matching_pipeline.profiling.keys import key_candidates
from schema_matching_pipeline.profiling.known_texts import SENTINEL, STRANGE, KnownTexts, TextMemory
from schema_matching_pipeline.profiling.lost_letters import has_lost_letters
from schema_matching_pipeline.profiling.made_up import made_up_values
from schema_matching_pipeline.profiling.pattern import find_all_patterns
from schema_matching_pipeline.profiling.pattern_shares import pattern_shares
from schema_matching_pipeline.profiling.personal import Held, Surroundings, personal_data, surroundings
from schema_matching_pipeline.profiling.sentinels import sentinel_share
from schema_matching_pipeline.profiling.sketches import value_sketch, word_sketch
from schema_matching_pipeline.profiling.units import writes_several_units
from schema_matching_pipeline.profiling.value_types import Typing, judge_type
from schema_matching_pipeline.profiling.values import WeighedValues, Weights, weigh_all

_DEFAULT = ProfilePolicy()
_EPOCH = date(1970, 1, 1)
_DATED = frozenset({ValueType.DATE, ValueType.DATETIME})
_NUMERIC = frozenset({ValueType.INTEGER, ValueType.DECIMAL})
_AT_ONCE = 50  # columns
_Measured = tuple[SourceColumn, ColumnMeasurement]
_FEW = 0.05  # of the rows
_DAYS_OF_A_YEAR = 365
_QUANTILES = 5  # of numbers, at 5, 25, 50, 75 and 95 per cent
_PERSONAL_DIGITS = 2  # figures of personal numbers keep so many significant digits


class TableReader:
    """Reads what was measured of a source's tables; what it learns of a value serves for all of them.

    Pickled it takes along what the source declares, and no value.
    """

    def __init__(self, tables: Iterable[SourceTable], policy: ProfilePolicy) -> None:
        self._tables, self._policy = {table.name: table for table in tables}, policy
        self._memory = TextMemory(policy.shape_length)

    def __call__(self, plan: ProfilePlan, measurement: TableMeasurement) -> TableProfile:
        """The profile of one of the tables."""
        return read_profile(plan, self._tables[plan.table], measurement, self._policy, self._memory)

    def __reduce__(self) -> tuple[type[TableReader], tuple[tuple[SourceTable, ...], ProfilePolicy]]:
        return TableReader, (tuple(self._tables.values()), self._policy)


def read_profile(
    plan: ProfilePlan,
    table: SourceTable,
    measurement: TableMeasurement,
    policy: ProfilePolicy = _DEFAULT,
    memory: TextMemory | None = None,
) -> TableProfile:
    """The profile of one table: every declared column that was measured, in the source's order.

    The ``memory`` is what is known of the values of earlier tables.
    """
    memory, beside = memory or TextMemory(policy.shape_length), _beside(table)
    columns = tuple(
        profile
        for some in _together(table, measurement)
        for profile in _read_columns(table, some, policy, beside, memory.known())
    )
    activity = measurement.activity_column or plan.activity_column
    return TableProfile(
        name=table.name,
        row_count=measurement.row_count,
        columns=columns,
        primary_key=table.primary_key,
        key_candidates=key_candidates(columns),
        foreign_keys=table.foreign_keys,
        activity_column=activity,
        last_activity=_last_activity(measurement, columns, activity),
        plan=plan.kind,
        estimated=measurement.estimated or any(column.estimated for column in columns),
        comment=table.comment,
        seconds=measurement.seconds,
    )


def _together(table: SourceTable, measurement: TableMeasurement) -> Iterator[Sequence[_Measured]]:
    """The columns that were measured, as many at a time as are looked at together."""
    measured = {column.name: column for column in measurement.columns}
    found = [(column, measured[column.name]) for column in table.columns if column.name in measured]
    return (found[start : start + _AT_ONCE] for start in range(0, len(found), _AT_ONCE))


def _beside(table: SourceTable) -> Surroundings:
    return surroundings(table.name, (column.name for column in table.columns))


def _read_columns(
    table: SourceTable,
    columns: Sequence[_Measured],
    policy: ProfilePolicy,
    beside: Surroundings,
    known: KnownTexts,
) -> Iterator[ColumnProfile]:
    """The profiles of some columns; what is found out value by value is so for all of them at once."""
    valued = weigh_all([measured for _, measured in columns], policy, known)
    patterns = find_all_patterns(valued, policy)
    for (column, measured), values, found in zip(columns, valued, patterns, strict=True):
        yield _read(table, column, measured, policy, beside, values=values, patterns=found)


def read_column(
    table: SourceTable,
    column: SourceColumn,
    measured: ColumnMeasurement,
    policy: ProfilePolicy = _DEFAULT,
    *,
    known: KnownTexts | None = None,
) -> ColumnProfile:
    """The profile of one column; ``known`` is what is known of values already."""
    known = known or KnownTexts(policy.shape_length)
    [profile] = _read_columns(table, [(column, measured)], policy, _beside(table), known)
    return profile


def _read(
    table: SourceTable,
    column: SourceColumn,
    measured: ColumnMeasurement,
    policy: ProfilePolicy,
    beside: Surroundings,
    *,
    values: WeighedValues,
    patterns: tuple[PatternShare, ...],
) -> ColumnProfile:
    tokens = name_tokens(column.name)
    filled = measured.row_count - measured.null_count - measured.blank_count
    typing = (
        judge_type(values, policy, declared=column.data_type, tokens=tokens)
        if len(values) or not filled
        else Typing(declared_type(column.data_type), 1.0)
    )
    days = _days(values.spoken, typing)
    longest = measured.lengths.maximum if measured.lengths else 0
    held = Held(typing.value_type, patterns, longest, _years_between(*days), _apart(measured))
    about = personal_data(column.name, beside, held, policy)
    personal = about is not None and about.level is PersonalLevel.IDENTIFYING
    return ColumnProfile(
        table=table.name,
        column=column.name,
        position=column.position,
        data_type=column.data_type,
        nullable=column.nullable,
        comment=column.comment,
        in_primary_key=column.name in table.primary_key,
        row_count=measured.row_count,
        null_count=measured.null_count,
        blank_count=measured.blank_count,
        distinct_count=measured.distinct_count,
        value_type=typing.value_type,
        type_share=typing.share,
        type_shares=typing.shares,
        is_unique=_is_unique(measured),
        personal=personal,
        personal_data=about,
        numbers=_numbers(measured.numbers, typing.value_type, personal=personal),
        dates=_dates(days, measured, typing, policy, complete=values.complete, personal=personal),
        lengths=measured.lengths,
        patterns=patterns,
        shapes=_shapes(values, policy),
        top_values=count_masked(
            _most_frequent(measured, policy.top_values), personal=personal, policy=policy
        ),
        top_share=_share(int(np.asarray(measured.counts).max(initial=0)), filled),
        cut_share=round(cut_share(values, longest=policy.longest_text), 4),
        test_share=round(_test_share(values, column.name), 4),
        sentinel_share=round(sentinel_share(values), 4),
        sketch=value_sketch(measured, policy.sketch_size),
        word_sketch=word_sketch(measured, policy.sketch_size),
        activity=_activity(measured),
        tokens=tokens,
        notes=(*typing.notes, *_ways_of_writing(values)),
        estimated=measured.estimated,
    )


def _ways_of_writing(values: WeighedValues) -> Iterator[str]:
    if writes_several_units(values):
        yield "several_units"
    if values.holds(STRANGE) and has_lost_letters(values.texts):
        yield "lost_letters"


def _is_unique(measured: ColumnMeasurement) -> bool:
    """Whether every row has a value of its own; an estimate never says so."""
    is_counted = measured.distinct_is_exact or not measured.estimated
    return is_counted and measured.row_count > 1 and measured.distinct_count == measured.row_count


def _numbers(numbers: NumberSummary | None, value_type: ValueType, *, personal: bool) -> NumberSummary | None:
    """The figures of a numeric column; those of a personal one rounded until they are nobody's."""
    if numbers is None or value_type not in _NUMERIC | {ValueType.BOOLEAN}:
        return None
    if not personal:
        return numbers
    return NumberSummary(
        minimum=_rounded(numbers.minimum),
        maximum=_rounded(numbers.maximum),
        mean=_rounded(numbers.mean),
        stddev=_rounded(numbers.stddev),
        quantiles=tuple(_rounded(value) for value in numbers.quantiles),
    )


def _apart(measured: ColumnMeasurement) -> float:
    """How far one number is from the next on average, the first and last of them left out; 0 where there are none."""
    quantiles = measured.numbers.quantiles if measured.numbers else ()
    if len(quantiles) < _QUANTILES or not measured.distinct_count:
        return 0.0
    return (quantiles[-1] - quantiles[0]) / measured.distinct_count


def _rounded(value: float) -> float:
    if value == 0:
        return 0.0
    return round(value, _PERSONAL_DIGITS - 1 - math.floor(math.log10(abs(value))))


def _years_between(days: npt.NDArray[np.int64], weights: Weights) -> int:
    """How many years lie between nearly all of the days, the few first and last left out; 0 where there are none."""
    if not len(days):
        return 0
    order = np.argsort(days)
    rows = np.cumsum(weights[order])
    first, last = np.searchsorted(rows, (_FEW * rows[-1], (1 - _FEW) * rows[-1]))
    return int(days[order[last]] - days[order[first]]) // _DAYS_OF_A_YEAR


def _dates(
    told: tuple[npt.NDArray[np.int64], Weights],
    measured: ColumnMeasurement,
    typing: Typing,
    policy: ProfilePolicy,
    *,
    complete: bool,
    personal: bool,
) -> DateSummary | None:
    """First and last day and the rows of each year; sentinels such as 9999-12-31 are no days."""
    if typing.value_type not in _DATED:
        return None
    days, weights = told
    known = [measured.first_date, measured.last_date] if not complete else []
    likely = [day for day in known if day and not is_sentinel(day.isoformat())]
    if len(days):
        likely += [_EPOCH + timedelta(days=int(day)) for day in (days.min(), days.max())]
    if not likely:
        return None
    first, last = min(likely), max(likely)
    by_year = _by_year(days, weights)
    return DateSummary(
        first=date(first.year, 1, 1) if personal else first,
        last=date(last.year, 12, 31) if personal else last,
        format=typing.date_format,
        by_year=tuple((year, rows) for year, rows in by_year if not personal or rows >= policy.rare_count),
    )


def _days(values: WeighedValues, typing: Typing) -> tuple[npt.NDArray[np.int64], Weights]:
    """The days that the values name, counted from 1970, and the rows of each."""
    if typing.forms is None or typing.value_type not in _DATED:
        return np.zeros(0, np.int64), np.zeros(0)
    dates = (typing.forms >= 0) & ~values.have(SENTINEL)
    days, there = values.known.days(values.places[dates], typing.forms[dates], typing.order)
    return days[there], values.weights[dates][there]


def _by_year(days: npt.NDArray[np.int64], weights: Weights) -> Iterator[tuple[int, int]]:
    """The years of days and the rows of each, in order."""
    if not len(days):
        return
    years = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)
    first = int(years.min())
    dates, rows = np.bincount(years - first), np.bincount(years - first, np.rint(weights))
    for place in np.flatnonzero(dates).tolist():
        yield _EPOCH.year + first + place, int(rows[place])


def _shapes(values: WeighedValues, policy: ProfilePolicy) -> tuple[PatternShare, ...]:
    ranked = sorted(values.shapes(), key=lambda item: (-item[1], item[0]))[: policy.shapes_kept]
    return pattern_shares((shape, _share(weight, values.total)) for shape, weight in ranked)


def _most_frequent(measured: ColumnMeasurement, wanted: int) -> list[tuple[str, int]]:
    """The most frequent values, the first by their text among equally frequent ones."""
    if measured.values_ranked:
        return list(zip(measured.texts[:wanted], measured.counts[:wanted], strict=True))
    if not measured.counts:
        return []
    counts = np.array(measured.counts)
    least = int(np.sort(counts)[-min(wanted, len(counts))])
    above = np.flatnonzero(counts > least)
    frequent = zip(_at(measured.texts, above), counts[above].tolist(), strict=True)
    tied = sorted(_at(measured.texts, np.flatnonzero(counts == least)))
    return [
        *sorted(frequent, key=lambda item: (-item[1], item[0])),
        *((text, least) for text in tied[: wanted - len(above)]),
    ]


def _at(texts: Sequence[str], places: Places) -> list[str]:
    if isinstance(texts, NumberedTexts):
        return list(texts[places])
    return [texts[place] for place in places.tolist()]


def _test_share(values: WeighedValues, name: str) -> float:
    """The share of rows somebody made up; social security numbers in ranges never issued count too."""
    made_up = made_up_values(values)
    if kind_of_name(name) is NameKind.SSN:
        unissued = (place for place, text in enumerate(values.texts) if is_unissued_number(text))
        made_up = sorted({*made_up, *unissued})
    return values.share_at(made_up)


def _share(part: float, whole: float) -> float:
    return round(min(part / whole, 1.0), 4) if whole else 0.0


def _activity(measured: ColumnMeasurement) -> Activity | None:
    if measured.active_from is None or measured.active_to is None:
        return None
    return Activity(
        first=measured.active_from,
        last=measured.active_to,
        last_meant=measured.meant_to,
        filler_rows=measured.counts[0] if measured.meant_to else 0,
    )


def _last_activity(
    measurement: TableMeasurement, columns: tuple[ColumnProfile, ...], activity: str | None
) -> date | None:
    if measurement.last_activity is not None:
        return measurement.last_activity
    dates = next((column.dates for column in columns if column.column == activity), None)
    return dates.last if dates else None

"""What moved between profiles of a client, beyond growth and noise: rows, freshness, and every column."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TypeVar

from schema_matching_pipeline.canon.name_kinds import NameKind, kind_of_name
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import ColumnProfile, SourceProfile, TableProfile, ValueType
from schema_matching_pipeline.model.source import SourceChange
from schema_matching_pipeline.profiling.drift import drift

_FEW_ROWS = 20  # a smaller sample says nothing about a distribution
_MIDDLE = (1, 2, 3)  # of the quantiles at 5, 25, 50, 75 and 95 per cent: those that outliers leave alone
_SECONDS_A_DAY = 86_400
_COUNTED_UP = frozenset((NameKind.KEY, NameKind.NUMBER, NameKind.CODE))


@dataclass(frozen=True)
class Look:
    """A profile of a client and the day it was taken on."""

    profile: SourceProfile
    taken: date


def baselines(earlier: Sequence[datetime], now: datetime, policy: ProfilePolicy) -> tuple[datetime, ...]:
    """Which earlier looks one is compared with, the newest first: the last two, and those of a week and a month ago.

    ``earlier`` goes from the newest to the oldest. A young history has fewer, and its first for the month.
    """
    ago = (
        min(earlier, key=lambda at: abs((now - at).total_seconds() - days * _SECONDS_A_DAY), default=None)
        for days in (policy.drift_week_days, policy.drift_month_days)
    )
    chosen = {*earlier[:2], *(at for at in ago if at)}
    return tuple(at for at in earlier if at in chosen)


def profile_drift(past: Sequence[Look], now: Look, policy: ProfilePolicy) -> tuple[SourceChange, ...]:
    """Every table and column that moved, in words; nothing while all grew as usual.

    ``past`` holds the earlier looks it is compared with, the newest first, and never the one under test. What is
    as it was at any of them has not moved: a week has its week-end, and a bad load is followed by a good one.
    What moves little by little is held against the oldest, and told the once that it leaves it behind.
    Tables and columns that came or went are the schema's business and not told here.
    """
    looks = [({table.name: table for table in look.profile.tables}, look.taken) for look in past]
    return tuple(
        change
        for table in now.profile.tables
        for change in _changes(
            [(known[table.name], taken) for known, taken in looks if table.name in known],
            (table, now.taken),
            policy,
        )
    )


_TakenTable = tuple[TableProfile, date]
_TakenColumn = tuple[ColumnProfile, date]
_Taken = TypeVar("_Taken", _TakenTable, _TakenColumn)


def _changes(past: Sequence[_TakenTable], now: _TakenTable, policy: ProfilePolicy) -> Iterator[SourceChange]:
    table, taken = now
    told = _told(
        past, now, partial(_of_table, policy=policy), partial(_of_table, policy=policy, growth=False)
    )
    if told:
        yield SourceChange(table=table.name, what=told)
    columns = [({column.column: column for column in old.columns}, day) for old, day in past]
    for column in table.columns:
        states = [(known[column.column], day) for known, day in columns if column.column in known]
        told = _told(states, (column, taken), partial(_of_column, policy=policy))
        if told:
            yield SourceChange(table=table.name, column=column.column, what=told)


def _told(
    past: Sequence[_Taken],
    now: _Taken,
    moved: Callable[[_Taken, _Taken], str],
    moved_slowly: Callable[[_Taken, _Taken], str] | None = None,
) -> str:
    """What moved suddenly, so that it is like no earlier state; or slowly, and only now too far from the oldest."""
    told = ""
    for state in past:
        what = moved(state, now)
        if not what:
            slowly, oldest = moved_slowly or moved, past[-1]
            since = slowly(oldest, now)
            is_new = since and not slowly(oldest, state)
            return f"little by little since {oldest[1]}: {since}" if is_new else ""
        told = told or what
    return told


def _of_table(old: _TakenTable, new: _TakenTable, policy: ProfilePolicy, *, growth: bool = True) -> str:
    return "; ".join(
        (*_rows(old[0], new[0], policy, growth=growth), *_freshness(old[0], new[0], policy, (old[1], new[1])))
    )


def _of_column(old: _TakenColumn, new: _TakenColumn, policy: ProfilePolicy) -> str:
    return "; ".join((*drift(old[0], new[0], policy), *_distribution(old[0], new[0], policy)))


def _rows(old: TableProfile, new: TableProfile, policy: ProfilePolicy, *, growth: bool) -> Iterator[str]:
    """Rows lost, or far more than before: over a month any table may grow."""
    lost = old.row_count - new.row_count
    if lost > policy.drift_share * old.row_count + math.sqrt(old.row_count):
        yield f"rows fell from {old.row_count:,} to {new.row_count:,}"
    elif growth and new.row_count > policy.drift_growth * old.row_count + policy.drift_new_rows:
        yield f"rows rose from {old.row_count:,} to {new.row_count:,}"


def _freshness(
    old: TableProfile, new: TableProfile, policy: ProfilePolicy, taken: tuple[date, date]
) -> Iterator[str]:
    """Whether a table in use fell behind, or lost its newest rows."""
    if old.last_activity is None or new.last_activity is None:
        return
    behind_before = (taken[0] - old.last_activity).days
    behind_now = (taken[1] - new.last_activity).days
    if new.last_activity < old.last_activity:
        yield f"the newest row was of {old.last_activity} and is of {new.last_activity}"
    elif behind_before <= policy.drift_live_days and behind_now > behind_before + policy.drift_late_days:
        yield f"no row is newer than {new.last_activity}, {behind_now} days before this profile"


def _distribution(old: ColumnProfile, new: ColumnProfile, policy: ProfilePolicy) -> Iterator[str]:
    if min(old.filled_count, new.filled_count) < _FEW_ROWS or old.value_type != new.value_type:
        return
    yield from _figures(old, new, policy)
    yield from _shares(old, new, policy)


def _figures(old: ColumnProfile, new: ColumnProfile, policy: ProfilePolicy) -> Iterator[str]:
    """Quantiles that moved by more than a share of the spread; keys only count up and have no distribution.

    Figures with decimals are no key, though no two of them may be the same.
    """
    before, after = old.numbers, new.numbers
    if before is None or after is None or len(before.quantiles) != 5 or len(after.quantiles) != 5:
        return
    counts_up = old.is_unique and old.value_type is not ValueType.DECIMAL
    if counts_up or old.in_primary_key or kind_of_name(old.column) in _COUNTED_UP:
        return
    spread = before.quantiles[-1] - before.quantiles[0] or abs(before.quantiles[2])
    moved = max(abs(before.quantiles[place] - after.quantiles[place]) for place in _MIDDLE)
    if moved > (policy.drift_quantiles + _noise(old, new)) * spread:
        yield f"the middle value was {before.quantiles[2]:g} and is {after.quantiles[2]:g}"


def _shares(old: ColumnProfile, new: ColumnProfile, policy: ProfilePolicy) -> Iterator[str]:
    """The share of a frequent value that moved beyond tolerance; the value itself is not told."""
    if old.personal or new.personal:
        return
    before, after = _top_shares(old), _top_shares(new)
    common = before.keys() & after.keys()
    moved = max((abs(before[value] - after[value]) for value in common), default=0.0)
    if moved > policy.drift_share + _noise(old, new):
        yield f"the share of a frequent value moved by {moved:.0%}"


def _top_shares(column: ColumnProfile) -> dict[str, float]:
    return {top.value.text: top.count / column.filled_count for top in column.top_values}


def _noise(old: ColumnProfile, new: ColumnProfile) -> float:
    """What a share moves by chance alone in samples of this size: about four standard errors of a difference at one half."""
    return 2.0 * math.sqrt(1 / old.filled_count + 1 / new.filled_count)

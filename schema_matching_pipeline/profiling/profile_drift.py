"""What moved between two profiles of a client, beyond growth and noise: rows, freshness, and every column."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date

from schema_matching_pipeline.canon.name_kinds import NameKind, kind_of_name
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import ColumnProfile, SourceProfile, TableProfile
from schema_matching_pipeline.model.source import SourceChange
from schema_matching_pipeline.profiling.drift import drift

_FEW_ROWS = 20  # a smaller sample says nothing about a distribution
_MIDDLE = (1, 2, 3)  # of the quantiles at 5, 25, 50, 75 and 95 per cent: those that outliers leave alone
_COUNTED_UP = frozenset((NameKind.KEY, NameKind.NUMBER, NameKind.CODE))


def profile_drift(
    before: SourceProfile, now: SourceProfile, policy: ProfilePolicy, *, taken_before: date, taken_now: date
) -> tuple[SourceChange, ...]:
    """Every table and column that moved since the earlier profile, in words; nothing while all grew as usual.

    Tables and columns that came or went are the schema's business and not told here.
    """
    known = {table.name: table for table in before.tables}
    pairs = ((known[table.name], table) for table in now.tables if table.name in known)
    return tuple(
        change
        for old, new in pairs
        for change in (
            *_table(old, new, policy, (taken_before, taken_now)),
            *_columns(old, new, policy),
        )
    )


def _table(
    old: TableProfile, new: TableProfile, policy: ProfilePolicy, taken: tuple[date, date]
) -> Iterator[SourceChange]:
    for what in (*_rows(old, new, policy), *_freshness(old, new, policy, taken)):
        yield SourceChange(table=new.name, what=what)


def _rows(old: TableProfile, new: TableProfile, policy: ProfilePolicy) -> Iterator[str]:
    lost = old.row_count - new.row_count
    if lost > policy.drift_share * old.row_count + math.sqrt(old.row_count):
        yield f"rows fell from {old.row_count:,} to {new.row_count:,}"
    elif new.row_count > policy.drift_growth * old.row_count + policy.drift_new_rows:
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


def _columns(old: TableProfile, new: TableProfile, policy: ProfilePolicy) -> Iterator[SourceChange]:
    known = {column.column: column for column in old.columns}
    for column in new.columns:
        was = known.get(column.column)
        if was is not None:
            reasons = (*drift(was, column, policy), *_distribution(was, column, policy))
            if reasons:
                yield SourceChange(table=new.name, column=column.column, what="; ".join(reasons))


def _distribution(old: ColumnProfile, new: ColumnProfile, policy: ProfilePolicy) -> Iterator[str]:
    if min(old.filled_count, new.filled_count) < _FEW_ROWS or old.value_type != new.value_type:
        return
    yield from _figures(old, new, policy)
    yield from _shares(old, new, policy)


def _figures(old: ColumnProfile, new: ColumnProfile, policy: ProfilePolicy) -> Iterator[str]:
    """Quantiles that moved by more than a share of the spread; keys only count up and have no distribution."""
    before, after = old.numbers, new.numbers
    if before is None or after is None or len(before.quantiles) != 5 or len(after.quantiles) != 5:
        return
    if old.is_unique or old.in_primary_key or kind_of_name(old.column) in _COUNTED_UP:
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

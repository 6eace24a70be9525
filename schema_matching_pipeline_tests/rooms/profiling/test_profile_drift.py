from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise

import pytest

from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.profiling import profile_drift
from schema_matching_pipeline_tests.builders import POLICY, Values, a_measured_source

FIRST_NIGHT = date(2024, 1, 1)
ROWS = 600
Rows = dict[str, list[str | None]]


def a_night(night: int, change: Callable[[Rows], None] = lambda _: None, *, late: int = 0) -> SourceProfile:
    """The profile of one night: another sample of the same world, a few rows more than the night before."""
    chance = random.Random(night)
    count = ROWS + 4 * night
    days = [FIRST_NIGHT + timedelta(days=night - late - chance.randrange(400)) for _ in range(count - 1)]
    days.append(FIRST_NIGHT + timedelta(days=night - late))
    rows: Rows = {
        "visit_id": [str(place) for place in range(count)],
        "status": chance.choices(["open", "shut", "held"], weights=(6, 3, 1), k=count),
        "fee": [f"{chance.gauss(80, 15):.2f}" for _ in range(count)],
        "email": [
            f"u{chance.randrange(10**6)}@mail.org" if chance.random() < 0.7 else None for _ in range(count)
        ],
        "visited": [day.isoformat() for day in days],
    }
    change(rows)
    kept: dict[str, Values] = dict(rows)
    return a_measured_source(
        {"visits": kept}, days={"visits": days[: len(rows["status"])]}, activity="visited"
    )


def moved(before: SourceProfile, now: SourceProfile, night: int) -> list[tuple[str | None, str]]:
    found = profile_drift(
        before,
        now,
        POLICY,
        taken_before=FIRST_NIGHT + timedelta(days=night - 1),
        taken_now=FIRST_NIGHT + timedelta(days=night),
    )
    return [(change.column, change.what) for change in found]


def test_thirty_quiet_nights_raise_no_alarm():
    nights = [a_night(night) for night in range(31)]
    alarms = [moved(before, now, night) for night, (before, now) in enumerate(pairwise(nights), 1)]
    assert alarms == [[]] * 30


def _half(rows: Rows) -> None:
    for values in rows.values():
        del values[len(values) // 2 :]


def _ten_times(rows: Rows) -> None:
    for name, values in rows.items():
        rows[name] = values * 5


def _emptied(rows: Rows) -> None:
    rows["email"] = [value if place % 3 == 0 else None for place, value in enumerate(rows["email"])]


def _one_status(rows: Rows) -> None:
    rows["status"] = ["open" if place % 10 else "shut" for place in range(len(rows["status"]))]


def _in_cents(rows: Rows) -> None:
    rows["fee"] = [f"{float(value) * 100:.2f}" for value in rows["fee"] if value]


def _a_little_dearer(rows: Rows) -> None:
    rows["fee"] = [f"{float(value) + 15:.2f}" for value in rows["fee"] if value]


def _retyped(rows: Rows) -> None:
    rows["fee"] = [f"EUR {value}" for value in rows["fee"]]


def _phones(rows: Rows) -> None:
    rows["email"] = [f"(619) 555-{place:04d}" if value else None for place, value in enumerate(rows["email"])]


def _few_addresses(rows: Rows) -> None:
    rows["email"] = [f"u{place % 9}@mail.org" if value else None for place, value in enumerate(rows["email"])]


@pytest.mark.parametrize(
    ("change", "late", "column", "said"),
    [
        (_half, 0, None, "rows fell from"),
        (_ten_times, 0, None, "rows rose from"),
        (lambda _: None, 20, None, "the newest row was of"),
        (_emptied, 0, "email", "filled share"),
        (_few_addresses, 0, "email", "distinct values"),
        (_one_status, 0, "status", "the share of a frequent value moved by"),
        (_in_cents, 0, "fee", "the middle value was"),
        (_a_little_dearer, 0, "fee", "the middle value was"),
        (_retyped, 0, "fee", "values were decimal and are text"),
        (_phones, 0, "email", "pattern email held for"),
    ],
    ids=["rows lost", "rows flooded", "rows taken back", "nulls", "distinct", "distribution of values", "distribution of figures",
         "figures shifted by one deviation", "type", "pattern"],
)  # fmt: skip
def test_each_kind_of_drift_is_caught(change, late, column, said):
    told = moved(a_night(29), a_night(30, change, late=late), 30)
    assert any(where == column and said in what for where, what in told), told


def test_a_live_table_without_new_rows_is_late():
    before = a_night(5)
    found = profile_drift(
        before,
        before,
        POLICY,
        taken_before=FIRST_NIGHT + timedelta(days=5),
        taken_now=FIRST_NIGHT + timedelta(days=25),
    )
    assert [change.what for change in found] == [
        "no row is newer than 2024-01-06, 20 days before this profile"
    ]


def test_no_drift_quotes_a_value():
    told = moved(a_night(29), a_night(30, _one_status), 30)
    assert not any("open" in what or "shut" in what for _, what in told)

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest

from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.profiling import Look, baselines, profile_drift
from schema_matching_pipeline_tests.builders import POLICY, Values, a_measured_source

pytestmark = pytest.mark.no_cover  # compares many nights, which tracing makes twice as slow

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


@cache
def a_plain_night(night: int) -> SourceProfile:
    return a_night(night)


def moved(before: SourceProfile, now: SourceProfile, night: int) -> list[tuple[str | None, str]]:
    past = [Look(before, FIRST_NIGHT + timedelta(days=night - 1))]
    found = profile_drift(past, Look(now, FIRST_NIGHT + timedelta(days=night)), POLICY)
    return [(change.column, change.what) for change in found]


def alarms(nights: Sequence[SourceProfile]) -> list[tuple[int, str | None, str]]:
    """What every night tells when it is compared with those before it, as the check does."""
    start = datetime(FIRST_NIGHT.year, FIRST_NIGHT.month, FIRST_NIGHT.day, 3, tzinfo=UTC)
    times = [start + timedelta(days=night) for night in range(len(nights))]
    told = []
    for night in range(1, len(nights)):
        chosen = baselines(times[:night][::-1], times[night], POLICY)
        past = [Look(nights[times.index(at)], at.date()) for at in chosen]
        changes = profile_drift(past, Look(nights[night], times[night].date()), POLICY)
        told += [(night, change.column, change.what) for change in changes]
    return told


def test_thirty_quiet_nights_raise_no_alarm():
    assert alarms([a_plain_night(night) for night in range(31)]) == []


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
        (_phones, 0, "email", "pattern email 100% to "),
    ],
    ids=["rows lost", "rows flooded", "rows taken back", "nulls", "distinct", "distribution of values", "distribution of figures",
         "figures shifted by one deviation", "type", "pattern"],
)  # fmt: skip
def test_each_kind_of_drift_is_caught(change, late, column, said):
    told = moved(a_night(29), a_night(30, change, late=late), 30)
    assert any(where == column and said in what for where, what in told), told


def _of_the_week_end(rows: Rows) -> None:
    _one_status(rows)
    _emptied(rows)
    _in_cents(rows)


def test_a_week_end_that_is_always_so_is_told_once():
    nights = [
        a_night(night, _of_the_week_end)
        if (FIRST_NIGHT + timedelta(days=night)).weekday() >= 5
        else a_plain_night(night)
        for night in range(31)
    ]
    assert {(night, column) for night, column, _ in alarms(nights)} == {
        (5, "status"),
        (5, "fee"),
        (5, "email"),
    }


def test_a_bad_load_is_told_and_the_return_to_normal_is_not():
    nights = [
        a_night(night, _half if night == 12 else _one_status) if night in {12, 15} else a_plain_night(night)
        for night in range(20)
    ]
    assert [(night, column) for night, column, _ in alarms(nights)] == [(12, None), (15, "status")]


def test_a_change_for_good_is_told_once():
    nights = [a_night(night, _retyped) if night >= 6 else a_plain_night(night) for night in range(31)]
    assert [(night, column) for night, column, _ in alarms(nights)] == [(6, "fee")]


def _one_per_cent_more(night: int) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        chance = random.Random(11)
        rows["status"] = [value if chance.random() > 0.01 * night else None for value in rows["status"]]
        rows["fee"] = [f"{float(value) * 1.01**night:.2f}" for value in rows["fee"] if value]

    return change


def test_what_moves_by_one_per_cent_a_night_is_told_before_a_month_is_over_and_not_every_night():
    told = alarms([a_night(night, _one_per_cent_more(night)) for night in range(31)])
    assert {column for _, column, _ in told} == {"status", "fee"}
    assert all(what.startswith("little by little since 2024-01-01: ") for _, _, what in told)
    assert len(told) <= 4


def test_a_table_that_only_grows_raises_no_alarm():
    rows = {"city": [f"town {random.Random(place).randrange(150)}" for place in range(2_000)]}
    nights = [
        a_measured_source({"visits": {"city": rows["city"][: 200 + 60 * night]}}) for night in range(30)
    ]
    assert alarms(nights) == []


def test_a_live_table_without_new_rows_is_late_after_a_week_and_told_once():
    told = alarms([a_plain_night(min(night, 5)) for night in range(20)])
    assert told == [
        (
            13,
            None,
            "little by little since 2024-01-01: no row is newer than 2024-01-06, 8 days before this profile",
        )
    ]


def test_one_compares_with_the_last_two_looks_and_those_of_a_week_and_a_month_ago():
    now = datetime(2024, 3, 1, tzinfo=UTC)
    earlier = [now - timedelta(days=ago) for ago in range(1, 50)]
    assert [(now - at).days for at in baselines(earlier, now, POLICY)] == [1, 2, 7, 28]
    assert [(now - at).days for at in baselines(earlier[:3], now, POLICY)] == [1, 2, 3]
    assert baselines([], now, POLICY) == ()


def test_no_drift_quotes_a_value():
    told = moved(a_night(29), a_night(30, _one_status), 30)
    assert not any("open" in what or "shut" in what for _, what in told)


def test_figures_no_two_of_which_are_the_same_are_told_when_they_come_in_cents():
    def priced(factor: int) -> Look:
        costs = [f"{factor * (100 + 7 * place)}.5{place % 10}" for place in range(60)]
        return Look(a_measured_source({"bills": {"cost": costs}}), FIRST_NIGHT)

    (change,) = profile_drift((priced(1),), priced(100), POLICY)
    assert (change.column, "the middle value was" in change.what) == ("cost", True)

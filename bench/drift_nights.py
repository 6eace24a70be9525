"""Thirty nights of real tables with what happens to sources, profiled each night: what is told, and on which night.

    .venv/bin/python -m bench.drift_nights CLIENTS_DIR [SCENARIO ...]

CLIENTS_DIR holds synthea_1k. Nights are files of their own, profiled as any source; each is compared with the earlier
looks that the check compares with. A scenario is quiet, or changes something from a night on.
"""

from __future__ import annotations

import argparse
import csv
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bench.planting import Table, write_tables
from bench.quality_labels import profiled
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.source import SourceChange
from schema_matching_pipeline.profiling import Look, baselines, profile_drift

NIGHTS = 31
ROWS = 900
START = datetime(2025, 3, 3, 2, tzinfo=UTC)  # a Monday
NAMES = ("immunizations", "patients", "payer_transitions", "conditions")
DAYS = ("START", "STOP", "DATE")  # shifted, so that the newest row is of the night
Night = dict[str, Table]
Change = Callable[[Night, int], None]


def main() -> None:
    """Prints for every scenario the alarms of thirty nights."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clients", type=Path)
    parser.add_argument("scenarios", nargs="*", default=list(SCENARIOS))
    asked = parser.parse_args()
    tables = [_table(asked.clients / "synthea_1k/raw", name) for name in NAMES]
    for name in asked.scenarios:
        told = list(_alarms(tables, *SCENARIOS[name]))
        print(f"{name}: {len(told)} alarms on {len({night for night, _ in told})} of {NIGHTS - 1} nights")
        for night, change in told:
            where = f"{change.table}.{change.column}" if change.column else change.table
            print(f"  night {night} ({START + timedelta(days=night):%a}) {where}: {change.what}")


def _alarms(
    tables: Sequence[Table], change: Change, growth: float, anew: bool
) -> Iterator[tuple[int, SourceChange]]:
    policy, looks = ProfilePolicy(), dict[datetime, Look]()
    for night in range(NIGHTS):
        at = START + timedelta(days=night)
        source = _night(tables, night, growth, anew=anew)
        change(source, night)
        with tempfile.TemporaryDirectory() as folder:
            [home] = write_tables(list(source.values()), Path(folder))
            now = Look(profiled(str(home)), at.date())
        past = [looks[earlier] for earlier in baselines([*looks][::-1], at, policy)]
        yield from ((night, told) for told in profile_drift(past, now, policy))
        looks[at] = now


def _table(folder: Path, name: str) -> Table:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    return Table("nights", name, header, rows)


def _night(tables: Sequence[Table], night: int, growth: float, *, anew: bool) -> Night:
    """The tables of a night: some rows more than the night before, or another sample of them each night."""
    found = {}
    for table in tables:
        order = list(range(len(table.rows)))
        random.Random(f"{table.name}{night if anew else ''}").shuffle(order)  # noqa: S311 - a choice that repeats
        kept = order[: int(ROWS * (1 + growth * night))]
        found[table.name] = Table(
            "nights", table.name, list(table.columns), [list(table.rows[i]) for i in kept]
        )
        for name in DAYS:
            _end_at(found[table.name], name, (START + timedelta(days=night)).date())
    return found


def _end_at(table: Table, name: str, last: date) -> None:
    if name not in table.columns:
        return
    place = table.columns.index(name)
    days = [date.fromisoformat(row[place][:10]) for row in table.rows if row[place]]
    _shift(table, name, (last - max(days)).days if days else 0)


def _shift(table: Table, name: str, days: int) -> None:
    def moved(text: str) -> str:
        return f"{date.fromisoformat(text[:10]) + timedelta(days=days)}{text[10:]}" if text else text

    _rewrite(table, name, lambda text, _: moved(text))


def _rewrite(table: Table, name: str, change: Callable[[str, int], str]) -> None:
    place = table.columns.index(name)
    for number, row in enumerate(table.rows):
        row[place] = change(row[place], number)


def _nothing(_: Night, __: int) -> None:
    """Quiet."""


def _one_per_cent(source: Night, night: int) -> None:
    """A column loses a value in a hundred more each night, and prices rise by one per cent."""
    chance = random.Random(5)  # noqa: S311 - a choice that repeats
    _rewrite(source["patients"], "RACE", lambda text, _: "" if chance.random() < 0.01 * night else text)
    _rewrite(source["immunizations"], "BASE_COST", lambda text, _: f"{float(text) * 1.01**night:.2f}")


def _week_ends(source: Night, night: int) -> None:
    """On Saturdays and Sundays half of the rows of a table, and of the values of two others, are missing or other."""
    if (START + timedelta(days=night)).weekday() >= 5:
        _rewrite(source["immunizations"], "BASE_COST", lambda text, number: "" if number % 2 else text)
        _rewrite(
            source["payer_transitions"], "OWNERSHIP", lambda text, number: "Guardian" if number % 3 else text
        )
        del source["conditions"].rows[ROWS // 2 :]


def _bad_load(source: Night, night: int) -> None:
    """One night a table is cut off and another has lost its texts."""
    if night == 15:
        _rewrite(source["immunizations"], "DESCRIPTION", lambda *_: "")
        del source["conditions"].rows[100:]


def _for_good(source: Night, night: int) -> None:
    """From a night on there is a new code, and dates are written otherwise."""
    if night >= 12:
        _rewrite(
            source["payer_transitions"], "OWNERSHIP", lambda text, number: text if number % 4 else "Court"
        )
        _rewrite(source["patients"], "BIRTHDATE", lambda text, _: f"{text[5:7]}/{text[8:10]}/{text[:4]}")


def _stale(source: Night, night: int) -> None:
    """From a night on no new rows come."""
    _shift(source["immunizations"], "DATE", -max(0, night - 10))


def _shrinking(source: Night, night: int) -> None:
    """A table loses one row in a hundred each night."""
    del source["conditions"].rows[int(ROWS * 0.99**night) :]


SCENARIOS: dict[str, tuple[Change, float, bool]] = {
    "quiet": (_nothing, 0.003, False),
    "another sample every night": (_nothing, 0.003, True),
    "three per cent more rows a night": (_nothing, 0.03, False),
    "one per cent a night": (_one_per_cent, 0.003, False),
    "week-ends": (_week_ends, 0.003, False),
    "one bad load": (_bad_load, 0.003, False),
    "changed for good": (_for_good, 0.003, False),
    "no new rows": (_stale, 0.003, False),
    "rows lost slowly": (_shrinking, 0.003, False),
}


if __name__ == "__main__":
    main()

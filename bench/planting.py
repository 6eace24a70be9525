"""Faults of every quality label, planted in real tables by a seed: which column was made what, and what stayed as it was."""

from __future__ import annotations

import csv
import json
import random
import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

LABELS = ("empty", "abandoned", "misused", "test_only")
NOTES = ("constant", "mixed_formats", "sentinel_values", "truncated")
PER_LABEL = 24
FEWEST_ROWS = 40
MOST_ROWS = 3_000
MOST_COLUMNS = 200  # a wider table lists admissible values, it holds no records
LEAST_GAP = timedelta(days=400)
Plants = dict[tuple[str, str, str], str]


@dataclass
class Table:
    """A real table as text; ``source`` is the folder it is written to beside its fellows."""

    source: str
    name: str
    columns: list[str]
    rows: list[list[str]]

    def values(self, place: int) -> list[str]:
        """The filled values of one column."""
        return [row[place] for row in self.rows if row[place].strip()]


def real_tables(clients: Path, tasks: Path) -> list[Table]:
    """Every real table with enough rows that the label truths do not cover; copies of one table once."""
    found: dict[tuple[object, ...], Table] = {}
    for table in (*_databases(clients), *_csv_clients(clients), *_resources(clients), *_tasks(tasks)):
        if len(table.rows) >= FEWEST_ROWS and len(table.columns) <= MOST_COLUMNS:
            found.setdefault((*sorted(map(str, table.rows[:20])),), table)
    return list(found.values())


def write_tables(tables: list[Table], folder: Path) -> list[Path]:
    """The tables in SQLite files, one a source: days declared as such, all else as text, what is empty null."""
    for table in tables:
        with closing(sqlite3.connect(folder / f"{table.source}.sqlite")) as database, database:
            typed = (f'"{name}" {_declared(table, place)}' for place, name in enumerate(table.columns))
            listed = ", ".join(typed)
            database.execute(f'create table "{table.name}" ({listed})')
            marks = ", ".join("?" for _ in table.columns)
            rows = ([value or None for value in row] for row in table.rows)
            database.executemany(f'insert into "{table.name}" values ({marks})', rows)
    return sorted(folder.glob("*.sqlite"))


def _declared(table: Table, place: int) -> str:
    values = table.values(place)
    return "datetime" if values and all(map(_MOMENT.fullmatch, values)) else "text"


def plant(tables: list[Table], seed: int) -> Plants:
    """Turns columns into faulty ones in place, at most a third of a table's; says which is what now."""
    planter = _Planter(tables, random.Random(seed))  # noqa: S311 - no secret, only a choice that repeats
    for name in (*LABELS, *NOTES):
        planter.plant(name)
    return planter.planted


def _databases(clients: Path) -> Iterator[Table]:
    with closing(sqlite3.connect(clients / "chinook/raw/Chinook_Sqlite.sqlite")) as chinook:
        yield from _of_database("chinook", chinook)
    with closing(sqlite3.connect(":memory:")) as northwind:
        northwind.executescript((clients / "northwind/raw/create.sql").read_text(encoding="utf-8"))
        yield from _of_database("northwind", northwind)


def _of_database(source: str, database: sqlite3.Connection) -> Iterator[Table]:
    names = database.execute(
        "select name from sqlite_master where type = 'table' and name not like 'sqlite%'"
    )
    for (name,) in names.fetchall():
        cursor = database.execute(f'select * from "{name}" limit {MOST_ROWS}')
        rows = [[_text(value) for value in row] for row in cursor.fetchall()]
        yield Table(source, name, [column[0] for column in cursor.description], rows)


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, bytes) else str(value)


def _csv_clients(clients: Path) -> Iterator[Table]:
    for file in sorted((clients / "synthea_1k/raw").glob("*.csv")):
        if "-with-" not in file.stem:
            yield _of_csv("synthea_1k", file.stem, file)
    for file in sorted((clients / "raha").glob("*/clean.csv")):
        yield _of_csv("raha", file.parent.name, file)


def _of_csv(source: str, name: str, file: Path) -> Table:
    with file.open(encoding="utf-8", newline="") as lines:
        header, *rows = list(csv.reader(lines))
    return Table(source, name, header, [row for row in rows[:MOST_ROWS] if len(row) == len(header)])


def _resources(clients: Path) -> Iterator[Table]:
    """The plain properties of FHIR resources, a table a type."""
    records: dict[str, list[dict[str, str]]] = defaultdict(list)
    for file in sorted((clients / "fhir_r4/raw").glob("*.json")):
        for entry in json.loads(file.read_text(encoding="utf-8"))["entry"]:
            plain = {k: str(v) for k, v in entry["resource"].items() if isinstance(v, (str, int, float))}
            records[plain.pop("resourceType")].append(plain)
    for name, found in records.items():
        columns = sorted({key for record in found for key in record})
        rows = [[record.get(key, "") for key in columns] for record in found[:MOST_ROWS]]
        yield Table("fhir", name, columns, rows)


def _tasks(tasks: Path) -> Iterator[Table]:
    for file in sorted(tasks.glob("*/*/*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            if sum(1 for _ in lines) > FEWEST_ROWS:
                yield _of_csv(f"{file.parts[-3]}-{file.parts[-2]}", file.stem, file)


_ANNOUNCED = {
    "email": r"e?mail",
    "phone": r"(?:home|cell|work)?_?(?:phone|fax)(?:number)?",
    "city": r"(?:billing|ship)?_?city",
    "postal": r"(?:billing|ship)?_?(?:postal_?code|zip)",
    "country": r"(?:billing|ship)?_?country",
    "person": r"(?:first|last|contact)_?name",
    "date": r"(?:\w*date|start|stop|issued|birthdate|deathdate)",
    "amount": r"(?:\w*(?:price|amount|total|cost|revenue|freight|rate)|lat|lon)",
    "code": r"\w*code|\w*_cd|language|status|gender|severity|color|category",
    "street": r"(?:billing|ship)?_?address|street",
    "text": r"description|annotation|notes?|article_title|abstract|title",
    "uuid": r"id|gid|patient|encounter|organization|payer",
    "url": r"homepage|website|url",
}
# What a column of a kind may hold and is plainly something else: telephone numbers in the e-mail column ...
_FOREIGN = {
    "email": ("phone", "person", "text", "date"),
    "phone": ("email", "person", "street", "date"),
    "city": ("phone", "date", "email", "uuid"),
    "postal": ("email", "text", "person", "date"),
    "country": ("phone", "date", "email", "street"),
    "person": ("phone", "date", "email", "amount"),
    "date": ("text", "person", "uuid", "email"),
    "amount": ("date", "text", "email", "uuid"),
    "code": ("text", "email", "street"),
    "street": ("email", "date", "phone"),
    "url": ("phone", "email", "person"),
}
_KIND_OF_VALUE = {
    "email": re.compile(r"\S+@\S+\.\w+"),
    "phone": re.compile(r"[+(]?\d[\d() .-]{6,}\d"),
    "date": re.compile(r"\d{4}-\d\d-\d\d.*"),
    "uuid": re.compile(r"[0-9a-f]{8}-.{27}"),
    "amount": re.compile(r"-?\d+\.\d+"),
    "street": re.compile(r"\d+ .*[A-Za-z]{3}.*"),
    "text": re.compile(r"(?:\S+ ){4,}\S+"),
    "person": re.compile(r"[A-Z][a-z]+(?: [A-Z][a-z]+)?"),
}
_FILLERS = ("N/A", "-", "unknown", "NULL", "none", "0000-00-00", "n/a", "?", "(empty)")
_MADE_UP = {
    "email": ("test@test.com", "a@a.com", "asdf@asdf.de", "test1@example.com"),
    "phone": ("000-000-0000", "123-456-7890", "999-999-9999", "555 555 5555"),
    "date": ("test", "xxx"),
    "": ("test", "asdf", "Test", "TEST 1", "xxx", "dummy", "foo", "test entry", "asdfasdf", "qwertz", "Test User",
         "lorem ipsum", "abc", "sample", "delete me", "test 123"),
}  # fmt: skip
_SENTINELS = {"number": ("-1", "-999", "99999", "999"), "date": ("9999-12-31", "1900-01-01"), "text": ("N/A", "unknown", "NULL")}  # fmt: skip
_MOMENT = re.compile(r"[12]\d{3}-\d\d-\d\d(?: \d\d:\d\d:\d\d)?")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
CODED = re.compile(r"zip|post|code|id$|no$|number|phone|fax|isbn|barcode", re.IGNORECASE)
_NO_ACTIVITY = re.compile(r"birth|death|dob|hire|stop|end|due|expir", re.IGNORECASE)


class _Planter:
    def __init__(self, tables: list[Table], chance: random.Random) -> None:
        self.tables, self.chance = tables, chance
        self.planted: Plants = {}
        self.reserved: set[tuple[str, str, str]] = set()  # columns that tell when others were abandoned
        self.donors = self._donors()

    def plant(self, label: str) -> None:
        """As many columns as are wanted, in an order by chance; of one source at most a third."""
        places = [(table, place) for table in self.tables for place in range(len(table.columns))]
        self.chance.shuffle(places)
        room: dict[str, int] = defaultdict(lambda: PER_LABEL // 3)
        make: Callable[[Table, int], bool] = getattr(self, f"_{label}")
        left = PER_LABEL
        for table, place in places:
            if left and room[table.source] and self._is_free(table, place) and make(table, place):
                self.planted[_key(table, place)] = label
                left, room[table.source] = left - 1, room[table.source] - 1

    def _is_free(self, table: Table, place: int) -> bool:
        own = sum(key[:2] == (table.source, table.name) for key in self.planted)
        taken = _key(table, place) in self.planted.keys() | self.reserved
        return not taken and own * 3 < len(table.columns) and len(set(table.values(place))) >= 2

    def _donors(self) -> dict[str, list[list[str]]]:
        """Real values of each kind, by column: the name announces them and nearly all look like it."""
        donors: dict[str, list[list[str]]] = defaultdict(list)
        for table in self.tables:
            for place, name in enumerate(table.columns):
                values = table.values(place)
                for kind, form in _KIND_OF_VALUE.items():
                    named = re.fullmatch(_ANNOUNCED[kind], name, re.IGNORECASE)
                    if named and len(set(values)) >= 10 and all(map(form.fullmatch, values[:50])):
                        donors[kind].append(values)
        return donors

    def _fill(self, table: Table, place: int, value: Callable[[str], str], share: float = 1.0) -> bool:
        for row in table.rows:
            if share == 1.0 or self.chance.random() < share:
                row[place] = value(row[place])
        return True

    def _empty(self, table: Table, place: int) -> bool:
        way = self.chance.choice(("null", "blank", "default"))
        filler = {"null": "", "blank": "  ", "default": self._default(table, place)}[way]
        return self._fill(table, place, lambda _: filler)

    def _default(self, table: Table, place: int) -> str:
        """What somebody might write where there is no value."""
        numeric = all(map(_NUMBER.fullmatch, table.values(place)))
        return self.chance.choice(("0", "0.00") if numeric else _FILLERS)

    def _abandoned(self, table: Table, place: int) -> bool:
        """Emptied in all rows after a day, by the table's own best date column; nulls or one filler stand there then."""
        other = self._activity(table, place)
        filled = len(table.values(place)) >= 0.5 * len(table.rows)
        if other is None or not filled:
            return False
        days = [_day(row[other]) for row in table.rows]
        ordered = sorted(day for day in days if day)
        stop = ordered[int(len(ordered) * self.chance.uniform(0.3, 0.75))]
        after = sum(day > stop for day in ordered)
        if ordered[-1] - stop < LEAST_GAP or after < 15:
            return False
        filler = self.chance.choice(("", self._default(table, place)))
        for row, day in zip(table.rows, days, strict=True):
            if day is None or day > stop:
                row[place] = filler
        self.reserved.add(_key(table, other))
        return True

    def _activity(self, table: Table, place: int) -> int | None:
        """The first well filled, untouched date column that is not about a birth, a death or an end."""
        for other, name in enumerate(table.columns):
            if other == place or _NO_ACTIVITY.search(name) or _key(table, other) in self.planted:
                continue
            days = [_day(row[other]) for row in table.rows]
            if sum(day is not None for day in days) >= 0.9 * len(days) and len(set(days)) > 10:
                return other
        return None

    def _misused(self, table: Table, place: int) -> bool:
        name = table.columns[place]
        if self.chance.random() < 0.3:
            return self._wrong_key(table, place)
        kind = next((k for k in _FOREIGN if re.fullmatch(_ANNOUNCED[k], name, re.IGNORECASE)), None)
        choices = [one for one in _FOREIGN[kind] if self.donors[one]] if kind else []
        if not choices:
            return False
        donor = self.chance.choice(self.donors[self.chance.choice(choices)])
        return self._fill(table, place, lambda old: self.chance.choice(donor) if old.strip() else old)

    def _wrong_key(self, table: Table, place: int) -> bool:
        """The key of another thing than the one the name speaks of; only keys that cannot be mistaken."""
        own = set(table.values(place))
        fellows = [one for one in self.tables if one.source == table.source and one is not table]
        keys = [one for one in fellows if one.columns[0].lower() == "id" and len(one.rows[0][0]) >= 8]
        held = next((one for one in keys if own <= set(one.values(0))), None)
        others = [one for one in keys if one is not held]
        if held is None or not others or place == 0:
            return False
        donor = self.chance.choice(others).values(0)
        return self._fill(table, place, lambda old: self.chance.choice(donor) if old.strip() else old)

    def _test_only(self, table: Table, place: int) -> bool:
        name, values = table.columns[place], table.values(place)
        if all(map(_NUMBER.fullmatch, values)) or len(values) < 10:
            return False
        kind = next((k for k in _MADE_UP if k and re.fullmatch(_ANNOUNCED[k], name, re.IGNORECASE)), "")
        few = self.chance.sample(_MADE_UP[kind], k=min(len(_MADE_UP[kind]), self.chance.randint(1, 8)))
        return self._fill(table, place, lambda old: self.chance.choice(few) if old.strip() else old)

    def _constant(self, table: Table, place: int) -> bool:
        only = self.chance.choice(table.values(place))
        if only in {"0", "0.0", "-1"} or re.search(r"unknown|n/?a", only, re.IGNORECASE):
            return False
        return self._fill(table, place, lambda _: only)

    def _mixed_formats(self, table: Table, place: int) -> bool:
        values, share = table.values(place), self.chance.uniform(0.15, 0.4)
        if len(values) < 30 or len(set(values)) < 10:
            return False
        if all(map(_KIND_OF_VALUE["date"].fullmatch, values)):
            return self._fill(table, place, lambda old: _other_date(old) if old.strip() else old, share)
        if all(map(_NUMBER.fullmatch, values)) and not CODED.search(table.columns[place]):
            unit = self.chance.choice((" USD", " kg", "??", " pcs", "%"))
            return self._fill(table, place, lambda old: old + unit if old.strip() else old, share)
        return False

    def _sentinel_values(self, table: Table, place: int) -> bool:
        values, share = table.values(place), self.chance.uniform(0.1, 0.3)
        if len(values) < 30 or len(set(values)) < 10:
            return False
        dated = all(map(_KIND_OF_VALUE["date"].fullmatch, values))
        kind = "date" if dated else "number" if all(map(_NUMBER.fullmatch, values)) else "text"
        sentinel = self.chance.choice(_SENTINELS[kind])
        if kind == "number" and max(abs(float(value)) for value in values) > abs(float(sentinel)) > 1:
            return False
        return self._fill(table, place, lambda _: sentinel, share)

    def _truncated(self, table: Table, place: int) -> bool:
        lengths = sorted(len(value) for value in set(table.values(place)))
        if len(lengths) < 20 or lengths[-1] - lengths[0] < 8:
            return False
        cut = lengths[int(len(lengths) * self.chance.uniform(0.5, 0.85))]
        texts = sum(" " in value for value in table.values(place))
        if cut < 10 or lengths[-1] < cut + 3 or texts < 0.5 * len(table.values(place)):
            return False
        return self._fill(table, place, lambda old: old[:cut])


def _key(table: Table, place: int) -> tuple[str, str, str]:
    return table.source, table.name, table.columns[place]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _other_date(text: str) -> str:
    day = _day(text)
    return f"{day:%d.%m.%Y}" if day else text

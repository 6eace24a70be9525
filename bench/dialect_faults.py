"""Clean tables written with every fault of a dialect, one at a time: read right, refused, or wrong.

    python -m bench.dialect_faults [--seed N] [--only WORD] [--verbose] [--keep FOLDER]

The tables are made here from a seed, so that no reader was tuned to them, and written by plain string work: no CSV
writer stands between a fault and its truth. Judged as in ``bench.file_dialects``.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.dialect_truth import Case, Grid, Truth
from bench.file_dialects import Outcome, judge

_SIZES = (12, 60, 400)


@dataclass(frozen=True)
class Table:
    """A clean table; ``line_breaks``: some of its cells have them."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def grid(self, *, named: bool = True) -> Grid:
        """What a reader should find."""
        return Grid.of(self.header if named else [], self.rows, named=named)


@dataclass(frozen=True)
class Written:
    """How a table is written down; everything a fault changes."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    end: str = "\n"
    encoding: str = "utf-8"
    always: bool = False


@dataclass(frozen=True)
class Made:
    """One file and its truth."""

    content: bytes
    truth: Truth


# --- tables -----------------------------------------------------------------------------------------------------


def tables(seed: int) -> Iterator[Table]:
    """Tables of several kinds and sizes."""
    for size in _SIZES:
        chance = random.Random(seed * 1000 + size)  # noqa: S311 - made-up data
        for make in (_people, _bills, _places, _readings, _codes, _remarks):
            header, rows = make(chance, size)
            yield Table(f"{make.__name__[1:]}_{size}", tuple(header), tuple(map(tuple, rows)))


def _people(chance: random.Random, size: int) -> tuple[list[str], list[list[str]]]:
    first, last = (
        ["Ada", "Björn", "Chloé", "Dário", "Eva", "Finn"],
        ["O'Neil", "Müller", "Smith", "García", "Lee"],
    )
    rows = [
        [
            f"{number:05}", chance.choice(first), chance.choice(last),
            f"{chance.randint(1930, 2015)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
            chance.choice("MFU"), f"+49 30 {chance.randint(10**6, 10**7 - 1)}",
            chance.choice(["", "", "allergic to nuts, mild", 'said "no"', "calls on Monday"]),
        ]
        for number in range(1, size + 1)
    ]  # fmt: skip
    return ["patient_no", "first name", "last name", "born", "sex", "phone", "remark"], rows


def _bills(chance: random.Random, size: int) -> tuple[list[str], list[list[str]]]:
    rows = [
        [
            f"R-{chance.randint(1, 9)}{number:04}", f"{chance.randint(1, 28):02}.{chance.randint(1, 12):02}.2023",
            f"{chance.uniform(1, 9000):.2f}", chance.choice(["EUR", "USD", ""]), chance.choice(["paid", "open", "n/a"]),
        ]
        for number in range(size)
    ]  # fmt: skip
    return ["Bill", "Date", "Amount", "Currency", "State"], rows


def _places(chance: random.Random, size: int) -> tuple[list[str], list[list[str]]]:
    """Nothing but words."""
    towns = [
        "Oslo",
        "São Paulo",
        "Zürich",
        "Paris, Texas",
        "New York",
        "Łódź",
        "Rome",
        "Cairo",
        "Lyon",
        "Bath",
    ]
    rows = [
        [f"{chance.choice(towns)} {chance.choice(['North', 'South', 'East', 'West'])}", chance.choice(["Norway", "Brazil", "France", "Egypt"]), chance.choice(["coast", "inland", "island"])]
        for _ in range(size)
    ]  # fmt: skip
    return ["town", "country", "situation"], rows


def _readings(chance: random.Random, size: int) -> tuple[list[str], list[list[str]]]:
    """Figures alone, with many columns."""
    rows = [[f"{hour}", *(f"{chance.gauss(20, 5):.3f}" for _ in range(9))] for hour in range(size)]
    return ["hour", *(f"sensor {letter}" for letter in "ABCDEFGHI")], rows


def _codes(chance: random.Random, size: int) -> tuple[list[str], list[list[str]]]:
    """Two columns."""
    words = ["cholera", "asthma, unspecified", "fracture of arm", "sprain", "fever", "influenza"]
    return ["code", "meaning"], [
        [f"{chance.choice('ABCDE')}{number:03}.{chance.randint(0, 9)}", chance.choice(words)]
        for number in range(size)
    ]


def _remarks(chance: random.Random, size: int) -> tuple[list[str], list[list[str]]]:
    """Long texts with line breaks, quotes and all delimiters."""
    parts = [
        "was seen;",
        "no complaint,",
        'he said "fine"',
        "see file | 3",
        "it's well",
        "next\nweek",
        "all good",
        "temp 37,5",
    ]
    rows = [
        [f"{number}", f"{chance.randint(1, 12)}/{chance.randint(1, 28)}/2022", " ".join(chance.choices(parts, k=chance.randint(1, 4)))]
        for number in range(size)
    ]  # fmt: skip
    return ["id", "day", "note"], rows


# --- writing ----------------------------------------------------------------------------------------------------


def _cell(text: str, how: Written) -> str:
    special = (*how.delimiter.strip(), how.delimiter, how.quote, "\n", "\r") if how.quote else ()
    if how.quote and (how.always or any(sign and sign in text for sign in special)):
        inner = text.replace("\\", "\\\\") if how.escape == "\\" else text
        return how.quote + inner.replace(how.quote, (how.escape or how.quote) + how.quote) + how.quote
    return text


def _line(row: Sequence[str], how: Written) -> str:
    return how.delimiter.join(_cell(cell, how) for cell in row)


def _lines(table: Table, how: Written) -> list[str]:
    return [_line(row, how) for row in (table.header, *table.rows)]


def _text(lines: Sequence[str], how: Written) -> bytes:
    text = "".join(line + how.end for line in lines)
    return text.encode(how.encoding, "replace")


def _right(table: Table, *grids: Grid) -> Truth:
    return Truth(tuple((grid,) for grid in (table.grid(), *grids)))


# --- faults: each gives a file and its truth, or nothing where it cannot be made of a table ---------------------------

Fault = Callable[[Table, random.Random], Made | None]


def _written(**changes: object) -> Fault:
    def made(table: Table, _: random.Random) -> Made | None:
        how = replace(Written(), **changes)  # type: ignore[arg-type]  # names of its own fields
        if not how.quote and any(
            how.delimiter in cell or "\n" in cell for row in (table.header, *table.rows) for cell in row
        ):
            return None
        if how.delimiter == " " and not how.always:
            return None
        encoded = _text(_lines(table, how), how)
        # What the encoding cannot spell is no fault of the reader.
        spelled = [
            [cell.encode(how.encoding, "replace").decode(how.encoding) for cell in row] for row in table.rows
        ]
        return Made(encoded, Truth(((Grid.of(table.header, spelled),),)))

    return made


def _around(before: Sequence[str] = (), after: Sequence[str] = (), *, how: Written = Written()) -> Fault:
    """Lines above and below the table."""

    def made(table: Table, _: random.Random) -> Made | None:
        return Made(_text([*before, *_lines(table, how), *after], how), _right(table))

    return made


def _changed(change: Callable[[list[str], random.Random], list[str]]) -> Fault:
    """Lines changed without a change of what they say."""

    def made(table: Table, chance: random.Random) -> Made | None:
        return Made(_text(change(_lines(table, Written()), chance), Written()), _right(table))

    return made


def _no_header(table: Table, _: random.Random) -> Made:
    return Made(_text(_lines(table, Written())[1:], Written()), Truth(((table.grid(named=False),),)))


def _header_only(table: Table, _: random.Random) -> Made:
    nothing = replace(table, rows=())
    return Made(
        _text(_lines(nothing, Written()), Written()),
        Truth(((Grid.of(table.header, []),),), may_be_refused=True),
    )


def _one_row(table: Table, _: random.Random) -> Made:
    single = replace(table, rows=table.rows[:1])
    return Made(_text(_lines(single, Written()), Written()), _right(single))


def _renamed(names: Callable[[Sequence[str]], Sequence[str]]) -> Fault:
    def made(table: Table, _: random.Random) -> Made:
        other = replace(table, header=tuple(names(table.header)))
        return Made(_text(_lines(other, Written()), Written()), _right(other))

    return made


def _short_rows(table: Table, chance: random.Random) -> Made | None:
    """A few rows lack their last cells."""
    if len(table.header) < 3 or len(table.rows) < 60:
        return None
    rows = [list(row) for row in table.rows]
    for at in chance.sample(range(len(rows)), 2):
        rows[at] = rows[at][:-1]
    padded = [[*row, *[""] * (len(table.header) - len(row))] for row in rows]
    lines = [_line(table.header, Written()), *(_line(row, Written()) for row in rows)]
    return Made(_text(lines, Written()), Truth(((Grid.of(table.header, padded),),)))


def _long_rows(table: Table, chance: random.Random) -> Made | None:
    """A few rows have a cell more."""
    if len(table.rows) < 60:
        return None
    rows = [list(row) for row in table.rows]
    for at in chance.sample(range(len(rows)), 2):
        rows[at] = [*rows[at], "more"]
    lines = [_line(table.header, Written()), *(_line(row, Written()) for row in rows)]
    return Made(_text(lines, Written()), _right(table))


def _index_column(table: Table, _: random.Random) -> Made | None:
    """Rows begin with their number, which the header does not name, as R writes them."""
    if any("\n" in cell for row in table.rows for cell in row):
        return None
    rows = [[f"{at}", *row] for at, row in enumerate(table.rows, start=1)]
    how = Written(always=True)
    lines = [_line(table.header, how), *(_line(row, how) for row in rows)]
    wanted = Grid.of(["", *table.header], rows)
    return Made(_text(lines, how), Truth(((wanted,), (Grid.of([], rows, named=False),)), may_be_refused=True))


def _header_again(table: Table, _: random.Random) -> Made | None:
    if len(table.header) < 3:
        return None
    lines = _lines(table, Written())
    middle = len(table.rows) // 2 + 1
    return Made(_text([*lines[:middle], lines[0], *lines[middle:]], Written()), _right(table))


def _two_headers(table: Table, _: random.Random) -> Made | None:
    """A second row of the header tells units."""
    units = [f"[{name[:2]}]" for name in table.header]
    how = Written()
    lines = _lines(table, how)
    joined = [f"{name} {unit}" for name, unit in zip(table.header, units, strict=True)]
    wanted = Grid.of(joined, table.rows)
    also = Grid.of(table.header, [units, *table.rows])
    return Made(_text([lines[0], _line(units, how), *lines[1:]], how), Truth(((wanted,), (also,))))


def _two_tables(table: Table, chance: random.Random) -> Made | None:
    """Another table below an empty line."""
    header, rows = (
        ["item no", "weight", "price"],
        [[f"{n}", f"{chance.random():.2f}", f"{chance.randint(1, 99)}"] for n in range(20)],
    )
    how = Written()
    lines = [*_lines(table, how), "", *(_line(row, how) for row in (header, *rows))]
    both = (table.grid(), Grid.of(header, rows))
    return Made(_text(lines, how), Truth((both,)))


def _psql(table: Table, _: random.Random) -> Made | None:
    """As a terminal of a database prints it."""
    if any(sign in cell for row in table.rows for cell in row for sign in "|\n"):
        return None
    widths = [max(len(row[at]) for row in (table.header, *table.rows)) for at in range(len(table.header))]
    drawn = [
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in (table.header, *table.rows)
    ]
    ruler = "-+-".join("-" * width for width in widths)
    return Made(_text([drawn[0], ruler, *drawn[1:], f"({len(table.rows)} rows)"], Written()), _right(table))


def _markdown(table: Table, _: random.Random) -> Made | None:
    if any(sign in cell for row in table.rows for cell in row for sign in "|\n"):
        return None
    drawn = [f"| {' | '.join(row)} |" for row in (table.header, *table.rows)]
    return Made(_text([drawn[0], "|" + "---|" * len(table.header), *drawn[1:]], Written()), _right(table))


def _one_column(table: Table, _: random.Random) -> Made | None:
    column = replace(table, header=table.header[:1], rows=tuple(row[:1] for row in table.rows))
    return Made(_text(_lines(column, Written()), Written()), _right(column, column.grid(named=False)))


def _raw(content: bytes) -> Fault:
    """A file without a table."""

    def made(table: Table, _: random.Random) -> Made | None:
        return Made(content, Truth(why="it is empty")) if table.name == "people_12" else None

    return made


def _sparse(lines: list[str], chance: random.Random) -> list[str]:
    """Empty lines among the others; not within a cell that has line breaks."""
    return [part for line in lines for part in ((line, "") if chance.random() < 0.2 else (line,))]


def _mixed_ends(table: Table, chance: random.Random) -> Made | None:
    text = "".join(line + chance.choice(["\n", "\r\n"]) for line in _lines(table, Written()))
    return Made(text.encode(), _right(table))


_TITLE = ["Report of all entries", "Printed 2024-02-03 by the office"]

FAULTS: dict[str, Fault] = {
    "plain": _written(),
    **{f"delimiter {sign!r}": _written(delimiter=sign) for sign in (";", "\t", "|", ", ", "~", "^", ":", "#", "*", "\x1f", "\x01", "||", ";;", "¦", "§")},
    "delimiter blank, all quoted": _written(delimiter=" ", always=True),
    "all quoted": _written(always=True),
    "single quotes": _written(quote="'"),
    "single quotes, all": _written(quote="'", always=True),
    "single quotes, semicolons": _written(quote="'", delimiter=";"),
    "backslash": _written(escape="\\"),
    "backslash, all quoted": _written(escape="\\", always=True),
    "backslash, tabs": _written(escape="\\", delimiter="\t"),
    "no quotes, tabs": _written(quote="", delimiter="\t"),
    "no quotes, semicolons": _written(quote="", delimiter=";"),
    **{f"end {end!r}": _written(end=end) for end in ("\r\n", "\r")},
    "end mixed": _mixed_ends,
    **{f"encoding {name}": _written(encoding=name) for name in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1", "cp1250", "mac_roman", "cp850")},
    "title": _around([_TITLE[0]]),
    "title and empty line": _around([_TITLE[0], ""]),
    "two titles and empty line": _around([*_TITLE, ""]),
    "facts above": _around(["Office:,Berlin", "Period:,2023", "Author:,Ada", ""]),
    "comments above": _around(["# made by a program", "# version 3, second try"]),
    "sep= above": _around(["sep=;"], how=Written(delimiter=";")),
    "empty lines above": _around(["", "", ""]),
    "hollow lines above": _around([",,", ",,"]),
    "note below": _around(after=["", "Source: the office, 2024"]),
    "notes below": _around(after=["", "Source: the office, 2024.", "No liability is accepted."]),
    "note right below": _around(after=["Source: the office"]),
    "count below": _around(after=["", "(12 rows affected)"]),
    "empty lines below": _around(after=["", "", "", ""]),
    "end of file sign": _around(after=["\x1a"]),
    "empty lines among": _changed(_sparse),
    "delimiter at all ends": _changed(lambda lines, _: [f"{line}," for line in lines]),
    "delimiter at ends of rows": _changed(lambda lines, _: [lines[0], *(f"{line}," for line in lines[1:])]),
    "ruler below header": _changed(lambda lines, _: [lines[0], ",".join(["-----"] * (lines[0].count(",") + 1)), *lines[1:]]),
    "blanks around": _changed(lambda lines, _: [line if '"' in line else f" {line.replace(',', ' , ')} " for line in lines]),
    "no newline at end": lambda table, _: Made(_text(_lines(table, Written()), Written()).rstrip(b"\n"), _right(table)),
    "nul bytes": lambda table, _: Made(_text(_lines(table, Written()), Written()).replace(b"a", b"a\0"), _right(table)),
    "no header": _no_header,
    "header only": _header_only,
    "one row": _one_row,
    "names repeated": _renamed(lambda names: [names[0], *[names[-1]] * (len(names) - 1)]),
    "name missing": _renamed(lambda names: [*names[:-1], ""]),
    "first name missing": _renamed(lambda names: ["", *names[1:]]),
    "names with line breaks": _renamed(lambda names: [f"{name}\n(of it)" for name in names]),
    "names that are years": _renamed(lambda names: [names[0], *(f"{2010 + at}" for at in range(1, len(names)))]),
    "names that are numbers": _renamed(lambda names: [f"{at}" for at in range(len(names))]),
    "long names": _renamed(lambda names: [f"What the office noted about the {name} of an entry, as far as known" for name in names]),
    "short rows": _short_rows,
    "long rows": _long_rows,
    "index column": _index_column,
    "header again": _header_again,
    "two rows of header": _two_headers,
    "two tables": _two_tables,
    "psql": _psql,
    "markdown": _markdown,
    "one column": _one_column,
    "nothing": _raw(b""),
    "nothing but a mark": _raw(b"\xef\xbb\xbf"),
    "nothing but line ends": _raw(b"\n\r\n\n"),
    "nothing but blanks": _raw(b"  \t \n  "),
    "nothing but delimiters": _raw(b",,,\n,,,\n"),
}  # fmt: skip


def cases(folder: Path, seed: int, only: str = "") -> Iterator[tuple[str, Case]]:
    """Every table with every fault, as a file in a folder of its own."""
    for fault, make in FAULTS.items():
        if only not in fault:
            continue
        for table in tables(seed):
            made = make(table, random.Random(f"{seed} {fault} {table.name}"))  # noqa: S311 - made-up data
            if made:
                place = folder / "".join(sign if sign.isalnum() else f"_{ord(sign):x}" for sign in fault)
                place.mkdir(exist_ok=True)
                path = place / f"{table.name}.csv"
                path.write_bytes(made.content)
                yield fault, Case(table.name, path, made.truth)


def main() -> int:
    """Prints what is not right, and a table; 1 where anything is silently wrong or crashed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="faults with this in their name")
    parser.add_argument("--verbose", action="store_true", help="every file, not only the wrong ones")
    parser.add_argument("--keep", type=Path, help="the files are left here")
    asked = parser.parse_args()
    counted: dict[str, Counter[Outcome]] = {}
    with TemporaryDirectory() as made:
        folder = asked.keep or Path(made)
        folder.mkdir(exist_ok=True)
        for fault, case in cases(folder, asked.seed, asked.only):
            outcome, why = judge(case)
            if outcome is Outcome.REFUSED and why.startswith("(a reader could)"):
                why = f"lost {why}"
            counted.setdefault(fault, Counter())[outcome] += 1
            is_bad = outcome in {Outcome.WARNED, Outcome.WRONG, Outcome.CRASHED} or why.startswith("lost")
            if asked.verbose or is_bad:
                print(f"{outcome:8} {fault} / {case.label}: {why[:400]}")
    total = sum(counted.values(), Counter[Outcome]())
    print(
        "\n| fault | files | right | refused | wrong, warned | wrong, silently | crashed |\n"
        + "|---" * 7
        + "|"
    )
    for fault, found in (*counted.items(), ("all", total)):
        if asked.verbose or fault == "all" or found[Outcome.RIGHT] < found.total():
            print(f"| {fault} | {found.total()} | " + " | ".join(str(found[one]) for one in Outcome) + " |")
    return int(total[Outcome.WRONG] + total[Outcome.CRASHED] > 0)


if __name__ == "__main__":
    sys.exit(main())

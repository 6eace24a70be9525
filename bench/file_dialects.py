"""How files as people export them are read: right, refused with the reason, or wrong.

    python -m bench.file_dialects CLIENTS_DIR [--only NAME] [--verbose]

``CLIENTS_DIR`` holds the collections named below. Every file of each is opened by itself through the product's
own opener, and each table that comes out is compared with a truth that the product has no part in:

- *pollock*: the clean twin of each file, cell by cell, and the header its parameters state.
- *csv_spectrum*: the JSON beside each file, cell by cell.
- *messytables*, *frictionless_data*: read by other libraries (the csv module, openpyxl, pandas), cell by cell where
  they give cells; where what they give was found to be no table by looking at the file, the shapes in
  ``file_dialects.yaml``, each with its reason.

A table is right when rows, columns and cells agree; blank rows, blank columns without a name, and blanks around
cells are not counted. A row the reader reports as bad, with its line, is not expected in the table. A file is
refused when nothing is read and the message names the trouble. Everything else is wrong: warned where a message
goes with what was read, else silently, a crash above all.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bench.dialect_truth import COLLECTIONS, Case, Grid, Truth
from schema_matching_pipeline.adapters.connectors.catalog import OpenSource
from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.errors import SourceError
from schema_matching_pipeline.model.measurement import ProfilePlan
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import PlanKind
from schema_matching_pipeline.model.source import SourceAddress, SourceTable

_KEY = bytes(range(32))
_MOST_ROWS = 1_000_000
_COUNTED = re.compile(r"([\d,]+) rows? (?:has|have|could)")
_MADE_COLUMNS = {"_id", "_parent_id"}


class Outcome(StrEnum):
    """What became of one file."""

    RIGHT = "right"
    REFUSED = "refused"
    WARNED = "warned"
    WRONG = "wrong"
    CRASHED = "crashed"


@dataclass(frozen=True)
class Read:
    """What the product made of one file: tables, rows it reported as bad, and what it said."""

    tables: tuple[Grid, ...]
    bad_rows: int = 0
    said: str = ""


def main() -> int:
    """Prints the table; 1 where more than 2 % are wrong, any without a warning, or any crashed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("clients", type=Path)
    parser.add_argument("--only")
    parser.add_argument("--verbose", action="store_true", help="every file, not only the wrong ones")
    asked = parser.parse_args()
    total = Counter[Outcome]()
    lines: list[str] = []
    for name, cases in COLLECTIONS.items():
        if asked.only and name != asked.only:
            continue
        counted = Counter[Outcome]()
        for case in cases(asked.clients / name / "raw"):
            outcome, why = judge(case)
            counted[outcome] += 1
            if asked.verbose or outcome in {Outcome.WARNED, Outcome.WRONG, Outcome.CRASHED}:
                print(f"{outcome:8} {name}/{case.label}: {why}")
        total += counted
        lines.append(_line(name, counted))
    print(
        "\n| collection | files | right | refused | wrong, warned | wrong, silently | crashed |\n"
        + "|---" * 7
        + "|"
    )
    print("\n".join([*lines, _line("all", total)]))
    failed = total[Outcome.WRONG] + total[Outcome.CRASHED]
    return int(failed > 0 or total[Outcome.WARNED] > 0.02 * total.total())


def judge(case: Case) -> tuple[Outcome, str]:
    """The outcome for one file, and why."""
    try:
        read = _read(case.path)
    except SourceError as error:
        return _judge_refusal(str(error), case.truth)
    except Exception as error:  # noqa: BLE001 - a crash is what is looked for
        return Outcome.CRASHED, f"{type(error).__name__}: {error}"
    if not read.tables:
        return _judge_refusal(read.said, case.truth)
    return _judge_tables(read, case.truth)


def _judge_refusal(said: str, truth: Truth) -> tuple[Outcome, str]:
    if not said:
        return Outcome.WRONG, "nothing read and nothing said"
    if truth.is_readable and not truth.may_be_refused:
        return Outcome.REFUSED, f"(a reader could) {said}"
    return Outcome.REFUSED, said


def _judge_tables(read: Read, truth: Truth) -> tuple[Outcome, str]:
    if not truth.is_readable:
        return Outcome.WRONG, f"read as {_shapes(read.tables)}, though {truth.why}"
    best = "no table compared"
    for wanted in truth.alternatives:
        differences = [
            _difference(found, grid, read.bad_rows) for found, grid in _paired(read.tables, wanted)
        ]
        if len(read.tables) == len(wanted) and not any(differences):
            return Outcome.RIGHT, _shapes(read.tables) + (f" {read.said}" if read.said else "")
        said = next((text for text in differences if text), "")
        best = f"{_shapes(read.tables)} instead of {_shapes(wanted)} {said} {read.said}"
    return Outcome.WARNED if read.said else Outcome.WRONG, best


def _paired(found: tuple[Grid, ...], wanted: tuple[Grid, ...]) -> list[tuple[Grid, Grid]]:
    """Tables in order of their size, so that names need not agree."""
    return list(zip(sorted(found, key=Grid.size), sorted(wanted, key=Grid.size), strict=False))


def _difference(found: Grid, wanted: Grid, bad_rows: int) -> str:
    """What is different, in words; empty where the tables agree."""
    if bad_rows and found.width < wanted.width and not any(wanted.names[found.width :]):
        wanted = wanted.narrowed(found.width)
    if found.width != wanted.width:
        return f"{found.width} columns, not {wanted.width}: {found.names[:12]} {wanted.names[:12]}"
    if found.height != wanted.height and found.height + bad_rows != wanted.height:
        return f"{found.height} rows, not {wanted.height}"
    if wanted.names and (pair := _unlike(found.names, wanted.names)):
        return f"column {pair[0]!r}, not {pair[1]!r}"
    if wanted.rows is None or found.rows is None:
        return ""
    surplus = list((Counter(wanted.rows) - Counter(found.rows)).elements())
    return f"{len(surplus)} rows differ, first {surplus[0]}" if len(surplus) > bad_rows else ""


def _unlike(found: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[str, str] | None:
    """The first pair of names that differ; a name that is missing or repeated may be numbered."""
    for ours, theirs in zip(found, wanted, strict=True):
        numbered = not theirs or ours.rsplit("_", 1)[0] == theirs
        if ours != theirs and not numbered:
            return ours, theirs
    return None


def _read(path: Path) -> Read:
    with Sources(_KEY, ProfilePolicy()).open(SourceAddress.model_validate({"location": str(path)})) as source:
        snapshot = source.snapshot()
        said = [trouble.message for trouble in snapshot.troubles]
        tables = [_grid(source, table, said) for table in snapshot.tables]
    return Read(tuple(tables), sum(_bad_rows(text) for text in said), " ".join(said))


def _grid(source: OpenSource, table: SourceTable, said: list[str]) -> Grid:
    names = [column.name for column in table.columns if column.name not in _MADE_COLUMNS]
    plan = ProfilePlan(table=table.name, kind=PlanKind.SMALL, slices=(tuple(names),))
    if trouble := source.measure(plan).trouble:
        said.append(trouble.message)
    texts, _ = source.texts(table.name, names, _MOST_ROWS)
    rows = zip(*(column.to_pylist() for column in texts.columns), strict=True) if names else iter(())
    return Grid.of(names, rows)


def _bad_rows(text: str) -> int:
    """How many rows a message reports as bad."""
    return sum(int(count.replace(",", "")) for count in _COUNTED.findall(text))


def _shapes(tables: tuple[Grid, ...]) -> str:
    return " + ".join(f"{table.height} x {table.width}" for table in tables) or "nothing"


def _line(name: str, counted: Counter[Outcome]) -> str:
    cells = " | ".join(str(counted[outcome]) for outcome in Outcome)
    return f"| {name} | {counted.total()} | {cells} |"


if __name__ == "__main__":
    sys.exit(main())

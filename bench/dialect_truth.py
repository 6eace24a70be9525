"""What the files of the dialect collections hold, found without the product's own readers."""

from __future__ import annotations

import bz2
import csv
import gzip
import json
import lzma
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal
from xml.etree import ElementTree as ET

import openpyxl
import pandas as pd
import yaml

# A file's own control characters are a Windows code page's signs in its clean twin, or missing there.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f" + bytes(range(0x80, 0xA0)).decode("cp1252", "ignore") + "]")
_STATED = Path(__file__).with_name("file_dialects.yaml")


@dataclass(frozen=True)
class Grid:
    """One table: names, size and, where known, cells without the blanks around them."""

    names: tuple[str, ...]
    height: int
    width: int
    rows: tuple[tuple[str, ...], ...] | None = None

    @classmethod
    def of(cls, names: Sequence[str], rows: Iterable[Sequence[object]], *, named: bool = True) -> Grid:
        """A table without blank rows and without blank columns that have no name."""
        texts = [tuple(_plain(cell) for cell in row) for row in rows]
        texts = [row for row in texts if any(row)]
        width = max([len(names), *map(len, texts)])
        padded = [row + ("",) * (width - len(row)) for row in texts]
        titles = [_plain(name) for name in names] + [""] * (width - len(names))
        kept = [
            place
            for place, title in enumerate(titles)
            if (named and title and title != f"column_{place + 1}") or any(row[place] for row in padded)
        ]
        return cls(
            names=tuple(titles[place] for place in kept) if named else (),
            height=len(padded),
            width=len(kept),
            rows=tuple(tuple(row[place] for place in kept) for row in padded),
        )

    def narrowed(self, width: int) -> Grid:
        """The table without the cells that rows have beyond the header."""
        rows = None if self.rows is None else tuple(row[:width] for row in self.rows)
        return Grid(self.names[:width], self.height, width, rows)

    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.height, self.width


@dataclass(frozen=True)
class Truth:
    """What a file holds: one of several accepted sets of tables; none where it holds no table."""

    alternatives: tuple[tuple[Grid, ...], ...] = ()
    why: str = ""
    may_be_refused: bool = False

    @property
    def is_readable(self) -> bool:
        """Whether there is a table in it."""
        return bool(self.alternatives)


@dataclass(frozen=True)
class Case:
    """One file of a collection."""

    label: str
    path: Path
    truth: Truth


def _plain(cell: object) -> str:
    text = "" if cell is None else " ".join(str(cell).split())
    return _CONTROLS.sub("", text)


def pollock(raw: Path) -> Iterator[Case]:
    """The files with a clean twin."""
    stated = _stated("pollock", raw)
    for part in ("polluted", "survey_sample"):
        for path in sorted((raw / part / "csv").iterdir()):
            said = stated.get(f"{part}/{path.name}")
            yield Case(f"{part}/{path.name}", path, said or _clean_twin(raw / part, path.name))


def _clean_twin(folder: Path, name: str) -> Truth:
    parameters = json.loads((folder / "parameters" / f"{name}_parameters.json").read_text("utf-8"))
    rows = _csv_rows(folder / "clean" / name)
    if not rows:
        return Truth(why="it is empty")
    titles = parameters.get("column_names") or []
    if not titles:
        return Truth(((Grid.of([], rows, named=False),),))
    if int(parameters["header_lines"]) > 0:
        return Truth(((Grid.of(rows[0], rows[1:]),),))
    body = rows[1:] if rows[0][0].startswith("col_") else rows
    return Truth(((Grid.of([], body, named=False),),))


def csv_spectrum(raw: Path) -> Iterator[Case]:
    """The files with their content as JSON."""
    stated = _stated("csv_spectrum", raw)
    for path in sorted((raw / "csvs").iterdir()):
        records = json.loads((raw / "json" / f"{path.stem}.json").read_text("utf-8"))
        held = records if isinstance(records, list) else [records]
        grid = Grid.of(list(held[0]), [list(row.values()) for row in held])
        yield Case(path.name, path, stated.get(path.name) or Truth(((grid,),)))


def messytables(raw: Path) -> Iterator[Case]:
    """Files of many formats, each read by another library or stated."""
    yield from _by_other_libraries(raw, _stated("messytables", raw))


def frictionless_data(raw: Path) -> Iterator[Case]:
    """Files of many formats, each read by another library or stated."""
    yield from _by_other_libraries(raw, _stated("frictionless_data", raw))


def _by_other_libraries(raw: Path, stated: dict[str, Truth]) -> Iterator[Case]:
    for path in sorted(file for file in raw.rglob("*") if file.is_file()):
        label = path.relative_to(raw).as_posix()
        yield Case(label, path, stated.get(label) or _elsewhere(path))


def _elsewhere(path: Path) -> Truth:
    """What another library makes of a file, taking the first row for the header."""
    if path.suffix in _PACKINGS:
        with TemporaryDirectory() as folder:
            unpacked = Path(folder) / path.stem
            unpacked.write_bytes(_PACKINGS[path.suffix](path.read_bytes()))
            return _elsewhere(unpacked)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        return Truth(why=f"no table is kept in a {path.suffix} file")
    try:
        grids = tuple(grid for grid in reader(path) if grid.width)
    except Exception as error:  # noqa: BLE001 - other libraries raise what they like
        return Truth(why=f"another library cannot read it either ({type(error).__name__})")
    return Truth((grids,)) if grids else Truth(why="it is empty")


def _delimited(path: Path) -> Iterator[Grid]:
    rows = [row for row in _csv_rows(path) if any(row)]
    if rows:
        yield Grid.of(rows[0], rows[1:])


def _workbook(path: Path) -> Iterator[Grid]:
    book = openpyxl.load_workbook(path, data_only=True)
    for sheet in book.worksheets:
        rows = [row for row in sheet.iter_rows(values_only=True) if any(cell is not None for cell in row)]
        if rows:
            shape = Grid.of([_plain(cell) for cell in rows[0]], rows[1:])
            # Cells of other types are written in other ways; the texts of a sheet's own are compared by shape.
            yield Grid(shape.names, shape.height, shape.width)


def _old_workbook(path: Path) -> Iterator[Grid]:
    engine: Literal["xlrd", "odf"] = "xlrd" if path.suffix == ".xls" else "odf"
    for frame in pd.read_excel(path, sheet_name=None, header=None, engine=engine).values():
        held = frame.dropna(how="all").dropna(how="all", axis=1)
        if len(held):
            yield Grid((), len(held) - 1, len(held.columns))


def _json(path: Path) -> Iterator[Grid]:
    document = json.loads(path.read_text("utf-8-sig"))
    yield from _nested(document if isinstance(document, list) else [document])


def _json_lines(path: Path) -> Iterator[Grid]:
    yield from _nested(
        [json.loads(line) for line in path.read_text("utf-8-sig").splitlines() if line.strip()]
    )


def _yaml(path: Path) -> Iterator[Grid]:
    documents = list(yaml.safe_load_all(path.read_text("utf-8-sig")))
    yield from _nested([item for one in documents for item in (one if isinstance(one, list) else [one])])


def _archive(path: Path) -> Iterator[Grid]:
    with TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
        for file in sorted(Path(folder).rglob("*")):
            if reader := _READERS.get(file.suffix.lower()):
                yield from (grid for grid in reader(file) if grid.width)


def _nested(records: Sequence[object]) -> Iterator[Grid]:  # noqa: C901 - one walk, kept in one place
    """Records as tables: objects within are columns, lists of objects tables of their own."""
    tables: dict[str, list[set[str]]] = {}
    blank: dict[str, set[str]] = {}

    def add(table: str, value: object) -> None:
        columns: set[str] = set()
        tables.setdefault(table, []).append(columns)
        walk(table, "", value, columns)

    def walk(table: str, path: str, value: object, columns: set[str]) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(table, f"{path}.{key}".strip("."), inner, columns)
        elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            for item in value:
                add(f"{table}/{path}", item)
        elif value not in (None, "", []):
            columns.add(path)
        else:
            blank.setdefault(table, set()).add(path)

    for record in records:
        add("", record)
    for table, rows in tables.items():
        if names := blank.get(table, set()).union(*rows):
            yield Grid((), sum(bool(row) for row in rows), len(names))


def _xml(path: Path) -> Iterator[Grid]:  # noqa: C901 - one walk, kept in one place
    """Elements that repeat within a parent are records; attributes and other elements are their columns."""
    root = ET.fromstring(path.read_bytes())  # noqa: S314 - files of the collection, opened on purpose
    repeated = set[tuple[str, ...]]()

    def find(element: ET.Element, trail: tuple[str, ...]) -> None:
        for tag, count in Counter(child.tag for child in element).items():
            if count > 1:
                repeated.add((*trail, tag))
        for child in element:
            find(child, (*trail, child.tag))

    def value(element: ET.Element, trail: tuple[str, ...]) -> object:
        if not len(element) and not element.attrib:
            return element.text
        record: dict[str, object] = {f"@{name}": text for name, text in element.attrib.items()}
        if (element.text or "").strip() and not len(element):
            record["text"] = element.text
        for child in element:
            inner = (*trail, child.tag)
            if inner in repeated:
                held = record.setdefault(child.tag, [])
                assert isinstance(held, list)
                held.append(value(child, inner))
            else:
                record[child.tag] = value(child, inner)
        return record

    find(root, (root.tag,))
    if any(len(trail) == 2 for trail in repeated):
        root.attrib.clear()
    yield from _nested([value(root, (root.tag,))])


def _parquet(path: Path) -> Iterator[Grid]:
    frame = pd.read_parquet(path)
    yield Grid(tuple(map(str, frame.columns)), len(frame), len(frame.columns))


def _csv_rows(path: Path, **said: str) -> list[list[str]]:
    csv.field_size_limit(2**31 - 1)
    options = {"delimiter": "\t" if path.suffix == ".tsv" else ",", **said}
    encoding = options.pop("encoding", "utf-8-sig")
    spaced = bool(options.pop("spaced", ""))
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.reader(file, skipinitialspace=spaced, **options))  # type: ignore[arg-type]  # the dialect, as stated


_READERS: dict[str, Callable[[Path], Iterator[Grid]]] = {
    ".csv": _delimited,
    ".tsv": _delimited,
    ".xlsx": _workbook,
    ".xlsm": _workbook,
    ".xls": _old_workbook,
    ".ods": _old_workbook,
    ".xml": _xml,
    ".json": _json,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".yaml": _yaml,
    ".yml": _yaml,
    ".zip": _archive,
    ".parquet": _parquet,
    ".parq": _parquet,
}

_PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.decompress,
    ".bz2": bz2.decompress,
    ".xz": lzma.decompress,
}

COLLECTIONS: dict[str, Callable[[Path], Iterator[Case]]] = {
    "pollock": pollock,
    "messytables": messytables,
    "csv_spectrum": csv_spectrum,
    "frictionless_data": frictionless_data,
}


def _stated(collection: str, raw: Path) -> dict[str, Truth]:
    """What was found by looking at the file: how it is written, or the shapes of its tables, and why."""
    if not _STATED.exists():
        return {}
    entries = yaml.safe_load(_STATED.read_text("utf-8")).get(collection) or {}
    return {name: _stated_truth(entry, raw / name) for name, entry in entries.items()}


def _stated_truth(entry: dict[str, object], path: Path) -> Truth:
    if "like" in entry:
        return _elsewhere(path.with_name(str(entry["like"])))
    if "written" in entry:
        return Truth((tuple(_as_written(path, dict(entry))),))
    shapes = entry.get("tables") or []
    alternatives = tuple(
        tuple(Grid((), *map(int, table.split("x"))) for table in str(option).split("+"))
        for option in (shapes if isinstance(shapes, list) else [shapes])
    )
    return Truth(alternatives, str(entry.get("why", "")))


def _as_written(path: Path, entry: dict[str, object]) -> Iterator[Grid]:
    """The cells, read by the csv module under a stated dialect; ``skip`` rows stand above the header."""
    said = entry["written"]
    assert isinstance(said, dict)
    rows = _csv_rows(path, **{key: str(value) for key, value in said.items()})[
        int(str(entry.get("skip", 0))) :
    ]
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if entry.get("header", True):
        yield Grid.of(rows[0], rows[1:])
    else:
        yield Grid.of([], rows, named=False)

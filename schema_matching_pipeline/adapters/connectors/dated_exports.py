"""Dated exports of one table in a folder, read as the one table they are.

What speaks for it: names that differ in a date alone, in one folder, and columns that are the same or nearly so.
Files whose columns differ from those of the export behind them stay tables of their own. Where the newest export holds
the rows of the one before it again, it is the table, and the older ones are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from schema_matching_pipeline.adapters.connectors.canonical_text import canonical_text, kind_of_arrow
from schema_matching_pipeline.adapters.connectors.catalog import FileTable, ForeignColumn, Setup
from schema_matching_pipeline.adapters.connectors.repeated_exports import repeats
from schema_matching_pipeline.errors import SourceError
from schema_matching_pipeline.model.source import SourceColumn, TableTrouble

CODE, REPEATED = "EXPORTS_JOINED", "EXPORTS_REPEATED"
_LEAST_ALIKE = 0.8
_MOST_NAMED = 5
_YEAR, _MONTH, _DAY = r"(?:19|20)\d\d", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_DATE = re.compile(
    rf"(?:^|(?<=[\W_]))(?:(?P<year>{_YEAR})(?:[-_.]?(?P<month>{_MONTH}|[Qq][1-4])(?:[-_.]?(?P<day>{_DAY}))?)?"
    rf"|(?P<day_first>{_DAY})[-_.](?P<month_then>{_MONTH})[-_.](?P<year_last>{_YEAR}))(?=$|[\W_]|T\d)"
)
_TIME = re.compile(r"T?\d[\d\W_]*Z?")


@dataclass(frozen=True, slots=True)
class Export:
    """A file that holds one table, and how it is called without a suffix."""

    path: Path
    stem: str
    table: FileTable


@dataclass(frozen=True, slots=True)
class Joined:
    """Exports of one table, the oldest first; a column that some lack is null there.

    ``left_out`` are older ones whose rows the newest holds again.
    """

    name: str
    exports: tuple[Export, ...]
    setup: Setup
    left_out: tuple[Export, ...] = ()
    key: str | None = None
    reference: ForeignColumn | None = None

    @property
    def columns(self) -> tuple[SourceColumn, ...]:
        """Those of the newest export in its order, then those that only older ones have."""
        types: dict[str, set[str]] = {}
        for export in reversed(self.exports):
            for column in export.table.columns:
                types.setdefault(column.name, set()).add(column.data_type)
        return tuple(
            SourceColumn(name=name, position=place, data_type="|".join(sorted(found)))
            for place, (name, found) in enumerate(types.items())
        )

    @property
    def row_estimate(self) -> int | None:
        """All together."""
        return sum(export.table.row_estimate or 0 for export in self.exports)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows as text; how they came together is put among the reports of the set-up.

        Raises:
            SourceError: none of the exports can be read to its end.
        """
        names = [column.name for column in self.columns]
        broken = list[SourceError]()
        for export in self.exports:
            try:
                for batch in export.table.batches():
                    columns = [_text(batch, name) for name in names]
                    yield pa.RecordBatch.from_arrays(columns, names=names)
            except SourceError as error:
                broken.append(error)
        if len(broken) == len(self.exports):
            raise broken[0]
        self.setup.reports[self.name] = self._report(broken)

    def _report(self, broken: Sequence[SourceError]) -> TableTrouble:
        """How many files the table is made of, the columns some lack, and what was wrong with single rows."""
        files = [export.path.name for export in self.exports]
        said = [
            f"{files[-1]!r} is read alone: it holds the rows of the {len(self.left_out)} older export(s) again"
            if self.left_out
            else f"{len(files)} dated exports are read as one table, {files[0]!r} to {files[-1]!r}"
        ]
        for before, after in zip(self.exports, self.exports[1:], strict=False):
            said += _changes(before, after)
        code = REPEATED if self.left_out else CODE
        for export in self.exports:
            if found := self.setup.reports.get(export.table.name):
                code = found.code
                said.append(found.message.rstrip("."))
        for error in broken:
            code = error.code
            said.append(f"Not read, or not to its end: {str(error).rstrip('.')}")
        ways_out = "To read each as a table of its own, add ?exports=apart to the path."
        return TableTrouble(table=self.name, code=code, message=f"{'. '.join(said)}. {ways_out}")


def joined(exports: Sequence[Export], setup: Setup) -> tuple[Joined, ...]:
    """The tables that several dated exports make."""
    groups: dict[tuple[Path, str], list[tuple[str, Export]]] = {}
    for export in exports:
        if found := _dated(export):
            name, moment = found
            groups.setdefault((export.path.parent, name), []).append((moment, export))
    result = []
    for (folder, name), dated in groups.items():
        ordered = [export for _, export in sorted(dated, key=lambda item: (item[0], item[1].path.name))]
        alike = ordered[-1:]
        for export in reversed(ordered[:-1]):
            if _likeness(export, alike[0]) >= _LEAST_ALIKE:
                alike.insert(0, export)
        if len(alike) > 1:
            again = _repeats(alike)
            own, left_out = (alike[-1:], alike[:-1]) if again else (alike, [])
            result.append(Joined(name or folder.name, tuple(own), setup, tuple(left_out)))
    return tuple(result)


def _repeats(exports: Sequence[Export]) -> bool:
    """Whether the newest holds the rows of the one before it again; of one that cannot be read nobody can tell."""
    try:
        return repeats(exports[-1].table, exports[-2].table)
    except SourceError:
        return False


def is_dated(stem: str) -> bool:
    """Whether there is a date in the name of a file."""
    return _DATE.search(stem) is not None


def _dated(export: Export) -> tuple[str, str] | None:
    """The name without its last date, and that date so that later ones sort behind; None where there is none."""
    found = next(reversed(list(_DATE.finditer(export.stem))), None)
    if found is None:
        return None
    part = {name: text or "" for name, text in found.groupdict().items()}
    moment = (
        part["year"] + part["year_last"],
        part["month"].upper() + part["month_then"],
        part["day"] + part["day_first"],
    )
    before, after = export.stem[: found.start()].rstrip(" _-."), export.stem[found.end() :].strip(" _-.")
    # What follows a date, such as a time, tells exports apart; a word there belongs to the name.
    is_word = after and not _TIME.fullmatch(after)
    return "_".join(filter(None, (before, after if is_word else ""))), "-".join((*moment, after))


def _likeness(export: Export, other: Export) -> float:
    own, others = _names(export), _names(other)
    return len(own & others) / len(own | others) if own | others else 0.0


def _names(export: Export) -> set[str]:
    return {column.name for column in export.table.columns}


def _changes(before: Export, after: Export) -> Iterator[str]:
    pairs = (("appear", after, before), ("vanish", before, after))
    for verb, has, lacks in pairs:
        names = [column.name for column in has.table.columns if column.name not in _names(lacks)]
        if names:
            named = ", ".join(map(repr, names[:_MOST_NAMED])) + (
                " and others" if len(names) > _MOST_NAMED else ""
            )
            yield f"Columns that {verb} with {after.path.name!r}: {named}"


def _text(batch: pa.RecordBatch, name: str) -> pa.Array:
    if name not in batch.schema.names:
        return pa.nulls(batch.num_rows, pa.string())
    return canonical_text(batch.column(name), kind_of_arrow(batch.schema.field(name).type))

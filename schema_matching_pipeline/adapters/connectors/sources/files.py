"""A file, a folder of files or a zip of them as a source: one table a file, a sheet or a nested list.

A table is named after its file; where two files would give the same name, subfolder and suffix are added.
Dated exports of one table become one, and so do files of records of one kind, unless ``?exports=apart`` stands behind
the path. Files that cannot be read are
troubles of their own, the others go on.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePath
from time import monotonic
from urllib.parse import unquote, urlparse

import pyarrow as pa
import sqlalchemy as sa

from schema_matching_pipeline.adapters.connectors import zip_folder
from schema_matching_pipeline.adapters.connectors.alike_files import Alike, Looked, alike_files
from schema_matching_pipeline.adapters.connectors.bad_rows import CODE as ROWS_UNREADABLE
from schema_matching_pipeline.adapters.connectors.canonical_text import canonical_text, kind_of_arrow
from schema_matching_pipeline.adapters.connectors.catalog import (
    FORMATS,
    SOURCES,
    FileChecks,
    FileTable,
    FileTables,
    ForeignColumn,
    ReadsTogether,
    Setup,
    Written,
)
from schema_matching_pipeline.adapters.connectors.content_mark import content_mark
from schema_matching_pipeline.adapters.connectors.dated_exports import Export, joined
from schema_matching_pipeline.adapters.connectors.executors.relation import Relation, Scannable
from schema_matching_pipeline.adapters.connectors.executors.staging import Staged, Staging
from schema_matching_pipeline.adapters.connectors.faults import Trouble, fault, missing, translated
from schema_matching_pipeline.adapters.connectors.local_tables import LocalTables, relation_of
from schema_matching_pipeline.adapters.connectors.packing import packing_of, unpacked_name
from schema_matching_pipeline.adapters.connectors.spilled import kept_apart
from schema_matching_pipeline.adapters.connectors.true_name import true_name
from schema_matching_pipeline.errors import SourceError, SourceUnreadableError
from schema_matching_pipeline.model.ids import content_id
from schema_matching_pipeline.model.measurement import ProfilePlan, TableMeasurement
from schema_matching_pipeline.model.source import (
    CheckedTable,
    FileCheck,
    ForeignKey,
    SourceAddress,
    SourceSnapshot,
    SourceTable,
    TableKind,
    TableTrouble,
)

EXPORTS_APART = "?exports=apart"
FILES_JOINED, MISNAMED = "FILES_JOINED", "FILE_MISNAMED"
# How far a test looks.
_SECONDS_TO_CHECK = 10.0
_SECONDS_TO_FIND_A_TABLE = 60.0  # where none of what is looked at by then holds one
_ROWS_TO_CHECK = 50_000
_LARGE_BYTES = 32 * 1024 * 1024
# The others are read whole before their tables are known.
_QUICK_FORMATS = frozenset({"delimited", "parquet"})


# Files with their names by what they hold, and what they are called together.
_Unit = tuple[tuple[tuple[Path, Path], ...], str | None]


@dataclass(frozen=True, slots=True)
class _File:
    """A file, its name by what it holds, its format, and what its table will be called; or several read as one."""

    paths: tuple[Path, ...]
    named: tuple[Path, ...]
    format_name: str
    name: str

    @property
    def is_several(self) -> bool:
        """Whether it is more than one."""
        return len(self.paths) > 1

    @property
    def size(self) -> int:
        """In bytes, as they are on disk."""
        return sum(path.stat().st_size for path in self.named)

    def shown(self, below: Path) -> str:
        """What a person is told: the way to the file, or how many there are in which folder."""
        path = self.paths[0]
        if self.is_several:
            return f"{len(self.paths):,} files of folder {path.parent.name!r}"
        inside = str(path.relative_to(below)) if path.is_relative_to(below) else path.name
        return inside if inside != "." else path.name


class OpenFiles:
    """The tables of a file or a folder."""

    def __init__(
        self,
        path: Path,
        setup: Setup,
        *,
        exports_apart: bool = False,
        unfetched: int = 0,
        troubles: Sequence[TableTrouble] = (),
    ) -> None:
        self._path, self._setup, self._exports_apart = path, setup, exports_apart
        self._troubles = troubles
        self._unfetched = unfetched
        self._known: dict[str, FileTables | SourceError] = {}
        self._misnamed: dict[str, str] = {}
        self.local = LocalTables(setup, sum(file.stat().st_size for file in visible_files(path)))

    def snapshot(self) -> SourceSnapshot:
        """Every table with its columns; unreadable files as troubles.

        Raises:
            SourceError: there is no file to read.
        """
        tables, troubles = self._found
        return SourceSnapshot(tables=tuple(_described(table) for table in tables.values()), troubles=troubles)

    def content_marks(self) -> Mapping[str, str]:
        """What stays the same while the bytes of a table's file do."""
        tables, _ = self._found
        with translated(self._path.name):
            marks = {
                paths: content_mark(self._setup.hashes.secret_key, paths)
                for paths in {*self._paths_of.values()}
            }
        return {name: marks[self._paths_of[name]] for name in tables}

    def measure(self, plan: ProfilePlan) -> TableMeasurement:
        """Raw figures of one table.

        Raises:
            SourceError: its file cannot be read (any more).
        """
        table = self._table(plan.table)
        with translated(self._path.name, table=plan.table):
            found = self.local.measure(plan, lambda names: _texts(table, names), self._direct(table))
        return replace(found, trouble=self._said_of(plan.table))

    def _said_of(self, table: str) -> TableTrouble | None:
        """What was found wrong or judged about a table, after how its file is called where it holds something else."""
        report, misnamed = self._setup.reports.get(table), self._misnamed.get(table)
        if not misnamed:
            return report
        if not report:
            return TableTrouble(table=table, code=MISNAMED, message=misnamed)
        return report.model_copy(update={"message": f"{misnamed} {report.message}"})

    def _direct(self, table: FileTable) -> Callable[[Staging], Relation] | None:
        """A large table as DuckDB reads it by itself, where it does."""
        is_large = (table.row_estimate or 0) > self._setup.policy.small_rows
        scan = table.scan() if is_large and isinstance(table, Scannable) else None
        return (lambda staging: staging.scanned(scan)) if scan else None

    def texts(self, table: str, columns: Sequence[str], limit: int) -> tuple[pa.Table, bool]:
        """Rows in canonical text, at most ``limit``, and whether they are a sample."""
        return self.local.sample(self._staged(table), columns, limit)

    def relation(self, table: str) -> sa.FromClause:
        """The table, staged, to select from."""
        return relation_of(self._staged(table))

    def ask(self, statement: sa.Select[*tuple[object, ...]]) -> tuple[tuple[object, ...], ...]:
        """The answer of the staging database."""
        with translated(self._path.name):
            return self.local.ask(statement)

    def _staged(self, name: str) -> Staged:
        table = self._table(name)
        names = [column.name for column in table.columns]
        with translated(self._path.name, table=name):
            return self.local.staged(name, names, lambda wanted: _texts(table, wanted))

    def _table(self, name: str) -> FileTable:
        tables, troubles = self._found
        if name in tables:
            return tables[name]
        known = next((trouble for trouble in troubles if trouble.table == name), None)
        raise fault(
            Trouble.UNREADABLE if known else Trouble.VANISHED,
            f"Table {name!r} of {self._path.name}",
            table=name,
        )

    def check(self) -> FileChecks:
        """How each file would be read, by its first rows; large ones that are read whole, and what the time does not reach, are left.

        Where none of those looked at holds a table, those left are looked at until one does, or until a second, longer
        time is over.
        """
        begun = monotonic()
        until, at_last = begun + _SECONDS_TO_CHECK, begun + _SECONDS_TO_FIND_A_TABLE
        found, left = dict[_File, FileCheck](), list[_File]()
        with translated(self._path.name):
            listed, troubles = self._listed
        for file in listed:
            if monotonic() < until and (_is_quick(file) or file.size <= _LARGE_BYTES):
                found[file] = self._checked(file)
            else:
                left.append(file)
        left.sort(key=lambda file: (not _is_quick(file), file.size))
        while left and monotonic() < at_last and not any(check.tables for check in found.values()):
            file = left.pop(0)
            found[file] = self._checked(file)
        said = [
            FileCheck(file=trouble.table, read_as="nothing", troubles=(trouble.message,))
            for trouble in troubles
        ]
        seen, there = (sum(len(file.paths) for file in files) for files in (found, listed))
        return FileChecks((*said, *found.values()), there - seen + self._unfetched)

    def _checked(self, file: _File) -> FileCheck:
        check = FileCheck(file=file.shown(self._path), read_as=file.format_name)
        try:
            held = self._held(file)
        except SourceError as error:
            return check.but(troubles=(str(error),))
        said = [*_misnamed(file), *(trouble.message for trouble in held.troubles)]
        for table in held.tables:
            try:
                with translated(file.shown(self._path), table=table.name):
                    _read_first_rows(table)
            except SourceError as error:
                said.append(str(error))
            else:
                if report := self._setup.reports.get(table.name):
                    said.append(report.message)
        written = dict.fromkeys(table.written for table in held.tables if isinstance(table, Written))
        return check.but(
            read_as="; ".join((file.format_name, *written)),
            tables=tuple(
                CheckedTable(name=table.name, columns=tuple(column.name for column in table.columns))
                for table in held.tables
            ),
            troubles=tuple(said),
        )

    def _held(self, file: _File) -> FileTables:
        """The tables of a file, found once.

        Raises:
            SourceError: it cannot be read.
        """
        if file.name not in self._known:
            try:
                self._known[file.name] = _tables(file, self._setup)
            except SourceError as error:
                self._known[file.name] = error
        found = self._known[file.name]
        if isinstance(found, SourceError):
            raise found
        return found

    @cached_property
    def _found(self) -> tuple[dict[str, FileTable], tuple[TableTrouble, ...]]:
        with translated(self._path.name):
            files, troubles = self._listed
        if not files and not troubles:
            raise _nothing_there(self._path)
        tables = dict[str, FileTable]()
        troubles = [*troubles]
        self._paths_of = dict[str, tuple[Path, ...]]()
        exports = list[Export]()
        for file in files:
            try:
                held = self._held(file)
            except SourceError as error:
                troubles.append(TableTrouble(table=file.name, code=error.code, message=str(error)))
                continue
            found = kept_apart(held.tables, {name.casefold() for name in tables}, file.name)
            tables.update({table.name: table for table in found})
            self._paths_of.update((table.name, file.paths) for table in found)
            self._misnamed.update((table.name, note) for table in found for note in _misnamed(file))
            troubles.extend(held.troubles)
            if len(found) == 1 and not file.is_several:
                exports.append(Export(file.paths[0], stem_of(file.named[0]), found[0]))
        if not self._exports_apart:
            self._join(tables, exports)
        if not tables and not troubles:
            raise fault(Trouble.NO_TABLE_INSIDE, repr(self._path.name))
        return tables, tuple(troubles)

    def _join(self, tables: dict[str, FileTable], exports: Sequence[Export]) -> None:
        """Puts a table in place of its dated exports; one whose name is taken keeps them apart."""
        for found in joined(exports, self._setup):
            files = (*found.left_out, *found.exports)
            parts = {export.table.name for export in files}
            if found.name.casefold() in {name.casefold() for name in tables if name not in parts}:
                continue
            said = [self._misnamed.pop(name) for name in parts if name in self._misnamed]
            for name in parts:
                del tables[name], self._paths_of[name]
            if said:
                self._misnamed[found.name] = " ".join(said)
            tables[found.name] = found
            self._paths_of[found.name] = tuple(export.path for export in files)

    @cached_property
    def _listed(self) -> tuple[list[_File], list[TableTrouble]]:
        """The files some format reads, those in archives too; and the archives that cannot be unpacked."""
        paths, troubles = list[tuple[Path, Path]](), [*self._troubles, *_other_archives(self._path)]
        for path in visible_files(self._path):
            named = self._truly_named(path)
            if suffix_of(named) != zip_folder.SUFFIX:
                paths.append((path, named))
                continue
            if not path.stat().st_size:
                empty = fault(Trouble.NO_ROWS, f"Archive {path.name!r}")
                troubles.append(TableTrouble(table=path.stem, code=empty.code, message=str(empty)))
                continue
            if self._setup.is_test and path.stat().st_size > _LARGE_BYTES:
                self._unfetched += 1
                continue
            try:
                held = zip_folder.unpacked(named, self._setup.folder, is_readable)
            except SourceError as error:
                troubles.append(TableTrouble(table=path.stem, code=error.code, message=str(error)))
                continue
            if not held.files and not held.troubles:
                none = fault(Trouble.EMPTY_FOLDER, repr(path.name))
                troubles.append(TableTrouble(table=path.stem, code=none.code, message=str(none)))
            paths.extend((file, self._truly_named(file)) for file in held.files)
            troubles.extend(held.troubles)
        formats = _formats()
        found = [(path, named) for path, named in paths if suffix_of(named) in formats]
        units = [*self._together(found)] if not self._exports_apart else [((one,), None) for one in found]
        names = _names(
            self._path,
            [
                files[0][0].with_name(f"{name}{suffix_of(files[0][0])}") if name else files[0][0]
                for files, name in units
            ],
        )
        return [
            _File(
                tuple(path for path, _ in files),
                tuple(named for _, named in files),
                formats[suffix_of(files[0][1])],
                name,
            )
            for (files, _), name in zip(units, names, strict=True)
        ], troubles

    def _together(self, found: Sequence[tuple[Path, Path]]) -> Iterator[_Unit]:
        """Files that are read as one, with the name for them; and the others, each alone."""
        by_folder = dict[tuple[Path, str], list[tuple[Path, Path]]]()
        formats = _formats()
        for path, named in found:
            by_folder.setdefault((path.parent, formats[suffix_of(named)]), []).append((path, named))
        for (_, format_name), files in by_folder.items():
            left = dict(files)
            for alike in self._alike(format_name, files):
                yield tuple((path, left.pop(path)) for path in alike.files), alike.name
            yield from (((one,), None) for one in left.items())

    def _alike(self, format_name: str, files: Sequence[tuple[Path, Path]]) -> tuple[Alike, ...]:
        reader = FORMATS[format_name]
        if len(files) < 2 or not isinstance(reader, ReadsTogether):
            return ()
        looked = list[Looked]()
        for path, named in files:
            try:
                shape = reader.shape(named)
            except SourceError:
                shape = None
            else:
                if shape is None:
                    continue
            looked.append(Looked(path, stem_of(named), shape))
        return alike_files(looked) if looked else ()

    def _truly_named(self, path: Path) -> Path:
        """The file; or a link to it, where its name does not say what it holds."""
        name = _true_name(path)
        if name == path.name:
            return path
        link = self._setup.folder / "named" / content_id(str(path)) / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(path)
        return link


class Files:
    """Opens folders and files of tables."""

    def claims(self, location: str) -> bool:
        """A path, or a file URL; what it holds is seen when it is opened."""
        return "://" not in location or location.startswith("file://")

    @contextmanager
    def open(self, address: SourceAddress, setup: Setup) -> Iterator[OpenFiles]:
        """The tables of the path, until the block ends.

        Raises:
            SourceError: there is no such path, or nothing in it can be a table.
        """
        location = address.location.get_secret_value()
        path = _there(location)
        with translated(path.name):
            if not visible_files(path):
                raise _nothing_there(path)
        opened = OpenFiles(path, setup, exports_apart=location.endswith(EXPORTS_APART))
        try:
            yield opened
        finally:
            opened.local.close()

    def listing(self, address: SourceAddress) -> Iterator[str]:
        """Each file by its path, with its size and when it was written.

        Raises:
            SourceError: there is no such path.
        """
        path = _there(address.location.get_secret_value())
        with translated(path.name):
            for file in visible_files(path):
                told = file.stat()
                yield f"{file.relative_to(path)} {told.st_size} {told.st_mtime_ns}"


SOURCES.register("files")(Files())


def _there(location: str) -> Path:
    """The path of a location, where there is something.

    Raises:
        SourceError: there is nothing.
    """
    path = path_of(location.removesuffix(EXPORTS_APART))
    with translated(path.name):
        if not path.exists():
            raise missing(path)
    return path


def path_of(location: str) -> Path:
    """The path of a location that may be written as a file URL or with a tilde."""
    text = unquote(urlparse(location).path) if location.startswith("file://") else location
    return Path(text).expanduser().absolute()


def visible_files(path: Path) -> list[Path]:
    """The files that some format reads, and archives, in order of their path; hidden ones are passed over."""
    if path.is_file():
        return [path] if is_readable(PurePath(_true_name(path))) else []
    found = sorted(child for child in path.rglob("*") if child.is_file())
    return [file for file in found if is_readable(PurePath(file.name), file.relative_to(path))]


def _other_archives(path: Path) -> Iterator[TableTrouble]:
    """Archives of other kinds in a folder, which would be passed over without a word."""
    children = sorted(path.rglob("*")) if path.is_dir() else []
    for file in children:
        is_other = suffix_of(file) in zip_folder.OTHER_SUFFIXES and file.is_file()
        if is_other and not _is_hidden(file.relative_to(path)):
            said = f"The archive {file.name!r} is of a kind that is not unpacked here. Unpack it, or pack it as a zip."
            yield TableTrouble(table=file.name, code=SourceUnreadableError.code, message=said)


def is_readable(path: PurePath, below: PurePath | None = None) -> bool:
    """Whether some format reads files of that name, or it is an archive of files, and nothing ``below`` hides it."""
    suffix = suffix_of(path)
    return (suffix in _formats() or suffix == zip_folder.SUFFIX) and not _is_hidden(below or path)


def _true_name(path: Path) -> str:
    """What a file should be called by what it holds."""
    return true_name(path, is_known=is_readable(PurePath(path.name)))


def _formats() -> dict[str, str]:
    return {suffix: name for name in FORMATS for suffix in FORMATS[name].suffixes}


def _is_quick(file: _File) -> bool:
    return file.format_name in _QUICK_FORMATS


def _read_first_rows(table: FileTable) -> None:
    rows = 0
    for batch in table.batches():
        rows += batch.num_rows
        if rows >= _ROWS_TO_CHECK:
            return


def suffix_of(path: PurePath) -> str:
    """The suffix that names the format, without a packing suffix."""
    return Path(unpacked_name(path)).suffix.lower()


def stem_of(path: Path) -> str:
    """The file's name without format and packing suffix."""
    return Path(unpacked_name(path)).stem


def _is_hidden(relative: PurePath) -> bool:
    return any(part.startswith((".", "~$")) for part in relative.parts)


def _tables(file: _File, setup: Setup) -> FileTables:
    """The tables of a file, or of several as one; a plug-in of another package that fails is named.

    Raises:
        SourceError: the file cannot be read.
    """
    file_format, path = FORMATS[file.format_name], file.named[0]
    module = type(file_format).__module__
    if not file.size:
        raise fault(Trouble.NO_ROWS, f"Table {file.name!r} of {path.name}", table=file.name)
    try:
        if file.is_several and isinstance(file_format, ReadsTogether):
            return _told(file, file_format.together(file.named, file.name, setup), setup)
        return file_format.tables(path, file.name, setup)
    except SourceError:
        raise
    except Exception as error:
        if module.startswith(f"{__package__.partition('.')[0]}."):
            raise
        said = (
            f"The plug-in {module!r} failed on {path.name!r} ({type(error).__name__}). "
            "Tell its makers, or remove its package; without it the file is passed over."
        )
        raise SourceUnreadableError(said, source=path.name, table=file.name, reason="UNREADABLE") from None


def _told(file: _File, held: FileTables, setup: Setup) -> FileTables:
    """The tables of several files, with what is to be known of that among the reports of the first of them."""
    if not held.tables:
        return held
    unread = sum(trouble.code != ROWS_UNREADABLE for trouble in held.troubles)
    said = [
        f"{len(file.paths) - unread:,} files of folder {file.paths[0].parent.name!r} hold records of one kind and are read as one.",
        *(trouble.message for trouble in held.troubles),
        f"To read each by itself, add {EXPORTS_APART} to the path.",
    ]
    first = held.tables[0].name
    code = held.troubles[0].code if held.troubles else FILES_JOINED
    setup.reports[first] = TableTrouble(table=first, code=code, message=" ".join(said))
    return FileTables(held.tables)


def _misnamed(file: _File) -> Iterator[str]:
    """That a file holds something else than its name says, if it does."""
    for path, named in zip(file.paths, file.named, strict=True):
        if path.name != named.name:
            suffix = "".join(named.suffixes[-2:] if packing_of(named) else named.suffixes[-1:])
            yield (
                f"File {path.name!r} is read as {file.format_name.replace('_', ' ')} ({suffix}): that is what it holds, "
                "whatever its name says. Name it after that, or export it again."
            )


def _names(root: Path, paths: Sequence[Path]) -> list[str]:
    """Stems; where stems repeat between the folder they lie in, unless that is the source itself, and the suffix."""
    stems = Counter(stem_of(path).casefold() for path in paths)
    longer = [
        "_".join((*_folder_of(path, root), stem_of(path), suffix_of(path)[1:]))
        if stems[stem_of(path).casefold()] > 1
        else stem_of(path)
        for path in paths
    ]
    seen, result = Counter[str](), list[str]()
    for name in longer:
        seen[name.casefold()] += 1
        turn = seen[name.casefold()]
        result.append(name if turn == 1 else f"{name}_{turn}")
    return result


def _folder_of(path: Path, root: Path) -> tuple[str, ...]:
    """The name of the folder; none for the source's own, which may be called otherwise tomorrow."""
    return () if path.parent == root else (path.parent.name,)


def _described(table: FileTable) -> SourceTable:
    return SourceTable(
        name=table.name,
        columns=table.columns,
        kind=TableKind.FILE,
        primary_key=(table.key,) if table.key else (),
        foreign_keys=(_nested_in(table.reference),) if table.reference else (),
        row_estimate=table.row_estimate,
    )


def _nested_in(reference: ForeignColumn) -> ForeignKey:
    return ForeignKey(
        columns=(reference.column,),
        referred_table=reference.referred_table,
        referred_columns=(reference.referred_column,),
    )


def _texts(table: FileTable, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    for batch in table.batches():
        columns = [
            canonical_text(batch.column(name), kind_of_arrow(batch.schema.field(name).type)) for name in names
        ]
        yield pa.RecordBatch.from_arrays(columns, names=list(names))


def _nothing_there(path: Path) -> SourceError:
    if path.is_dir():
        return fault(Trouble.EMPTY_FOLDER, repr(path.name), hint=_database_in(path))
    return fault(Trouble.UNSUPPORTED_KIND, repr(path.name))


def _database_in(folder: Path) -> str:
    """What to give instead of a folder that holds a database in a file."""
    others = [kind for name, kind in SOURCES.items() if name != "files"]
    found = sorted(
        file.name
        for file in folder.iterdir()
        if file.is_file() and os.access(file, os.R_OK) and any(kind.claims(str(file)) for kind in others)
    )
    return f"{found[0]!r} in it is a database: give the path of that file." if found else ""

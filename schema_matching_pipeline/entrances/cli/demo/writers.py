"""Written tables brought to where a client keeps them: a PostgreSQL schema, a folder of exports, a SQLite file."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import groupby
from pathlib import Path

import psycopg
from openpyxl import Workbook
from psycopg import sql

from schema_matching_pipeline.entrances.cli.demo.draft import Cell, Column, Sheet, rows_of
from schema_matching_pipeline.entrances.cli.demo.sonnental import Export

_POSTGRES_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "double precision"),
    (Decimal, "numeric(10,2)"),
    (datetime, "timestamp"),
    (date, "date"),
    (time, "time"),
    (str, "text"),
)
_SQLITE_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "INTEGER"),
    (int, "INTEGER"),
    (float, "NUMERIC"),
    (Decimal, "NUMERIC"),
)
_GERMAN_LAYOUTS = ((datetime, "%d.%m.%Y %H:%M"), (date, "%d.%m.%Y"), (time, "%H:%M"))


def write_schema(connection: psycopg.Connection, schema: str, sheets: Sequence[Sheet], comment: str) -> None:
    """Replace a schema by these tables, with keys and comments, inside the connection's transaction."""
    name = sql.Identifier(schema)
    connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(name))
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(name))
    for sheet in sheets:
        _create_table(connection, schema, sheet)
        _copy_rows(connection, schema, sheet)
    for sheet in sheets:
        _add_references(connection, schema, sheet)
        connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(schema, sheet.name)))
    connection.execute(sql.SQL("COMMENT ON SCHEMA {} IS {}").format(name, sql.Literal(comment)))


def write_folder(folder: Path, exports: Sequence[Export]) -> None:
    """Write every export to its file; a workbook takes its sheets together."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, group in groupby(exports, key=lambda export: export.file):
        path, parts = folder / file, list(group)
        match path.suffix:
            case ".xlsx":
                _write_workbook(path, parts)
            case ".json":
                _write_json(path, parts[0].sheet)
            case _:
                _write_csv(path, parts[0])


def write_sqlite(path: Path, sheets: Sequence[Sheet]) -> None:
    """Replace a SQLite file by these tables; names and loose types, nothing else is declared."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".partial")
    draft.unlink(missing_ok=True)
    connection = sqlite3.connect(draft)
    try:
        for sheet in sheets:
            _fill_sqlite_table(connection, sheet)
        connection.commit()
    finally:
        connection.close()
    draft.replace(path)


def _create_table(connection: psycopg.Connection, schema: str, sheet: Sheet) -> None:
    columns = [
        sql.SQL("{} {}{}").format(
            sql.Identifier(column.name),
            sql.SQL(_declared(column, _POSTGRES_TYPES, "text")),
            sql.SQL(" PRIMARY KEY" if place == 0 else ""),
        )
        for place, column in enumerate(sheet.columns)
    ]
    table = sql.Identifier(schema, sheet.name)
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(table, sql.SQL(", ").join(columns)))
    for column in sheet.columns:
        if column.comment:
            place = sql.Identifier(schema, sheet.name, column.name)
            connection.execute(
                sql.SQL("COMMENT ON COLUMN {} IS {}").format(place, sql.Literal(column.comment))
            )


def _copy_rows(connection: psycopg.Connection, schema: str, sheet: Sheet) -> None:
    statement = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(schema, sheet.name))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows_of(sheet):
            copy.write_row(row)


def _add_references(connection: psycopg.Connection, schema: str, sheet: Sheet) -> None:
    for column in sheet.columns:
        if column.references:
            parent, _, key = column.references.partition(".")
            connection.execute(
                sql.SQL("ALTER TABLE {} ADD FOREIGN KEY ({}) REFERENCES {} ({})").format(
                    sql.Identifier(schema, sheet.name),
                    sql.Identifier(column.name),
                    sql.Identifier(schema, parent),
                    sql.Identifier(key),
                )
            )


def _declared(column: Column, types: Sequence[tuple[type, str]], default: str) -> str:
    """The declared type of a column: its own word, else what its first filled value calls for."""
    filled = next((value for value in column.values if value is not None), None)
    fitting = (declared for kind, declared in types if isinstance(filled, kind))
    return column.sql_type or next(fitting, default)


def _write_csv(path: Path, export: Export) -> None:
    with path.open("w", encoding=export.encoding, newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow([column.name for column in export.sheet.columns])
        writer.writerows([_german(value) for value in row] for row in rows_of(export.sheet))


def _write_json(path: Path, sheet: Sheet) -> None:
    names = [column.name for column in sheet.columns]
    records = [dict(zip(names, map(_json_value, row), strict=True)) for row in rows_of(sheet)]
    path.write_text(json.dumps(records, ensure_ascii=False, indent=1), encoding="utf-8")


def _write_workbook(path: Path, exports: Iterable[Export]) -> None:
    book = Workbook(write_only=True)
    for export in exports:
        page = book.create_sheet(export.sheet.name.removeprefix(f"{path.stem}_"))
        for line in export.title:
            page.append([line])
        page.append([column.name for column in export.sheet.columns])
        for row in rows_of(export.sheet):
            page.append(list(row))
    book.save(path)


def _german(value: Cell) -> str:
    for kind, layout in _GERMAN_LAYOUTS:
        if isinstance(value, kind):
            return format(value, layout)
    match value:
        case None:
            return ""
        case bool():
            return "J" if value else "N"
        case Decimal():
            return str(value).replace(".", ",")
        case _:
            return str(value)


def _json_value(value: Cell) -> str | int | float | bool | None:
    match value:
        case Decimal():
            return float(value)
        case date() | time():
            return _german(value)
        case _:
            return value


def _fill_sqlite_table(connection: sqlite3.Connection, sheet: Sheet) -> None:
    columns = ", ".join(
        f'"{column.name}" {_declared(column, _SQLITE_TYPES, "VARCHAR")}' for column in sheet.columns
    )
    marks = ", ".join("?" for _ in sheet.columns)
    connection.execute(f'CREATE TABLE "{sheet.name}" ({columns})')
    rows = (tuple(_plain(value) for value in row) for row in rows_of(sheet))
    connection.executemany(f'INSERT INTO "{sheet.name}" VALUES ({marks})', rows)


def _plain(value: Cell) -> str | int | float | None:
    match value:
        case Decimal():
            return float(value)
        case datetime():
            return value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case _:
            return value

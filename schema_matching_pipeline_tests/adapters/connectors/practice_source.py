"""One small practice, written into every kind of source: the same rows must give the same figures."""

# ruff: noqa: DTZ001 - moments of a client's data have no zone

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

PATIENT_COLUMNS = ("patient_id", "code", "surname", "born_on")
PATIENTS = (
    (1, "007", "Müller", date(1962, 3, 14)),
    (2, "008", "O'Brien", date(1990, 12, 1)),
    (3, "0100", "NA", None),
    (4, "0101", "Müller", date(2001, 2, 28)),
)
VISIT_COLUMNS = ("visit_id", "patient_id", "seen_at", "charge", "remark")
VISITS = (
    (10, 1, datetime(2023, 1, 5, 8, 30), Decimal("12.5"), "check-up"),
    (11, 1, datetime(2023, 6, 7, 9, 0, 15), Decimal(3), None),
    (12, 2, datetime(2024, 2, 1, 17, 45), Decimal("100.25"), "check-up"),
    (13, 4, None, None, 'says "hello", twice'),
    (14, 9, datetime(2022, 11, 30, 12, 0), Decimal("-4.75"), "referral; to specialist"),
)
TABLES = {"patients": (PATIENT_COLUMNS, PATIENTS), "visits": (VISIT_COLUMNS, VISITS)}

_DDL = (
    "CREATE TABLE patients (patient_id INTEGER PRIMARY KEY, code VARCHAR(10) NOT NULL UNIQUE, surname VARCHAR(40), born_on DATE)",
    "CREATE TABLE visits (visit_id INTEGER PRIMARY KEY, patient_id INTEGER, seen_at {moment}, charge DECIMAL(10,2), remark VARCHAR(80))",
)


def fill(engine: sa.Engine, moment: str) -> None:
    """Writes the practice into a database."""
    with engine.begin() as connection:
        for statement in _DDL:
            connection.exec_driver_sql(statement.format(moment=moment))
        for name, (columns, rows) in TABLES.items():
            table = sa.table(name, *[sa.column(column) for column in columns])
            connection.execute(
                table.insert(), [dict(zip(columns, map(_plain(engine), row), strict=True)) for row in rows]
            )
    engine.dispose()


def _plain(engine: sa.Engine) -> Callable[[object], object]:
    if engine.dialect.name != "sqlite":
        return lambda value: value
    return lambda value: (
        float(value) if isinstance(value, Decimal) else _text(value) if isinstance(value, date) else value
    )


def write_sqlite(folder: Path) -> str:
    path = folder / "practice.db"
    fill(sa.create_engine(f"sqlite:///{path}"), "DATETIME")
    return f"sqlite:///{path}"


def write_duckdb(folder: Path) -> str:
    path = folder / "practice.duckdb"
    with duckdb.connect(str(path)) as connection:
        for statement in _DDL:
            connection.execute(statement.format(moment="TIMESTAMP"))
        for name, (columns, rows) in TABLES.items():
            marks = ", ".join("?" for _ in columns)
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", [list(row) for row in rows])
    return f"duckdb:///{path}"


def write_csv(folder: Path) -> str:
    for name, (columns, rows) in TABLES.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerows([columns, *[[_text(value) for value in row] for row in rows]])
    return str(folder)


def write_tsv_in_cp1252(folder: Path) -> str:
    for name, (columns, rows) in TABLES.items():
        with (folder / f"{name}.tsv").open("w", newline="", encoding="cp1252") as file:
            writer = csv.writer(file, delimiter="\t")
            writer.writerows([columns, *[[_text(value) for value in row] for row in rows]])
    return str(folder)


def write_json(folder: Path) -> str:
    for name, (columns, rows) in TABLES.items():
        records = [dict(zip(columns, map(_json, row), strict=True)) for row in rows]
        (folder / f"{name}.json").write_text(json.dumps(records, indent=1), encoding="utf-8")
    return str(folder)


def write_json_lines(folder: Path) -> str:
    for name, (columns, rows) in TABLES.items():
        lines = [json.dumps(dict(zip(columns, map(_json, row), strict=True))) for row in rows]
        (folder / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return str(folder)


def write_xml(folder: Path) -> str:
    for name, (columns, rows) in TABLES.items():
        root = ET.Element("export")
        for row in rows:
            record = ET.SubElement(root, "record")
            for column, value in zip(columns, row, strict=True):
                if value is not None:
                    ET.SubElement(record, column).text = _text(value)
        ET.ElementTree(root).write(folder / f"{name}.xml", encoding="utf-8", xml_declaration=True)
    return str(folder)


def write_xlsx(folder: Path) -> str:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, (columns, rows) in TABLES.items():
        sheet = workbook.create_sheet(name)
        sheet.append(list(columns))
        for row in rows:
            sheet.append(list(row))
    workbook.save(folder / "practice.xlsx")
    return str(folder / "practice.xlsx")


def write_parquet(folder: Path) -> str:
    for name, (columns, rows) in TABLES.items():
        arrays = [pa.array(list(values)) for values in zip(*rows, strict=True)]
        pq.write_table(pa.table(arrays, names=list(columns)), folder / f"{name}.parquet")
    return str(folder)


def _text(value: object) -> str | None:
    return value.isoformat(sep=" ") if isinstance(value, datetime) else None if value is None else str(value)


def _json(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    return value if isinstance(value, int | str) or value is None else _text(value)


FILE_WRITERS: dict[str, Callable[[Path], str]] = {
    "csv": write_csv,
    "tsv in cp1252": write_tsv_in_cp1252,
    "json": write_json,
    "json lines": write_json_lines,
    "xml": write_xml,
    "xlsx": write_xlsx,
    "parquet": write_parquet,
}

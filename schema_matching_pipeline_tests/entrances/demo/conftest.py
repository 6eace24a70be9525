"""The three clients, built once a run, and their tables read back without the code that wrote them."""

from __future__ import annotations

import csv
import json
import sqlite3
from pathlib import Path
from typing import TypeAlias

import psycopg
import pytest
from openpyxl import load_workbook

from schema_matching_pipeline.entrances.cli.demo import DemoClient, build_demo_clients
from schema_matching_pipeline.registry.embedded import EmbeddedServer

PATIENTS = 400
Columns: TypeAlias = dict[str, list[object]]
Tables: TypeAlias = dict[str, Columns]


@pytest.fixture(scope="session")
def postgres_url(embedded_server: EmbeddedServer) -> str:
    return embedded_server.create_database("demo_clients")


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo_clients")


@pytest.fixture(scope="session")
def clients(demo_folder: Path, postgres_url: str) -> dict[str, DemoClient]:
    built = build_demo_clients(demo_folder, postgres_url, patients=PATIENTS, seed=11)
    return {client.slug: client for client in built}


@pytest.fixture(scope="session")
def tables(clients: dict[str, DemoClient]) -> dict[str, Tables]:
    return {
        "harbor": read_schema(clients["harbor"].source.get_secret_value(), "harbor"),
        "sonnental": read_exports(Path(clients["sonnental"].source.get_secret_value())),
        "oldmill": read_sqlite(Path(clients["oldmill"].source.get_secret_value().removeprefix("sqlite:///"))),
    }


def read_schema(url: str, schema: str) -> Tables:
    with psycopg.connect(without_driver(url)) as connection:
        names = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema]
        ).fetchall()
        return {
            name: _by_column(connection.execute(f'SELECT * FROM "{schema}"."{name}"')) for (name,) in names
        }


def without_driver(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def read_sqlite(path: Path) -> Tables:
    connection = sqlite3.connect(path)
    try:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {name: _by_column(connection.execute(f'SELECT * FROM "{name}"')) for (name,) in names}
    finally:
        connection.close()


def read_exports(folder: Path) -> Tables:
    found = {path.stem: _read_csv(path) for path in folder.glob("*.csv")}
    found |= {path.stem: _read_json(path) for path in folder.glob("*.json")}
    book = load_workbook(folder / "VERSICHERUNG.xlsx", read_only=True)
    header_rows = {"KASSEN": 1, "VERSVERH": 4}
    for sheet, first in header_rows.items():
        header, *rows = list(book[sheet].iter_rows(min_row=first, values_only=True))
        found[f"VERSICHERUNG_{sheet}"] = _columns([str(name) for name in header], rows)
    book.close()
    return found


def _read_csv(path: Path) -> Columns:
    raw = path.read_bytes()
    text = raw.decode("utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else "cp1252")
    header, *rows = list(csv.reader(text.splitlines(), delimiter=";"))
    return _columns(header, [[value or None for value in row] for row in rows])


def _read_json(path: Path) -> Columns:
    records = json.loads(path.read_text(encoding="utf-8"))
    return {name: [record[name] for record in records] for name in records[0]}


def _by_column(cursor: psycopg.Cursor | sqlite3.Cursor) -> Columns:
    names = [entry[0] for entry in cursor.description or ()]
    return _columns(names, cursor.fetchall())


def _columns(names, rows) -> Columns:
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}

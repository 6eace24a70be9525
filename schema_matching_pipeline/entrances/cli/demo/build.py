"""The three clients built in their places, or found there from an earlier call with the same arguments."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import psycopg
from pydantic import SecretStr

from schema_matching_pipeline.entrances.cli.demo import harbor, oldmill, sonnental
from schema_matching_pipeline.entrances.cli.demo.client import (
    DemoAnswers,
    DemoClient,
    PlantedFault,
    QualityTruthRow,
    TruthRow,
)
from schema_matching_pipeline.entrances.cli.demo.draft import answers_of
from schema_matching_pipeline.entrances.cli.demo.writers import write_folder, write_schema, write_sqlite
from schema_matching_pipeline.errors import AlreadyExistsError, SourceUnreachableError
from schema_matching_pipeline.model.base import Frozen

Row = TypeVar("Row", bound=Frozen)

# Raised whenever the same arguments would give other data, so that older demo folders are made anew.
_EDITION = 1
_MARK = "made-up demo client"
_STAMP_FILE = "stamp.txt"
_CONNECT_SECONDS = 10


def build_demo_clients(
    folder: Path, postgres_url: str, *, patients: int = 3000, seed: int = 7
) -> tuple[DemoClient, ...]:
    """The clients ``harbor``, ``sonnental`` and ``oldmill``, made anew only where they are not there already.

    Truth, labels and planted faults stand beside the data as CSV files, one folder a client.

    Raises:
        AlreadyExistsError: the database has a schema ``harbor`` that was not made by this function.
        SourceUnreachableError: the database does not answer.
    """
    stamp = f"{_MARK}; edition {_EDITION}, {patients} patients, seed {seed}"
    return (
        _harbor(folder / harbor.SLUG, postgres_url, stamp, patients, seed),
        _sonnental(folder / sonnental.SLUG, stamp, patients, seed),
        _oldmill(folder / oldmill.SLUG, stamp, patients, seed),
    )


def _harbor(home: Path, postgres_url: str, stamp: str, patients: int, seed: int) -> DemoClient:
    with _connect(postgres_url) as connection:
        present = _schema_comment(connection, harbor.SLUG)
        if present is not None and not present.startswith(_MARK):
            raise AlreadyExistsError(
                "schema", harbor.SLUG, hint="It is not the demo's own; give the demo another database."
            )
        if present != stamp or _stamp_of(home) != stamp:
            tables = harbor.build_tables(patients=patients, seed=seed)
            write_schema(connection, harbor.SLUG, tables, stamp)
            _keep_answers(home, answers_of(tables), stamp)
    return _client(home, harbor.SLUG, harbor.DESCRIPTION, postgres_url, harbor.SLUG)


def _sonnental(home: Path, stamp: str, patients: int, seed: int) -> DemoClient:
    exports_folder = home / "exports"
    if _stamp_of(home) != stamp or not exports_folder.is_dir():
        exports = sonnental.build_exports(patients=patients, seed=seed)
        write_folder(exports_folder, exports)
        _keep_answers(home, answers_of([export.sheet for export in exports]), stamp)
    return _client(home, sonnental.SLUG, sonnental.DESCRIPTION, str(exports_folder.resolve()))


def _oldmill(home: Path, stamp: str, patients: int, seed: int) -> DemoClient:
    database = home / "oldmill.sqlite"
    if _stamp_of(home) != stamp or not database.is_file():
        tables = oldmill.build_tables(patients=patients, seed=seed)
        write_sqlite(database, tables)
        _keep_answers(home, answers_of(tables), stamp)
    return _client(home, oldmill.SLUG, oldmill.DESCRIPTION, f"sqlite:///{database.resolve()}")


def _connect(postgres_url: str) -> psycopg.Connection:
    scheme, separator, rest = postgres_url.partition("://")
    try:
        return psycopg.connect(
            f"{scheme.partition('+')[0]}{separator}{rest}", connect_timeout=_CONNECT_SECONDS
        )
    except psycopg.OperationalError as error:
        raise SourceUnreachableError(
            "The database for the demo client harbor does not answer or refuses the login. Check its URL."
        ) from error


def _schema_comment(connection: psycopg.Connection, schema: str) -> str | None:
    """The comment of a schema, an empty text where it has none, or nothing where there is no such schema."""
    row = connection.execute(
        "SELECT coalesce(obj_description(oid, 'pg_namespace'), '') FROM pg_namespace WHERE nspname = %s",
        [schema],
    ).fetchone()
    return None if row is None else str(row[0])


def _client(
    home: Path, slug: str, description: str, source: str, schema_name: str | None = None
) -> DemoClient:
    return DemoClient(
        slug=slug,
        description=description,
        source=SecretStr(source),
        schema_name=schema_name,
        truth=_read_rows(home / "truth.csv", TruthRow),
        quality_truth=_read_rows(home / "quality_truth.csv", QualityTruthRow),
        planted=_read_rows(home / "planted.csv", PlantedFault),
    )


def _keep_answers(home: Path, answers: DemoAnswers, stamp: str) -> None:
    """Write the answers, and the stamp last, so that an interrupted build is done again."""
    home.mkdir(parents=True, exist_ok=True)
    (home / _STAMP_FILE).unlink(missing_ok=True)
    _write_rows(home / "truth.csv", answers.truth)
    _write_rows(home / "quality_truth.csv", answers.quality_truth)
    _write_rows(home / "planted.csv", answers.planted)
    (home / _STAMP_FILE).write_text(stamp, encoding="utf-8")


def _stamp_of(home: Path) -> str | None:
    path = home / _STAMP_FILE
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _write_rows(path: Path, rows: Iterable[Frozen]) -> None:
    records = [row.model_dump(mode="json") for row in rows]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(records[0]))
        writer.writeheader()
        writer.writerows(records)


def _read_rows(path: Path, kind: type[Row]) -> tuple[Row, ...]:
    with path.open(encoding="utf-8", newline="") as file:
        filled = ({name: text for name, text in row.items() if text} for row in csv.DictReader(file))
        return tuple(kind.model_validate(row) for row in filled)

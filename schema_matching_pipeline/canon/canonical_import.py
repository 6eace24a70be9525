"""Canonical schemas from whatever describes one: YAML, a matching task's folder, SQL DDL, JSON Schema."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path

from schema_matching_pipeline.canon.bench_schema import read_bench_schema
from schema_matching_pipeline.canon.json_schema import read_json_schema
from schema_matching_pipeline.canon.schema import read_canonical
from schema_matching_pipeline.errors import ConfigurationError, UsageError
from schema_matching_pipeline.model.canonical import CanonicalSchema


class CanonicalForm(StrEnum):
    """The forms in which a canonical schema may come."""

    YAML = "yaml"
    BENCH = "bench"
    SQL = "sql"
    JSON_SCHEMA = "json_schema"


_BY_SUFFIX = {
    ".yaml": CanonicalForm.YAML,
    ".yml": CanonicalForm.YAML,
    ".sql": CanonicalForm.SQL,
    ".ddl": CanonicalForm.SQL,
}


def import_canonical_text(text: str, form: CanonicalForm, name: str | None, stem: str) -> CanonicalSchema:
    """The canonical schema of a text; ``stem`` names it where neither ``name`` nor the text does.

    Raises:
        ConfigurationError: with every mistake of the text.
    """
    match form:
        case CanonicalForm.YAML:
            return read_canonical(text, name, unnamed=stem)
        case CanonicalForm.BENCH:
            return read_bench_schema(text, name or stem)
        case CanonicalForm.SQL:
            from schema_matching_pipeline.canon.sql_ddl import read_sql_ddl  # sqlglot takes long to load

            return read_sql_ddl(text, name or stem)
        case CanonicalForm.JSON_SCHEMA:
            return read_json_schema(text, name or stem)


def read_canonical_path(path: Path, name: str | None = None) -> CanonicalSchema:
    """The canonical schema of a file, or of a folder with a ``schema.json``.

    Raises:
        UsageError: there is no such file, or its name says nothing about its form.
        ConfigurationError: with every mistake of the text.
    """
    file = path / "schema.json" if path.is_dir() else path
    if not file.is_file():
        raise UsageError(
            f"There is no file {file}. Give a .yaml, .sql or .json file, or a folder with a schema.json."
        )
    text = _text(file)
    stem = path.resolve().name if path.is_dir() else path.stem
    return import_canonical_text(text, _form(file, text), name, stem)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            str(file), [f"byte {error.start}: not UTF-8; save the file as UTF-8"]
        ) from error
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from error


def _form(file: Path, text: str) -> CanonicalForm:
    suffix = file.suffix.lower()
    if suffix == ".json":
        return CanonicalForm.BENCH if _has_tables(text) else CanonicalForm.JSON_SCHEMA
    if suffix not in _BY_SUFFIX:
        known = ", ".join((*_BY_SUFFIX, ".json"))
        raise UsageError(f"{file} does not say by its name what it holds. Known endings: {known}.")
    return _BY_SUFFIX[suffix]


def _has_tables(text: str) -> bool:
    """Whether a JSON text is a matching task's; one that cannot be read is left to the reader's own message."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and isinstance(document.get("tables"), list)

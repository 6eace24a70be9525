"""What a ``schema.json`` beside a folder of tables declares: types and descriptions that files cannot carry."""

from __future__ import annotations

import json
from collections.abc import Mapping

from schema_matching_pipeline.errors import ConfigurationError
from schema_matching_pipeline.model.source import SourceColumn, SourceSnapshot, SourceTable, TableKind


def read_declared(text: str, where: str) -> SourceSnapshot:
    """The tables of a ``schema.json``: ``{"tables": [{"name", "description", "columns": [{"name", "type", "description"}]}]}``.

    Raises:
        ConfigurationError: it is not of that form; every mistake is listed.
    """
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigurationError(where, [f"line {error.lineno}: {error.msg}"]) from None
    tables = document.get("tables") if isinstance(document, dict) else None
    if not isinstance(tables, list):
        raise ConfigurationError(where, ['the key "tables" with a list of tables is missing'])
    mistakes = [mistake for place, table in enumerate(tables) for mistake in _mistakes(place, table)]
    if mistakes:
        raise ConfigurationError(where, mistakes)
    return SourceSnapshot(tables=tuple(_table(table) for table in tables))


def with_declared(found: SourceSnapshot, declared: SourceSnapshot) -> SourceSnapshot:
    """The declared tables with what was found of them; tables that were only found are left out.

    A column's declared type and description win; a declared table without a file stays, without rows.
    """
    by_name = {table.name: table for table in found.tables}
    troubles = tuple(
        trouble for trouble in found.troubles if any(trouble.table == table.name for table in declared.tables)
    )
    return found.but(
        tables=tuple(_merged(by_name.get(table.name), table) for table in declared.tables), troubles=troubles
    )


def _merged(found: SourceTable | None, declared: SourceTable) -> SourceTable:
    if found is None:
        return declared.but(row_estimate=0)
    wanted = {column.name: column for column in declared.columns}
    columns = tuple(
        column.but(
            data_type=wanted[column.name].data_type or column.data_type, comment=wanted[column.name].comment
        )
        if column.name in wanted
        else column
        for column in found.columns
    )
    return found.but(columns=columns, comment=declared.comment)


def _mistakes(place: int, table: object) -> list[str]:
    if not isinstance(table, dict) or not isinstance(table.get("name"), str):
        return [f"table {place + 1}: the name is missing"]
    columns = table.get("columns")
    if not isinstance(columns, list):
        return [f"table {table['name']}: the list of columns is missing"]
    return [
        f"table {table['name']}, column {index + 1}: the name is missing"
        for index, column in enumerate(columns)
        if not isinstance(column, dict) or not isinstance(column.get("name"), str)
    ]


def _table(table: Mapping[str, object]) -> SourceTable:
    columns = table["columns"]
    assert isinstance(columns, list)  # noqa: S101 - checked by _mistakes, for the type checker
    return SourceTable(
        name=str(table["name"]),
        kind=TableKind.FILE,
        comment=_text(table.get("description")),
        columns=tuple(
            SourceColumn(
                name=str(column["name"]),
                position=index,
                data_type=_text(column.get("type")) or "",
                comment=_text(column.get("description")),
            )
            for index, column in enumerate(columns)
        ),
    )


def _text(value: object) -> str | None:
    return str(value).strip() or None if value is not None else None

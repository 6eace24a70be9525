"""Roughly how many rows the tables of a schema have, by what each database keeps of them anyway."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

# One statement a dialect, giving the name of a table and its rows; PostgreSQL is asked elsewhere, with the rest.
ESTIMATES = {
    "mysql": "SELECT table_name, table_rows FROM information_schema.tables WHERE table_schema = :schema AND table_type LIKE '%TABLE%'",
    "mssql": """
        SELECT t.name, SUM(p.rows) FROM sys.tables t JOIN sys.schemas s ON s.schema_id = t.schema_id
        JOIN sys.partitions p ON p.object_id = t.object_id AND p.index_id IN (0, 1)
        WHERE s.name = :schema GROUP BY t.name""",
    "oracle": "SELECT LOWER(table_name), num_rows FROM all_tables WHERE owner = UPPER(:schema)",
    "snowflake": "SELECT LOWER(table_name), row_count FROM information_schema.tables WHERE table_schema = UPPER(:schema)",
}
ESTIMATES["mariadb"] = ESTIMATES["mysql"]


def row_estimates(connection: sa.Connection, schema: str | None, names: Sequence[str]) -> dict[str, int]:
    """The estimate of every table that has one."""
    statement = ESTIMATES.get(connection.dialect.name)
    if statement:
        rows = connection.execute(sa.text(statement), {"schema": schema})
        return {str(name): int(count) for name, count in rows if count is not None}
    return _last_row_ids(connection, names) if connection.dialect.name == "sqlite" else {}


def _last_row_ids(connection: sa.Connection, names: Sequence[str]) -> dict[str, int]:
    """SQLite keeps no estimate, but the highest row number is found at once and is rarely far off."""
    found: dict[str, int] = {}
    for name in names:
        highest: sa.Select[int] = sa.select(sa.func.max(sa.literal_column("rowid"))).select_from(
            sa.table(name)
        )
        try:
            found[name] = int(connection.execute(highest).scalar() or 0)
        except (sa.exc.DBAPIError, TypeError, ValueError):
            continue  # a view, or a table without row numbers
    return found

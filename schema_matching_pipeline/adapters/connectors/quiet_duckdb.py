"""Connections to DuckDB that print nothing."""

from __future__ import annotations

from pathlib import Path

import duckdb


def connect_duckdb(path: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A connection in memory, or one that reads a file.

    Left to itself, DuckDB draws a progress bar on standard output where a query takes two seconds: in the midst of
    what a command prints for programs.
    """
    connection = duckdb.connect(str(path), read_only=True) if path else duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    return connection

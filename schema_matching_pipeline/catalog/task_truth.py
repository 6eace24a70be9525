"""The truth of a matching task, as it lies beside its two sides."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from schema_matching_pipeline.errors import ConfigurationError
from schema_matching_pipeline.model.bench import TaskTruth
from schema_matching_pipeline.model.source import ColumnRef

COLUMNS = ("source_table", "source_column", "target_table", "target_column")


def read_truth(name: str, truth_csv: str, meta_json: str, where: str) -> TaskTruth:
    """The truth of a task from its ``truth.csv``, and from its ``meta.json`` where there is one.

    Of the latter count ``family``, ``ignore_source_columns`` (pairs of table and column) and ``nomatch_reliable``.

    Raises:
        ConfigurationError: one of them is not of that form.
    """
    rows = csv.DictReader(io.StringIO(truth_csv))
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise ConfigurationError(
            f"{where}/truth.csv", [f"the column {column} is missing" for column in missing]
        )
    listed = list(rows)
    short = [place for place, row in enumerate(listed, 2) if any(row[column] is None for column in COLUMNS)]
    if short:
        raise ConfigurationError(
            f"{where}/truth.csv", [f"line {place}: a cell is missing" for place in short]
        )
    pairs = [
        (
            ColumnRef(table=row["source_table"], column=row["source_column"]),
            ColumnRef(table=row["target_table"], column=row["target_column"]),
        )
        for row in listed
    ]
    meta = _meta(meta_json, f"{where}/meta.json")
    return TaskTruth(
        name=name,
        family=str(meta.get("family", name)),
        pairs=tuple(dict.fromkeys(pairs)),
        ignored=frozenset(_ignored(meta, f"{where}/meta.json")),
        nothing_is_known=bool(meta.get("nomatch_reliable", True)),
    )


def _meta(text: str, where: str) -> dict[str, Any]:
    try:
        meta = json.loads(text or "{}")
    except json.JSONDecodeError as error:
        raise ConfigurationError(where, [f"line {error.lineno}: {error.msg}"]) from None
    if not isinstance(meta, dict):
        raise ConfigurationError(where, ["it is no object"])
    return meta


def _ignored(meta: dict[str, Any], where: str) -> list[ColumnRef]:
    try:
        return [
            ColumnRef(table=table, column=column) for table, column in meta.get("ignore_source_columns", ())
        ]
    except (TypeError, ValueError):
        raise ConfigurationError(
            where, ["ignore_source_columns is no list of pairs of a table and a column"]
        ) from None

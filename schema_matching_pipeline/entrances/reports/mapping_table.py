"""A client's mappings as rows of text, and rows as CSV that a spreadsheet may open."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from schema_matching_pipeline.canon.figures import confidence
from schema_matching_pipeline.workflows.list_mappings import MappingLine

HEADER = (
    "source_table",
    "source_column",
    "canonical_entity",
    "canonical_field",
    "confidence",
    "status",
    "quality_label",
    "validation_status",
)
BEST_HEADER = ("best_entity", "best_field", "best_confidence")
DIGITS = 4  # of a confidence, behind the point
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def mapping_rows(lines: Iterable[MappingLine], *, candidates: bool = False) -> list[tuple[str, ...]]:
    """One row a column; with the best candidate where asked."""
    return [(*mapping_row(line), *(best_of(line) if candidates else ())) for line in lines]


def mapping_row(line: MappingLine) -> tuple[str, ...]:
    """What ``HEADER`` names, of one column."""
    mapped = line.mapped
    return (
        mapped.ref.table,
        mapped.ref.column,
        mapped.target.entity if mapped.target else "",
        mapped.target.field if mapped.target else "",
        figure(mapped.confidence) if mapped.target else "",
        str(mapped.disposition),
        mapped.quality_label,
        str(line.validation or ""),
    )


def best_of(line: MappingLine) -> tuple[str, ...]:
    """What ``BEST_HEADER`` names, of one column."""
    best = line.best
    return (best.target.entity, best.target.field, figure(best.confidence)) if best else ("", "", "")


def figure(value: float) -> str:
    """A confidence as these rows write it."""
    return confidence(value, DIGITS)


def to_csv(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    r"""The rows as CSV; a name that a spreadsheet would run as a formula is quoted with an apostrophe.

    >>> to_csv(["name"], [["=1+1"], ["a,b"]])
    'name\n\'=1+1\n"a,b"\n'
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(
        [[f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell for cell in row] for row in rows]
    )
    return text.getvalue()

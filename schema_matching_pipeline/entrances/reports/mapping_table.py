"""A client's mappings as rows of text, and rows as CSV that a spreadsheet may open."""

from __future__ import annotations

import csv
import io
import re
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
DECIDED_HEADER = (
    "needed_confidence",
    "transformation_rule",
    "explanation",
    "objections",
    "decided_by",
    "decided_at",
)
DIGITS = 4  # of a confidence, behind the point
# Where a spreadsheet may see a cell begin, and a formula in it. Where lists have commas in their numbers, it cuts at
# semicolons, quotes or not, since those do not stand where it sees the cell begin; some cut at tabs, and the full-width
# signs are read as the others.
_FORMULA = re.compile(r"""(^|[;\t\r\n])(?=["\s]*[=+\-@\t\r\n＝＋－＠])""")  # noqa: RUF001 - meant


def header_of(*, candidates: bool = False, decisions: bool = False) -> tuple[str, ...]:
    """The names of what ``mapping_rows`` gives."""
    return (*HEADER, *(BEST_HEADER if candidates else ()), *(DECIDED_HEADER if decisions else ()))


def mapping_rows(
    lines: Iterable[MappingLine], *, candidates: bool = False, decisions: bool = False
) -> list[tuple[str, ...]]:
    """One row a column; with the best candidate, and with rule, reasons and who decided, where asked."""
    return [
        (
            *mapping_row(line),
            *(best_of(line) if candidates else ()),
            *(decided_of(line) if decisions else ()),
        )
        for line in lines
    ]


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


def decided_of(line: MappingLine) -> tuple[str, ...]:
    """What ``DECIDED_HEADER`` names, of one column."""
    mapped = line.mapped
    return (
        figure(mapped.required_threshold) if mapped.target else "",
        mapped.rule.in_words if mapped.rule else "",
        mapped.explanation,
        "; ".join(mapped.objections),
        mapped.decided_by,
        mapped.decided_at.isoformat(timespec="seconds") if mapped.decided_at else "",
    )


def figure(value: float) -> str:
    """A confidence as these rows write it."""
    return confidence(value, DIGITS)


def to_csv(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    r"""The rows as CSV; before what a spreadsheet would run as a formula stands an apostrophe.

    >>> to_csv(["name"], [["=1+1"], ["a,b"], ["x;=1+1"]])
    'name\n\'=1+1\n"a,b"\nx;\'=1+1\n'
    """
    escaped = ([_FORMULA.sub(r"\1'", cell) for cell in row] for row in rows)
    return "".join(f"{_line(row)}\n" for row in (header, *escaped))


def _line(row: Sequence[str]) -> str:
    """One line, in which a lone carriage return is quoted as well: the writer quotes what could end a line."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(row)
    return text.getvalue().removesuffix("\r\n")

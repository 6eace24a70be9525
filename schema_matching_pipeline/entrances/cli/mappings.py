"""``smp mappings``: every column of a client, its field, and where it stands."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer
import yaml

from schema_matching_pipeline.entrances.cli.identity import actor, world
from schema_matching_pipeline.entrances.cli.output import AsJson, people, table, to_json
from schema_matching_pipeline.entrances.reports.mapping_table import (
    figure,
    header_of,
    mapping_row,
    mapping_rows,
    to_csv,
)
from schema_matching_pipeline.model.matching import Disposition
from schema_matching_pipeline.workflows.list_mappings import (
    MappingFilter,
    MappingLine,
    export_mappings,
    find_mappings,
    list_mappings,
)

SHOWN = ("column", "field", "confidence", "status", "quality", "validation")
BEST_SHOWN = ("best candidate", "its confidence")
NOTHING, PROPOSED = "nothing_confidence", "proposed_confidence"
Cell = str | float | dict[str, object] | None


class Format(StrEnum):
    """How mappings are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    YAML = "yaml"


def mappings(
    name: Annotated[str, typer.Argument(help="The client.")],
    format_: Annotated[Format, typer.Option("--format", help="table, csv, json or yaml.")] = Format.TABLE,
    status: Annotated[Disposition | None, typer.Option(help="Only columns with this status.")] = None,
    candidates: Annotated[
        bool, typer.Option("--candidates", help="Add the best candidate, whatever became of it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print every column of a client with its field, confidence and status.

    The confidence is that of the field: 1 once a person decided; a column that fills none has none. JSON and YAML say
    as nothing_confidence how sure it is that no field fits, and as proposed_confidence how sure the matcher was of
    what it proposed, whatever a person then decided.
    """
    wanted = MappingFilter(status=status)
    form = Format.JSON if as_json else format_
    if form is Format.TABLE:
        found = find_mappings(list_mappings(world(), actor(), name), wanted)
    else:
        found = export_mappings(world(), actor(), name, wanted, form)
    header = header_of(candidates=candidates)
    rows = mapping_rows(found, candidates=candidates)
    match form:
        case Format.TABLE:
            shown = [_shown(line, candidates=candidates) for line in found]
            names = (*SHOWN, *BEST_SHOWN) if candidates else SHOWN
            people.print(table(f"{name}: {len(rows)} column(s)", names, shown, right=(2, 7)))
        case Format.CSV:
            sys.stdout.write(to_csv(header, rows))
        case Format.JSON:
            sys.stdout.write(to_json(_records(found, header, rows)) + "\n")
        case Format.YAML:
            yaml.safe_dump(
                _records(found, header, rows),
                sys.stdout,
                sort_keys=False,
                allow_unicode=True,
            )


def _records(
    found: Sequence[MappingLine], header: Sequence[str], rows: Sequence[Sequence[str]]
) -> list[dict[str, Cell]]:
    """The rows for programs, with what CSV has no column for."""
    return [
        {
            **_record(header, row),
            NOTHING: None if line.mapped.target else float(figure(line.mapped.confidence)),
            PROPOSED: float(figure(line.mapped.proposed_confidence)),
            "mapping_type": line.mapped.mapping_type,
            "coercion_function": line.mapped.coercion_function,
            "transformation_rule": line.mapped.rule.model_dump(mode="json") if line.mapped.rule else None,
        }
        for line, row in zip(found, rows, strict=True)
    ]


def _record(header: Sequence[str], row: Sequence[str]) -> dict[str, Cell]:
    """The row for programs: confidences as numbers, nothing as null."""
    return {
        name: float(cell) if cell and name.endswith("confidence") else cell or None
        for name, cell in zip(header, row, strict=True)
    }


def _shown(line: MappingLine, *, candidates: bool) -> tuple[str, ...]:
    """The row for people: a column and a field by their whole names."""
    mapped, best = line.mapped, line.best
    *_, confidence, status, quality, validation = mapping_row(line)
    about = (str(mapped.ref), str(mapped.target or ""), confidence, status, quality, validation)
    if not candidates:
        return about
    return (*about, *((str(best.target), figure(best.confidence)) if best else ("", "")))

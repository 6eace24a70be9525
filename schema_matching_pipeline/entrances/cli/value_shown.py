"""What the values of a column become, as people see it."""

from __future__ import annotations

from collections.abc import Iterator

from schema_matching_pipeline.entrances.cli.listing import Listing
from schema_matching_pipeline.entrances.cli.output import table
from schema_matching_pipeline.model.value_map import ValueMap

HEADER = ("value", "rows", "becomes", "how", "why")


def value_table(title: str, values: ValueMap) -> Listing:
    """A row for each value that is shown, and one for the rows of the others."""
    return table(title, HEADER, list(_rows(values)), right=(1,))


def _rows(values: ValueMap) -> Iterator[tuple[str, ...]]:
    for match in values.matches:
        yield (match.value.text, f"{match.rows:,}", match.target or "-", str(match.equivalence), match.why)
    if values.hidden_rows:
        yield ("...", f"{values.hidden_rows:,}", "-", "", "values that are not shown; they stay as they are")

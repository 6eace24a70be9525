"""Everything that is said about both sides."""

from __future__ import annotations

from schema_matching_pipeline.canon.names import name_tokens
from schema_matching_pipeline.canon.thesaurus import readings
from schema_matching_pipeline.matching.evidence import Evidence
from schema_matching_pipeline.matching.side import Side, SideColumn
from schema_matching_pipeline.matching.signal import SIGNALS
from schema_matching_pipeline.matching.text import text_similarity
from schema_matching_pipeline.matching.words import FloatMatrix


@SIGNALS.register("text")
def text(columns: Side, fields: Side, _evidence: Evidence) -> FloatMatrix:
    """How alike all texts are: names with their meanings, descriptions, names and descriptions of tables."""
    return text_similarity(_texts(columns), _texts(fields))


def _texts(side: Side) -> list[str]:
    about = {table.name: f"{_spelled_out(table.name)} {table.description}" for table in side.tables}
    return [f"{_names(column)} {column.description} {about[column.table]}" for column in side.columns]


def _names(column: SideColumn) -> str:
    return " ".join(_spelled_out(name) for name in (column.name, column.name, *column.other_names))


def _spelled_out(name: str) -> str:
    return " ".join(" ".join(reading.words) for token in name_tokens(name) for reading in readings(token)[:2])

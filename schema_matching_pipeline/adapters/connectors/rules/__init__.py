"""Rules applied to rows: by pandas on a series, by a database in one statement, with the same result."""

from schema_matching_pipeline.adapters.connectors.rules.computed import (
    compute_expression,
    compute_series,
    listed_codes,
)
from schema_matching_pipeline.adapters.connectors.rules.series import Applied, transform_series
from schema_matching_pipeline.adapters.connectors.rules.statement import transform_statement
from schema_matching_pipeline.adapters.connectors.rules.texts import made_texts

__all__ = [
    "Applied",
    "compute_expression",
    "compute_series",
    "listed_codes",
    "made_texts",
    "transform_series",
    "transform_statement",
]

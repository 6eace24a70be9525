"""Catalog: what a client has, and how it differs from the last look.

Comes in:        SourceSnapshot, as a connector listed it; the fingerprint of an earlier one.
Goes out:        SchemaDiff, each change breaking or not; a fingerprint of the schema alone.
How it decides:  tables and columns are compared by name; what takes something away from a mapping breaks.
To add to it:    one function in diff.py that yields changes of one kind.
It must never:   open a source, or guess at what a column means.
"""

from schema_matching_pipeline.catalog.declared import read_declared, with_declared
from schema_matching_pipeline.catalog.diff import diff, in_words
from schema_matching_pipeline.catalog.fingerprint import (
    check,
    schema_fingerprint,
    table_fingerprint,
    unchanged_tables,
)
from schema_matching_pipeline.catalog.task_truth import read_truth

__all__ = [
    "check",
    "diff",
    "in_words",
    "read_declared",
    "read_truth",
    "schema_fingerprint",
    "table_fingerprint",
    "unchanged_tables",
    "with_declared",
]

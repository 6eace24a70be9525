"""Columns that a mapping derives from others, put beside those of the source before anything is judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schema_matching_pipeline.adapters.connectors.catalog import OpenSource
from schema_matching_pipeline.adapters.connectors.exact_answers import column_of
from schema_matching_pipeline.adapters.connectors.faults import Trouble, fault
from schema_matching_pipeline.adapters.connectors.rules import compute_series, listed_codes
from schema_matching_pipeline.canon.rule_chain import BLANKS
from schema_matching_pipeline.model.rule import (
    Lookup,
    MapValues,
    OneColumn,
    Transformed,
    Where,
    columns_read,
)
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.validation import ColumnRule

_NO_CODE = {"": ""}  # an empty table says nothing of any code


def with_derived(texts: pa.Table, rules: Iterable[ColumnRule]) -> pa.Table:
    """The texts of one table and beside them what is computed from them, under the names of the derived columns.

    Of a lookup it is the code, so that one without an entry counts as a value that its rule lost.
    """
    import pandas as pd  # a fifth of what a command takes to start

    for each in rules:
        if each.computed is None or each.ref.column in texts.column_names:
            continue
        rule = (
            OneColumn(columns=each.computed.columns) if isinstance(each.computed, Lookup) else each.computed
        )
        read = {name: texts.column(name).to_pylist() for name in columns_read(rule)}
        frame = pd.DataFrame(read, dtype=object)
        made = pa.array(compute_series(frame, rule).tolist(), pa.string())
        texts = texts.append_column(each.ref.column, made)
    return texts


def rows_meant(texts: pa.Table, rules: Iterable[ColumnRule]) -> dict[str, npt.NDArray[np.bool_]]:
    """The rows that each column of a kind of rows is about; the others are empty by right."""
    return {
        each.ref.column: np.array(
            [bool(text) and text.strip(BLANKS) in rule.among for text in texts.column(rule.by).to_pylist()],
            dtype=np.bool_,
        )
        for each in rules
        if isinstance(rule := each.computed, Where)
    }


def steps_of(source: OpenSource, rule: ColumnRule, most_rows: int) -> Transformed | None:
    """The steps of a column, of which the first says what a lookup's table says of each code; None where it has none.

    Raises:
        SourceError: the lookup's table cannot be read, or is too large to be one.
    """
    if not isinstance(rule.computed, Lookup):
        return rule.rule
    codes = _codes(source, rule.computed, most_rows)
    steps = rule.rule.steps if rule.rule else ()
    return Transformed(steps=(MapValues(codes=codes), *steps))


def _codes(source: OpenSource, lookup: Lookup, most_rows: int) -> Mapping[str, str]:
    relation, names = source.relation(lookup.table), [lookup.key, lookup.value]
    for name in names:
        column_of(relation, ColumnRef(table=lookup.table, column=name))
    texts, sampled = source.texts(lookup.table, names, most_rows)
    if sampled:
        raise fault(Trouble.TOO_MANY_ROWS, f"Table {lookup.table!r}", table=lookup.table)
    codes = listed_codes(texts.column(lookup.key).to_pylist(), texts.column(lookup.value).to_pylist())
    return codes or _NO_CODE

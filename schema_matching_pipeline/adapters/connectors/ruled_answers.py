"""Repeated keys and broken references of columns under a rule: read whole, and compared as the rules make them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from schema_matching_pipeline.adapters.connectors.catalog import OpenSource
from schema_matching_pipeline.adapters.connectors.derived_columns import steps_of, with_derived
from schema_matching_pipeline.adapters.connectors.exact_answers import Answer, column_of
from schema_matching_pipeline.adapters.connectors.faults import Trouble, fault
from schema_matching_pipeline.adapters.connectors.rules import made_texts
from schema_matching_pipeline.model.rule import Transformed
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.validation import Expectation, ExpectationKind

_ROW, _ROWS = "row", "row_count"


def ruled_answer(source: OpenSource, expectation: Expectation, samples: int, most_rows: int) -> Answer:
    """What SQL answers of columns without a rule; failures show the source's texts.

    Raises:
        SourceError: the source cannot answer, its rows must not leave it, or there are too many of them.
    """
    tables = _read(source, expectation, most_rows)
    steps = {each.ref: steps_of(source, each, most_rows) for each in expectation.rules}
    made = [_made(tables, ref, steps.get(ref)) for ref in expectation.refs]
    if expectation.kind is ExpectationKind.FOREIGN_KEY:
        tested, failed, worst = _broken(*made)
    else:
        tested, failed, worst = _repeated(made)
    table = expectation.ref.table
    shown = tables[table].select([ref.column for ref in expectation.refs if ref.table == table])
    return Answer(tested, failed, _texts(shown, worst, samples))


def _read(source: OpenSource, expectation: Expectation, most_rows: int) -> dict[str, pa.Table]:
    """Every table that the columns are of, with what is asked about alone; a sample would prove nothing."""
    tables: dict[str, pa.Table] = {}
    for table in dict.fromkeys(ref.table for ref in expectation.refs):
        names = [ref.column for ref in expectation.source_refs if ref.table == table]
        for name in names:
            column_of(source.relation(table), ColumnRef(table=table, column=name))
        texts, sampled = source.texts(table, names, most_rows)
        if sampled:
            raise fault(Trouble.TOO_MANY_ROWS, f"Table {table!r}", table=table)
        tables[table] = with_derived(texts, (each for each in expectation.rules if each.ref.table == table))
    return tables


def _made(tables: Mapping[str, pa.Table], ref: ColumnRef, rule: Transformed | None) -> pa.ChunkedArray:
    """What a column holds once its rule is through with it; null where that is nothing."""
    texts = tables[ref.table].column(ref.column)
    made = pa.chunked_array([made_texts(texts, rule)]) if rule else texts
    return pc.if_else(pc.equal(made, ""), None, made)


def _repeated(key: Sequence[pa.ChunkedArray]) -> tuple[int, int, pa.Array]:
    """Rows that fill the whole key, those that share it with another row, and a row of each such key, worst first."""
    names = [f"k{place}" for place in range(len(key))]
    rows = pa.table([*key, pa.array(range(len(key[0])), pa.int64())], names=[*names, _ROW])
    filled = rows.drop_null()
    groups = filled.group_by(names).aggregate([(_ROW, "count"), (_ROW, "min")])
    repeated = groups.filter(pc.greater(groups.column(_ROWS), 1)).sort_by([(_ROWS, "descending")])
    failed = pc.sum(repeated.column(_ROWS)).as_py() or 0
    return filled.num_rows, failed, repeated.column("row_min").combine_chunks()


def _broken(references: pa.ChunkedArray, referred: pa.ChunkedArray) -> tuple[int, int, pa.Array]:
    """Rows that refer to something, and those where it does not exist."""
    exists = pc.is_in(references, value_set=pc.drop_null(pc.unique(referred)))
    orphans = pc.indices_nonzero(pc.and_(references.is_valid(), pc.invert(exists)))
    return len(references) - references.null_count, len(orphans), orphans


def _texts(shown: pa.Table, rows: pa.Array, most: int) -> tuple[str, ...]:
    """The distinct source texts of the first rows; nothing where none is wanted."""
    found = dict[str, None]()
    for place in rows:
        if len(found) == most:
            break
        parts = (column[place.as_py()].as_py() or "" for column in shown.columns)
        found[", ".join(parts)] = None
    return tuple(found)

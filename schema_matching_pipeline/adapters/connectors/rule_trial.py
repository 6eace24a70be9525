"""A rule tried on a column as it is read now: what becomes of each distinct value, counted and masked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import pyarrow as pa

from schema_matching_pipeline.adapters.connectors.catalog import OpenSource
from schema_matching_pipeline.adapters.connectors.derived_columns import steps_of, with_derived
from schema_matching_pipeline.adapters.connectors.exact_answers import column_of
from schema_matching_pipeline.adapters.connectors.faults import translated
from schema_matching_pipeline.adapters.connectors.figures import WITH_POINT
from schema_matching_pipeline.adapters.connectors.judged_rows import DistinctTexts, folded, is_castable
from schema_matching_pipeline.adapters.connectors.rules import made_texts
from schema_matching_pipeline.canon.masking import mask_change
from schema_matching_pipeline.canon.rule_chain import is_filled
from schema_matching_pipeline.model.profile import MaskedValue
from schema_matching_pipeline.model.rule import ToDecimal, ToInteger, Transformed, columns_read
from schema_matching_pipeline.model.rule_trial import RuleToTry, RuleTrial, TriedValue, Unfit

_BEFORE, _AFTER, _ROWS = "before", "after", "count_all"


class _Change(NamedTuple):
    """One distinct value, what the rule makes of it, and in how many rows."""

    before: str
    after: str
    rows: int
    unfit: Unfit | None


def tried(source: OpenSource, asked: RuleToTry) -> RuleTrial:
    """What becomes of the column's values under the rule.

    Raises:
        SourceError: the source cannot answer, its rows must not leave it, or the column is gone.
    """
    rule = asked.rule
    names = columns_read(rule.computed) if rule.computed else (rule.ref.column,)
    relation = source.relation(rule.ref.table)
    for name in names:
        column_of(relation, rule.ref.but(column=name))
    texts, sampled = source.texts(rule.ref.table, list(names), asked.most_rows)
    with translated(f"Table {rule.ref.table!r}", table=rule.ref.table):
        changes = list(_changes(texts, steps_of(source, rule, asked.most_rows), asked))
    shown = list(islice(_shown(changes, asked), asked.most_shown))
    return RuleTrial(
        tested=sum(one.rows for one in changes),
        failed=sum(one.rows for one in changes if one.unfit),
        sampled=sampled,
        values=tuple(shown),
        hidden=sum(one.rows for one in changes) - sum(one.rows for one in shown),
    )


def _changes(texts: pa.Table, steps: Transformed | None, asked: RuleToTry) -> Iterator[_Change]:
    """Values that were there, or that the rule put where none was, each once."""
    column = with_derived(texts, (asked.rule,)).column(asked.rule.ref.column).combine_chunks()
    pairs = pa.table({_BEFORE: column, _AFTER: made_texts(column, steps) if steps else column})
    counted = pairs.group_by([_BEFORE, _AFTER]).aggregate([([], "count_all")])
    makes_number = steps is not None and isinstance(steps.steps[-1], ToDecimal | ToInteger)
    made = DistinctTexts.of(counted.column(_AFTER), form=WITH_POINT if makes_number else None)
    readable = is_castable(made, asked.type, asked.date_format)
    words = folded(made)
    known = {value.strip().casefold() for value in asked.values}
    columns = (counted.column(name).to_pylist() for name in (_BEFORE, _AFTER, _ROWS))
    for before, after, rows, reads, word in zip(*columns, readable, words, strict=True):
        unfit = None
        if not is_filled(after):
            if not is_filled(before):
                continue
            unfit = Unfit.LOST
        elif not reads:
            unfit = Unfit.TYPE
        elif known and word.strip() not in known:
            unfit = Unfit.VALUE
        yield _Change(before or "", after or "", rows, unfit)


def _shown(changes: list[_Change], asked: RuleToTry) -> Iterator[TriedValue]:
    """Failures first, then what most rows hold; what looks alike once masked is one line."""
    lines: Counter[tuple[MaskedValue, MaskedValue, Unfit | None]] = Counter()
    for one in changes:
        lines[*mask_change(one.before, one.after, one.rows, personal=asked.personal), one.unfit] += one.rows
    for (before, after, unfit), rows in sorted(lines.items(), key=_place):
        yield TriedValue(before=before, after=after, rows=rows, unfit=unfit)


def _place(line: tuple[tuple[MaskedValue, MaskedValue, Unfit | None], int]) -> tuple[bool, int, str]:
    (before, _, unfit), rows = line
    return unfit is None, -rows, before.text

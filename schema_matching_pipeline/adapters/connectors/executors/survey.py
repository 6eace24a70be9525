"""What one pass over the distinct texts of a column tells, a batch at a time: however many there are, few are kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schema_matching_pipeline.adapters.connectors.arrow_views import array_of_numbers, at_places, numbers_of
from schema_matching_pipeline.adapters.connectors.text_bytes import (
    first_bytes_of,
    last_bytes_of,
    lengths_of,
)
from schema_matching_pipeline.adapters.connectors.value_hash import lots_of
from schema_matching_pipeline.model.profile import LengthSummary

_BY_COUNT = [("n", "descending"), ("t", "ascending")]
_BLANK, _DELETE = ord(" "), 127  # between them lie the plain characters that are no white space


class Survey(NamedTuple):
    """How many values there are and in how many rows, and how long; and some of them, ``t`` with their rows ``n``.

    ``frequent`` are the most frequent ones, ``drawn`` those of the first lots with their ``lot``.
    """

    distinct: int
    rows: int
    has_margin: bool
    lengths: LengthSummary
    frequent: pa.Table
    drawn: pa.Table


class _Part(NamedTuple):
    """The same of one batch."""

    distinct: int
    rows: int
    has_margin: bool
    shortest: int
    longest: int
    characters: int
    frequent: pa.Table
    drawn: pa.Table


def survey(batches: Iterable[pa.RecordBatch], *, top: int, lots: int) -> Survey:
    """What values ``t`` and their rows ``n`` tell, with so many frequent ones and those of the first ``lots``.

    No value is null, empty or there twice; there is one at least.
    """
    parts = [_part(batch, top=top, lots=lots) for batch in batches if len(batch)]
    rows = sum(part.rows for part in parts)
    return Survey(
        distinct=sum(part.distinct for part in parts),
        rows=rows,
        has_margin=any(part.has_margin for part in parts),
        lengths=LengthSummary(
            minimum=min(part.shortest for part in parts),
            maximum=max(part.longest for part in parts),
            mean=sum(part.characters for part in parts) / rows,
        ),
        frequent=_most_frequent(pa.concat_tables([part.frequent for part in parts]), top),
        drawn=pa.concat_tables([part.drawn for part in parts]),
    )


def have_margin(texts: pa.StringArray) -> bool:
    """Whether white space stands at an end of any of the texts, of which none is null or empty.

    >>> have_margin(pa.array(["a b", "ü"])), have_margin(pa.array(["a", "b "]))
    (False, True)
    """
    unclear = np.flatnonzero(~(_is_plain(first_bytes_of(texts)) & _is_plain(last_bytes_of(texts))))
    if not len(unclear):
        return False
    ends = at_places(texts, unclear)
    return not ends.equals(pc.utf8_trim_whitespace(ends))


def _part(values: pa.RecordBatch, *, top: int, lots: int) -> _Part:
    texts, counts = values.column("t"), numbers_of(values.column("n"), np.int64)
    lengths, lot = lengths_of(texts), lots_of(texts)
    first = np.flatnonzero(lot < lots)
    drawn = pa.Table.from_batches([at_places(values, first)])
    return _Part(
        distinct=len(texts),
        rows=int(counts.sum()),
        has_margin=have_margin(texts),
        shortest=int(lengths.min()),
        longest=int(lengths.max()),
        characters=int((lengths * counts).sum()),
        frequent=_most_frequent(pa.Table.from_batches([values]), top),
        drawn=drawn.append_column("lot", array_of_numbers(lot[first], pa.uint8())),
    )


def _is_plain(codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    return (codes > _BLANK) & (codes < _DELETE)


def _most_frequent(values: pa.Table, wanted: int) -> pa.Table:
    """The most frequent values, the first by their text among equally frequent ones."""
    return values.take(pc.select_k_unstable(values, k=wanted, sort_keys=_BY_COUNT))

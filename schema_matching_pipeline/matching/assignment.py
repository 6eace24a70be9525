"""The best one-to-one whole within each table, where a field admits one source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from schema_matching_pipeline.matching.words import DoubleMatrix, IntVector


def assign(
    fields: IntVector, confidence: DoubleMatrix, table_index: IntVector, shared: frozenset[int]
) -> tuple[int, ...]:
    """For each column the rank of the candidate it gets: the choice of greatest total confidence.

    Within a table no two columns get the same field, unless it is ``shared``. A column that gets none
    keeps its best rank, as len(candidates) says: no candidate.
    """
    chosen = [fields.shape[1]] * fields.shape[0]
    for table in np.unique(table_index):
        rows = np.flatnonzero(table_index == table)
        for row, rank in _assign_table(fields[rows], confidence[rows], shared).items():
            chosen[int(rows[row])] = rank
    return tuple(chosen)


def _assign_table(fields: IntVector, confidence: DoubleMatrix, shared: frozenset[int]) -> Mapping[int, int]:
    """Row to rank, for the columns of one table."""
    from scipy.optimize import linear_sum_assignment  # a fifth of what a command takes to start

    seats = _seats(fields, shared)
    gain = np.zeros((fields.shape[0], len(seats)), dtype=np.float64)
    ranks: dict[tuple[int, int], int] = {}
    for row, rank in np.ndindex(fields.shape):
        field = int(fields[row, rank])
        seat = seats[field, row if field in shared else -1]
        gain[row, seat] = confidence[row, rank]
        ranks[row, seat] = rank
    rows, taken = linear_sum_assignment(gain, maximize=True)
    return {
        int(row): ranks[int(row), int(seat)]
        for row, seat in zip(rows, taken, strict=True)
        if (int(row), int(seat)) in ranks
    }


def _seats(fields: IntVector, shared: frozenset[int]) -> dict[tuple[int, int], int]:
    """A seat for each field; for a shared field one for each row."""
    seats: dict[tuple[int, int], int] = {}
    for row, candidates in enumerate(fields.tolist()):
        for field in candidates:
            seats.setdefault((field, row if field in shared else -1), len(seats))
    return seats


def claimants(
    fields: IntVector, table_index: IntVector, chosen: Sequence[int], strong: Sequence[bool]
) -> tuple[tuple[int, ...], ...]:
    """For each column the other columns of its table whose best field is the one it got, or wanted."""
    by_wish: dict[tuple[int, int], list[int]] = {}
    for row in range(fields.shape[0]):
        if strong[row]:
            by_wish.setdefault((int(table_index[row]), int(fields[row, 0])), []).append(row)
    found = []
    for row, rank in enumerate(chosen):
        ranks = {0, rank} if rank < fields.shape[1] else {0}
        rivals = {
            other
            for each in ranks
            for other in by_wish.get((int(table_index[row]), int(fields[row, each])), [])
            if other != row
        }
        found.append(tuple(sorted(rivals)) if strong[row] else ())
    return tuple(found)

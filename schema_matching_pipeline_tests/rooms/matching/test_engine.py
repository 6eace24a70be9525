"""Which fields are among a column's first five, and how sure the fifth is."""

from __future__ import annotations

import numpy as np

from schema_matching_pipeline.matching.engine import best_fields, with_its_own

HEARD = np.array([[9, 8, 7, 6, 5, 4, 3], [9, 8, 7, 6, 5, 4, 3]], dtype=np.float32)


def test_where_tables_mislead_the_best_field_by_its_own_evidence_is_the_fifth():
    by_itself = np.array([[9, 0, 0, 0, 1, 1, 2], [9, 0, 0, 0, 2, 1, 1]], dtype=np.float32)
    assert best_fields(HEARD, by_itself, 20).tolist() == [[0, 1, 2, 3, 6, 4, 5], [0, 1, 2, 3, 4, 5, 6]]
    assert best_fields(HEARD, by_itself, 3).tolist() == [[0, 1, 2], [0, 1, 2]]
    assert best_fields(HEARD[:, :4], by_itself[:, :4], 20).tolist() == [[0, 1, 2, 3], [0, 1, 2, 3]]


def test_a_field_brought_forward_is_as_sure_as_the_one_it_stands_before():
    logits = np.array([[3, 2, 1, 0, -9, -2, -3], [3, 2, 1, 0, -1, -2, -3]], dtype=np.float32)
    assert with_its_own(logits)[:, 3:6].tolist() == [[0, -2, -2], [0, -1, -2]]
    assert with_its_own(logits[:, :5]).tolist() == logits[:, :5].tolist()

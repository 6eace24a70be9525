"""Vectors of a model as the registry keeps them: of length one and of 1536 dimensions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from schema_matching_pipeline.ports import EMBEDDING_DIMENSIONS


def fitted(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """One row of length one a text; a model of fewer dimensions is padded with zeros, which leaves angles as they are.

    Raises:
        ValueError: they cannot be stored; the message says what is wrong with them.
    """
    if vectors.ndim != 2 or vectors.shape[1] > EMBEDDING_DIMENSIONS:
        raise ValueError(f"vectors of more than {EMBEDDING_DIMENSIONS} dimensions")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or (lengths == 0.0).any():
        raise ValueError("a vector without a direction")
    padding = ((0, 0), (0, EMBEDDING_DIMENSIONS - vectors.shape[1]))
    return np.pad(vectors / lengths, padding).astype(np.float32)

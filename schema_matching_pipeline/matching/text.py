"""How alike texts are: weighted words, their synonyms and their pieces, as sparse vectors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy.sparse import csr_array

from schema_matching_pipeline.canon.names import expand, name_tokens
from schema_matching_pipeline.canon.thesaurus import FILLERS, synonym_groups
from schema_matching_pipeline.matching.words import FloatMatrix, stem

GROUP_WEIGHT = 0.5  # a word speaks half as loud for the group of its synonyms
PIECE_WEIGHT = 0.15  # and faintly for each of its pieces
PIECE_LENGTH = 4


def text_similarity(left: Sequence[str], right: Sequence[str]) -> FloatMatrix:
    """Cosine of the texts' vectors; NaN where a text is empty."""
    features = [_features(text) for text in (*left, *right)]
    position = {name: index for index, name in enumerate(sorted({key for f in features for key in f}))}
    matrix = _normalised(_matrix(features, position))
    scores = np.asarray((matrix[: len(left)] @ matrix[len(left) :].T).toarray(), dtype=np.float32)
    scores[[not text.strip() for text in left], :] = np.nan
    scores[:, [not text.strip() for text in right]] = np.nan
    return np.clip(scores, 0.0, 1.0)


def _features(text: str) -> dict[str, float]:
    counted: Counter[str] = Counter(token for token in name_tokens(text) if token not in FILLERS)
    features: dict[str, float] = {}
    for word, count in counted.items():
        for name, weight in _of_word(word):
            features[name] = features.get(name, 0.0) + weight * np.sqrt(count)
    return features


@lru_cache(maxsize=50_000)
def _of_word(word: str) -> tuple[tuple[str, float], ...]:
    meanings = [stem(part) for text in expand(word)[:1] for part in text.split() if part not in FILLERS]
    words = [stem(word), *meanings]
    groups = {head for each in (word, *words) for head in _groups_by_word().get(each, ())}
    padded = f"^{word}$"
    pieces = {padded[i : i + PIECE_LENGTH] for i in range(max(1, len(padded) - PIECE_LENGTH + 1))}
    return (
        *((f"w:{each}", 1.0) for each in dict.fromkeys(words)),
        *((f"g:{group}", GROUP_WEIGHT) for group in sorted(groups)),
        *((f"p:{piece}", PIECE_WEIGHT) for piece in sorted(pieces)),
    )


@lru_cache(maxsize=1)
def _groups_by_word() -> dict[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    for head, members in synonym_groups():
        for word in (text for text in (head, *members) if " " not in text):
            groups.setdefault(stem(word), []).append(head)
    return {word: tuple(heads) for word, heads in groups.items()}


def _matrix(features: Sequence[dict[str, float]], position: dict[str, int]) -> csr_array:
    rows = np.repeat(np.arange(len(features)), [len(each) for each in features])
    columns = np.array([position[name] for each in features for name in each], dtype=np.intp)
    weights = np.array([weight for each in features for weight in each.values()], dtype=np.float32)
    return csr_array((weights, (rows, columns)), shape=(len(features), max(len(position), 1)))


def _normalised(matrix: csr_array) -> csr_array:
    """Rare features weigh more; every row gets length one."""
    seen = np.bincount(matrix.indices, minlength=matrix.shape[1])
    weighed = matrix.multiply(np.log1p(matrix.shape[0] / np.maximum(seen, 1))[None, :]).tocsr()
    lengths = np.sqrt(weighed.multiply(weighed).sum(axis=1))
    return csr_array(weighed.multiply((1 / np.maximum(lengths, 1e-9))[:, None]).tocsr())

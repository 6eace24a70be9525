"""How alike words and names are: equal, same stem, same meaning, abbreviated, or spelled alike.

Everything is computed for all pairs at once: a matrix of word similarities, then how much of each name is
found in each other name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Indel, LCSseq, Prefix
from rapidfuzz.process import cdist
from scipy.sparse import csr_array

from schema_matching_pipeline.canon.names import expand, is_word
from schema_matching_pipeline.canon.thesaurus import FILLERS, readings, synonym_groups

FloatMatrix = npt.NDArray[np.float32]
DoubleMatrix = npt.NDArray[np.float64]
IntVector = npt.NDArray[np.intp]

SAME_STEM = 0.95
HEAD_SYNONYM = 0.8
FELLOW_SYNONYM = 0.6
PREFIX_BELIEF = np.array([0.0, 0.2, 0.5, 0.72, 0.8, 0.82], dtype=np.float32)  # by length of the shorter word
SUBSEQUENCE_CAP = 0.75
SPELLING_CAP = 0.75
SPELLING_FLOOR = 0.6  # less alike than this is not alike
OTHER_WORD = 0.6  # two different plain words that are spelled alike
KNOWN_SHORT = 0.5  # a short form that the lists read otherwise
FILLER_WEIGHT = 0.1
DIGIT_WEIGHT = 0.6
ROWS_AT_ONCE = 256


@dataclass(frozen=True)
class Names:
    """Names as bags of tokens; tokens with their readings, readings as words."""

    bags: tuple[tuple[int, ...], ...]
    tokens: tuple[str, ...]
    words: tuple[str, ...]
    reading_words: IntVector
    reading_starts: IntVector
    reading_belief: npt.NDArray[np.float32]
    token_starts: IntVector
    weights: npt.NDArray[np.float32]

    @property
    def token_weights(self) -> csr_array:
        """Names x tokens: each token's share in the weight of its name."""
        lengths = [len(bag) for bag in self.bags]
        flat = np.fromiter((token for bag in self.bags for token in bag), dtype=np.intp, count=sum(lengths))
        owners = np.repeat(np.arange(len(self.bags)), lengths)
        weight = self.weights[flat]
        totals = np.bincount(owners, weights=weight, minlength=len(self.bags))
        return csr_array(
            (weight / np.maximum(totals[owners], 1e-9), (owners, flat)),
            shape=(len(self.bags), len(self.tokens)),
        )

    @property
    def word_bags(self) -> tuple[tuple[int, ...], ...]:
        """For each name every word of every reading of its tokens."""
        ends = np.append(self.reading_starts[1:], len(self.reading_words))
        last = np.append(self.token_starts[1:], len(self.reading_starts))
        of_token = [
            tuple(self.reading_words[self.reading_starts[first] : ends[end - 1]].tolist())
            for first, end in zip(self.token_starts, last, strict=True)
        ]
        return tuple(
            tuple(dict.fromkeys(word for token in bag for word in of_token[token])) for bag in self.bags
        )


def names_of(token_bags: Sequence[tuple[str, ...]], weighed_by: Sequence[tuple[str, ...]]) -> Names:
    """Names from their tokens; tokens that are frequent in ``weighed_by`` weigh less."""
    tokens = sorted({token for bag in token_bags for token in bag})
    position = {token: index for index, token in enumerate(tokens)}
    read = [readings(token) for token in tokens]
    words = sorted({word for each in read for reading in each for word in reading.words})
    word_position = {word: index for index, word in enumerate(words)}
    flat = [reading for each in read for reading in each]
    return Names(
        bags=tuple(tuple(position[token] for token in dict.fromkeys(bag)) for bag in token_bags),
        tokens=tuple(tokens),
        words=tuple(words),
        reading_words=_ints(word_position[word] for reading in flat for word in reading.words),
        reading_starts=_starts([len(reading.words) for reading in flat]),
        reading_belief=np.array([reading.belief for reading in flat], dtype=np.float32),
        token_starts=_starts([len(each) for each in read]),
        weights=_token_weights(tokens, weighed_by),
    )


def found_in(names: Names, others: Names, similarity: FloatMatrix) -> FloatMatrix:
    """How much of each name is found in each other name, 0 to 1 (names x others)."""
    if not names.tokens or not others.tokens:
        return np.zeros((len(names.bags), len(others.bags)), dtype=np.float32)
    return np.asarray(names.token_weights @ token_hits(names, others, similarity), dtype=np.float32)


def token_hits(names: Names, others: Names, similarity: FloatMatrix) -> FloatMatrix:
    """How well each token is found in each other name (tokens x others)."""
    word_hits = _best_word(similarity, others)
    read = np.add.reduceat(word_hits[names.reading_words], names.reading_starts, axis=0)
    lengths = np.diff(np.append(names.reading_starts, len(names.reading_words)))
    read *= (names.reading_belief / lengths)[:, None]
    return np.asarray(np.maximum.reduceat(read, names.token_starts, axis=0), dtype=np.float32)


def word_similarity(words: Sequence[str], others: Sequence[str]) -> FloatMatrix:
    """How alike words are, 0 to 1 (words x others)."""
    if not words or not others:
        return np.zeros((len(words), len(others)), dtype=np.float32)
    best = np.maximum(_spelling(words, others), _shortening(words, others))
    np.maximum(best, _meaning(words, others), out=best)
    best[_same(words, others)] = 1.0
    best[_digits(words)[:, None] != _digits(others)[None, :]] = 0.0
    both_digits = _digits(words)[:, None] & _digits(others)[None, :]
    best[both_digits & ~_same(words, others)] = 0.0
    return best


def _best_word(similarity: FloatMatrix, others: Names) -> FloatMatrix:
    """For each word the best hit in each other name; names without words are never hit."""
    bags = others.word_bags
    filled = [index for index, bag in enumerate(bags) if bag]
    best = np.zeros((similarity.shape[0], len(bags)), dtype=np.float32)
    if not filled:
        return best
    flat = _ints(word for index in filled for word in bags[index])
    starts = _starts([len(bags[index]) for index in filled])
    for row in range(0, similarity.shape[0], ROWS_AT_ONCE):
        rows = slice(row, row + ROWS_AT_ONCE)
        best[rows, filled] = np.maximum.reduceat(similarity[rows][:, flat], starts, axis=1)
    return best


def _token_weights(tokens: Sequence[str], bags: Sequence[tuple[str, ...]]) -> npt.NDArray[np.float32]:
    """Rare tokens weigh 1; the more names hold a token, the less it says; digits and fillers say little."""
    seen: dict[str, int] = {}
    for bag in bags:
        for token in set(bag):
            seen[token] = seen.get(token, 0) + 1
    total = np.log1p(max(len(bags), 1))
    weights = [
        np.log1p(len(bags) / max(seen.get(token, 1), 1)) / total
        * (FILLER_WEIGHT if token in FILLERS else DIGIT_WEIGHT if token.isdigit() else 1.0)
        for token in tokens
    ]  # fmt: skip
    return np.asarray(weights, dtype=np.float32)


def _same(words: Sequence[str], others: Sequence[str]) -> npt.NDArray[np.bool_]:
    return np.asarray(np.array(words)[:, None] == np.array(others)[None, :])


def _digits(words: Sequence[str]) -> npt.NDArray[np.bool_]:
    return np.array([word.isdigit() for word in words], dtype=np.bool_)


def _spelling(words: Sequence[str], others: Sequence[str]) -> FloatMatrix:
    """Spelled alike: typing errors, cognates of other languages; different plain words count less."""
    alike = cdist(words, others, scorer=Indel.normalized_similarity, dtype=np.float32)
    alike = np.clip((alike - SPELLING_FLOOR) / (1 - SPELLING_FLOOR), 0, 1) * SPELLING_CAP
    plain, other_plain = _plain(words), _plain(others)
    alike[plain[:, None] & other_plain[None, :]] *= OTHER_WORD
    short = np.minimum.outer(_lengths(words), _lengths(others)) < len("abcd")
    alike[short] = 0.0
    stems, other_stems = [stem(word) for word in words], [stem(word) for word in others]
    alike[_same(stems, other_stems)] = SAME_STEM
    return np.asarray(alike, dtype=np.float32)


def _shortening(words: Sequence[str], others: Sequence[str]) -> FloatMatrix:
    """One is short for the other: its beginning, or its letters in order from the first on."""
    common = cdist(words, others, scorer=LCSseq.similarity, dtype=np.int32)
    start = cdist(words, others, scorer=Prefix.similarity, dtype=np.int32)
    lengths, other_lengths = _lengths(words), _lengths(others)
    short = np.minimum.outer(lengths, other_lengths)
    longer = np.maximum.outer(lengths, other_lengths) > short
    consonants = np.where(
        lengths[:, None] > other_lengths[None, :], _consonants(words)[:, None], _consonants(others)[None, :]
    )
    prefix = np.where(start == short, PREFIX_BELIEF[np.minimum(short, len(PREFIX_BELIEF) - 1)], 0.0)
    in_order = (common == short) & (start > 0) & (short > 1)
    subsequence = np.where(in_order, 0.25 + 0.5 * np.minimum(1.0, short / np.maximum(consonants, 1)), 0.0)
    belief = np.maximum(prefix, np.minimum(subsequence, SUBSEQUENCE_CAP))
    plain_short = np.where(lengths[:, None] < other_lengths[None, :], _plain(words)[:, None], _plain(others))
    known_short = np.where(lengths[:, None] < other_lengths[None, :], _known(words)[:, None], _known(others))
    belief = np.where(plain_short & (prefix == 0), 0.0, belief)
    belief = np.where(plain_short | known_short, belief * KNOWN_SHORT, belief)
    return np.asarray(np.where(longer, belief, 0.0), dtype=np.float32)


def _meaning(words: Sequence[str], others: Sequence[str]) -> FloatMatrix:
    """In the same group of synonyms: as head and fellow, or as two fellows."""
    heads, fellows = _membership(words)
    other_heads, other_fellows = _membership(others)
    through_head = (heads @ other_fellows.T + fellows @ other_heads.T).toarray() > 0
    as_fellows = (fellows @ other_fellows.T).toarray() > 0
    best = np.where(as_fellows, FELLOW_SYNONYM, 0.0)
    return np.asarray(np.where(through_head, HEAD_SYNONYM, best), dtype=np.float32)


def _membership(words: Sequence[str]) -> tuple[csr_array, csr_array]:
    position = {word: index for index, word in enumerate(words)}
    groups = synonym_groups()
    heads = [(position[head], g) for g, (head, _) in enumerate(groups) if head in position]
    fellows = [
        (position[text], g) for g, (_, members) in enumerate(groups) for text in members if text in position
    ]
    return _incidence(heads, (len(words), len(groups))), _incidence(fellows, (len(words), len(groups)))


def _incidence(pairs: Sequence[tuple[int, int]], shape: tuple[int, int]) -> csr_array:
    rows, columns = ([pair[0] for pair in pairs], [pair[1] for pair in pairs])
    return csr_array((np.ones(len(pairs), dtype=np.float32), (rows, columns)), shape=shape)


def stem(word: str) -> str:
    """The word without its plural or participle ending; short words stay."""
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ings", ""), ("ing", ""), ("ed", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) > len("abc") - 1 and not word.endswith("ss"):
            return word[: len(word) - len(ending)] + instead
    return word


def _plain(words: Sequence[str]) -> npt.NDArray[np.bool_]:
    return np.array([is_word(word) for word in words], dtype=np.bool_)


def _known(words: Sequence[str]) -> npt.NDArray[np.bool_]:
    return np.array([bool(expand(word)) for word in words], dtype=np.bool_)


def _lengths(words: Sequence[str]) -> IntVector:
    return _ints(len(word) for word in words)


def _consonants(words: Sequence[str]) -> IntVector:
    return _ints(1 + sum(letter not in "aeiouy" for letter in word[1:]) for word in words)


def _ints(values: Iterable[int]) -> IntVector:
    return np.fromiter(values, dtype=np.intp)


def _starts(lengths: Sequence[int]) -> IntVector:
    return np.concatenate(([0], np.cumsum(lengths)[:-1])).astype(np.intp) if lengths else _ints(())

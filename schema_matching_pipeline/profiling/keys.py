"""Keys of tables, and references between tables that nobody declared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from schema_matching_pipeline.canon.name_kinds import in_english
from schema_matching_pipeline.canon.names import name_tokens
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import ColumnProfile, TableProfile, ValueSketch, ValueType
from schema_matching_pipeline.model.source import ForeignKey
from schema_matching_pipeline.profiling.sketches import comparable

_KEY_TYPES = frozenset({ValueType.INTEGER, ValueType.TEXT, ValueType.UUID})
_KEY_WORDS = frozenset(
    (
        "id",
        "key",
        "no",
        "nr",
        "number",
        "code",
        "uid",
        "guid",
        "uuid",
        "identifier",
        "nummer",
        "pk",
        "fk",
        "ref",
    )
)
_PARENTS = frozenset(
    (
        "parent",
        "manager",
        "supervisor",
        "report",
        "reports",
        "superior",
        "predecessor",
        "previous",
        "replaces",
        "original",
    )
)
_PROOF_WEIGHT = 0.35  # the values' part in a score; the rest is the names'
_MOSTLY = 0.5
_PLAIN_AFFINITY = 0.8  # a name that says plainly which key is meant
_LONG_VALUE = 5  # characters; shorter texts meet by chance
_LONGEST_KEY = 64  # longer texts on average are prose, not keys
_FEW_VALUES = 3  # fewer distinct values fall into any key by chance
_SAME_NAME = 90.0  # names as alike as this, of 100, are the same but for an ending


@dataclass(frozen=True, slots=True)
class _Key:
    """A column that other tables may refer to."""

    table: str
    column: ColumnProfile
    sketch: ValueSketch
    members: frozenset[int]
    is_primary: bool


_Holders = Mapping[int, Mapping[str, list[int]]]


def key_candidates(columns: Sequence[ColumnProfile]) -> tuple[tuple[str, ...], ...]:
    """Columns that could be the table's key, the likeliest first; only exact figures count."""
    unique = [column for column in columns if column.is_unique and column.value_type in _KEY_TYPES]
    ranked = sorted(unique, key=lambda column: (-_key_likeness(column), column.position))
    return tuple((column.column,) for column in ranked)


def discover_references(
    tables: Sequence[TableProfile], policy: ProfilePolicy
) -> dict[str, tuple[ForeignKey, ...]]:
    """References between tables found in the values, by table; the best one of each column, declared ones aside.

    A column refers to a key when (nearly) all its distinct values are found there. Values that cannot be met
    by chance, such as UUIDs, prove it alone; small whole numbers are found in every key, so there the names
    must agree as well.
    """
    keys = tuple(_keys(tables))
    by_hash = _index(keys)
    found: dict[str, tuple[ForeignKey, ...]] = {}
    for table in tables:
        declared = {name for key in table.foreign_keys for name in key.columns}
        references = [
            reference
            for column in table.columns
            if column.column not in declared
            and (reference := _best_reference(column, keys, by_hash, policy)) is not None
        ]
        found[table.name] = tuple(references)
    return found


def _key_likeness(column: ColumnProfile) -> int:
    words = set(column.tokens)
    return 4 * column.in_primary_key + 2 * bool(words & _KEY_WORDS) + (column.position == 0)


def _keys(tables: Iterable[TableProfile]) -> Iterator[_Key]:
    for table in tables:
        single = {table.primary_key[0]} if len(table.primary_key) == 1 else set()
        for column in table.columns:
            is_key = column.is_unique or column.column in single
            if is_key and column.sketch and column.value_type in _KEY_TYPES and not _is_content(column):
                yield _Key(
                    table.name,
                    column,
                    column.sketch,
                    frozenset(column.sketch.hashes),
                    column.column in single,
                )


def _is_content(column: ColumnProfile) -> bool:
    """Whether a unique column is prose or a person's data, which nobody refers to, rather than a key."""
    if column.in_primary_key:
        return False
    return column.personal or (column.lengths is not None and column.lengths.mean > _LONGEST_KEY)


def _index(keys: Sequence[_Key]) -> _Holders:
    """Which keys hold a hash, by their table: a table of thousands of columns is passed over in one step."""
    holders: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for place, key in enumerate(keys):
        for value in key.sketch.hashes:
            holders[value][key.table].append(place)
    return holders


def _best_reference(
    column: ColumnProfile, keys: Sequence[_Key], by_hash: _Holders, policy: ProfilePolicy
) -> ForeignKey | None:
    sketch = column.sketch
    if sketch is None or column.value_type not in _KEY_TYPES or column.filled_count == 0:
        return None
    stranger = None if _may_refer_to_its_table(column, policy) else column.table
    scored = [
        (score, _plainness(keys[place]), place)
        for place in _holders(sketch, by_hash, policy, without=stranger)
        if keys[place].column is not column
        and (score := _score(column, sketch, keys[place], policy)) >= policy.inclusion_score
    ]
    if not scored:
        return None
    score, _, place = max(scored, key=lambda item: (item[0], item[1], -item[2]))
    key = keys[place]
    return ForeignKey(
        columns=(column.column,),
        referred_table=key.table,
        referred_columns=(key.column.column,),
        declared=False,
        score=round(score, 3),
    )


def _may_refer_to_its_table(column: ColumnProfile, policy: ProfilePolicy) -> bool:
    """Whether the values prove a reference alone, or the name speaks of a parent: inside a table nothing else does."""
    return _proof(column) >= policy.inclusion_score or bool(_singular(column.tokens) & _PARENTS)


def _holders(
    sketch: ValueSketch, by_hash: _Holders, policy: ProfilePolicy, *, without: str | None
) -> list[int]:
    """Keys that hold most of the first hashes; one may be missing, for the filler that stands for none."""
    first = sketch.hashes[: policy.inclusion_values]
    counts: dict[int, int] = defaultdict(int)
    for value in first:
        for table, places in by_hash.get(value, {}).items():
            if table != without:
                for place in places:
                    counts[place] += 1
    return [place for place, count in counts.items() if count >= len(first) - 1 and count]


def _plainness(key: _Key) -> tuple[bool, bool, bool, int]:
    """Of two keys with the same values, the declared one is meant, then the one named after its own table."""
    return (
        key.is_primary,
        _is_own(key.column),
        _key_likeness(key.column) > 0,
        -key.column.position,
    )


def _is_own(column: ColumnProfile) -> bool:
    """Whether a column carries the name of its own table, or none but that of a key."""
    told = _singular(column.tokens) - _KEY_WORDS
    return not told or bool(told & _singular(name_tokens(column.table)))


def _score(column: ColumnProfile, sketch: ValueSketch, key: _Key, policy: ProfilePolicy) -> float:
    """How sure the reference is: what the values prove, raised by the names; 0 where it does not hold."""
    if key.table == column.table and key.column.column == column.column:
        return 0.0
    affinity, proof = _affinity(column, key), _proof(column)
    best = max(proof, _PROOF_WEIGHT * proof + (1 - _PROOF_WEIGHT) * affinity)
    if best < policy.inclusion_score or not _same_family(column, key.column):
        return 0.0
    if column.is_unique and key.column.is_unique and not _may_be_shared_key(column, key, affinity):
        return 0.0
    known = comparable(sketch, key.sketch)
    missing = len(known - key.members)
    if not known or not _holds(missing, len(known), policy):
        return 0.0
    return best * (1 - missing / len(known))


def _holds(missing: int, known: int, policy: ProfilePolicy) -> bool:
    """Whether enough values are found; of a few, one may be a filler."""
    return missing <= (1 - policy.inclusion_share) * known or (missing == 1 and known > _FEW_VALUES)


def _same_family(column: ColumnProfile, key: ColumnProfile) -> bool:
    return column.value_type == key.value_type or ValueType.TEXT in {column.value_type, key.value_type}


def _proof(column: ColumnProfile) -> float:
    """What the values alone prove: nearly all for values nobody meets by chance, little for small numbers."""
    if column.value_type is ValueType.UUID or column.pattern_share("uuid") >= _MOSTLY:
        return 0.95
    if column.value_type is ValueType.INTEGER or column.distinct_count < _FEW_VALUES:
        return 0.25
    long_enough = column.lengths is not None and column.lengths.mean >= _LONG_VALUE
    return 0.55 if long_enough else 0.3


def _may_be_shared_key(column: ColumnProfile, key: _Key, affinity: float) -> bool:
    """Two unique columns: one extends the other's table only if its name says so and it is no bigger."""
    if _is_own(column) and not _is_own(key.column):
        return False
    return affinity >= _PLAIN_AFFINITY and column.distinct_count <= key.column.distinct_count


def _affinity(column: ColumnProfile, key: _Key) -> float:
    """How plainly the column's name speaks of the key: 1 for table and key named, 0 for nothing in common."""
    own, entity = _singular(column.tokens), _singular(name_tokens(key.table))
    target = _singular(key.column.tokens)
    if column.table == key.table:
        return _self_affinity(own, target)
    said = own - _KEY_WORDS
    names_entity = _names(said, entity - _KEY_WORDS)
    names_key = _names(said, target - _KEY_WORDS) if target - _KEY_WORDS else 0.0
    return max(names_entity, 0.9 * names_key if len(target - _KEY_WORDS) else 0.0)


def _self_affinity(own: frozenset[str], target: frozenset[str]) -> float:
    return 0.9 if own & _PARENTS and (own & _KEY_WORDS or own & target or "to" in own) else 0.0


def _names(said: frozenset[str], meant: frozenset[str]) -> float:
    """The share of the meant words that were said, spelling and endings forgiven."""
    if not said or not meant:
        return 0.0
    hits = sum(max(fuzz.ratio(word, other) for other in said) >= _SAME_NAME for word in meant)
    spare = len(said) - hits
    return 0.0 if not hits else max(0.0, hits / len(meant) - 0.05 * max(0, spare))


@lru_cache(maxsize=65_536)
def _singular(tokens: tuple[str, ...]) -> frozenset[str]:
    words = (*tokens, *in_english(tokens))
    return frozenset(_stem(word) for word in words if not word.isdigit())


def _stem(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches")):
        return word[:-2]
    return (
        word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3 else word
    )

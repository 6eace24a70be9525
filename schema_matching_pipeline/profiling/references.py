"""References between tables that nobody declared, found in the values and the names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import ColumnProfile, TableProfile, ValueSketch, ValueType
from schema_matching_pipeline.model.source import ForeignKey
from schema_matching_pipeline.profiling.key_names import PLAIN, KeyNames, counts_many
from schema_matching_pipeline.profiling.keys import KEY_TYPES, key_likeness
from schema_matching_pipeline.profiling.sketches import comparable, contained_share

_PROOF_WEIGHT = 0.35  # the values' part in a score; the rest is the names'
_MOSTLY = 0.5
_LONG_VALUE = 5  # characters; shorter texts meet by chance
_LONGEST_KEY = 64  # longer texts on average are prose, not keys
_FEW_VALUES = 3  # fewer distinct values fall into any key by chance
_TOLD = 0.9  # a name that is believed where there are no values
_DERIVED = 0.5  # a view that takes so many of its columns from tables repeats their references
_Ends = tuple[tuple[str, str], tuple[str, str]]  # a column that refers, and the one it refers to
_LENGTH = re.compile(r"\(.*\)")


@dataclass(frozen=True, slots=True)
class _Key:
    """A column that other tables may refer to; without a sketch where its table has no rows."""

    table: str
    column: ColumnProfile
    sketch: ValueSketch | None
    members: frozenset[int]
    is_primary: bool


def discover_references(
    tables: Sequence[TableProfile], policy: ProfilePolicy, views: AbstractSet[str] = frozenset()
) -> dict[str, tuple[ForeignKey, ...]]:
    """References between tables, by table; the best one of each column, declared ones aside.

    A column refers to a key when (nearly) all its distinct values are found there. Values that cannot be met
    by chance, such as UUIDs, prove it alone; small whole numbers are found in every key, so there the names
    must agree as well. A column without any value is told by its name alone, when that names a primary key.
    A view made of tables repeats their references; it neither refers nor is referred to.
    """
    derived = _derived(tables, views)
    search = _Search([table for table in tables if table.name not in derived], policy)
    found = dict.fromkeys((table.name for table in tables), ())
    return found | search.all_references()


class _Search:
    """All keys of a source, to be found by their values and by their names."""

    def __init__(self, tables: Sequence[TableProfile], policy: ProfilePolicy) -> None:
        self.tables, self._policy = tables, policy
        self._keys = tuple(_keys(tables, policy))
        self._primary = {(key.table, key.column.column) for key in self._keys if key.is_primary}
        self._names = KeyNames(
            (table.name for table in tables), [(key.table, key.column.tokens) for key in self._keys]
        )
        self._by_hash = _index(self._keys, policy)

    def all_references(self) -> dict[str, tuple[ForeignKey, ...]]:
        """The best reference of each column that has one, by table.

        Of two keys with the same values, of which each refers to the other, the one whose table says more refers.
        """
        found = {table.name: tuple(self._references(table)) for table in self.tables}
        ends = {_ends(table, key) for table, keys in found.items() for key in keys}
        return {
            table: tuple(key for key in keys if not self._is_returned(_ends(table, key), ends))
            for table, keys in found.items()
        }

    def _is_returned(self, reference: _Ends, all_ends: AbstractSet[_Ends]) -> bool:
        """Whether the other refers back, and is the one that should."""
        child, parent = reference
        plainness = self._names.plainness
        return (parent, child) in all_ends and (plainness(child[0]), child) > (plainness(parent[0]), parent)

    def _references(self, table: TableProfile) -> Iterator[ForeignKey]:
        declared = {name for key in table.foreign_keys for name in key.columns}
        for column in table.columns:
            reference = None if column.column in declared else self._best(column)
            if reference is not None:
                yield reference

    def _best(self, column: ColumnProfile) -> ForeignKey | None:
        scored = list(self._told(column) if column.filled_count == 0 else self._proved(column))
        if not scored:
            return None
        score, place = max(scored, key=lambda item: (item[0], *self._plainness(column, item[1])))
        key = self._keys[place]
        return ForeignKey(
            columns=(column.column,),
            referred_table=key.table,
            referred_columns=(key.column.column,),
            declared=False,
            score=round(score, 3),
        )

    def _told(self, column: ColumnProfile) -> Iterator[tuple[float, int]]:
        """Primary keys that the name of a column without values speaks of; as unsure as a reference may be."""
        for place in self._names.named_by(column.table, column.tokens):
            key = self._keys[place]
            if (
                key.is_primary
                and key.table != column.table
                and (column.table, column.column) not in self._primary
                and _declared_type(key.column) == _declared_type(column)
                and self._is_told(column, place)
            ):
                yield self._policy.inclusion_score, place

    def _is_told(self, column: ColumnProfile, place: int) -> bool:
        return self._names.affinity(column.table, column.tokens, place) >= _TOLD

    def _proved(self, column: ColumnProfile) -> Iterator[tuple[float, int]]:
        sketch = column.sketch
        if sketch is None or column.value_type not in KEY_TYPES or _is_count(column):
            return
        proof = _proof(column)
        places = self._names.named_by(column.table, column.tokens)
        if proof >= self._policy.inclusion_score:
            places |= _holders(sketch, self._by_hash, self._policy)
        for place in places:
            score = self._score(column, sketch, proof, place)
            if score >= self._policy.inclusion_score:
                yield score, place

    def _score(self, column: ColumnProfile, sketch: ValueSketch, proof: float, place: int) -> float:
        """How sure the reference is: what the values prove, raised by the names; 0 where it does not hold."""
        key = self._keys[place]
        if key.sketch is None or key.column is column or not _same_family(column, key.column):
            return 0.0
        affinity = self._names.affinity(column.table, column.tokens, place)
        best = max(proof, _PROOF_WEIGHT * proof + (1 - _PROOF_WEIGHT) * affinity)
        if best < self._policy.inclusion_score:
            return 0.0
        if column.is_unique and key.column.is_unique and not self._may_be_shared(column, key, affinity):
            return 0.0
        known = comparable(sketch, key.sketch)
        missing = len(known - key.members)
        if not known or not _holds(missing, len(known), self._policy):
            return 0.0
        return best * (1 - missing / len(known))

    def _may_be_shared(self, column: ColumnProfile, key: _Key, affinity: float) -> bool:
        """Two unique columns: one extends the other's table only if its name says so and it is no bigger."""
        own = self._names.is_own(column.table, column.tokens)
        if own and not self._names.is_own(key.table, key.column.tokens):
            return False
        if self._names.names_only_itself(column.table, column.tokens):
            return False
        return affinity >= PLAIN and column.distinct_count <= key.column.distinct_count

    def _plainness(
        self, column: ColumnProfile, place: int
    ) -> tuple[bool, bool, bool, bool, tuple[int, int], int, int]:
        """Of two keys with the same values, the declared one is meant, then the one named after its own table."""
        key = self._keys[place]
        return (
            key.is_primary,
            self._names.same_module(column.table, place),
            self._names.is_own(key.table, key.column.tokens),
            key_likeness(key.column) > 0,
            self._names.plainness(key.table),
            -key.column.position,
            -place,
        )


def _ends(table: str, key: ForeignKey) -> _Ends:
    return (table, key.columns[0]), (key.referred_table, key.referred_columns[0])


def _is_count(column: ColumnProfile) -> bool:
    """Whether whole numbers tell how many there are of something, which no key of it is."""
    return column.value_type is ValueType.INTEGER and counts_many(column.tokens)


def _derived(tables: Sequence[TableProfile], views: AbstractSet[str]) -> frozenset[str]:
    """Views that take most of their columns from tables: columns of the same name that hold their values."""
    sources: defaultdict[str, list[ValueSketch]] = defaultdict(list)
    for table in tables:
        if table.name not in views:
            for column in table.columns:
                if column.sketch:
                    sources[column.column.casefold()].append(column.sketch)
    return frozenset(
        table.name for table in tables if table.name in views and _taken_share(table, sources) >= _DERIVED
    )


def _taken_share(view: TableProfile, sources: Mapping[str, Sequence[ValueSketch]]) -> float:
    filled = [(column.column.casefold(), column.sketch) for column in view.columns if column.sketch]
    taken = sum(
        any(contained_share(sketch, whole) == 1.0 for whole in sources.get(name, ()))
        for name, sketch in filled
    )
    return taken / len(filled) if filled else 1.0


def _keys(tables: Iterable[TableProfile], policy: ProfilePolicy) -> Iterator[_Key]:
    """What may be referred to; of a table most of whose many columns are unique by chance, its primary key alone."""
    for table in tables:
        single = {table.primary_key[0]} if len(table.primary_key) == 1 else set()
        found = [
            column for column in table.columns if _may_be_key(column, is_primary=column.column in single)
        ]
        by_chance = len(found) > policy.inclusion_holders
        for column in found:
            is_primary = column.column in single
            if is_primary or not by_chance:
                members = frozenset(column.sketch.hashes) if column.sketch else frozenset[int]()
                yield _Key(table.name, column, column.sketch, members, is_primary)


def _may_be_key(column: ColumnProfile, *, is_primary: bool) -> bool:
    if is_primary and column.filled_count == 0:
        return True
    unique = (column.is_unique or is_primary) and column.sketch is not None
    return unique and column.value_type in KEY_TYPES and not _is_content(column)


def _is_content(column: ColumnProfile) -> bool:
    """Whether a unique column is prose or a person's data, which nobody refers to, rather than a key."""
    if column.in_primary_key:
        return False
    return column.personal or (column.lengths is not None and column.lengths.mean > _LONGEST_KEY)


def _index(keys: Sequence[_Key], policy: ProfilePolicy) -> Mapping[int, Sequence[int]]:
    """Which keys hold a hash, for keys whose values prove a reference alone; a value that all hold says nothing."""
    holders: dict[int, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        if key.sketch and _proof(key.column) >= policy.inclusion_score:
            for value in key.sketch.hashes:
                holders[value].append(place)
    return {value: places for value, places in holders.items() if len(places) <= policy.inclusion_holders}


def _holders(
    sketch: ValueSketch, by_hash: Mapping[int, Sequence[int]], policy: ProfilePolicy
) -> frozenset[int]:
    """Keys that hold most of the first hashes; one may be missing, for the filler that stands for none."""
    first = sketch.hashes[: policy.inclusion_values]
    counts: dict[int, int] = defaultdict(int)
    for value in first:
        for place in by_hash.get(value, ()):
            counts[place] += 1
    return frozenset(place for place, count in counts.items() if count >= len(first) - 1)


def _holds(missing: int, known: int, policy: ProfilePolicy) -> bool:
    """Whether enough values are found; of a few, one may be a filler."""
    return missing <= (1 - policy.inclusion_share) * known or (missing == 1 and known > _FEW_VALUES)


def _same_family(column: ColumnProfile, key: ColumnProfile) -> bool:
    return column.value_type == key.value_type or ValueType.TEXT in {column.value_type, key.value_type}


def _declared_type(column: ColumnProfile) -> str:
    return _LENGTH.sub("", column.data_type).strip().casefold()


def _proof(column: ColumnProfile) -> float:
    """What the values alone prove: nearly all for values nobody meets by chance, little for small numbers."""
    if column.value_type is ValueType.UUID or column.pattern_share("uuid") >= _MOSTLY:
        return 0.95
    if column.value_type is ValueType.INTEGER or column.distinct_count < _FEW_VALUES:
        return 0.25
    long_enough = column.lengths is not None and column.lengths.mean >= _LONG_VALUE
    return 0.55 if long_enough else 0.3

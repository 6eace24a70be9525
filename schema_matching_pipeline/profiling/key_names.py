"""How plainly the name of a column speaks of another table's key."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rapidfuzz import fuzz

from schema_matching_pipeline.canon.name_kinds import in_english
from schema_matching_pipeline.canon.names import english_words, name_tokens

KEY_WORDS = frozenset(
    "id key no nr number code uid guid uuid identifier nummer pk fk ref sk row record rec".split()  # noqa: SIM905  # easier to read
)
PLAIN = 0.8  # a name that says plainly which key is meant
_PARENTS = frozenset(
    "parent manager supervisor report reports superior predecessor previous replaces original".split()  # noqa: SIM905  # see above
)
# Who did something, or stands for somebody: found among the people of a house, whatever their table is called.
_ROLES = frozenset(
    "manager supervisor author owner creator editor reviewer approver assignee reporter agent representative salesperson seller clerk cashier lead leader head coordinator operator doctor physician nurse therapist technician teacher instructor handler dispatcher inspector".split()  # noqa: SIM905  # see above
)
_PEOPLE = frozenset(
    "user employee staff person people member worker personnel operator agent representative clinician physician practitioner doctor teacher".split()  # noqa: SIM905  # see above
)
_NAMING = frozenset(("code", "number", "key", "record"))  # key words that are things, too
_TABLE_MARKS = frozenset("tbl tab table dim fact lookup lkp mst master view vw".split())  # noqa: SIM905  # see above
_JOINING = frozenset("via by from to of for in at on".split())  # noqa: SIM905  # see above
_EMPTY = KEY_WORDS | _TABLE_MARKS | _JOINING | {"table", "view", "query"}
# A key that is named by one of these alone is any row's: the name of a service, the hash of a file.
_ATTRIBUTES = frozenset(
    "name title label caption description text value type kind status state category class level hash path file date sequence position".split()  # noqa: SIM905  # see above
)
_SAME = 90.0  # words as alike as this, of 100, are the same but for an ending
_SHORTENED = 0.88  # how far the beginning of a word, or the end of a compound, stands for the whole
_SHORTEST_BEGINNING, _SHORTEST_END = 3, 4  # letters
_SPARE = 0.05  # lost for a word that speaks of something else
_HEADLESS = 0.3  # lost where the last word speaks of something else, as in "customer age"
_KEY_NAMED, _BY_ROLE, _OWN_PARENT = 0.9, 0.85, 0.9
_MODULE_LEFT_OUT, _MODULE_MISSED = 0.98, 0.78

_ONE_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")

Word = frozenset[str]  # one word with what it means in English
Words = tuple[Word, ...]


class KeyNames:
    """What the names of a source's tables and key columns say, for looking up who is meant."""

    def __init__(self, tables: Iterable[str], keys: Sequence[tuple[str, tuple[str, ...]]]) -> None:
        """``keys`` are tables with the tokens of their key columns, told apart by their places."""
        names = tuple(tables)
        self._modules = _modules(names)
        self._entities = {name: self._spellings(name) for name in names}
        self._targets = [_meant(_told(words_of(tokens))) for _, tokens in keys]
        self._tables = [table for table, _ in keys]
        self._places: defaultdict[str, set[int]] = defaultdict(set)
        self._people: set[int] = set()
        for place, (table, _) in enumerate(keys):
            spellings = [words for _, words in self._entities[table]]
            for word in (word for words in (*spellings, self._targets[place]) for word in words):
                for spelling in word:
                    self._places[spelling].add(place)
            if any(words[-1] & _PEOPLE for words in spellings):
                self._people.add(place)
        self._near: dict[str, frozenset[int]] = {}

    def named_by(self, table: str, tokens: tuple[str, ...]) -> set[int]:
        """The keys a column's name may speak of at all: each other key has no affinity."""
        words = words_of(tokens)
        found = {place for word in words for spelling in word for place in self._like(spelling)}
        if _is_role(words):
            found |= self._people
        if _is_parent(words, self._entity(table)):
            found |= {place for place, own in enumerate(self._tables) if own == table}
        return found

    def affinity(self, table: str, tokens: tuple[str, ...], place: int) -> float:
        """1 where table and key are named, 0 for nothing in common."""
        words, referred = words_of(tokens), self._tables[place]
        said = _told(words)
        role = _BY_ROLE if place in self._people and _is_role(words) else 0.0
        if table == referred:
            return max(_OWN_PARENT if _is_parent(words, self._entity(table)) else 0.0, role)
        inside = self.same_module(table, place)
        named = max(
            (
                _names(said, words, spelling) * (1.0 if whole or inside else _module_left_out(words))
                for whole, spelling in self._entities[referred]
            ),
            default=0.0,
        )
        return max(named, _KEY_NAMED * _names(said, words, self._targets[place]), role)

    def is_own(self, table: str, tokens: tuple[str, ...]) -> bool:
        """Whether a column carries the name of its own table, or none but that of a key."""
        told = _told(words_of(tokens))
        entity = self._entity(table)
        return not told or any(_begins(word, entity) for word in told)

    def names_only_itself(self, table: str, tokens: tuple[str, ...]) -> bool:
        """Whether a column says its whole table and nothing else, as the key a table made for itself does."""
        said = _told(words_of(tokens))
        return any(_names(said, (), spelling) == 1.0 for _, spelling in self._entities[table])

    def plainness(self, table: str) -> tuple[int, int]:
        """How little a table's name says beside what its key is named after; of two, what is said more belongs to the other."""
        return (-min(len(words) for _, words in self._entities[table] or ((True, ()),)), -len(table))

    def same_module(self, table: str, place: int) -> bool:
        """Whether the names of two tables begin with the same word, as those of one module do."""
        return name_tokens(table)[:1] == name_tokens(self._tables[place])[:1]

    def _spellings(self, table: str) -> tuple[tuple[bool, Words], ...]:
        """The words of a table, in one and in parts; and, where others begin alike, those without their module."""
        tokens = name_tokens(table)
        found = [(True, _entity_words(words_of(tokens)))]
        if len(tokens) > 1 and _ONE_WORD.fullmatch(table):
            found.append((True, words_of((table.casefold(),))))
        if tokens[:1] and tokens[0] in self._modules:
            found.append((False, _entity_words(words_of(tokens[1:]))))
        return tuple((whole, words) for whole, words in found if words)

    def _entity(self, table: str) -> Word:
        return frozenset[str]().union(*(word for _, words in self._entities[table] for word in words))

    def _like(self, spelling: str) -> frozenset[int]:
        if spelling not in self._near:
            self._near[spelling] = frozenset(
                place
                for other, places in self._places.items()
                if _likeness(spelling, other)
                for place in places
            )
        return self._near[spelling]


@lru_cache(maxsize=65_536)
def words_of(tokens: tuple[str, ...]) -> Words:
    """The words of a name in the singular, each with its English; digits left out."""
    parted = (part for token in tokens for part in _without_key_ending(token))
    return tuple(_word(token) for token in parted if not token.isdigit())


def _word(token: str) -> Word:
    """A token and its English, without what only joins or speaks of keys, where anything else is left."""
    if token in _EMPTY:
        return frozenset({token})
    spellings = frozenset({_stem(token), *(_stem(word) for word in in_english((token,)))})
    return spellings - _EMPTY or spellings


def _without_key_ending(token: str) -> tuple[str, ...]:
    """A word and the key word glued to it apart: ``wardid`` as ``ward`` and ``id``."""
    if token in english_words() or token in KEY_WORDS:
        return (token,)
    ending = next((end for end in ("id", "key", "nr", "no") if token.endswith(end)), "")
    stem = token.removesuffix(ending)
    return (stem, ending) if ending and stem in english_words() else (token,)


def _modules(tables: Iterable[str]) -> frozenset[str]:
    """First words that several tables of more than one word share."""
    begun = Counter(tokens[0] for table in tables if len(tokens := name_tokens(table)) > 1)
    return frozenset(word for word, count in begun.items() if count > 1)


def _told(words: Words) -> Words:
    """The words that speak of an entity: neither of keys nor of tables, no prepositions, no single letters."""
    return tuple(word for word in words if not word <= _EMPTY and max(map(len, word)) > 1)


def _entity_words(words: Words) -> Words:
    """What a table is about: also what its first word would say of a key, as types of codes are no types of anything."""
    told = _told(words)
    first = words[:1] if told and words[0] <= KEY_WORDS and words[0] & _NAMING else ()
    return (*first, *told)


def _meant(told: Words) -> Words:
    """What the name of a key says of the thing, nothing where it is called after what everything has."""
    return () if all(word & _ATTRIBUTES for word in told) else told


def _begins(word: Word, entity: Word) -> bool:
    """Whether a word stands in the name of a table, or its first letters do."""
    short = {spelling for spelling in word if len(spelling) >= _SHORTEST_BEGINNING}
    return bool(word & entity) or any(other.startswith(spelling) for spelling in short for other in entity)


def counts_many(tokens: tuple[str, ...]) -> bool:
    """Whether a name says how many rather than which: it ends in the plural, beside another word.

    >>> counts_many(("covered", "visits")), counts_many(("visits", "id")), counts_many(("address",))
    (True, False, False)
    """
    return len(tokens) > 1 and not KEY_WORDS & {*tokens} and tokens[-1] != _stem(tokens[-1])


def _is_role(words: Words) -> bool:
    told = _told(words)
    return bool(words and "by" in words[-1 - _ends_in_key(words)]) or bool(told and told[-1] & _ROLES)


def _module_left_out(words: Words) -> float:
    """A module need not be named inside it; from outside it is missed, and much so in no name of a key."""
    return _MODULE_LEFT_OUT if _is_key_like(words) else _MODULE_MISSED


def _ends_in_key(words: Words) -> bool:
    return len(words) > 1 and bool(words[-1] & KEY_WORDS)


def _is_parent(words: Words, entity: Word) -> bool:
    """Whether a name speaks of another row of its own table, and of nothing else."""
    rest = [word for word in _told(words) if not word & entity]
    return bool(rest) and all(word & _PARENTS for word in rest)


def _names(said: Words, words: Words, meant: Words) -> float:
    """The share of the meant words that were said, spelling and endings forgiven; less for words beside it."""
    if not said or not meant:
        return 0.0
    best = [
        max(_alike(word, other) for other in (words if words and word <= KEY_WORDS else said))
        for word in meant
    ]
    hits = sum(best)
    if not hits:
        return 0.0
    spare = len(said) - sum(1 for share in best if share)
    share = hits / len(meant) - _SPARE * max(0, spare)
    if not _is_key_like(words) and not any(_alike(word, said[-1]) for word in meant):
        share -= _HEADLESS
    return max(0.0, share)


def _is_key_like(words: Words) -> bool:
    return any(word & (KEY_WORDS | _JOINING) for word in words)


@lru_cache(maxsize=65_536)
def _alike(word: Word, other: Word) -> float:
    return max(_likeness(said, meant) for said in other for meant in word)


@lru_cache(maxsize=65_536)
def _likeness(said: str, meant: str) -> float:
    """How far one spelling stands for another: the same, its beginning, or the end of a compound."""
    if said == meant or fuzz.ratio(said, meant) >= _SAME:
        return 1.0
    shorter, longer = sorted((said, meant), key=len)
    if len(shorter) >= _SHORTEST_BEGINNING and longer.startswith(shorter):
        return _SHORTENED if _is_short_for(shorter, longer) else 0.0
    is_compound = longer not in english_words() and len(shorter) >= _SHORTEST_END
    return _SHORTENED if is_compound and longer.endswith(shorter) else 0.0


def _is_short_for(shorter: str, longer: str) -> bool:
    """A word of its own is no abbreviation, but it may be what a doer does: a shipper ships."""
    return shorter not in english_words() or longer[len(shorter) :] in {"er", "or", shorter[-1] + "er"}


def _stem(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches")):
        return word[:-2]
    return (
        word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3 else word
    )

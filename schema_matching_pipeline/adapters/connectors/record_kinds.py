"""Whether the records of one list are of several kinds, named by a text in each, as ``resourceType`` does in FHIR.

What speaks for it: every record has the text, the records of one text are alike, and those of different texts share
no more than two in five names beside it, or of those in an object that all have. A text such as a gender, whose records are
alike but for a name or two, is none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean

from schema_matching_pipeline.adapters.connectors.nested import Nested
from schema_matching_pipeline.canon.given_names import names_a_person

Path = tuple[str, ...]

_DEEPEST = 3
# How deep the text that names the kind may stand.
_DEEPEST_NAME = 2
_NAME = re.compile(r"[^\W\d][\w.:#/ -]{0,63}")
_MOST_KINDS = 60
# Where there are few records, a kind of one is common; where there are many, such a text tells records apart.
_FEW, _FEWEST = 16, 4
_MOST_SHARED, _LEAST_ALIKE, _COMMON = 0.4, 0.6, 0.5


@dataclass(frozen=True, slots=True)
class KindField:
    """Where the text stands that names the kind of a record, and the object that is the record itself."""

    path: Path
    lifted: Path = ()

    def kind_of(self, record: Mapping[str, Nested]) -> str | None:
        """The kind of a record; None where it names none."""
        return name_at(record, self.path)

    def own(self, record: Mapping[str, Nested]) -> Mapping[str, Nested]:
        """The record itself, with what stands around it; a name that both have gets a sign before it there.

        >>> KindField(("a", "kind"), ("a",)).own({"id": 1, "url": 2, "a": {"kind": "x", "id": 3}})
        {'kind': 'x', 'id': 3, '@id': 1, 'url': 2}
        """
        if not self.lifted:
            return record
        [place] = self.lifted
        inner = record[place]
        if not isinstance(inner, Mapping):
            return record
        around = {name: value for name, value in record.items() if name != place}
        return {**inner, **{f"@{name}" if name in inner else name: value for name, value in around.items()}}


@dataclass(frozen=True, slots=True)
class Sight:
    """What is kept of a record that was seen: the names in it, and the texts that may name its kind.

    The ``plain`` names are those of values of its own, neither lists nor records.
    """

    names: frozenset[Path]
    texts: Mapping[Path, str]
    plain: frozenset[str]


def name_at(record: Mapping[str, Nested], path: Path) -> str | None:
    """The text at a place of a record, where it can be a name."""
    value: Nested = record
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    # A figure is a text of its own class.
    return value if type(value) is str and _NAME.fullmatch(value) else None


def sight_of(record: Mapping[str, Nested]) -> Sight:
    """What is kept of a record."""
    names, texts = set[Path](), dict[Path, str]()
    waiting: list[tuple[Path, Mapping[str, Nested]]] = [((), record)]
    while waiting:
        place, held = waiting.pop()
        for name, value in held.items():
            path = (*place, name)
            names.add(path)
            if isinstance(value, Mapping):
                if len(path) < _DEEPEST:
                    waiting.append((path, value))
            elif len(path) <= _DEEPEST_NAME and type(value) is str and _NAME.fullmatch(value):
                texts[path] = value
    plain = (
        name for name, value in record.items() if value is not None and not isinstance(value, Mapping | list)
    )
    return Sight(frozenset(names), texts, frozenset(plain))


def kind_field(sights: Sequence[Sight]) -> KindField | None:
    """The text that names the kinds of records; None where they are of one kind."""
    if not sights:
        return None
    shared = set[Path].intersection(*(set(sight.texts) for sight in sights))
    # Of texts that say the same, one in the object that it is about counts, then the outer one, then the first.
    paths = sorted((path for path in sights[0].texts if path in shared), key=len)
    objects = set[Path].intersection(
        *({name[:1] for name in sight.names if len(name) > 1} for sight in sights)
    )
    found = [
        (kinds, within != path[:-1], place, KindField(path, path[:-1] if within == path[:-1] else ()))
        for place, path in enumerate(paths)
        for within in dict.fromkeys((path[:-1], *sorted(objects)))
        if (kinds := _kinds_told(sights, path, within))
    ]
    return min(found, key=lambda one: one[:3])[-1] if found else None


def constants(sights: Sequence[Sight]) -> dict[Path, str]:
    """The texts that all records have alike: they may name a kind of which the others have not come yet."""
    shared = set[tuple[Path, str]].intersection(*(set(sight.texts.items()) for sight in sights))
    return dict(shared)


def _kinds_told(sights: Sequence[Sight], path: Path, within: Path) -> int:
    """How many kinds of records the text tells apart by the names of an object; 0 where it does not."""
    count = len({sight.texts[path] for sight in sights})
    most = len(sights) - 1 if len(sights) <= _FEW else len(sights) // 2
    if len(sights) < _FEWEST or not 2 <= count <= min(most, _MOST_KINDS):
        return 0
    if sum(map(names_a_person, {sight.texts[path] for sight in sights})) * 2 >= count:
        return 0  # persons are no kinds, and their names no names of tables
    groups = defaultdict[str, list[frozenset[Path]]](list)
    for sight in sights:
        own = (name for name in sight.names if name[:-1] == within)
        groups[sight.texts[path]].append(frozenset(own))
    common = {kind: _common(members) for kind, members in groups.items()}
    between = fmean(_likeness(one, other) for one, other in combinations(common.values(), 2))
    inside = fmean(_likeness(own, common[kind]) for kind, members in groups.items() for own in members)
    return count if between <= _MOST_SHARED and inside >= _LEAST_ALIKE else 0


def _common(members: Sequence[frozenset[Path]]) -> frozenset[Path]:
    """The names that most records of a kind have."""
    counted = defaultdict[Path, int](int)
    for own in members:
        for name in own:
            counted[name] += 1
    return frozenset(name for name, count in counted.items() if count >= _COMMON * len(members))


def _likeness(one: frozenset[Path], other: frozenset[Path]) -> float:
    return len(one & other) / len(one | other) if one | other else 1.0

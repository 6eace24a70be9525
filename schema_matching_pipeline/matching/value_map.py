"""Which admissible value of a field each value of a column stands for, as far as anybody can tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from schema_matching_pipeline.canon.codes import concept_of, meanings_of, plain
from schema_matching_pipeline.canon.masking import is_shown
from schema_matching_pipeline.model.canonical import CanonicalField, FieldRef, FieldType
from schema_matching_pipeline.model.matching import TransformRule
from schema_matching_pipeline.model.policy import MatchPolicy
from schema_matching_pipeline.model.profile import ColumnProfile, ValueCount
from schema_matching_pipeline.model.rule import MapValues
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.value_map import Equivalence, KnownTranslation, ValueMap, ValueMatch

_CODED = frozenset({FieldType.CODE, FieldType.STRING})
_NEGATIONS = frozenset(
    ("not", "non", "no", "never", "without", "nicht", "kein", "keine", "pas", "sans", "senza", "sin")
)
_DOUBLE = "another letter of the column would mean the same, so one of them means something else"
_UNMATCHED = "no value of the field is known to mean it"


class _Found(NamedTuple):
    target: str
    equivalence: Equivalence
    why: str


def value_map(
    column: ColumnProfile,
    target: FieldRef,
    field: CanonicalField,
    rule: TransformRule | None = None,
    known: Iterable[KnownTranslation] = (),
    policy: MatchPolicy = MatchPolicy(),  # noqa: B008  # frozen value
) -> ValueMap | None:
    """What becomes of the values of a coded column, what people decided first; None where its field lists no values.

    Only values that enough rows of a column that is not personal hold are looked at; others are counted.
    """
    if not field.values or field.type not in _CODED or column.distinct_count > policy.coded_values:
        return None
    decided = translation_of(rule)
    shown = [one for one in column.top_values if is_shown(one, personal=column.personal)]
    learned = {plain(one.code): one for one in known if one.target == target and one.value in field.values}
    initials = _initials([one.value.text for one in shown], field)
    ways: Sequence[Callable[[str], _Found | None]] = (
        lambda text: _same_word(text, field),
        lambda text: _learned(text, learned),
        lambda text: _same_concept(text, field),
        lambda text: _translated(text, field),
        initials.get,
        lambda text: _same_words(text, field),
    )
    matches = tuple(
        _decided(one, decided) if decided and _is_decided(one.value.text, decided) else _match(one, ways)
        for one in shown
    )
    return ValueMap(
        ref=ColumnRef(table=column.table, column=column.column),
        target=target,
        matches=_without_doubles(matches),
        hidden_rows=max(0, column.filled_count - sum(one.count for one in shown)),
    )


def _without_doubles(matches: tuple[ValueMatch, ...]) -> tuple[ValueMatch, ...]:
    """Letters that would mean the same are in two languages: M is male beside F, and mujer beside H."""
    letters = [one for one in matches if one.target and len(one.value.text) == 1 and not one.decided]
    meant = Counter(one.target for one in letters)
    return tuple(
        one.but(target=None, equivalence=Equivalence.UNMATCHED, why=_DOUBLE)
        if one in letters and meant[one.target] > 1
        else one
        for one in matches
    )


def translation_of(rule: TransformRule | None) -> MapValues | None:
    """The last step of a rule that makes codes of codes."""
    steps = rule.steps if rule else ()
    return next((step for step in reversed(steps) if isinstance(step, MapValues)), None)


def _is_decided(text: str, decided: MapValues) -> bool:
    return text in decided.codes or text in decided.equivalence


def _decided(one: ValueCount, decided: MapValues) -> ValueMatch:
    text = one.value.text
    target = decided.codes.get(text)
    relation = Equivalence(decided.equivalence.get(text, Equivalence.EQUAL))
    return ValueMatch(
        value=one.value,
        rows=one.count,
        target=target,
        equivalence=relation,
        why="a person said so",
        decided=True,
    )


def _match(one: ValueCount, ways: Sequence[Callable[[str], _Found | None]]) -> ValueMatch:
    found = next((found for way in ways if (found := way(one.value.text))), None)
    target, relation, why = found or (None, Equivalence.UNMATCHED, _UNMATCHED)
    return ValueMatch(value=one.value, rows=one.count, target=target, equivalence=relation, why=why)


def _same_word(text: str, field: CanonicalField) -> _Found | None:
    same = next((value for value in field.values if plain(value) == plain(text)), None)
    return _Found(same, Equivalence.EQUAL, "it is the same") if same else None


def _learned(text: str, learned: Mapping[str, KnownTranslation]) -> _Found | None:
    known = learned.get(plain(text))
    if known is None:
        return None
    clients = "an earlier client" if known.clients == 1 else f"{known.clients} earlier clients"
    return _Found(known.value, known.equivalence, f"people decided so for {clients}")


def _same_concept(text: str, field: CanonicalField) -> _Found | None:
    concept = concept_of(text, field.semantic_type)
    if concept is None:
        return None
    same = next((value for value in field.values if concept_of(value, field.semantic_type) == concept), None)
    return _Found(same, Equivalence.EQUAL, f"both are usual for {concept}") if same else None


def _translated(text: str, field: CanonicalField) -> _Found | None:
    """The value that a word of another language means, by the lists that column names are read with."""
    meant = meanings_of(plain(text))
    same = [value for value in field.values if plain(value) in meant]
    return (
        _Found(same[0], Equivalence.EQUAL, "it is the word for it in another language")
        if len(same) == 1
        else None
    )


def _initials(texts: Sequence[str], field: CanonicalField) -> dict[str, _Found]:
    """Codes that are the first letters of just one value each, where all codes of a column are, each of another one."""
    if len({len(text) for text in texts}) != 1 or not all(text.isalpha() for text in texts):
        return {}
    found = {
        text: [
            value for value in field.values if len(value) > len(text) and plain(value).startswith(plain(text))
        ]
        for text in texts
    }
    targets = [values[0] for values in found.values() if len(values) == 1]
    if len(texts) < 2 or len(set(targets)) != len(texts):
        return {}
    return {
        text: _Found(values[0], Equivalence.EQUAL, "all values are the first letters of one value each")
        for text, values in found.items()
    }


def _same_words(text: str, field: CanonicalField) -> _Found | None:
    """The one value whose words are all among those of the text, or the other way round; denials are no details."""
    words = frozenset(plain(text).split())
    wider, narrower = [], []
    for value in field.values:
        other = frozenset(plain(value).split())
        if not other or len(plain(value)) == 1 or words & _NEGATIONS != other & _NEGATIONS:
            continue
        if other < words:
            wider.append(value)
        elif words < other:
            narrower.append(value)
    if len(wider) == 1:
        return _Found(wider[0], Equivalence.WIDER, "all its words are among those of the value")
    if len(narrower) == 1 and not wider:
        return _Found(narrower[0], Equivalence.NARROWER, "all words of the value are among its")
    return None

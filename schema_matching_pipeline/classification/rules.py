"""Verdicts by rules: known values, words of names, patterns, and types that fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schema_matching_pipeline.canon.names import name_tokens
from schema_matching_pipeline.canon.semantic_types import SemanticKind, semantic_types
from schema_matching_pipeline.canon.thesaurus import readings
from schema_matching_pipeline.canon.value_bank import covered_share, values_by_field
from schema_matching_pipeline.model.canonical import CanonicalSchema, FieldRef
from schema_matching_pipeline.model.classification import Classification, Verdict, VerdictSource
from schema_matching_pipeline.model.knowledge import Knowledge
from schema_matching_pipeline.model.policy import ClassificationPolicy
from schema_matching_pipeline.model.profile import ColumnProfile, SourceProfile, ValueSketch, ValueType
from schema_matching_pipeline.model.source import ColumnRef


@dataclass(frozen=True)
class _Guess:
    """One kind that a column may hold, how surely, and why."""

    kind: SemanticKind
    confidence: float
    reasons: tuple[str, ...]


def classify_by_rules(
    profile: SourceProfile,
    excluded: frozenset[ColumnRef],
    knowledge: Knowledge | None = None,
    policy: ClassificationPolicy = ClassificationPolicy(),  # noqa: B008  # frozen value
) -> Classification:
    """One verdict for every column that is not excluded; ``semantic_type`` None where no rule speaks."""
    bank = values_by_field(knowledge) if knowledge else {}
    canonical = knowledge.canonical if knowledge else None
    return Classification(
        verdicts=tuple(
            _verdict(column, canonical, bank, policy)
            for column in profile.columns
            if ColumnRef(table=column.table, column=column.column) not in excluded
        )
    )


def _verdict(
    column: ColumnProfile,
    canonical: CanonicalSchema | None,
    bank: dict[FieldRef, ValueSketch],
    policy: ClassificationPolicy,
) -> Verdict:
    ref = ColumnRef(table=column.table, column=column.column)
    entity = _entity(column.table, canonical)
    known = _by_known_values(column, canonical, bank, policy)
    if known is not None:
        name, share = known
        return Verdict(
            ref=ref,
            semantic_type=name,
            entity=entity,
            confidence=policy.value_bank_confidence * share,
            source=VerdictSource.VALUE_BANK,
            reasons=(f"{share:.0%} of its values are known values of {name}",),
        )
    best = _best_guess(column, policy)
    return Verdict(
        ref=ref,
        semantic_type=best.kind.name if best else None,
        entity=entity,
        confidence=best.confidence if best else 0.0,
        source=VerdictSource.RULES,
        reasons=best.reasons if best else ("no rule knows this name or these values",),
    )


def _by_known_values(
    column: ColumnProfile,
    canonical: CanonicalSchema | None,
    bank: dict[FieldRef, ValueSketch],
    policy: ClassificationPolicy,
) -> tuple[str, float] | None:
    """The semantic type whose known values cover the column, where only one type's do."""
    sketch = column.sketch
    if canonical is None or sketch is None or not _tells_much(sketch, policy):
        return None
    shares: dict[str, float] = {}
    for ref, known in bank.items():
        field = canonical.field(ref)
        if field is not None and field.semantic_type and known.distinct >= policy.fewest_known_values:
            share = covered_share(sketch, known)
            shares[field.semantic_type] = max(share, shares.get(field.semantic_type, 0.0))
    covering = {name: share for name, share in shares.items() if share >= policy.known_values_share}
    return next(iter(covering.items())) if len(covering) == 1 else None


def _tells_much(sketch: ValueSketch, policy: ClassificationPolicy) -> bool:
    return policy.fewest_known_values <= sketch.distinct <= policy.most_known_values


def _best_guess(column: ColumnProfile, policy: ClassificationPolicy) -> _Guess | None:
    tokens = name_tokens(column.column)
    words = _read_words(tokens)
    guesses = [guess for kind in semantic_types() if (guess := _guess(kind, column, tokens, words, policy))]
    return max(guesses, key=lambda guess: guess.confidence, default=None)


def _guess(
    kind: SemanticKind,
    column: ColumnProfile,
    tokens: Sequence[str],
    words: dict[str, float],
    policy: ClassificationPolicy,
) -> _Guess | None:
    phrase, belief = _best_phrase(kind, tokens, words)
    pattern, share = _best_pattern(kind, column)
    if (phrase and kind.veto & words.keys()) or (not phrase and share < policy.pattern_share):
        return None
    by_name = policy.name_confidence * belief if phrase else 0.0
    by_pattern = policy.pattern_confidence * share
    confidence = 1 - (1 - by_name) * (1 - by_pattern)
    if not _type_fits(kind, column):
        confidence *= policy.misfit_factor
    said = _said(phrase, tokens) if by_name >= policy.least_confidence else ""
    reasons = _reasons(kind, said, pattern, share)
    return (
        _Guess(kind, min(confidence, policy.rules_cap), reasons)
        if confidence >= policy.least_confidence
        else None
    )


def _best_phrase(
    kind: SemanticKind, tokens: Sequence[str], words: dict[str, float]
) -> tuple[tuple[str, ...], float]:
    """The phrase of the kind that the name holds, and how much of both it explains.

    A phrase explains a name better the more of the name's tokens it takes up; longer phrases win.
    """
    best: tuple[tuple[str, ...], float] = ((), 0.0)
    for phrase in kind.names:
        wanted = [word for word in phrase if word != "of"]
        if all(word in words for word in wanted):
            belief = min(words[word] for word in wanted)
            explained = min(1.0, len(wanted) / max(1, len([t for t in tokens if not t.isdigit()])))
            score = belief * (0.45 + 0.35 * explained + 0.1 * min(len(wanted), 2))
            best = max(best, (phrase, score), key=lambda pair: pair[1])
    return best


def _best_pattern(kind: SemanticKind, column: ColumnProfile) -> tuple[str, float]:
    shares = [(name, column.pattern_share(name)) for name in kind.patterns]
    return max(shares, key=lambda pair: pair[1], default=("", 0.0))


def _type_fits(kind: SemanticKind, column: ColumnProfile) -> bool:
    return column.value_type is ValueType.EMPTY or not kind.types or column.value_type.value in kind.types


def _said(phrase: Iterable[str], tokens: Iterable[str]) -> str:
    """What stands in the name itself where the phrase was read."""
    wanted = set(phrase)
    return " ".join(token for token in tokens if not wanted.isdisjoint(_read_words([token])))


def _reasons(kind: SemanticKind, said: str, pattern: str, share: float) -> tuple[str, ...]:
    by_name = (f"its name says '{said}'",) if said else ()
    by_pattern = (f"{share:.0%} of its values look like {pattern}",) if share > 0 else ()
    return (*by_name, *by_pattern) or (f"it fits {kind.name}",)


def _read_words(tokens: Iterable[str]) -> dict[str, float]:
    """Every word of every reading of the tokens, with the belief in it."""
    words: dict[str, float] = {}
    for token in tokens:
        for reading in readings(token):
            for word in reading.words:
                words[word] = max(reading.belief, words.get(word, 0.0))
    return words


def _entity(table: str, canonical: CanonicalSchema | None) -> str | None:
    """The entity whose name or synonym the table's name holds whole; the longest wins."""
    if canonical is None:
        return None
    words = set(_read_words(name_tokens(table))) | {word.removesuffix("s") for word in name_tokens(table)}
    found = [
        (len(tokens), entity.name)
        for entity in canonical.entities
        for name in (entity.name, *entity.synonyms)
        if (tokens := name_tokens(name)) and words.issuperset(tokens)
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None

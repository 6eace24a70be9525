"""The patterns of a column as a person is told them: none is claimed that plain digits alone speak for."""

from __future__ import annotations

from math import fsum

from schema_matching_pipeline.canon.names import expand, name_tokens
from schema_matching_pipeline.canon.semantic_types import semantic_types
from schema_matching_pipeline.model.profile import ColumnProfile, PatternShare

# Of these forms every number of so many digits is one: postal codes, order numbers and codes of services look alike.
_OF_DIGITS = frozenset(("cpt", "zip_us", "postal_code"))


def told_patterns(column: ColumnProfile) -> tuple[PatternShare, ...]:
    """Every pattern its values follow; where they are plain digits, how many, unless the column is called what is meant.

    >>> five = (PatternShare(name="cpt", share=1.0), PatternShare(name="postal_code", share=1.0))
    >>> told = ColumnProfile(
    ...     table="orders", column="number", position=0, data_type="text", row_count=9, null_count=0, distinct_count=9,
    ...     value_type="text", patterns=five, shapes=(PatternShare(name="99999", share=1.0),),
    ... )
    >>> [one.name for one in told_patterns(told)], [one.name for one in told_patterns(told.but(column="plz"))]
    (['5 digits'], ['postal_code'])
    """
    guessed = [one for one in column.patterns if one.name in _OF_DIGITS]
    if not guessed or not _is_digits_alone(column):
        return column.patterns
    announced = _announced(column)
    known = [one for one in column.patterns if one not in guessed or one.name in announced]
    if any(one in known for one in guessed):
        return tuple(known)
    lengths = {len(shape.name) for shape in column.shapes}
    written = f"{lengths.pop()} digits" if len(lengths) == 1 else "digits alone"
    share = min(1.0, fsum(shape.share for shape in column.shapes))
    # In the place of what was guessed: what goes before it, as codes with a check digit do, says more than digits alone.
    before = column.patterns.index(guessed[0])
    return (*known[:before], PatternShare(name=written, share=share), *known[before:])


def _is_digits_alone(column: ColumnProfile) -> bool:
    return bool(column.shapes) and all(set(shape.name) == {"9"} for shape in column.shapes)


def _announced(column: ColumnProfile) -> frozenset[str]:
    """The patterns of what the column's name, or what its values tell of persons, says it holds."""
    tokens = name_tokens(column.column)
    words = {word for token in tokens for said in (token, *expand(token)) for word in said.split()}
    kinds = (kind for kind in semantic_types() if any(words.issuperset(name) for name in kind.names))
    personal = column.personal_data.kind if column.personal_data else ""
    return frozenset((*tokens, personal, *(pattern for kind in kinds for pattern in kind.patterns)))

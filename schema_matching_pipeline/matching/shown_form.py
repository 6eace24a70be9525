"""Which forms the values of a column may have, as far as its figures show."""

from __future__ import annotations

from collections.abc import Mapping

from schema_matching_pipeline.canon.representation import Representation
from schema_matching_pipeline.model.profile import ColumnProfile, ValueType

FEWEST_ROWS = 3  # what fewer values look like is chance
FEW = 5  # an indicator has no more values: yes, no, and ways to say neither
LISTED = 60  # so many different values may still be a list of codes
CODE_LENGTH = 12  # characters; longer values are words
FIRST_YEAR, LAST_YEAR = 1800, 2100
WELL, HALF, POORLY, NOT = 1.0, 0.6, 0.2, 0.0

_NUMBERS = {ValueType.INTEGER, ValueType.DECIMAL}
_MOMENTS = {ValueType.DATE, ValueType.DATETIME}


def shown_forms(profile: ColumnProfile | None) -> Mapping[Representation, float]:
    """How well the values fit each form, in 0..1; empty without values."""
    if profile is None or profile.filled_count < FEWEST_ROWS or profile.value_type is ValueType.EMPTY:
        return {}
    return {
        Representation.MEASURE: _measure(profile),
        Representation.COUNT: _count(profile),
        Representation.DATE: WELL
        if profile.value_type in _MOMENTS
        else POORLY
        if _are_years(profile)
        else NOT,
        Representation.YEAR: WELL
        if _are_years(profile)
        else POORLY
        if profile.value_type in _MOMENTS
        else NOT,
        Representation.TIME: _time(profile),
        Representation.INDICATOR: _indicator(profile),
        Representation.CODE: _code(profile),
        Representation.IDENTIFIER: _identifier(profile),
        Representation.TEXT: _text(profile),
    }


def _measure(profile: ColumnProfile) -> float:
    return WELL if profile.value_type in _NUMBERS else NOT


def _count(profile: ColumnProfile) -> float:
    if profile.value_type not in _NUMBERS or profile.numbers is None:
        return NOT
    return WELL if _are_whole(profile) else HALF


def _time(profile: ColumnProfile) -> float:
    if profile.value_type is ValueType.TIME:
        return WELL
    return HALF if profile.value_type is ValueType.DATETIME else NOT


def _indicator(profile: ColumnProfile) -> float:
    if profile.value_type is ValueType.BOOLEAN:
        return WELL
    if profile.value_type in _MOMENTS or profile.distinct_count > FEW:
        return NOT
    return HALF


def _code(profile: ColumnProfile) -> float:
    if profile.value_type in _MOMENTS:
        return NOT
    if profile.value_type is ValueType.DECIMAL:
        return HALF
    if profile.distinct_count <= LISTED:
        return WELL
    return HALF if profile.lengths and profile.lengths.mean <= CODE_LENGTH else POORLY


def _identifier(profile: ColumnProfile) -> float:
    if profile.value_type in _MOMENTS or profile.value_type is ValueType.BOOLEAN:
        return NOT
    if profile.value_type is ValueType.DECIMAL and not _are_whole(profile):
        return NOT
    return WELL if profile.is_unique or profile.value_type is ValueType.UUID else HALF


def _text(profile: ColumnProfile) -> float:
    if profile.value_type is ValueType.TEXT:
        return WELL
    return HALF if profile.value_type is ValueType.BOOLEAN else POORLY


def _are_whole(profile: ColumnProfile) -> bool:
    figures = profile.numbers
    return figures is not None and all(mark == int(mark) for mark in (figures.minimum, *figures.quantiles))


def _are_years(profile: ColumnProfile) -> bool:
    """Whole numbers within the years; where most are, one number of 0 or less among them stands for no year at all."""
    figures = profile.numbers
    if profile.value_type is not ValueType.INTEGER or figures is None or figures.maximum > LAST_YEAR:
        return False
    if figures.minimum >= FIRST_YEAR:
        return True
    known = [mark for mark in figures.quantiles if mark != figures.minimum]
    return (
        figures.minimum <= 0
        and 2 * len(known) > len(figures.quantiles)
        and all(mark >= FIRST_YEAR for mark in known)
    )

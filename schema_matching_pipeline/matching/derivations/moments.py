"""A day in one column and the time of day in another, which are one moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schema_matching_pipeline.canon.names import name_tokens
from schema_matching_pipeline.matching.derivation import DERIVATIONS, ClientTable, Derived
from schema_matching_pipeline.model.canonical import FieldRef, FieldType
from schema_matching_pipeline.model.matching import Cast, TransformRule
from schema_matching_pipeline.model.profile import ValueType
from schema_matching_pipeline.model.rule import Concat

# What says that it is a day or a time, and not of what.
_DAY = frozenset(("date", "day", "dt", "dat", "datum", "tag", "data", "fecha", "jour", "dia", "giorno"))
_TIME = frozenset(("time", "tm", "tim", "clock", "hour", "uhrzeit", "zeit", "heure", "ora", "hora", "at"))


@DERIVATIONS.register("moments")
def join_moments(table: ClientTable, tables: Mapping[str, ClientTable]) -> Iterator[Derived]:  # noqa: ARG001 - a moment needs no other table
    """A moment from a day and a time of the same name, where a day alone would fill the field or nothing would."""
    for field in table.entity.fields if table.entity else ():
        target = table.ref(field)
        if field.type is not FieldType.DATETIME:
            continue
        pairs = [
            (day, time)
            for day in _near(table, target, ValueType.DATE)
            for time in _of_type(table, ValueType.TIME)
            if _said(day, _DAY) == _said(time, _TIME) and not _fills_another(table, time, target)
        ]
        others = set(table.taken.get(target, ())) - {name for pair in pairs for name in pair}
        if len(pairs) == 1 and not others:
            yield _joined(table, target, *pairs[0])


def _joined(table: ClientTable, target: FieldRef, day: str, time: str) -> Derived:
    dates = table.columns[day].dates
    timeless = table.columns[day].filled_share - table.columns[time].filled_share
    return Derived(
        name=f"{day}+{time}",
        target=target,
        rule=TransformRule(
            cast=Cast.DATETIME,
            date_format=dates.format if dates else None,
            computed=Concat(columns=(day, time), separator=" "),
        ),
        explanation=f"{day} holds the day and {time} the time of day of the same thing, and {target} is a moment.",
        objections=(f"{timeless:.0%} of the rows have a day and no time",)
        if timeless > table.policy.derived_gap
        else (),
        instead_of=frozenset(((day, target), (time, target))),
    )


def _of_type(table: ClientTable, value_type: ValueType) -> Iterator[str]:
    for name, column in table.columns.items():
        if column.value_type is value_type and column.filled_count >= table.policy.fewest_rows:
            yield name


def _near(table: ClientTable, target: FieldRef, value_type: ValueType) -> Iterator[str]:
    """Columns of that type that are suggested for the field, or are likely candidates and fill nothing else."""
    for name in _of_type(table, value_type):
        each = table.proposed.get(name)
        if each is None:
            continue
        likely = next((one.confidence for one in each.candidates if one.target == target), 0.0)
        if each.target in {None, target} and likely >= table.policy.review_floor:
            yield name


def _fills_another(table: ClientTable, column: str, target: FieldRef) -> bool:
    each = table.proposed.get(column)
    return (
        each is not None
        and each.target not in {None, target}
        and each.confidence >= table.policy.review_floor
    )


def _said(column: str, role: frozenset[str]) -> frozenset[str]:
    return frozenset(name_tokens(column)) - role

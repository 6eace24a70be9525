"""Names of persons: a whole name that is to be two fields, and two columns that are to be one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from schema_matching_pipeline.canon.names import name_tokens
from schema_matching_pipeline.matching.derivation import DERIVATIONS, ClientTable, Derived
from schema_matching_pipeline.model.canonical import CanonicalField
from schema_matching_pipeline.model.matching import TransformRule
from schema_matching_pipeline.model.profile import ColumnProfile
from schema_matching_pipeline.model.rule import Concat, OneColumn, Plain, SplitAt, Step

FIRST, MIDDLE, LAST, WHOLE = (
    "person_first_name", "person_middle_name", "person_last_name", "person_full_name",
)  # fmt: skip
_PARTS_AND_BESIDE = frozenset({FIRST, MIDDLE, LAST, "name_prefix", "name_suffix"})
# What says which part of a name it is, and not whose name.
_ROLE = frozenset(
    ("name", "names", "full", "complete", "whole", "display", "first", "last", "middle", "given", "family", "forename", "surname", "fname", "mname",
     "lname", "vorname", "nachname", "zuname", "familienname", "nom", "prenom", "cognome", "nombre", "apellido", "apellidos", "complet", "completo")
)  # fmt: skip
_TRIM = Plain(step="trim")


class _Parts(NamedTuple):
    """Two fields that hold the parts of one person's name, and whose it is."""

    first: CanonicalField
    last: CanonicalField
    whose: frozenset[str]


@DERIVATIONS.register("persons_split")
def split_names(table: ClientTable, tables: Mapping[str, ClientTable]) -> Iterator[Derived]:  # noqa: ARG001 - a name needs no other table
    """First and last name from a column of whole names, where no column holds either."""
    whole = _whole(table)
    for parts in _parts(table):
        taken = {
            name for field in (parts.first, parts.last) for name in table.taken.get(table.ref(field), ())
        }
        found = [name for name in whole if table.about(name_tokens(name), _ROLE) == parts.whose]
        if len(found) == 1 and taken <= {found[0]} and not _has_place(table, found[0], parts):
            yield from _split(table, found[0], parts)


@DERIVATIONS.register("persons_joined")
def join_names(table: ClientTable, tables: Mapping[str, ClientTable]) -> Iterator[Derived]:  # noqa: ARG001 - a name needs no other table
    """A whole name from the columns of its parts, where no column holds it and the parts have no fields of their own."""
    for field in table.entity.fields if table.entity else ():
        if field.semantic_type != WHOLE or table.ref(field) in table.taken:
            continue
        whose = table.about(name_tokens(field.name), _ROLE)
        found = [
            [name for name in table.meant(kind) if table.about(name_tokens(name), _ROLE) == whose]
            for kind in (FIRST, MIDDLE, LAST)
        ]
        first, middle, last = found
        if len(first) != 1 or len(last) != 1:
            continue
        if not field.required and all(_fills_own_field(table, name) for name in (first[0], last[0])):
            continue
        columns = (first[0], *(middle if len(middle) == 1 else ()), last[0])
        yield Derived(
            name="+".join(columns),
            target=table.ref(field),
            rule=TransformRule(computed=Concat(columns=columns, separator=" ")),
            explanation=f"{_listed(columns)} are the parts of one person's name, and no column holds it whole.",
            instead_of=frozenset((column, table.ref(field)) for column in columns),
        )


def _parts(table: ClientTable) -> Iterator[_Parts]:
    """The pairs of fields of the table's entity that hold a first and a last name of the same person."""
    fields = table.entity.fields if table.entity else ()
    for first in fields:
        for last in fields:
            if (first.semantic_type, last.semantic_type) == (FIRST, LAST):
                whose = [table.about(name_tokens(field.name), _ROLE) for field in (first, last)]
                if whose[0] == whose[1]:
                    yield _Parts(first, last, whose[0])


def _whole(table: ClientTable) -> list[str]:
    """The columns that hold whole names of persons, and are called a name."""
    surely, alike = table.meant(WHOLE), table.policy.derived_alike
    part = {name for kind in (FIRST, MIDDLE, LAST) for name in table.meant(kind)}
    return [
        name
        for name, column in table.columns.items()
        if name not in part
        and (name in surely or not _ROLE.isdisjoint(name_tokens(name)))
        and column.pattern_share("person_name") >= alike
        and column.filled_count >= table.policy.fewest_rows
        and _written(column, alike)
    ]


def _has_place(table: ClientTable, column: str, parts: _Parts) -> bool:
    """Whether whole names have a field of their own, so that the parts are wanted only where they are required."""
    target = table.proposed[column].target if column in table.proposed else None
    field = next(
        (each for each in (table.entity.fields if table.entity else ()) if table.ref(each) == target), None
    )
    kept_whole = field is not None and field.semantic_type == WHOLE
    return kept_whole and not (parts.first.required or parts.last.required)


def _fills_own_field(table: ClientTable, column: str) -> bool:
    each = table.proposed.get(column)
    return each is not None and each.target is not None and each.confidence >= table.policy.review_floor


def _split(table: ClientTable, column: str, parts: _Parts) -> Iterator[Derived]:
    profile = table.columns[column]
    named, comma = profile.pattern_share("person_name"), _written(profile, table.policy.derived_alike) == ","
    sides: tuple[tuple[CanonicalField, Step], tuple[CanonicalField, Step]] = (
        (
            parts.first,
            SplitAt(separator="," if comma else " ", which="last", side="after" if comma else "before"),
        ),
        (
            parts.last,
            SplitAt(separator="," if comma else " ", which="last", side="before" if comma else "after"),
        ),
    )
    longer = 0.0 if comma else _longer(profile)
    for field, step in sides:
        yield Derived(
            name=f"{column}:{field.name}",
            target=table.ref(field),
            rule=TransformRule(computed=OneColumn(columns=(column,)), steps=(_TRIM, step, _TRIM)),
            explanation=(
                f"{column} holds whole names of persons ({named:.0%} of its values),"
                f" {'the last name before a comma' if comma else 'the last word apart from the others'},"
                " and no column holds the parts."
            ),
            objections=(
                *([f"{longer:.0%} of the names seen have more than two words"] if longer else []),
                *([] if comma else ["which of the words is the given name is told by their order alone"]),
            ),
            instead_of=frozenset(
                (column, table.ref(each))
                for each in (table.entity.fields if table.entity else ())
                if each.semantic_type in _PARTS_AND_BESIDE
            ),
        )


def _written(profile: ColumnProfile, share: float) -> str | None:
    """What parts the names: a comma or a blank; None where that is not clear from how they are written."""
    known = sum(shape.share for shape in profile.shapes)
    if not known:
        return None
    with_comma = sum(shape.share for shape in profile.shapes if "," in shape.name) / known
    with_blank = sum(shape.share for shape in profile.shapes if " " in shape.name.strip()) / known
    if with_comma >= share:
        return ","
    return " " if with_comma == 0 and with_blank >= share else None


def _longer(profile: ColumnProfile) -> float:
    known = sum(shape.share for shape in profile.shapes)
    return sum(shape.share for shape in profile.shapes if shape.name.strip().count(" ") > 1) / known


def _listed(columns: tuple[str, ...]) -> str:
    return f"{', '.join(columns[:-1])} and {columns[-1]}"

"""What a derivation is: a field that is filled by a rule over columns none of which fills it alone.

Each kind is one file in ``derivations/``: it looks at one table of the client and tells which fields it can derive
from strong evidence. A derived field is a suggestion like any other, but for one thing: however strong the evidence,
a person decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from schema_matching_pipeline.canon.names import name_tokens
from schema_matching_pipeline.model.canonical import CanonicalEntity, CanonicalField, FieldRef
from schema_matching_pipeline.model.classification import Verdict
from schema_matching_pipeline.model.matching import Correspondence, TransformRule
from schema_matching_pipeline.model.policy import MatchPolicy
from schema_matching_pipeline.model.profile import ColumnProfile, TableProfile
from schema_matching_pipeline.plugins import Catalog


@dataclass(frozen=True)
class ClientTable:
    """A table with what is known of its usable columns, and the entity that most of them fill, if one is.

    ``entities`` are all of the canonical model; ``match`` holds the table against one of them.
    """

    profile: TableProfile
    columns: Mapping[str, ColumnProfile]
    proposed: Mapping[str, Correspondence]
    verdicts: Mapping[str, Verdict]
    entity: CanonicalEntity | None
    entities: tuple[CanonicalEntity, ...]
    match: Callable[[str], tuple[Correspondence, ...]]
    policy: MatchPolicy

    def against(self, entity: str) -> tuple[Correspondence, ...]:
        """What its columns would fill if the canonical model were that entity alone."""
        return self.match(entity)

    @cached_property
    def taken(self) -> Mapping[FieldRef, tuple[str, ...]]:
        """The fields that columns of the table are suggested for, with those columns."""
        taken: dict[FieldRef, tuple[str, ...]] = {}
        for name, each in self.proposed.items():
            if each.target is not None and each.confidence >= self.policy.review_floor:
                taken[each.target] = (*taken.get(each.target, ()), name)
        return taken

    def meant(self, semantic_type: str) -> tuple[str, ...]:
        """The filled columns that surely mean that, in the table's order."""
        return tuple(
            name
            for name, column in self.columns.items()
            if (verdict := self.verdicts.get(name))
            and verdict.semantic_type == semantic_type
            and verdict.confidence >= self.policy.derived_meaning
            and column.filled_count >= self.policy.fewest_rows
        )

    def about(self, words: Iterable[str], role: frozenset[str]) -> frozenset[str]:
        """What words say besides their role and what the table and its entity are called.

        It is what tells a policy holder's name from that of the patient.
        """
        own = {*name_tokens(self.profile.name)}
        if self.entity is not None:
            called = (self.entity.name, *self.entity.synonyms)
            own |= {token for name in called for token in name_tokens(name)}
        return frozenset(words) - role - own

    def ref(self, field: CanonicalField) -> FieldRef:
        """A field of the table's entity by its whole name.

        Raises:
            ValueError: the table has no entity.
        """
        if self.entity is None:
            raise ValueError(f"table {self.profile.name} has no entity")
        return FieldRef(entity=self.entity.name, field=field.name)


@dataclass(frozen=True)
class Derived:
    """One field that a rule fills: under which name, why, and what speaks against it.

    ``instead_of`` are columns with fields that they would fill worse alone, or wrongly. ``suggested`` is what the matcher says
    of the pair, where it ranked it.
    """

    name: str
    target: FieldRef
    rule: TransformRule
    explanation: str
    objections: tuple[str, ...] = ()
    instead_of: frozenset[tuple[str, FieldRef]] = frozenset()
    suggested: Correspondence | None = None


class Derivation(Protocol):
    """Tells which fields of a table's entity can be derived; ``tables`` are all of the client's by name."""

    def __call__(self, table: ClientTable, tables: Mapping[str, ClientTable]) -> Iterable[Derived]:
        """The derived fields, each from strong evidence."""
        ...


DERIVATIONS: Catalog[Derivation] = Catalog("schema_matching_pipeline.matching.derivations")


def entity_of(proposed: Iterable[Correspondence], policy: MatchPolicy) -> str | None:
    """The entity that most columns of a table are suggested for, where enough are."""
    counted = Counter(
        each.target.entity for each in proposed if each.target and each.confidence >= policy.review_floor
    )
    if not counted:
        return None
    entity, count = min(counted.items(), key=lambda each: (-each[1], each[0]))
    return entity if count >= policy.settled_columns else None

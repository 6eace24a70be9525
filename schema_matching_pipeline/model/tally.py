"""How much of what a client has, counted in the registry: what is said of thousands of columns without reading them."""

from __future__ import annotations

from typing import NamedTuple

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.matching import Disposition, MappedColumn
from schema_matching_pipeline.model.review import ReviewItem
from schema_matching_pipeline.model.validation import Finding


class Backlog(Frozen):
    """Open items of one kind: how many, and those furthest below their threshold, the furthest first."""

    count: int = 0
    furthest: tuple[ReviewItem, ...] = ()


class ColumnGlance(NamedTuple):
    """As much of a column as lists are searched and put in order by; ``disposition`` is the one that people see."""

    table: str
    column: str
    entity: str | None
    field: str | None
    disposition: str
    confidence: float | None


class ColumnGroup(Frozen):
    """So many columns that are to become the same; ``asked`` is whether people are asked about them.

    ``sure`` is whether their field reaches the confidence from which it counts as sure.
    """

    disposition: Disposition
    target: FieldRef | None
    asked: bool
    sure: bool
    columns: int


class ColumnTally(Frozen):
    """A client's columns in groups, and those that were accepted ``below`` their threshold, each by itself."""

    groups: tuple[ColumnGroup, ...] = ()
    below: tuple[MappedColumn, ...] = ()

    def targets(self, *dispositions: Disposition) -> frozenset[FieldRef]:
        """The fields that columns of these dispositions fill."""
        return frozenset(
            group.target for group in self.groups if group.target and group.disposition in dispositions
        )


class LabelGroup(Frozen):
    """So many columns of one table with the same label and the same lesser faults."""

    table: str
    flagged: bool
    notes: tuple[str, ...]
    columns: int
    overruled: bool = False

    @property
    def stays_flagged(self) -> bool:
        """Whether they are flagged and no person overruled that."""
        return self.flagged and not self.overruled


class MeaningGroup(Frozen):
    """So many columns whose meaning is known, of one entity, and equally sure."""

    entity: str | None
    confidence: float
    columns: int


class DemandTally(Frozen):
    """How many checks risk classes demanded on the client's data, and those that failed."""

    demanded: int = 0
    failed: tuple[Finding, ...] = ()

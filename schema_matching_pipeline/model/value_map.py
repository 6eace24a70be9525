"""Values of a column and the admissible values of its field that mean the same, or nearly."""

from __future__ import annotations

from enum import StrEnum

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.profile import MaskedValue
from schema_matching_pipeline.model.source import ColumnRef


class Equivalence(StrEnum):
    """How the field's value relates to the column's: it says the same, less (it is wider), more (narrower), or there is none."""

    EQUAL = "equal"
    WIDER = "wider"
    NARROWER = "narrower"
    UNMATCHED = "unmatched"


class ValueMatch(Frozen):
    """One value of a column with the value of the field it becomes, and why; ``rows`` hold it.

    ``decided`` is whether a person said so.
    """

    value: MaskedValue
    rows: int
    target: str | None
    equivalence: Equivalence
    why: str
    decided: bool = False


class ValueMap(Frozen):
    """What becomes of a column's values, the most frequent first.

    ``hidden_rows`` hold values that are not shown, since few rows hold them or there are too many; they stay as they are.
    """

    ref: ColumnRef
    target: FieldRef
    matches: tuple[ValueMatch, ...]
    hidden_rows: int

    @property
    def translates(self) -> bool:
        """Whether some value is to become another."""
        return any(match.target not in {None, match.value.text} for match in self.matches)

    @property
    def unmatched_rows(self) -> int:
        """Rows of values that are shown and have none in the field."""
        return sum(match.rows for match in self.matches if match.equivalence is Equivalence.UNMATCHED)


class KnownTranslation(Frozen):
    """What earlier clients' people made of a code in a field, and how many clients."""

    target: FieldRef
    code: str
    value: str
    equivalence: Equivalence = Equivalence.EQUAL
    clients: int = 1

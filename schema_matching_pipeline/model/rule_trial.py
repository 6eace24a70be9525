"""A rule tried on a client's rows before anybody decides: what is asked, and what came out, masked."""

from __future__ import annotations

from enum import StrEnum

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import FieldType
from schema_matching_pipeline.model.profile import MaskedValue
from schema_matching_pipeline.model.validation import ColumnRule


class RuleToTry(Frozen):
    """A column's rule with what its field can hold: values of a type, where it lists some only those.

    ``personal`` columns show no value. At most ``most_rows`` are read, and ``most_shown`` lines told.
    """

    rule: ColumnRule
    type: FieldType
    date_format: str | None = None
    values: tuple[str, ...] = ()
    personal: bool
    most_rows: int
    most_shown: int


class Unfit(StrEnum):
    """Why a value fails."""

    LOST = "lost"  # the rule makes nothing of it
    TYPE = "type"  # what it makes cannot be read as the type of the field
    VALUE = "value"  # what it makes is none of the values that the field lists


class TriedValue(Frozen):
    """What becomes of a value, and in how many rows it does; ``unfit`` says why that is a failure."""

    before: MaskedValue
    after: MaskedValue
    rows: int
    unfit: Unfit | None = None


class RuleTrial(Frozen):
    """What a rule does to ``tested`` rows with a value, of which ``failed`` end in nothing that the field can hold.

    Of ``values`` those that fail come first; ``hidden`` are rows of values that are not listed. Values are shown as they
    are where enough rows of a column that is not personal hold them, else by their shape. ``sampled``: there are more rows.
    """

    tested: int
    failed: int
    sampled: bool
    values: tuple[TriedValue, ...]
    hidden: int

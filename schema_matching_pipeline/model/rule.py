"""Rules: how one column's values become those of its field, as an ordered chain of small typed steps."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, field_validator, model_validator

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.source import ColumnRef

_DATE_PART = {"%d": "([0-9]{1,2})", "%m": "([0-9]{1,2})", "%Y": "([0-9]{4})"}
_TOKEN = re.compile("%.|.", re.DOTALL)


class Plain(Frozen):
    """A step that needs nothing told. Upper case is letter for letter, but for the sharp s, which becomes SS."""

    step: Literal["trim", "uppercase", "lowercase", "digits_only", "strip_leading_zeros"]


class Substring(Frozen):
    """So many letters from a place on; the first letter has place 1."""

    step: Literal["substring"] = "substring"
    start: int = Field(ge=1)
    length: int = Field(ge=1)


class SplitPart(Frozen):
    """One part of a text that a separator divides; the first has number 1, one that is missing is blank."""

    step: Literal["split_part"] = "split_part"
    separator: str = Field(min_length=1)
    part: int = Field(ge=1)


class SplitAt(Frozen):
    """What stands before or after a separator, the first of them or the last; blank where there is none."""

    step: Literal["split_at"] = "split_at"
    separator: str = Field(min_length=1)
    which: Literal["first", "last"] = "first"
    side: Literal["before", "after"]


class Replace(Frozen):
    """Every occurrence of a text becomes another."""

    step: Literal["replace"] = "replace"
    old: str = Field(min_length=1)
    new: str


class MapValues(Frozen):
    """Codes become other codes; one that is not listed is kept, or becomes null and counts as a failure.

    ``equivalence`` says of a code that what it becomes says less (is wider) or more (narrower), or that nothing fits it
    (unmatched), so that it is not listed; of all others, that it says the same.
    """

    step: Literal["map_values"] = "map_values"
    codes: dict[str, str] = Field(min_length=1)
    otherwise: Literal["keep", "null"] = "null"
    equivalence: dict[str, Literal["wider", "narrower", "unmatched"]] = Field(
        default_factory=dict, exclude_if=lambda said: not said
    )

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        for code, said in self.equivalence.items():
            if (said == "unmatched") == (code in self.codes):
                raise ValueError(
                    f"{code!r} is {said} and {'becomes' if code in self.codes else 'does not become'} another code"
                )
        return self

    def __hash__(self) -> int:
        """By content: a dictionary has no hash of its own."""
        return hash(self.canonical_json())


class Default(Frozen):
    """A constant where there is no value, or a blank one."""

    step: Literal["default"] = "default"
    value: str


class ToDecimal(Frozen):
    """A number of up to 28 digits before and 10 behind its point; commas may stand between thousands."""

    step: Literal["to_decimal"] = "to_decimal"


class ToInteger(Frozen):
    """A whole number of up to 18 digits; commas may stand between thousands."""

    step: Literal["to_integer"] = "to_integer"


class ToBoolean(Frozen):
    """Yes or no, in any of the listed spellings, whichever their case."""

    step: Literal["to_boolean"] = "to_boolean"
    true: tuple[str, ...] = ("true", "t", "yes", "y", "1")
    false: tuple[str, ...] = ("false", "f", "no", "n", "0")

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if set(self.true) & set(self.false):
            raise ValueError("the same spelling stands for true and for false")
        if any(text != text.strip().lower() for text in self.true + self.false):
            raise ValueError("spellings are told in lower case, without blanks around them")
        return self


class ToDate(Frozen):
    """A day in one format of ``%d``, ``%m`` and ``%Y``, each once; days that no calendar has are failures."""

    step: Literal["to_date"] = "to_date"
    format: str = "%Y-%m-%d"

    @field_validator("format")
    @classmethod
    def _complete(cls, text: str) -> str:
        parts = [token for token in _TOKEN.findall(text) if len(token) == 2]
        if sorted(parts) != sorted(_DATE_PART):
            raise ValueError("a date format has %d, %m and %Y, each once, and no other part")
        return text

    def pattern(self) -> str:
        """The format as a regular expression that PostgreSQL, DuckDB and Python read alike."""
        return (
            "^"
            + "".join(_DATE_PART.get(token) or _literal(token) for token in _TOKEN.findall(self.format))
            + "$"
        )

    def place(self, part: Literal["%d", "%m", "%Y"]) -> int:
        """Which group of the pattern holds a part."""
        return [token for token in _TOKEN.findall(self.format) if len(token) == 2].index(part) + 1


Conversion = ToDecimal | ToInteger | ToBoolean | ToDate
Step = Annotated[
    Plain | Substring | SplitPart | SplitAt | Replace | MapValues | Default | Conversion,
    Field(discriminator="step"),
]


class Transformed(Frozen):
    """An ordered chain over one column: steps on text, and at most one conversion, which is the last."""

    steps: tuple[Step, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _converts_last(self) -> Self:
        if mistake := early_conversion([each.step for each in self.steps]):
            raise ValueError(mistake)
        return self


def early_conversion(names: Sequence[str]) -> str:
    """What is wrong with the order of steps of these names; empty where nothing is.

    >>> early_conversion(["to_integer", "trim"])
    'only the last step may convert, and these stand earlier: to_integer'
    """
    early = [name for name in names[:-1] if name in _CONVERSIONS]
    return f"only the last step may convert, and these stand earlier: {', '.join(early)}" if early else ""


_CONVERSIONS = frozenset(kind.model_fields["step"].default for kind in get_args(Conversion))


class Concat(Frozen):
    """The filled texts of several columns without the blanks around them, with a separator between."""

    compute: Literal["concat"] = "concat"
    columns: tuple[str, ...] = Field(min_length=2)
    separator: str = " "


class Coalesce(Frozen):
    """The first filled text of several columns, without the blanks around it."""

    compute: Literal["coalesce"] = "coalesce"
    columns: tuple[str, ...] = Field(min_length=2)


class OneColumn(Frozen):
    """A column that fills more fields than its own, from which the steps take one part."""

    compute: Literal["column"] = "column"
    columns: tuple[str] = Field(min_length=1, max_length=1)


class Where(Frozen):
    """A column in those rows alone where another one holds one of several values."""

    compute: Literal["where"] = "where"
    columns: tuple[str] = Field(min_length=1, max_length=1)
    by: str
    among: tuple[str, ...] = Field(min_length=1)


class Lookup(Frozen):
    """What another table says beside a column's code; null where the code is not listed there."""

    compute: Literal["lookup"] = "lookup"
    columns: tuple[str] = Field(min_length=1, max_length=1)
    table: str
    key: str
    value: str


Computed = Annotated[Concat | Coalesce | OneColumn | Where | Lookup, Field(discriminator="compute")]


def columns_read(rule: Computed) -> tuple[str, ...]:
    """The columns of its own table that a rule reads.

    >>> columns_read(Where(columns=("amount",), by="kind", among=("payment",)))
    ('amount', 'kind')
    """
    return (*rule.columns, rule.by) if isinstance(rule, Where) else rule.columns


def sources_of(table: str, rule: Computed) -> tuple[ColumnRef, ...]:
    """All that a rule reads for a column of the table, of another table that it looks up, too."""
    own = tuple(ColumnRef(table=table, column=name) for name in columns_read(rule))
    if not isinstance(rule, Lookup):
        return own
    return (*own, *(ColumnRef(table=rule.table, column=name) for name in (rule.key, rule.value)))


def _literal(letter: str) -> str:
    return f"\\{letter}" if letter in string.punctuation else letter

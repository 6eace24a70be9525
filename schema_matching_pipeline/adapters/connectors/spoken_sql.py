"""What each database calls the same thing: blank text, its length, a day in writing, a value to group by.

PostgreSQL, MySQL, MariaDB, SQLite and DuckDB share the first form; the others are in the words of their manuals.
"""

from __future__ import annotations

from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import mssql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

_Value = TypeVar("_Value")

# SQL Server neither trims nor compares its old type TEXT.
TEXT = sa.Text().with_variant(mssql.NVARCHAR(None), "mssql")
_ORACLE_HEAD = 2_000  # characters of a CLOB that fit a string in every setting


class has_text(GenericFunction[bool]):  # noqa: N801 - the name becomes SQL
    """Whether a text holds more than blanks; a comparison, which needs none around it."""

    type = sa.Boolean()
    inherit_cache = True

    def self_group(self, against: object = None) -> has_text:  # noqa: ARG002 - the base class names it
        """Itself: databases without truths would compare it with 1."""
        return self


@compiles(has_text)
def _has_text(element: has_text, compiler: SQLCompiler, **options: object) -> str:
    return f"trim({compiler.process(_as_text(element), **options)}) != ''"


@compiles(has_text, "oracle")
def _has_text_oracle(element: has_text, compiler: SQLCompiler, **options: object) -> str:
    # To Oracle an empty text is null, and comparing with it is never true.
    return f"regexp_instr({compiler.process(element.clauses, **options)}, '[^ ]') > 0"


class text_length(GenericFunction[Any]):  # noqa: N801 - the name becomes SQL
    """How many characters a text has."""

    type = sa.Integer()
    inherit_cache = True


@compiles(text_length)
def _text_length(element: text_length, compiler: SQLCompiler, **options: object) -> str:
    return compiler.process(sa.func.char_length(_as_text(element)), **options)


@compiles(text_length, "oracle")
def _text_length_oracle(element: text_length, compiler: SQLCompiler, **options: object) -> str:
    return f"length({compiler.process(element.clauses, **options)})"


class day_in_writing(GenericFunction[Any]):  # noqa: N801 - the name becomes SQL
    """A day as text that begins with year, month and day."""

    type = sa.String()
    inherit_cache = True


@compiles(day_in_writing)
def _day_in_writing(element: day_in_writing, compiler: SQLCompiler, **options: object) -> str:
    return compiler.process(sa.cast(_only(element), sa.String(40)), **options)


@compiles(day_in_writing, "oracle")
def _day_in_writing_oracle(element: day_in_writing, compiler: SQLCompiler, **options: object) -> str:
    return f"to_char({compiler.process(element.clauses, **options)}, 'YYYY-MM-DD')"


class groupable_text(GenericFunction[Any]):  # noqa: N801 - the name becomes SQL
    """A long text in a form by which rows can be grouped."""

    type = sa.String()
    inherit_cache = True


@compiles(groupable_text)
def _groupable(element: groupable_text, compiler: SQLCompiler, **options: object) -> str:
    return compiler.process(element.clauses, **options)


@compiles(groupable_text, "mssql")
def _groupable_mssql(element: groupable_text, compiler: SQLCompiler, **options: object) -> str:
    return compiler.process(_as_text(element), **options)


@compiles(groupable_text, "oracle")
def _groupable_oracle(element: groupable_text, compiler: SQLCompiler, **options: object) -> str:
    return f"dbms_lob.substr({compiler.process(element.clauses, **options)}, {_ORACLE_HEAD}, 1)"


def _as_text(element: GenericFunction[_Value]) -> sa.ColumnElement[str]:
    return sa.cast(_only(element), TEXT)


def _only(element: GenericFunction[_Value]) -> sa.ColumnElement[object]:
    (argument,) = element.clauses
    return argument

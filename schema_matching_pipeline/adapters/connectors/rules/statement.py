"""A chain of steps as one statement for PostgreSQL (17 or newer where case is changed) and DuckDB."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa

from schema_matching_pipeline.canon.rule_chain import BLANKS, DECIMAL, INTEGER
from schema_matching_pipeline.model.rule import (
    Default,
    MapValues,
    Plain,
    Replace,
    SplitAt,
    SplitPart,
    Step,
    Substring,
    ToBoolean,
    ToDate,
    ToDecimal,
    Transformed,
)

Engine = Literal["postgresql", "duckdb"]
Texts = sa.ColumnElement[Any]


def transform_statement(
    table: sa.FromClause, column: str, rule: Transformed, engine: Engine
) -> sa.Select[Any]:
    """The columns of the table, and beside them ``value`` and whether the row ``failed``: it had one and lost it."""
    kept = [each.name for each in table.columns]
    text = sa.cast(table.columns[column], sa.Text())
    rows: sa.FromClause = sa.select(
        *table.columns, text.label("value"), _filled(text).label("had")
    ).subquery()
    for step in rule.steps:
        value = _step(rows.columns["value"], step, engine)
        carried = (rows.columns[name] for name in (*kept, "had"))
        rows = sa.select(*carried, value.label("value")).subquery()
    value = rows.columns["value"]
    failed = sa.and_(rows.columns["had"], sa.not_(_filled(sa.cast(value, sa.Text()))))
    return sa.select(*(rows.columns[name] for name in kept), value, failed.label("failed"))


def _filled(text: Texts) -> sa.ColumnElement[bool]:
    return sa.func.coalesce(_bare(text), "") != ""


def _bare(text: Texts) -> Texts:
    return sa.func.rtrim(sa.func.ltrim(text, BLANKS, type_=sa.Text()), BLANKS, type_=sa.Text())


def _step(text: Texts, step: Step, engine: Engine) -> Texts:  # noqa: PLR0911 - one return a kind of step
    match step:
        case Default():
            return sa.case((_filled(text), text), else_=step.value)
        case Plain():
            return _plain(text, step, engine)
        case Substring():
            return sa.func.substr(text, step.start, step.length, type_=sa.Text())
        case SplitPart():
            return sa.func.split_part(text, step.separator, step.part, type_=sa.Text())
        case SplitAt():
            return _split(text, step)
        case Replace():
            return sa.func.replace(text, step.old, step.new, type_=sa.Text())
        case MapValues():
            otherwise = text if step.otherwise == "keep" else sa.null()
            return sa.case(*((text == old, new) for old, new in step.codes.items()), else_=otherwise)
        case ToBoolean():
            return _boolean(sa.func.lower(_cased(_bare(text), engine)), step)
        case ToDate():
            return _day(_bare(text), step)
        case _:
            return _number(_bare(text), isinstance(step, ToDecimal))


def _plain(text: Texts, step: Plain, engine: Engine) -> Texts:
    match step.step:
        case "trim":
            return _bare(text)
        case "uppercase":
            return sa.func.upper(_cased(sa.func.replace(text, "ß", "SS"), engine), type_=sa.Text())
        case "lowercase":
            return sa.func.lower(_cased(text, engine), type_=sa.Text())
        case "digits_only":
            return sa.func.regexp_replace(text, "[^0-9]", "", "g", type_=sa.Text())
        case "strip_leading_zeros":
            return sa.func.ltrim(text, "0", type_=sa.Text())


def _split(text: Texts, step: SplitAt) -> Texts:
    """By the length of the part that has no other separator beyond it, since positions count from the left alone."""
    size = len(step.separator)
    outer = sa.func.split_part(text, step.separator, 1 if step.which == "first" else -1, type_=sa.Text())
    if (step.which, step.side) in {("first", "before"), ("last", "after")}:
        part = outer
    elif step.which == "first":
        part = sa.func.substr(text, sa.func.length(outer) + size + 1, type_=sa.Text())
    else:
        rest = sa.func.greatest(sa.func.length(text) - sa.func.length(outer) - size, 0)
        part = sa.func.substr(text, 1, rest, type_=sa.Text())
    has_one = sa.func.strpos(text, step.separator, type_=sa.Integer()) > 0
    return sa.case((text.is_(None), sa.null()), (has_one, part), else_="")


def _cased(text: Texts, engine: Engine) -> Texts:
    """The text in a collation that knows every letter, whatever the database was made with."""
    return sa.collate(text, "pg_c_utf8") if engine == "postgresql" else text


def _boolean(word: Texts, step: ToBoolean) -> Texts:
    return sa.case(
        (word.in_(step.true), sa.true()),
        (word.in_(step.false), sa.false()),
        else_=sa.null(),
    )


def _number(text: Texts, decimal: bool) -> Texts:
    kind: sa.types.TypeEngine[Any] = sa.Numeric(38, 10) if decimal else sa.BigInteger()
    digits = sa.func.replace(text, ",", "")
    return sa.case((_like(text, DECIMAL if decimal else INTEGER), sa.cast(digits, kind)), else_=sa.null())


def _like(text: Texts, pattern: str) -> sa.ColumnElement[bool]:
    return text.op("~", is_comparison=True)(pattern)


def _day(text: Texts, step: ToDate) -> Texts:
    """Parts are checked by the calendar before anything is cast, since a cast that fails ends the statement."""
    year, month, day = (_part(text, step, part) for part in ("%Y", "%m", "%d"))
    leap = sa.or_(sa.and_(year % 4 == 0, year % 100 != 0), year % 400 == 0)
    last = sa.case(
        (month.in_([4, 6, 9, 11]), 30), (sa.and_(month == 2, leap), 29), (month == 2, 28), else_=31
    )
    real = sa.and_(year >= 1, month.between(1, 12), day >= 1, day <= last)
    texts = [
        sa.func.lpad(sa.cast(each, sa.Text()), size, "0") for each, size in ((year, 4), (month, 2), (day, 2))
    ]
    iso = texts[0].concat("-").concat(texts[1]).concat("-").concat(texts[2])
    made = sa.case((real, sa.cast(iso, sa.Date())), else_=sa.null())
    return sa.case((_like(text, step.pattern()), made), else_=sa.null())


def _part(text: Texts, step: ToDate, part: Literal["%d", "%m", "%Y"]) -> sa.ColumnElement[int]:
    found = sa.func.regexp_replace(text, step.pattern(), f"\\{step.place(part)}")
    return sa.cast(found, sa.Integer())

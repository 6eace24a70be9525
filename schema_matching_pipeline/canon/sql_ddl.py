"""A canonical schema from SQL DDL: tables become entities, their keys keys, their comments descriptions."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlglot import Dialect, ErrorLevel, exp
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from schema_matching_pipeline.canon.data_types import field_type_of
from schema_matching_pipeline.errors import ConfigurationError
from schema_matching_pipeline.model.canonical import (
    CanonicalEntity,
    CanonicalField,
    CanonicalSchema,
    FieldRef,
    FieldType,
)

# Tried in this order; the one that understands most statements is taken.
_DIALECTS = ("postgres", "mysql", "tsql", "oracle", "sqlite", "duckdb")
_CREATE = ("CREATE", "TABLE")
_WANTED = (_CREATE, ("ALTER", "TABLE"), ("COMMENT", "ON"))
_NOISE = re.compile(
    r"^(?:name:|table structure|structure for|dumping|create tables?\b|hint\b|!\d{5})|^[\W_]*$", re.IGNORECASE
)


def read_sql_ddl(text: str, name: str, dialect: str | None = None) -> CanonicalSchema:
    """The canonical schema of every ``CREATE TABLE``, with what ``ALTER TABLE`` and ``COMMENT ON`` add.

    Other statements are passed over, and so is what these two add where it cannot be read. Columns that are not null are required.

    Raises:
        ConfigurationError: with every statement that cannot be read, or because there is no table.
    """
    what = f"Canonical model {name!r}"
    with _silenced("sqlglot"):
        reading = _best_reading(text, (dialect,) if dialect else _DIALECTS)
    if reading.mistakes:
        raise ConfigurationError(what, reading.mistakes)
    tables = _tables(reading.statements)
    mistakes = list(_repeated_names(reading.statements)) or (
        [] if tables else ["there is no CREATE TABLE in it"]
    )
    if mistakes:
        raise ConfigurationError(what, mistakes)
    return CanonicalSchema(name=name, entities=tuple(_entity(table, tables) for table in tables.values()))


@dataclass(frozen=True)
class _Reading:
    """The text as one dialect understands it."""

    statements: tuple[exp.Expr, ...]
    mistakes: tuple[str, ...]


@dataclass
class _Column:
    name: str
    data_type: str
    comment: str = ""
    required: bool = False
    values: tuple[str, ...] = ()
    references: tuple[str, str | None] | None = None


@dataclass
class _Table:
    name: str
    comment: str = ""
    columns: dict[str, _Column] = field(default_factory=dict)
    primary_key: tuple[str, ...] = ()


@contextmanager
def _silenced(library: str) -> Iterator[None]:
    """Keeps a library from logging statements it only half understands: we report them ourselves."""
    logger = logging.getLogger(library)
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def _best_reading(text: str, dialects: tuple[str, ...]) -> _Reading:
    """The first reading without a mistake, else the one with the fewest."""
    best: _Reading | None = None
    for dialect in dialects:
        reading = _read(text, dialect)
        if not reading.mistakes:
            return reading
        if best is None or len(reading.mistakes) < len(best.mistakes):
            best = reading
    return best or _Reading((), ())


def _read(text: str, dialect: str) -> _Reading:
    language = Dialect.get_or_raise(dialect)
    try:
        tokens = language.tokenize(text)
    except TokenError:
        return _Reading((), ("a quotation or a comment is not closed",))
    statements: list[exp.Expr] = []
    mistakes: list[str] = []
    for chunk in _chunks(tokens):
        try:
            parsed = language.parser(error_level=ErrorLevel.IMMEDIATE).parse(chunk, text)
        except ParseError as error:
            if _opening(chunk, 0) == _CREATE:
                mistakes.extend(_in_words(error))
            continue
        understood = [one for one in parsed if one is not None and not isinstance(one, exp.Command)]
        statements.extend(understood)
        if not understood and _opening(chunk, 0) == _CREATE:
            mistakes.append(f"line {chunk[0].line}: a CREATE TABLE that cannot be read")
    return _Reading(tuple(statements), tuple(mistakes))


def _chunks(tokens: list[Token]) -> Iterator[list[Token]]:
    """The tokens of each statement that matters; the others may be in any dialect.

    A statement ends at a semicolon, at a ``GO`` of its own, or where the next one begins.
    """
    chunk: list[Token] = []
    depth = 0
    for place, token in enumerate(tokens):
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0)
        begins = depth == 0 and _opening(tokens, place) in _WANTED
        ends = token.token_type is TokenType.SEMICOLON or (depth == 0 and token.text.upper() == "GO")
        if begins or ends:
            if _opening(chunk, 0) in _WANTED:
                yield chunk
            chunk, depth = [], 0
        if not ends:
            chunk.append(token)
    if _opening(chunk, 0) in _WANTED:
        yield chunk


def _opening(tokens: list[Token], place: int) -> tuple[str, ...]:
    return tuple(token.text.upper() for token in tokens[place : place + 2])


def _in_words(error: ParseError) -> Iterator[str]:
    for detail in error.errors:
        yield f"line {detail.get('line')}: {str(detail.get('description')).split(' <Token')[0]}"


def _repeated_names(statements: Iterable[exp.Expr]) -> Iterator[str]:
    seen: set[str] = set()
    for create in _creates(statements):
        table = _table_name(create.this)
        if table.lower() in seen:
            yield f"the table {table!r} is created twice"
        seen.add(table.lower())
        names = [column.name for column in create.this.expressions if isinstance(column, exp.ColumnDef)]
        yield from (
            f"{table}: the column {name!r} stands twice" for name in {*names} if names.count(name) > 1
        )


def _creates(statements: Iterable[exp.Expr]) -> Iterator[exp.Create]:
    """Every ``CREATE TABLE`` with a list of columns."""
    for statement in statements:
        if isinstance(statement, exp.Create) and isinstance(statement.this, exp.Schema):
            yield statement


def _table_name(node: exp.Expr) -> str:
    table = node if isinstance(node, exp.Table) else node.find(exp.Table)
    return table.name if table else ""


def _tables(statements: tuple[exp.Expr, ...]) -> dict[str, _Table]:
    """Tables by their name in lower case, with what later statements say about them."""
    tables = {table.name.lower(): table for table in map(_created, _creates(statements))}
    for statement in statements:
        match statement:
            case exp.Comment():
                _add_comment(tables, statement)
            case exp.Alter():
                table = tables.get(_table_name(statement.this).lower())
                if table:
                    _add_keys(table, statement)
            case _:
                pass
    return tables


def _created(create: exp.Create) -> _Table:
    table = _Table(_table_name(create.this), comment=_table_comment(create))
    for definition in create.this.expressions:
        if isinstance(definition, exp.ColumnDef):
            table.columns[definition.name.lower()] = _column(definition)
            if definition.find(exp.PrimaryKeyColumnConstraint):
                table.primary_key = (*table.primary_key, definition.name.lower())
        else:
            _add_keys(table, definition)
            _add_checks(table, definition)
    return table


def _table_comment(create: exp.Create) -> str:
    stated = create.find(exp.SchemaCommentProperty)
    return stated.this.name if stated else _prose(create.comments)


def _prose(comments: list[str] | None) -> str:
    """The comment nearest to a definition as one text, without rulers and the headings of dump programs."""
    nearest = comments[-1] if comments else ""
    lines = (line.strip(" *-=#/") for line in nearest.splitlines())
    return " ".join(line for line in lines if not _NOISE.match(line))


def _column(definition: exp.ColumnDef) -> _Column:
    kind = definition.args.get("kind")
    stated = definition.find(exp.CommentColumnConstraint)
    column = _Column(
        name=definition.name,
        data_type=kind.sql(dialect="mysql") if kind else "",
        comment=stated.this.name if stated else _prose(definition.comments),
        required=_is_required(definition),
        values=_values(kind if _is_enum(kind) else definition.find(exp.In)),
    )
    reference = definition.find(exp.Reference)
    if reference:
        column.references = _referred(reference, 0)
    return column


def _is_required(definition: exp.ColumnDef) -> bool:
    refusals = definition.find_all(exp.NotNullColumnConstraint)
    return any(not refusal.args.get("allow_null") for refusal in refusals)


def _is_enum(kind: exp.Expr | None) -> bool:
    return kind is not None and kind.args.get("this") == exp.DataType.Type.ENUM


def _values(node: exp.Expr | None) -> tuple[str, ...]:
    literals = node.expressions if node else ()
    return tuple(dict.fromkeys(literal.name for literal in literals if isinstance(literal, exp.Literal)))


def _referred(reference: exp.Reference, place: int) -> tuple[str, str | None]:
    columns = reference.this.expressions if isinstance(reference.this, exp.Schema) else ()
    return _table_name(reference), columns[place].name if place < len(columns) else None


def _add_keys(table: _Table, node: exp.Expr) -> None:
    for key in node.find_all(exp.PrimaryKey, *_clustered_key(node)):
        table.primary_key = tuple(identifier.name.lower() for identifier in key.find_all(exp.Identifier))
    for link in node.find_all(exp.ForeignKey):
        reference = link.args.get("reference")
        for place, identifier in enumerate(link.expressions):
            column = table.columns.get(identifier.name.lower())
            if column and isinstance(reference, exp.Reference):
                column.references = _referred(reference, place)


def _clustered_key(node: exp.Expr) -> tuple[type[exp.Expr], ...]:
    """Where SQL Server's ``PRIMARY KEY CLUSTERED`` keeps its columns."""
    return (exp.ClusteredColumnConstraint,) if node.find(exp.PrimaryKeyColumnConstraint) else ()


def _add_checks(table: _Table, node: exp.Expr) -> None:
    for among in node.find_all(exp.In):
        column = table.columns.get(among.this.name.lower())
        if column:
            column.values = _values(among)


def _add_comment(tables: dict[str, _Table], comment: exp.Comment) -> None:
    text = comment.expression.name
    if isinstance(comment.this, exp.Column):
        table = tables.get(comment.this.table.lower())
        column = table.columns.get(comment.this.name.lower()) if table else None
        if column:
            column.comment = text
    elif comment.this.name.lower() in tables:
        tables[comment.this.name.lower()].comment = text


def _entity(table: _Table, tables: dict[str, _Table]) -> CanonicalEntity:
    return CanonicalEntity(
        name=table.name,
        description=table.comment,
        fields=tuple(_field(key, column, table, tables) for key, column in table.columns.items()),
    )


def _field(key: str, column: _Column, table: _Table, tables: dict[str, _Table]) -> CanonicalField:
    references = _reference(column, tables)
    in_key = key in table.primary_key
    return CanonicalField(
        name=column.name,
        type=_type(column, is_link=in_key or references is not None),
        description=column.comment,
        primary_key=in_key,
        required=column.required or in_key,
        references=references,
        values=column.values,
    )


def _type(column: _Column, *, is_link: bool) -> FieldType:
    """Keys identify whatever they are made of; listed values are codes."""
    declared = field_type_of(column.data_type)
    if is_link and declared in {FieldType.INTEGER, FieldType.NUMBER, FieldType.STRING, FieldType.TEXT}:
        return FieldType.IDENTIFIER
    return FieldType.CODE if column.values else declared


def _reference(column: _Column, tables: dict[str, _Table]) -> FieldRef | None:
    """The field referred to: by name, else the referred table's key; none where the table is not there."""
    if column.references is None:
        return None
    table = tables.get(column.references[0].lower())
    wanted = column.references[1] or (table.primary_key[0] if table and table.primary_key else "")
    referred = table.columns.get(wanted.lower()) if table else None
    return FieldRef(entity=table.name, field=referred.name) if table and referred else None

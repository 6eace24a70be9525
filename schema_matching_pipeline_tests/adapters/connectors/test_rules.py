"""One rule gives one result: in pandas, in PostgreSQL and in DuckDB."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

import duckdb
import pandas as pd
import pytest
import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.dialects import postgresql

from schema_matching_pipeline.adapters.connectors.rules import transform_series, transform_statement
from schema_matching_pipeline.model.rule import Transformed

ROWS = 10_000
DIRTY: tuple[str | None, ...] = (
    None, "", " ", "\t\u00a0 ", "0", "00042", "000", "-7", "+7", "1,234.56", "1.234,56", "12,34", "1,234,567", "1e5",
    "NaN", "31/12/2024", "29/02/2023", "29/02/2024", "29/02/1900", "31/04/2024", "1/2/2024", "00/01/2024",
    "01/13/2024", "01/01/0000", "2024-12-31", "31/12/24", "31/12/2024 10:00", "yes", "No", "TRUE", "f", "Y", "ja", " 1 ", "Straße",
    "ΟΔΟΣ", "İzmir", "ﬁn", "ŉ", "日本", "e\u0301", "a|b|c", "a|", "|", "back\\slash", "it's", "100%", "٣", "9" * 18,
    "9" * 19, "9" * 28, "9" * 29, "0.1234567890", "0.12345678901", ".5", "5.", "--5", "😀x", "two\nlines", "x\n",
)  # fmt: skip
LETTERS = "".join(
    chr(number) for number in (*range(0x20, 0x180), *range(0x370, 0x588)) if chr(number).isalpha()
)
RULES = {
    "cased": [{"step": "trim"}, {"step": "uppercase"}],
    "lower": [{"step": "lowercase"}],
    "digits": [{"step": "digits_only"}, {"step": "strip_leading_zeros"}, {"step": "to_integer"}],
    "decimal": [{"step": "to_decimal"}],
    "integer": [{"step": "to_integer"}],
    "boolean": [{"step": "to_boolean"}],
    "date": [{"step": "to_date", "format": "%d/%m/%Y"}],
    "cut": [{"step": "substring", "start": 2, "length": 3}],
    "part": [{"step": "split_part", "separator": "|", "part": 2}, {"step": "default", "value": "none"}],
    "before": [{"step": "split_at", "separator": "|", "side": "before"}],
    "behind": [{"step": "split_at", "separator": "/", "side": "after"}],
    "all but the last": [
        {"step": "trim"},
        {"step": "split_at", "separator": "/", "which": "last", "side": "before"},
    ],
    "the last": [{"step": "split_at", "separator": "00", "which": "last", "side": "after"}],
    "replace": [{"step": "replace", "old": "\\", "new": "'"}, {"step": "replace", "old": "%", "new": ""}],
    "codes": [{"step": "lowercase"}, {"step": "map_values", "codes": {"yes": "J", "no": "N"}}],
    "bare": [{"step": "digits_only"}],
    "fallback": [{"step": "map_values", "codes": {"yes": "J"}}, {"step": "default", "value": "other"}],
    "kept": [{"step": "map_values", "codes": {"ja": "yes"}, "otherwise": "keep"}, {"step": "to_boolean"}],
}
TABLE = sa.table("dirty", sa.column("id", sa.Integer()), sa.column("text", sa.Text()))


def texts() -> list[str | None]:
    chance = random.Random(20241231)
    made = [
        f"{chance.randint(0, 32)}/{chance.randint(0, 13)}/{chance.randint(1890, 2030)}"
        for _ in range(ROWS // 2)
    ]
    known = [*DIRTY, LETTERS]
    return [*known, *made, *chance.choices(known, k=ROWS - len(known) - len(made))]


@pytest.fixture(scope="module")
def series() -> pd.Series:
    return pd.Series(texts(), dtype=object)


@pytest.fixture(scope="module")
def postgres(module_registry, series):
    engine = sa.create_engine(module_registry.owner_url)
    with engine.connect() as connection:
        connection.execute(sa.text("CREATE TEMPORARY TABLE dirty (id integer, text text)"))
        rows = [{"id": place, "text": text} for place, text in enumerate(series)]
        connection.execute(TABLE.insert(), rows)
        yield connection
    engine.dispose()


@pytest.fixture(scope="module")
def duck(series):
    with duckdb.connect() as connection:
        frame = pd.DataFrame({"id": range(len(series)), "text": series})
        connection.register("frame", frame)
        connection.execute("CREATE TABLE dirty AS SELECT id, text::VARCHAR AS text FROM frame")
        yield connection


def by_pandas(series: pd.Series, rule: Transformed) -> tuple[list[object], int]:
    applied = transform_series(series, rule)
    return applied.made.tolist(), applied.failures


def told(rows: list[tuple[object, ...]]) -> tuple[list[object], int]:
    ordered = sorted(rows, key=lambda row: int(str(row[0])))
    return [row[2] for row in ordered], sum(bool(row[3]) for row in ordered)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_makes_the_same_of_ten_thousand_dirty_texts_in_every_engine(name, series, postgres, duck):
    rule = Transformed.model_validate({"steps": RULES[name]})
    expected = by_pandas(series, rule)
    asked = postgres.execute(transform_statement(TABLE, "text", rule, "postgresql"))
    assert told([tuple(row) for row in asked]) == expected
    spoken = transform_statement(TABLE, "text", rule, "duckdb").compile(
        dialect=postgresql.dialect(paramstyle="qmark"), compile_kwargs={"render_postcompile": True}
    )
    bound = [spoken.params[place] for place in spoken.positiontup or ()]
    assert told(duck.execute(str(spoken), bound).fetchall()) == expected


@pytest.mark.parametrize(
    ("name", "text", "value", "failures"),
    [
        ("decimal", "1,234.56", Decimal("1234.56"), 0),
        ("decimal", "1.234,56", None, 1),
        ("integer", "00042", 42, 0),
        ("date", "31/12/2024", dt.date(2024, 12, 31), 0),
        ("date", "29/02/2023", None, 1),
        ("boolean", " Yes", True, 0),
        ("boolean", "ja", None, 1),
        ("kept", "ja", True, 0),
        ("decimal", " ", None, 0),
        ("decimal", None, None, 0),
        ("cased", " straße ", "STRASSE", 0),
        ("part", "a|", "none", 0),
        ("before", "a|b|c", "a", 0),
        ("behind", "1/2/2024", "2/2024", 0),
        ("all but the last", " 1/2/2024 ", "1/2", 0),
        ("the last", "1,2005 00 7", " 7", 0),
        ("the last", "000", "0", 0),
        ("the last", "none", "", 1),
        ("digits", "ja", None, 1),
        ("bare", "ja", "", 1),
        ("bare", "0", "0", 0),
        ("fallback", "ja", "other", 0),
        ("integer", "0", 0, 0),
        ("boolean", "f", False, 0),
    ],
)
def test_a_text_becomes_its_value_or_a_counted_failure(name, text, value, failures):
    rule = Transformed.model_validate({"steps": RULES[name]})
    assert by_pandas(pd.Series([text], dtype=object), rule) == ([value], failures)


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [{"step": "shout"}],
        [{"step": "to_integer"}, {"step": "trim"}],
        [{"step": "to_date", "format": "%d.%m"}],
        [{"step": "to_boolean", "true": ["x"], "false": ["x"]}],
        [{"step": "substring", "start": 0, "length": 1}],
    ],
)
def test_a_chain_that_means_nothing_cannot_be_made(steps):
    with pytest.raises(ValidationError):
        Transformed.model_validate({"steps": steps})

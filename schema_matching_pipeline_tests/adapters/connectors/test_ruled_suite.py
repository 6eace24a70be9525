"""Columns under a rule are judged by what the rule makes of their values, in every source the same."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.adapters.connectors.rules import transform_series
from schema_matching_pipeline.model.rule import Transformed
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.validation import ColumnRule, Expectation, ExpectationKind
from schema_matching_pipeline_tests.adapters.connectors.test_suite_runner import answers, asked, counts
from schema_matching_pipeline_tests.entrances.dagster.installation import write_tables

Filled = Callable[[str], str]
Column = tuple[str | None, ...]

BILLS: Mapping[str, Column] = {
    "id": ("1", "2", "3", "4"),
    "bill": ("b-1", "B-1 ", "b-2", None),
    "patient": (" p01", "P02", "p99", None),
    "amount": ("$1,234.56", "$12.00", "free", None),
    "paid": ("31/12/2024", "01/02/2025", "29/02/2023", None),
    "due": ("2025-01-05", "2025-01-31", "2023-03-01", None),
    "state": ("o", "C", "x", None),
    "weight": ("1.250 kg", "12.000 kg", "", None),
}
PATIENTS: Mapping[str, Column] = {"code": ("p01", "p02", "p03")}
UPPER = ({"step": "uppercase"},)
RULES: Mapping[str, Sequence[Mapping[str, object]]] = {
    "bill": UPPER,
    "patient": UPPER,
    "code": UPPER,
    "amount": ({"step": "replace", "old": "$", "new": ""}, {"step": "to_decimal"}),
    "paid": ({"step": "to_date", "format": "%d/%m/%Y"},),
    "state": ({"step": "lowercase"}, {"step": "map_values", "codes": {"o": "open", "c": "closed"}}),
    "weight": ({"step": "split_part", "separator": " ", "part": 1}, {"step": "to_decimal"}),
}


def ruled(question: Expectation, *columns: str) -> Expectation:
    """The question with the rules of those of its columns."""
    rules = (
        ColumnRule(ref=ref, rule=Transformed.model_validate({"steps": RULES[ref.column]}))
        for ref in question.refs
        if ref.column in columns
    )
    return question.but(rules=tuple(rules), id=f"{question.id} {columns}")


def of(kind: ExpectationKind, column: str, **parameters: str | tuple[str, ...]) -> Expectation:
    return ruled(asked(kind, "bills", column, **parameters), column)


@pytest.fixture
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Filled:
    """The address of bills and patients in a source of one kind."""

    def written(kind: str) -> str:
        if kind == "csv":
            tables = {"bills": BILLS, "patients": PATIENTS}
            plain = {
                table: {name: tuple(text or "" for text in column) for name, column in columns.items()}
                for table, columns in tables.items()
            }
            return str(write_tables(tmp_path / "csv", **plain))
        url = (
            f"{kind}:///{tmp_path}/bills.{kind}"
            if kind == "sqlite"
            else str(request.getfixturevalue("empty_database" if kind == "postgresql" else "maria_database"))
        )
        _write(url)
        return url

    return written


def _write(url: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for table, columns in (("bills", BILLS), ("patients", PATIENTS)):
            made = sa.Table(table, sa.MetaData(), *(sa.Column(name, sa.String(20)) for name in columns))
            made.create(connection)
            rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
            connection.execute(made.insert(), rows)
    engine.dispose()


@pytest.mark.parametrize("kind", ["postgresql", "mariadb", "sqlite", "csv"])
def test_every_check_sees_what_the_rule_makes_in_every_source(
    kind: str, sources: Sources, filled: Filled
) -> None:
    ask = ExpectationKind
    referring = asked(ask.FOREIGN_KEY, "bills", "patient", referred_table="patients", referred_column="code")
    in_order = asked(ask.DATE_ORDER, "bills", "due", before_column="paid", other_format="%Y-%m-%d")
    results = answers(
        sources,
        filled(kind),
        of(ask.CONVERTIBLE, "amount"),
        of(ask.CASTABLE, "amount", type="number"),
        of(ask.NOT_NULL, "amount"),
        of(ask.NUMBER_RANGE, "amount", minimum="0", maximum="100"),
        of(ask.CONVERTIBLE, "weight"),
        of(ask.NUMBER_RANGE, "weight", minimum="0", maximum="100"),
        of(ask.UNIQUE, "bill"),
        ruled(asked(ask.UNIQUE, "bills", "bill", columns=("bill", "patient")), "bill", "patient"),
        ruled(referring, "patient", "code"),
        ruled(referring, "patient"),
        of(ask.CASTABLE, "paid", type="date", date_format="%Y-%m-%d"),
        of(ask.DATE_RANGE, "paid", earliest="2025-01-01", latest="2025-12-31", date_format="%Y-%m-%d"),
        ruled(in_order, "paid"),
        of(ask.CONVERTIBLE, "state"),
        of(ask.VALUE_SET, "state", values=("open", "closed")),
        of(ask.MATCHES, "state", pattern="[a-z]+"),
    )
    assert counts(results) == [
        (3, 1), (2, 0), (4, 2), (2, 1), (2, 0), (2, 0), (3, 2), (3, 0), (3, 1), (3, 3), (2, 0), (2, 1), (2, 1), (3, 1),
        (2, 0), (2, 0),
    ]  # fmt: skip


def test_what_fails_under_a_rule_is_shown_as_the_masked_source_text(sources: Sources, filled: Filled) -> None:
    ask = ExpectationKind
    results = answers(
        sources,
        filled("csv"),
        of(ask.CONVERTIBLE, "amount"),
        of(ask.NOT_NULL, "amount"),
        of(ask.NUMBER_RANGE, "amount", minimum="0", maximum="100"),
        of(ask.UNIQUE, "bill"),
        of(ask.FOREIGN_KEY, "patient", referred_table="patients", referred_column="code"),
    )
    assert [[sample.text for sample in result.samples] for result in results] == [
        ["xxxx"], ["xxxx"], ["$9,999.99"], ["x-9"], ["x99", "X99"],
    ]  # fmt: skip


def test_a_default_fills_what_was_missing(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,state\n1,open\n2,\n3,\n")
    question = asked(ExpectationKind.NOT_NULL, "t", "state")
    rule = Transformed.model_validate({"steps": [{"step": "default", "value": "unknown"}]})
    under = question.but(id="ruled", rules=(ColumnRule(ref=question.ref, rule=rule),))
    assert counts(answers(sources, tmp_path, question, under)) == [(3, 2), (3, 0)]


def test_the_check_counts_the_failures_of_the_rule_itself(sources: Sources, tmp_path: Path) -> None:
    chance = random.Random(7)
    texts = [chance.choice(["12", "n/a", "x", "", "1,000", "0", "7 kg"]) for _ in range(500)]
    (tmp_path / "t.csv").write_text("id,v\n" + "".join(f'{n},"{text}"\n' for n, text in enumerate(texts)))
    for steps in (["digits_only"], ["to_integer"], ["digits_only", "to_integer"]):
        rule = Transformed.model_validate({"steps": [{"step": name} for name in steps]})
        question = asked(ExpectationKind.CONVERTIBLE, "t", "v").but(
            rules=(ColumnRule(ref=ColumnRef(table="t", column="v"), rule=rule),)
        )
        [(tested, failed)] = counts(answers(sources, tmp_path, question))
        assert tested == len(texts) - texts.count("")
        assert failed == transform_series(pd.Series(texts), rule).failures
        assert failed > 0


def test_keys_under_a_rule_are_not_judged_by_a_part_of_their_rows(sources: Sources, filled: Filled) -> None:
    reference = of(ExpectationKind.FOREIGN_KEY, "patient", referred_table="patients", referred_column="code")
    unique, referring = answers(
        sources, filled("sqlite"), of(ExpectationKind.UNIQUE, "bill"), reference, ruled_rows=3
    )
    for result in (unique, referring):
        assert (result.tested, "more rows than keys and references" in str(result.fault)) == (0, True)


def test_what_vanished_from_under_a_rule_is_a_fault_of_its_question_alone(
    sources: Sources, filled: Filled
) -> None:
    steps = {"steps": RULES["code"]}
    gone = ColumnRef(table="bills", column="gone")
    rules = (ColumnRule(ref=gone, rule=Transformed.model_validate(steps)),)
    results = answers(
        sources,
        filled("csv"),
        *(
            asked(kind, "bills", "gone").but(rules=rules)
            for kind in (ExpectationKind.UNIQUE, ExpectationKind.NOT_NULL)
        ),
        of(ExpectationKind.UNIQUE, "bill"),
    )
    assert ["'gone'" in str(result.fault) for result in results] == [True, True, False]

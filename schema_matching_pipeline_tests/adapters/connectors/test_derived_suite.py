"""Derived columns are judged by what their rule makes of the source's rows."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.model.rule import (
    Computed,
    Concat,
    Lookup,
    OneColumn,
    Plain,
    SplitAt,
    Transformed,
    Where,
)
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.validation import ColumnRule, Expectation, ExpectationKind
from schema_matching_pipeline_tests.adapters.connectors.test_suite_runner import answers, asked, counts

ask = ExpectationKind
VISITS = (
    ("1", "Anna Maria Schmidt", "05.01.2024", "13:30", "1", "12.50", "payment"),
    ("2", "Miller", "31.02.2024", "08:15", "2", "30", "charge"),
    ("3", "Weber Peter", "06.01.2024", "", "9", "7", "payment"),
    ("4", None, None, None, None, None, None),
)
COLUMNS = ("id", "name", "day", "time", "kind_id", "amount", "type")
KINDS = (("1", "ambulatory"), ("2", "home"))
SPLIT = (Plain(step="trim"), SplitAt(separator=" ", which="last", side="before"))
WHOLE = OneColumn(columns=("name",))
MOMENT = Concat(columns=("day", "time"))
KIND = Lookup(columns=("kind_id",), table="kinds", key="id", value="word")
PAID = Where(columns=("amount",), by="type", among=("payment",))


@pytest.fixture(params=["sqlite", "csv"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "csv":
        folder = tmp_path / "csv"
        folder.mkdir()
        for name, header, rows in (("visits", COLUMNS, VISITS), ("kinds", ("id", "word"), KINDS)):
            lines = [",".join(header), *(",".join(cell or "" for cell in row) for row in rows)]
            (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
        return str(folder)
    url = f"sqlite:///{tmp_path}/visits.sqlite"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for name, header, rows in (("visits", COLUMNS, VISITS), ("kinds", ("id", "word"), KINDS)):
            made = sa.Table(name, sa.MetaData(), *(sa.Column(each, sa.String(40)) for each in header))
            made.create(connection)
            connection.execute(made.insert(), [dict(zip(header, row, strict=True)) for row in rows])
    engine.dispose()
    return url


def of(
    kind: ExpectationKind, name: str, computed: Computed, *steps: object, **parameters: str
) -> Expectation:
    rule = Transformed.model_validate({"steps": steps}) if steps else None
    question = asked(kind, "visits", name, **parameters)
    return question.but(rules=(ColumnRule(ref=question.ref, rule=rule, computed=computed),))


def test_every_check_sees_what_is_derived(sources: Sources, place: str) -> None:
    results = answers(
        sources,
        place,
        of(ask.CONVERTIBLE, "name:first", WHOLE, *SPLIT),
        of(ask.MATCHES, "name:first", WHOLE, *SPLIT, pattern="given_name"),
        of(ask.CASTABLE, "day+time", MOMENT, type="datetime", date_format="%d.%m.%Y"),
        of(ask.NOT_NULL, "day+time", MOMENT),
        of(ask.UNIQUE, "day+time", MOMENT),
        of(ask.CONVERTIBLE, "kind_id>kinds.word", KIND),
        of(ask.VALUE_SET, "kind_id>kinds.word", KIND).but(
            parameters=asked(ask.VALUE_SET, "visits", "x", values=("Ambulatory", "inpatient")).parameters
        ),
        of(ask.NUMBER_RANGE, "amount[type=payment]", PAID, minimum="0", maximum="10"),
        of(ask.NOT_NULL, "time[type=payment]", PAID.but(columns=("time",))),
        of(ask.CASTABLE, "id", OneColumn(columns=("id",)), type="integer"),
    )
    assert counts(results) == [(3, 1), (2, 1), (3, 1), (4, 1), (3, 0), (3, 1), (2, 1), (2, 1), (2, 1), (4, 0)]
    assert [one.text for one in results[0].samples] == ["Xxxxxx"]
    assert [one.text for one in results[5].samples] == ["9"]


def test_what_vanished_from_a_list_of_codes_is_a_fault_of_its_question_alone(
    sources: Sources, place: str
) -> None:
    gone = KIND.but(table="sorts")
    results = answers(
        sources,
        place,
        of(ask.CONVERTIBLE, "kind_id>sorts.word", gone),
        of(ask.UNIQUE, "kind_id>sorts.word", gone),
        of(ask.NOT_NULL, "kind_id>kinds.other", KIND.but(value="other")),
        of(ask.NOT_NULL, "gone+time", MOMENT.but(columns=("gone", "time"))),
        of(ask.NOT_NULL, "day+time", MOMENT),
    )
    assert ["sorts" in str(result.fault) for result in results] == [True, True, False, False, False]
    assert "'other'" in str(results[2].fault)
    assert "'gone'" in str(results[3].fault)
    assert results[4].fault is None


def test_a_reference_may_be_derived(sources: Sources, place: str) -> None:
    question = asked(ask.FOREIGN_KEY, "visits", "kind", referred_table="kinds", referred_column="id").but(
        rules=(
            ColumnRule(
                ref=ColumnRef(table="visits", column="kind"), computed=OneColumn(columns=("kind_id",))
            ),
        )
    )
    assert counts(answers(sources, place, question)) == [(3, 1)]

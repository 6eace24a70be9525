"""Questions to the data, answered the same by databases and files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.adapters.connectors.suite_runner import ExpectationRunner
from schema_matching_pipeline.canon.masking import mask_shape
from schema_matching_pipeline.errors import SourceEmptyError
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.policy import ValidationPolicy
from schema_matching_pipeline.model.profile import MaskedValue
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.validation import (
    Expectation,
    ExpectationKind,
    ExpectationResult,
    ExpectationSuite,
    Parameter,
    Severity,
)
from schema_matching_pipeline_tests.adapters.connectors.measuring import address

Practice = Callable[[str], str]
TARGET = FieldRef(entity="any", field="any")


def asked(kind: ExpectationKind, table: str, column: str, **parameters: str | tuple[str, ...]) -> Expectation:
    given = tuple(
        Parameter(name=name, values=(value,) if isinstance(value, str) else value)
        for name, value in parameters.items()
    )
    return Expectation(
        id=f"{kind} {table}.{column} {parameters}",
        kind=kind,
        ref=ColumnRef(table=table, column=column),
        target=TARGET,
        severity=Severity.ERROR,
        parameters=given,
    )


def answers(
    sources: Sources, location: object, *expectations: Expectation, **policy: int
) -> list[ExpectationResult]:
    runner = ExpectationRunner(
        sources, ValidationPolicy(**policy), lambda text: MaskedValue(text=mask_shape(text))
    )
    result = runner.run(address(location), ExpectationSuite(expectations=expectations))
    assert [found.expectation_id for found in result.results] == [
        expectation.id for expectation in expectations
    ]
    return list(result.results)


def counts(results: list[ExpectationResult]) -> list[tuple[int, int]]:
    assert [result.fault for result in results] == [None] * len(results)
    return [(result.tested, result.failed) for result in results]


@pytest.mark.parametrize("kind", ["postgresql", "mariadb", "sqlite", "duckdb", "csv", "xlsx"])
def test_every_source_gives_the_same_answers(kind: str, sources: Sources, practice: Practice) -> None:
    prefix = "practice_" if kind == "xlsx" else ""
    visits, patients = f"{prefix}visits", f"{prefix}patients"
    ask = ExpectationKind
    results = answers(
        sources,
        practice(kind),
        asked(ask.NOT_NULL, visits, "remark"),
        asked(ask.NOT_NULL, visits, "visit_id"),
        asked(ask.UNIQUE, visits, "visit_id"),
        asked(ask.UNIQUE, visits, "patient_id"),
        asked(ask.UNIQUE, patients, "surname", columns=("surname", "code")),
        asked(ask.FOREIGN_KEY, visits, "patient_id", referred_table=patients, referred_column="patient_id"),
        asked(ask.FOREIGN_KEY, visits, "patient_id", referred_table=patients, referred_column="code"),
        asked(ask.CASTABLE, patients, "surname", type="integer"),
        asked(ask.CASTABLE, visits, "charge", type="integer"),
        asked(ask.CASTABLE, visits, "charge", type="number"),
        asked(ask.CASTABLE, visits, "seen_at", type="date"),
        asked(ask.DATE_RANGE, patients, "born_on", earliest="1970-01-01", latest="2024-12-31"),
        asked(ask.DATE_ORDER, patients, "born_on", before_column="born_on"),
        asked(ask.VALUE_SET, visits, "remark", values=("CHECK-UP", "referral")),
        asked(ask.MATCHES, patients, "code", pattern="0[0-9]{2}"),
        asked(ask.NUMBER_RANGE, visits, "charge", minimum="0", maximum="100"),
    )
    assert counts(results) == [
        (5, 1), (5, 0), (5, 0), (5, 2), (4, 0), (5, 1), (5, 5), (4, 4), (4, 3), (4, 0), (4, 0), (3, 1), (3, 0), (4, 2),
        (4, 2), (4, 2),
    ]  # fmt: skip


def test_failures_are_shown_masked_and_each_form_once(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,born\n1,soon\n2,2020-01-01\n3,never\n4,later\n5,2020-02-30\n")
    [castable, unique] = answers(
        sources,
        tmp_path,
        asked(ExpectationKind.CASTABLE, "t", "born", type="date", date_format="%Y-%m-%d"),
        asked(ExpectationKind.UNIQUE, "t", "id"),
    )
    assert (castable.tested, castable.failed) == (5, 4)
    assert [sample.text for sample in castable.samples] == ["xxxx", "xxxxx", "9999-99-99"]
    assert (unique.failed, unique.samples) == (0, ())


def test_repeated_keys_and_orphans_are_shown_masked(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "child.csv").write_text("id,parent\n1,A7\n1,B8\n2,A7\n,A7\n,\n")
    (tmp_path / "parent.csv").write_text("id,name\nA7,Ann\n")
    [unique, reference] = answers(
        sources,
        tmp_path,
        asked(ExpectationKind.UNIQUE, "child", "id"),
        asked(ExpectationKind.FOREIGN_KEY, "child", "parent", referred_table="parent", referred_column="id"),
    )
    assert (unique.tested, unique.failed, [s.text for s in unique.samples]) == (3, 2, ["9"])
    assert (reference.tested, reference.failed, [s.text for s in reference.samples]) == (4, 1, ["X9"])


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        ("email", "ann@example.org", "ann at example"),
        ("npi", "1234567893", "1234567890"),
        ("iban", "DE89370400440532013000", "DE89370400440532013001"),
        ("phone", "+49 89 1234567", "none"),
        ("[A-Z]{2}[0-9]", "AB1", "AB12"),
    ],
    ids=["email", "npi", "iban", "phone", "regular expression"],
)
def test_identifiers_are_judged_by_form_and_check_digit(
    pattern: str, good: str, bad: str, sources: Sources, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text(f"id,value\n1,{good}\n2,{bad}\n3,\n")
    assert counts(
        answers(sources, tmp_path, asked(ExpectationKind.MATCHES, "t", "value", pattern=pattern))
    ) == [(2, 1)]


def test_days_written_in_two_ways_are_compared_as_days(sources: Sources, tmp_path: Path) -> None:
    rows = ["01.02.2020,02/01/2020", "05.02.2020,02/01/2020", "05.02.2020,02/09/2020", ",02/01/2020"]
    (tmp_path / "t.csv").write_text("\n".join(["discharged,admitted", *rows]))
    question = asked(
        ExpectationKind.DATE_ORDER, "t", "discharged",
        before_column="admitted", date_format="%d.%m.%Y", other_format="%m/%d/%Y",
    )  # fmt: skip
    [result] = answers(sources, tmp_path, question)
    assert (result.tested, result.failed, [s.text for s in result.samples]) == (3, 1, ["99.99.9999"])


@pytest.mark.parametrize(
    ("began", "ended", "failed"),
    [
        (["28.02.2017 15:08", "01.03.2017 09:00"], ["28.02.2017 14:40", "01.03.2017 09:30"], 1),
        (["2017-02-28 15:08:00", "2017-03-01 09:00:00"], ["2017-02-28", "2017-02-28"], 1),
        (["2017-02-28 15:08:00", "2017-03-01 09:00:00"], ["2017-02-28 00:00:00", "2017-03-01 00:00:00"], 0),
        (["02/28/2017 11:30 AM", "03/01/2017 1:05 PM"], ["02/28/2017 12:10 PM", "03/01/2017 12:55 PM"], 1),
        (["2017-02-28T10:00:00+02:00"] * 2, ["2017-02-28T08:30:00Z", "2017-02-28T07:30:00Z"], 1),
        (["2017-02-28 09:00:00"], ["2017-02-28T10:00:00+02:00"], 0),
        (["2017-02-28 09:00:00"], ["2017-02-28T08:00:00-02:00"], 1),
        (
            ["2017-02-28T10:00:00+02:00", "2017-02-28 09:00:00"],
            ["2017-02-28T09:00:00Z", "2017-02-28T10:00:00+02:00"],
            0,
        ),
        (["2017-02-28 09:00:00+02:00"], ["2017-02-28 00:00:00+02:00"], 0),
    ],
    ids=[
        "the same day",
        "an end without time",
        "an end at midnight always",
        "half days",
        "two zones",
        "a zone of the end alone",
        "a zone of the end alone, too early",
        "a zone on both sides in some rows",
        "an end at midnight of its zone always",
    ],
)
def test_moments_of_one_day_are_compared_by_their_times_where_both_tell_one(
    began: list[str], ended: list[str], failed: int, sources: Sources, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text(
        "\n".join(["began,ended", *map(",".join, zip(began, ended, strict=True))])
    )
    [result] = answers(
        sources, tmp_path, asked(ExpectationKind.DATE_ORDER, "t", "ended", before_column="began")
    )
    assert (result.tested, result.failed) == (len(began), failed)


@pytest.mark.parametrize(
    ("field_type", "good", "bad"),
    [
        ("boolean", ("yes", "Nein", "0"), "maybe"),
        ("integer", ("1", "1.000.000", "-7"), "1,5"),
        ("number", ("1,5", "1.234,50", "7"), "1,5 EUR"),
        ("time", ("08:15", "8:15:30 PM"), "25 past"),
        ("string", ("a", "b"), None),
    ],
)
def test_values_are_castable_when_people_write_them_so(
    field_type: str, good: tuple[str, ...], bad: str | None, sources: Sources, tmp_path: Path
) -> None:
    values = [*good, *([bad] if bad else [])]
    (tmp_path / "t.csv").write_text(
        "\n".join(["id;value", *(f"{n};{value}" for n, value in enumerate(values))])
    )
    found = counts(answers(sources, tmp_path, asked(ExpectationKind.CASTABLE, "t", "value", type=field_type)))
    assert found == [(len(values), 1 if bad else 0)]


@pytest.mark.parametrize("kind", ["postgresql", "mariadb", "sqlite", "duckdb", "csv"])
def test_beyond_the_limit_a_sample_is_judged_and_marked(
    kind: str, sources: Sources, practice: Practice
) -> None:
    [judged, exact] = answers(
        sources,
        practice(kind),
        asked(ExpectationKind.CASTABLE, "visits", "visit_id", type="integer"),
        asked(ExpectationKind.NOT_NULL, "visits", "visit_id"),
        row_limit=2,
    )
    assert judged.sampled
    assert judged.tested <= 2
    assert (exact.sampled, exact.tested) == (False, 5)


def test_what_vanished_is_a_fault_of_its_question_alone(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,name\n1,a\n2,b\n")
    (tmp_path / "broken.csv").write_text('id,name\n1,"a"b\n')
    results = answers(
        sources,
        tmp_path,
        asked(ExpectationKind.UNIQUE, "gone", "id"),
        asked(ExpectationKind.CASTABLE, "gone", "id", type="integer"),
        asked(ExpectationKind.CASTABLE, "t", "gone", type="integer"),
        asked(ExpectationKind.FOREIGN_KEY, "t", "id", referred_table="gone", referred_column="id"),
        asked(ExpectationKind.CASTABLE, "broken", "id", type="integer"),
        asked(ExpectationKind.CASTABLE, "t", "id", type="integer"),
    )
    assert [bool(result.fault) for result in results] == [True, True, True, True, True, False]
    assert [(result.tested, result.failed) for result in results] == [(0, 0)] * 5 + [(2, 0)]
    assert "'gone'" in str(results[0].fault)


def test_a_column_that_is_empty_has_nothing_to_fail(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,nothing\n1,\n2,\n")
    kinds = {
        "type": asked(ExpectationKind.CASTABLE, "t", "nothing", type="date"),
        "days": asked(ExpectationKind.DATE_RANGE, "t", "nothing", earliest="2000-01-01", latest="2001-01-01"),
        "numbers": asked(ExpectationKind.NUMBER_RANGE, "t", "nothing", minimum="0"),
        "set": asked(ExpectationKind.VALUE_SET, "t", "nothing", values=("a",)),
        "order": asked(ExpectationKind.DATE_ORDER, "t", "nothing", before_column="nothing"),
    }
    assert counts(answers(sources, tmp_path, *kinds.values())) == [(0, 0)] * len(kinds)


def test_keys_of_different_types_are_compared_as_text(sources: Sources, empty_database: str) -> None:
    engine = sa.create_engine(empty_database)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE parent (id INTEGER)")
        connection.exec_driver_sql('CREATE TABLE child ("say ""id""" TEXT)')
        connection.exec_driver_sql("INSERT INTO parent VALUES (1), (2)")
        connection.exec_driver_sql("INSERT INTO child VALUES ('1'), ('7'), (' '), (NULL)")
    engine.dispose()
    question = asked(
        ExpectationKind.FOREIGN_KEY, "child", 'say "id"', referred_table="parent", referred_column="id"
    )
    assert counts(answers(sources, empty_database, question)) == [(2, 1)]


def test_texts_sorted_by_different_rules_are_compared_all_the_same(
    sources: Sources, maria_database: str
) -> None:
    engine = sa.create_engine(maria_database)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE parent (id VARCHAR(9) COLLATE utf8mb4_general_ci)")
        connection.exec_driver_sql("CREATE TABLE child (id VARCHAR(9) COLLATE utf8mb4_unicode_ci)")
        connection.exec_driver_sql("INSERT INTO parent VALUES ('a')")
        connection.exec_driver_sql("INSERT INTO child VALUES ('a'), ('b')")
    engine.dispose()
    question = asked(
        ExpectationKind.FOREIGN_KEY, "child", "id", referred_table="parent", referred_column="id"
    )
    assert counts(answers(sources, maria_database, question)) == [(2, 1)]


def test_a_source_that_cannot_be_opened_is_a_fault(sources: Sources, tmp_path: Path) -> None:
    with pytest.raises(SourceEmptyError):
        answers(sources, tmp_path / "missing", asked(ExpectationKind.NOT_NULL, "t", "id"))


def test_nothing_is_said_on_standard_output_or_error(
    sources: Sources, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "t.csv").write_text("id,name\n1,a\n")
    answers(sources, tmp_path, asked(ExpectationKind.CASTABLE, "t", "name", type="integer"))
    assert capfd.readouterr() == ("", "")

"""A source whose data must not leave: what crosses the wire is statistics, and values that many rows share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.adapters.connectors.suite_runner import ExpectationRunner
from schema_matching_pipeline.canon.masking import mask_failure
from schema_matching_pipeline.errors import SourceError
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.policy import ProfilePolicy, ValidationPolicy
from schema_matching_pipeline.model.profile import ColumnProfile, PlanKind, SourceProfile
from schema_matching_pipeline.model.rule import Transformed
from schema_matching_pipeline.model.source import ColumnRef, SourceAddress
from schema_matching_pipeline.model.validation import (
    ColumnRule,
    Expectation,
    ExpectationKind,
    ExpectationSuite,
    Severity,
)
from schema_matching_pipeline.workflows.profile_source import measure_source
from schema_matching_pipeline_tests.adapters.connectors.conftest import SECRET_KEY
from schema_matching_pipeline_tests.adapters.connectors.measuring import a_plan, address
from schema_matching_pipeline_tests.adapters.connectors.wire import Wire, tapped

ROWS = 200
_TABLE = f"""
CREATE TABLE patients AS SELECT
    n AS patient_id, 'Zqxwvu' || md5(n::text) AS surname, 'shared' || n % 4 || '@clinic.test' AS email,
    CASE WHEN n % 2 = 0 THEN 'female' ELSE 'male' END AS sex, DATE '1950-01-01' + n * 37 AS birth_date,
    DATE '2024-01-01' + n AS created_on, (n % 50)::numeric(8, 2) AS charge, n % 150 AS score,
    CASE WHEN n % 10 = 0 THEN 'note ' || md5(n::text) END AS remark, CASE WHEN n = 7 THEN 'rare' ELSE 'usual' END AS status
FROM generate_series(1, {ROWS}) n"""


@pytest.fixture
def wire(empty_database: str) -> Iterator[Wire]:
    """The road to a table of patients."""
    engine = sa.create_engine(empty_database)
    with engine.begin() as connection:
        connection.exec_driver_sql(_TABLE.replace("%", "%%"))
        connection.exec_driver_sql("ALTER TABLE patients ADD PRIMARY KEY (patient_id)")
        connection.exec_driver_sql("ANALYZE patients")
    engine.dispose()
    with TemporaryDirectory() as folder, tapped(empty_database, Path(folder)) as road:
        yield road


def kept(url: str) -> SourceAddress:
    return SourceAddress(location=url, data_stays=True)


def profiled(url: str, *, data_stays: bool) -> SourceProfile:
    place, policy = kept(url).but(data_stays=data_stays), ProfilePolicy()
    with Sources(SECRET_KEY, policy).open(place) as source:
        return measure_source(source, source.snapshot(), policy, data_stays=data_stays)


def by_name(profile: SourceProfile) -> dict[str, ColumnProfile]:
    return {column.column: column for column in profile.columns}


def test_no_value_of_a_row_crosses_the_wire_where_data_stay(wire: Wire) -> None:
    profiled(wire.url, data_stays=True)
    own_values = (b"Zqxwvu", b"note ", b"@clinic.test", b"rare", b"1950-02-07")
    assert [value for value in own_values if value in wire.sent] == []
    assert b"female" in wire.sent, "half of the rows share it, so that it may be shown"
    profiled(wire.url, data_stays=False)
    assert [value for value in own_values if value not in wire.sent] == []


def test_statistics_of_data_that_stay_are_exact_and_estimates_are_marked(wire: Wire) -> None:
    profile = profiled(wire.url, data_stays=True)
    (table,), columns = profile.tables, by_name(profile)
    assert (table.plan, table.row_count, table.estimated) == (PlanKind.LARGE, ROWS, True)
    assert (table.activity_column, table.last_activity) == ("created_on", date(2024, 7, 19))
    assert {name for name, column in columns.items() if column.estimated} == {
        "surname", "email", "birth_date", "created_on", "charge", "score", "remark", "status"
    }  # fmt: skip
    assert (columns["remark"].null_count, columns["remark"].distinct_count) == (180, 20)
    charge = columns["charge"].numbers
    assert charge is not None
    assert (charge.minimum, charge.maximum, charge.mean) == (0.0, 49.0, 24.5)
    assert columns["surname"].distinct_count == pytest.approx(ROWS, rel=0.05)
    assert columns["patient_id"].is_unique
    assert columns["surname"].lengths is not None
    assert (columns["surname"].lengths.minimum, columns["surname"].lengths.maximum) == (38, 38)


def test_only_values_that_many_rows_share_are_shown_of_data_that_stay(wire: Wire) -> None:
    columns = by_name(profiled(wire.url, data_stays=True))
    shown = {
        name: [(value.value.text, value.count) for value in column.top_values]
        for name, column in columns.items()
        if column.top_values
    }
    assert shown == {"sex": [("female", 100), ("male", 100)], "status": [("usual", 199)]}
    assert columns["sex"].sketch is not None
    assert columns["email"].personal


def test_a_column_no_value_of_which_is_fetched_has_its_declared_type(wire: Wire) -> None:
    columns = by_name(profiled(wire.url, data_stays=True))
    assert {name: str(columns[name].value_type) for name in ("surname", "birth_date", "charge", "score")} == {
        "surname": "text",
        "birth_date": "date",
        "charge": "decimal",
        "score": "integer",
    }
    assert columns["birth_date"].dates is None
    assert columns["created_on"].dates is not None
    assert columns["created_on"].dates.last == date(2024, 7, 19)


def test_rows_of_data_that_stay_are_refused_to_whoever_asks(wire: Wire) -> None:
    with Sources(SECRET_KEY, ProfilePolicy()).open(kept(wire.url)) as source:
        (table,) = source.snapshot().tables
        for ask in (lambda: source.measure(a_plan(table)), lambda: source.texts("patients", ["surname"], 10)):
            with pytest.raises(SourceError, match="no row of it may leave") as raised:
                ask()
            assert raised.value.reason == "DATA_STAYS"


def test_data_that_stay_are_validated_by_counts_alone(wire: Wire) -> None:
    questions = (
        ("unique", ExpectationKind.UNIQUE, "email"),
        ("castable", ExpectationKind.CASTABLE, "surname"),
        ("ruled", ExpectationKind.UNIQUE, "email"),
    )
    trimmed = Transformed.model_validate({"steps": [{"step": "trim"}]})
    suite = ExpectationSuite(
        expectations=tuple(
            Expectation(
                id=name,
                kind=kind,
                ref=ColumnRef(table="patients", column=column),
                target=FieldRef(entity="patient", field=column),
                severity=Severity.ERROR,
                rules=(ColumnRule(ref=ColumnRef(table="patients", column=column), rule=trimmed),)
                if name == "ruled"
                else (),
            )
            for name, kind, column in questions
        )
    )
    runner = ExpectationRunner(Sources(SECRET_KEY, ProfilePolicy()), ValidationPolicy(), mask_failure)
    unique, castable, ruled = runner.run(kept(wire.url), suite).results
    assert (unique.tested, unique.failed, unique.samples) == (ROWS, ROWS, ())
    assert "no row of it may leave" in str(castable.fault)
    assert "no row of it may leave" in str(ruled.fault)
    assert b"@clinic.test" not in wire.sent


def test_a_file_cannot_keep_its_data(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id\n1\n")
    tested = sources.test(address(tmp_path).but(data_stays=True))
    assert (tested.success, tested.code) == (False, "CANNOT_STAY")

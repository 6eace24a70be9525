"""A rule tried on rows: what becomes of the values, what fails and why, and nothing shown that must not be."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.adapters.connectors.suite_runner import ExpectationRunner
from schema_matching_pipeline.canon.masking import mask_failure
from schema_matching_pipeline.errors import SourceDriftedError
from schema_matching_pipeline.model.canonical import FieldType
from schema_matching_pipeline.model.policy import ValidationPolicy
from schema_matching_pipeline.model.rule import Computed, Concat, MapValues, Plain, Step, ToDate, Transformed
from schema_matching_pipeline.model.rule_trial import RuleToTry, RuleTrial, Unfit
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.validation import ColumnRule
from schema_matching_pipeline_tests.adapters.connectors.measuring import address

Try = Callable[..., RuleTrial]
DAYS = (*("01.02.2020",) * 6, *("31.02.2020",) * 2, "soon", "")
CODES = (*("m",) * 6, *("f",) * 5, "?", "", "")


@pytest.fixture
def tried(sources: Sources, tmp_path: Path) -> Try:
    """Tries steps on the texts of one column."""

    def asked(
        texts: Sequence[str],
        *steps: Step,
        type: FieldType = FieldType.STRING,  # noqa: A002 - the field's
        values: tuple[str, ...] = (),
        personal: bool = False,
        column: str = "c",
        computed: Computed | None = None,
        most_rows: int = 1000,
        most_shown: int = 20,
    ) -> RuleTrial:
        with (tmp_path / "t.csv").open("w", newline="") as file:
            csv.writer(file).writerows([("id", "c"), *enumerate(texts)])
        rule = ColumnRule(
            ref=ColumnRef(table="t", column=column),
            rule=Transformed(steps=steps) if steps else None,
            computed=computed,
        )
        runner = ExpectationRunner(sources, ValidationPolicy(), mask_failure)
        wish = RuleToTry(
            rule=rule,
            type=type,
            values=values,
            personal=personal,
            most_rows=most_rows,
            most_shown=most_shown,
        )
        return runner.try_rule(address(tmp_path), wish)

    return asked


def lines(found: RuleTrial) -> list[tuple[str, str, int, Unfit | None]]:
    return [(each.before.text, each.after.text, each.rows, each.unfit) for each in found.values]


def test_what_the_rule_loses_comes_first_and_is_counted(tried: Try) -> None:
    found = tried(DAYS, ToDate(format="%d.%m.%Y"), type=FieldType.DATE)
    assert (found.tested, found.failed, found.sampled, found.hidden) == (9, 3, False, 0)
    assert lines(found) == [
        ("99.99.9999", "", 2, Unfit.LOST),
        ("xxxx", "", 1, Unfit.LOST),
        ("01.02.2020", "2020-02-01", 6, None),
    ]


def test_values_that_the_field_cannot_hold_fail_though_the_rule_makes_them(tried: Try) -> None:
    assert lines(tried(CODES, Plain(step="uppercase"), values=("M", "female"))) == [
        ("f", "F", 5, Unfit.VALUE),
        ("?", "?", 1, Unfit.VALUE),
        ("m", "M", 6, None),
    ]
    assert lines(tried(("7", "x"), type=FieldType.INTEGER)) == [
        ("x", "x", 1, Unfit.TYPE),
        ("9", "9", 1, None),
    ]


def test_codes_become_values_and_the_rest_nothing(tried: Try) -> None:
    step = MapValues(codes={"m": "male", "f": "female"})
    found = tried(CODES, step, values=("male", "female"))
    assert (found.tested, found.failed) == (12, 1)
    assert lines(found)[1:] == [("m", "male", 6, None), ("f", "female", 5, None)]


def test_personal_values_are_shown_by_their_shape_before_and_after(tried: Try) -> None:
    found = tried(("Ada Ames",) * 9, Plain(step="uppercase"), personal=True)
    assert lines(found) == [("Xxx Xxxx", "XXX XXXX", 9, None)]


def test_a_derived_column_is_made_first(tried: Try) -> None:
    made = Concat(columns=("id", "c"), separator="-")
    assert lines(tried(("a",) * 5, Plain(step="uppercase"), column="id+c", computed=made)) == [
        ("9-x", "9-X", 5, None)
    ]


def test_lines_that_do_not_fit_are_counted_and_rows_beyond_the_limit_told(tried: Try) -> None:
    assert tried(CODES, most_shown=1).hidden == 6
    assert tried(CODES, most_rows=5).sampled


def test_a_column_that_is_gone_is_told(tried: Try) -> None:
    with pytest.raises(SourceDriftedError, match="'d'"):
        tried(CODES, column="d")

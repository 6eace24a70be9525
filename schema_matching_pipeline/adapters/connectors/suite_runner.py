"""Runs an expectation suite on a client's data; the only place that knows Great Expectations.

Nulls, repeated keys and broken references are counted exactly, by SQL in the source (or on the staged rows of
files). Everything else Great Expectations judges, on all rows up to the policy's limit, on a marked sample
beyond it. Each table is read once, with just the columns that are asked about.

Columns under a rule are judged by what the rule makes of their values, which takes reading them: nulls are then
counted like everything else, keys and references in memory.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from functools import cache
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from schema_matching_pipeline.adapters.connectors.catalog import OpenSource
from schema_matching_pipeline.adapters.connectors.derived_columns import rows_meant, steps_of, with_derived
from schema_matching_pipeline.adapters.connectors.exact_answers import (
    Answer,
    broken_references,
    missing_values,
    repeated_keys,
)
from schema_matching_pipeline.adapters.connectors.faults import Trouble, fault, translated
from schema_matching_pipeline.adapters.connectors.judged_frame import JudgedFrame
from schema_matching_pipeline.adapters.connectors.judged_rows import (
    day_numbers,
    folded,
    follows,
    is_castable,
    moments_of_both,
    numbers_of,
)
from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.adapters.connectors.rule_trial import tried
from schema_matching_pipeline.adapters.connectors.ruled_answers import ruled_answer
from schema_matching_pipeline.errors import SourceError
from schema_matching_pipeline.model.policy import ValidationPolicy
from schema_matching_pipeline.model.profile import MaskedValue
from schema_matching_pipeline.model.rule import Transformed
from schema_matching_pipeline.model.rule_trial import RuleToTry, RuleTrial
from schema_matching_pipeline.model.source import ColumnRef, SourceAddress
from schema_matching_pipeline.model.validation import (
    ColumnRule,
    Expectation,
    ExpectationKind,
    ExpectationResult,
    ExpectationSuite,
    SuiteResult,
)

if TYPE_CHECKING:
    from types import ModuleType

    from great_expectations.core import ExpectationValidationResult
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.expectations.expectation import Expectation as Question

_EXACT = frozenset({ExpectationKind.NOT_NULL, ExpectationKind.UNIQUE, ExpectationKind.FOREIGN_KEY})
_FIRST_DAY, _LAST_DAY = "0001-01-02", "9999-12-31"
_LARGEST = 1e300
# Rows of failures looked at for every distinct one that is shown.
_SAMPLE_ROWS = 20


class ExpectationRunner:
    """Puts the questions of a suite to a source, table by table; ``mask`` makes failures safe to show."""

    def __init__(
        self, sources: Sources, policy: ValidationPolicy, mask: Callable[[str], MaskedValue]
    ) -> None:
        self._sources, self._policy, self._mask = sources, policy, mask

    def run(self, address: SourceAddress, suite: ExpectationSuite) -> SuiteResult:
        """One result for every expectation, in the suite's order.

        Raises:
            SourceError: the source as a whole cannot be opened.
        """
        by_table: dict[str, list[Expectation]] = defaultdict(list)
        for expectation in suite.expectations:
            by_table[expectation.ref.table].append(expectation)
        samples = 0 if address.data_stays else self._policy.samples_kept
        with self._sources.open(address) as source:
            found = {
                result.expectation_id: result
                for expectations in by_table.values()
                for result in self._table_results(source, expectations, samples)
            }
        return SuiteResult(results=tuple(found[expectation.id] for expectation in suite.expectations))

    def try_rule(self, address: SourceAddress, asked: RuleToTry) -> RuleTrial:
        """What a rule makes of a column's values, and how many end in nothing that the field can hold.

        Raises:
            SourceError: the source cannot be opened, its rows must not leave it, or the column is gone.
        """
        with self._sources.open(address) as source:
            return tried(source, asked)

    def _table_results(
        self, source: OpenSource, expectations: Sequence[Expectation], samples: int
    ) -> Iterator[ExpectationResult]:
        judged = [expectation for expectation in expectations if not _is_exact(expectation)]
        for expectation in expectations:
            if _is_exact(expectation):
                yield self._exactly(source, expectation, samples)
        if judged:
            yield from self._by_great_expectations(source, judged)

    def _exactly(self, source: OpenSource, expectation: Expectation, samples: int) -> ExpectationResult:
        started = perf_counter()
        try:
            answer = (
                ruled_answer(source, expectation, samples, self._policy.ruled_rows)
                if expectation.rules
                else _exact_answer(source, expectation, samples)
            )
        except SourceError as error:
            return _unasked(expectation, error)
        return ExpectationResult(
            expectation_id=expectation.id,
            tested=answer.tested,
            failed=answer.failed,
            samples=self._masked(answer.samples),
            seconds=perf_counter() - started,
        )

    def _by_great_expectations(
        self, source: OpenSource, expectations: Sequence[Expectation]
    ) -> Iterator[ExpectationResult]:
        started = perf_counter()
        present, missing = _asked_of_present_columns(source, expectations)
        yield from missing
        if not present:
            return
        table = present[0].ref.table
        steps, present, unread = self._steps(source, present)
        yield from unread
        if not present:
            return
        names = sorted({name for expectation in present for name in _columns_of(expectation)})
        try:
            texts, sampled = source.texts(table, names, self._policy.row_limit)
            with translated(f"Table {table!r}", table=table):
                rules = _rules_of(present)
                frame = JudgedFrame(with_derived(texts, rules), steps, rows_meant(texts, rules))
                answers = _judge(frame, present, self._policy.samples_kept)
        except SourceError as error:
            yield from (_unasked(expectation, error) for expectation in present)
            return
        seconds = (perf_counter() - started) / len(present)
        for expectation in present:
            yield self._judged(expectation, answers.get(expectation.id), sampled=sampled, seconds=seconds)

    def _steps(
        self, source: OpenSource, expectations: Sequence[Expectation]
    ) -> tuple[dict[str, Transformed], list[Expectation], list[ExpectationResult]]:
        """The steps of every column that has any, the questions that can be put by them, and the answers to the others."""
        steps, present, unread = dict[str, Transformed](), list[Expectation](), list[ExpectationResult]()
        for expectation in expectations:
            try:
                for rule in expectation.rules:
                    found = steps.get(rule.ref.column) or steps_of(source, rule, self._policy.row_limit)
                    if found:
                        steps[rule.ref.column] = found
            except SourceError as error:
                unread.append(_unasked(expectation, error))
            else:
                present.append(expectation)
        return steps, present, unread

    def _judged(
        self, expectation: Expectation, answer: Answer | None, *, sampled: bool, seconds: float
    ) -> ExpectationResult:
        if answer is None:
            return _unasked(expectation, fault(Trouble.UNREADABLE, f"Column {str(expectation.ref)!r}"))
        return ExpectationResult(
            expectation_id=expectation.id,
            tested=answer.tested,
            failed=answer.failed,
            samples=self._masked(answer.samples),
            sampled=sampled,
            seconds=seconds,
        )

    def _masked(self, samples: Sequence[str]) -> tuple[MaskedValue, ...]:
        """Each masked form once."""
        return tuple(dict.fromkeys(self._mask(text) for text in samples))


def _is_exact(expectation: Expectation) -> bool:
    """Whether it is counted on all rows: nulls are, as long as no rule makes or fills them."""
    if expectation.kind is ExpectationKind.NOT_NULL:
        return not expectation.rules
    return expectation.kind in _EXACT


def _rules_of(expectations: Sequence[Expectation]) -> list[ColumnRule]:
    return list(dict.fromkeys(each for expectation in expectations for each in expectation.rules))


def _exact_answer(source: OpenSource, expectation: Expectation, samples: int) -> Answer:
    ref = expectation.ref
    match expectation.kind:
        case ExpectationKind.NOT_NULL:
            return missing_values(source, ref)
        case ExpectationKind.UNIQUE:
            columns = expectation.parameter("columns") or (ref.column,)
            return repeated_keys(source, ref.table, columns, samples)
        case _:
            referred = ColumnRef(
                table=_one(expectation, "referred_table"), column=_one(expectation, "referred_column")
            )
            return broken_references(source, ref, referred, samples)


def _one(expectation: Expectation, name: str) -> str:
    return next(iter(expectation.parameter(name)), "")


def _format(expectation: Expectation, name: str = "date_format") -> str | None:
    return next(iter(expectation.parameter(name)), None)


def _columns_of(expectation: Expectation) -> tuple[str, ...]:
    """The columns of its own table that are read for it."""
    return tuple(ref.column for ref in expectation.source_refs if ref.table == expectation.ref.table)


def _unasked(expectation: Expectation, error: SourceError) -> ExpectationResult:
    return ExpectationResult(expectation_id=expectation.id, tested=0, failed=0, fault=str(error))


def _asked_of_present_columns(
    source: OpenSource, expectations: Sequence[Expectation]
) -> tuple[list[Expectation], list[ExpectationResult]]:
    """The questions that can be put, and the answers to those whose table or column is gone."""
    try:
        relation = source.relation(expectations[0].ref.table)
    except SourceError as error:
        return [], [_unasked(expectation, error) for expectation in expectations]
    present, missing = list[Expectation](), list[ExpectationResult]()
    for expectation in expectations:
        gone = [name for name in _columns_of(expectation) if name not in relation.c]
        if gone:
            missing.append(_unasked(expectation, _gone(expectation.ref.but(column=gone[0]))))
        else:
            present.append(expectation)
    return present, missing


def _gone(ref: ColumnRef) -> SourceError:
    return fault(Trouble.VANISHED, f"Column {ref.column!r} of table {ref.table!r}", table=ref.table)


def _judge(frame: JudgedFrame, expectations: Sequence[Expectation], samples: int) -> Mapping[str, Answer]:
    """Great Expectations' answers by expectation; those it could not give are left out."""
    questions = [_question(frame, expectation) for expectation in expectations]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = _validate(frame.columns, questions, samples)
    return {
        str(result.expectation_config.meta["id"]): _answer(frame, result, samples)
        for result in results
        if result.expectation_config and result.expectation_config.meta and "element_count" in result.result
    }


def _question(frame: JudgedFrame, expectation: Expectation) -> Question:
    """One of Great Expectations' own expectations, over columns made for it."""
    match expectation.kind:
        case ExpectationKind.DATE_RANGE | ExpectationKind.NUMBER_RANGE:
            return _between(frame, expectation)
        case ExpectationKind.DATE_ORDER:
            return _in_order(frame, expectation)
        case _:
            return _in_set(frame, expectation)


def _in_set(frame: JudgedFrame, expectation: Expectation) -> Question:
    """Values are among the known ones, whatever their case; or the verdict over each of them is yes."""
    column, texts = expectation.ref.column, frame.distinct(expectation.ref.column)
    wanted: Sequence[object] = [True]
    match expectation.kind:
        case ExpectationKind.CASTABLE:
            values = is_castable(texts, _one(expectation, "type"), _format(expectation))
        case ExpectationKind.MATCHES:
            values = follows(texts, _one(expectation, "pattern"))
        case ExpectationKind.CONVERTIBLE:
            values = frame.keeps_value(column)
        case ExpectationKind.NOT_NULL:
            values = frame.has_value(column)
        case _:
            values = folded(texts)
            wanted = sorted({value.strip().casefold() for value in expectation.parameter("values")})
    question: Question = _expectations().ExpectColumnValuesToBeInSet(
        column=frame.put(column, values), value_set=wanted, meta=_meta(expectation)
    )
    return question


def _in_order(frame: JudgedFrame, expectation: Expectation) -> Question:
    column, before = expectation.ref.column, _one(expectation, "before_column")
    later, earlier = moments_of_both(
        (frame.distinct(column), _format(expectation)),
        (frame.distinct(before), _format(expectation, "other_format")),
    )
    question: Question = _expectations().ExpectColumnPairValuesAToBeGreaterThanB(
        column_A=frame.put(column, later),
        column_B=frame.put(before, earlier),
        or_equal=True,
        ignore_row_if="either_value_is_missing",
        meta=_meta(expectation),
    )
    return question


def _between(frame: JudgedFrame, expectation: Expectation) -> Question:
    texts = frame.distinct(expectation.ref.column)
    if expectation.kind is ExpectationKind.DATE_RANGE:
        column = frame.put(expectation.ref.column, day_numbers(texts, _format(expectation)))
        least: object = _moment(_one(expectation, "earliest") or _FIRST_DAY)
        most: object = _moment(_one(expectation, "latest") or _LAST_DAY)
    else:
        column = frame.put(expectation.ref.column, numbers_of(texts))
        least = float(_one(expectation, "minimum") or -_LARGEST)
        most = float(_one(expectation, "maximum") or _LARGEST)
    question: Question = _expectations().ExpectColumnValuesToBeBetween(
        column=column, min_value=least, max_value=most, meta=_meta(expectation)
    )
    return question


def _moment(day: str) -> datetime:
    """The beginning of a day; a client's days have no zone."""
    return datetime.combine(date.fromisoformat(day), time())


def _meta(expectation: Expectation) -> dict[str, str]:
    return {"id": expectation.id}


def _answer(frame: JudgedFrame, result: ExpectationValidationResult, samples: int) -> Answer:
    """Counts over the rows that have a value to judge."""
    counts = result.result
    config = result.expectation_config
    column = config.kwargs.get("column") or config.kwargs.get("column_A") if config else ""
    rows = counts.get("partial_unexpected_index_list") or []
    return Answer(
        tested=int(counts["element_count"]) - int(counts.get("missing_count") or 0),
        failed=int(counts.get("unexpected_count") or 0),
        samples=frame.sample(str(column), rows, samples),
    )


def _validate(
    columns: Mapping[str, npt.NDArray[np.generic]], questions: Sequence[Question], samples: int
) -> Sequence[ExpectationValidationResult]:
    """The answers of one validation of one table, in memory, without files, bars or traffic."""
    import pandas as pd

    gx, rows = _great_expectations(), pd.DataFrame(columns)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = _no_bars()
    asset = context.data_sources.add_pandas("rows").add_dataframe_asset("table")
    batch = asset.add_batch_definition_whole_dataframe("whole").get_batch(
        batch_parameters={"dataframe": rows}
    )
    suite = gx.ExpectationSuite(name="questions", expectations=list(questions))
    wanted = {"result_format": "SUMMARY", "partial_unexpected_count": _SAMPLE_ROWS * samples}
    return list(batch.validate(suite, result_format=wanted).results)


def _expectations() -> ModuleType:
    expectations: ModuleType = _great_expectations().expectations
    return expectations


@cache
def _great_expectations() -> ModuleType:
    """The library, imported on first use (it takes seconds), without its analytics and its chatter."""
    os.environ["GX_ANALYTICS_ENABLED"] = "False"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    return gx


@cache
def _no_bars() -> ProgressBarsConfig:
    from great_expectations.data_context.types.base import ProgressBarsConfig

    return ProgressBarsConfig(globally=False, metric_calculations=False)

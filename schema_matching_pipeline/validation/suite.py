"""A mapping to the questions that put it to the test."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from schema_matching_pipeline.model.canonical import CanonicalSchema
from schema_matching_pipeline.model.ids import content_id
from schema_matching_pipeline.model.matching import Correspondence, Disposition, MappedColumn
from schema_matching_pipeline.model.policy import ValidationPolicy
from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.model.trust import Thresholds
from schema_matching_pipeline.model.validation import ColumnRule, Expectation, ExpectationSuite
from schema_matching_pipeline.validation.validator import VALIDATORS, Case, Pair

_LEFT_OUT = frozenset({Disposition.REJECTED, Disposition.EXCLUDED, Disposition.UNMAPPED})


def plan_suite(
    mappings: Iterable[MappedColumn] | Iterable[Correspondence],
    profile: SourceProfile,
    canonical: CanonicalSchema,
    thresholds: Thresholds,
    policy: ValidationPolicy,
    *,
    today: date,
) -> ExpectationSuite:
    """Every question of every validator about accepted and suggested mappings; each question once.

    Columns whose mapping has steps, or is computed from others, are judged by what the rule makes of the values.
    ``today`` is the last day that can have happened: a later birth is an error.
    """
    pairs = _pairs(mappings, profile, canonical, thresholds)
    case = Case(pairs=pairs, profile=profile, canonical=canonical, policy=policy, today=today)
    planned = {
        expectation.id: _under_rules(expectation, case).but(validator=name)
        for name, validator in VALIDATORS.items()
        for expectation in validator.plan(case)
    }
    ordered = sorted(
        planned.values(), key=lambda asked: (asked.ref.table, asked.ref.column, asked.kind, asked.id)
    )
    return ExpectationSuite(expectations=tuple(ordered))


def _pairs(
    mappings: Iterable[MappedColumn] | Iterable[Correspondence],
    profile: SourceProfile,
    canonical: CanonicalSchema,
    thresholds: Thresholds,
) -> tuple[Pair, ...]:
    profiles = profile.by_ref()
    pairs: list[Pair] = []
    for mapping in mappings:
        field = canonical.field(mapping.target) if mapping.target else None
        if mapping.target and field and _is_in_question(mapping, thresholds):
            pairs.append(Pair(mapping.ref, mapping.target, field, profiles.get(mapping.ref), mapping.rule))
    return tuple(pairs)


def _under_rules(expectation: Expectation, case: Case) -> Expectation:
    """With the rules of its columns, which are part of its id: another rule is another question."""
    found = (
        ColumnRule(ref=ref, rule=case.rules.get(ref), computed=case.computed.get(ref))
        for ref in expectation.refs
    )
    rules = tuple(each for each in found if each.rule or each.computed)
    if not rules:
        return expectation
    asked = content_id("expectation", expectation.id, *(each.canonical_json() for each in rules))
    return expectation.but(id=asked, rules=rules)


def _is_in_question(mapping: MappedColumn | Correspondence, thresholds: Thresholds) -> bool:
    if isinstance(mapping, MappedColumn):
        return mapping.disposition not in _LEFT_OUT
    return mapping.confidence >= thresholds.review_floor

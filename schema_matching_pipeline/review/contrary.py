"""What speaks against a suggestion, as sentences; a person is shown it before what speaks for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schema_matching_pipeline.canon.figures import confidence
from schema_matching_pipeline.model.canonical import CanonicalField, FieldRef
from schema_matching_pipeline.model.matching import Candidate
from schema_matching_pipeline.model.profile import ColumnProfile
from schema_matching_pipeline.model.quality import QualityLabel
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.validation import Finding, FindingStatus

NEARLY = 0.8  # of the confidence of the field suggested; a rival that has as much could be meant as well


@dataclass(frozen=True)
class Suggestion:
    """A field suggested for a column, with what is known of both."""

    target: FieldRef
    column: ColumnProfile | None = None
    field: CanonicalField | None = None
    label: QualityLabel | None = None
    candidates: Sequence[Candidate] = ()
    objections: Sequence[str] = ()
    findings: Sequence[Finding] = ()
    conflicts: Sequence[ColumnRef] = ()
    taken_by: ColumnRef | None = None


def contrary_evidence(found: Suggestion) -> tuple[str, ...]:
    """What speaks against the suggestion, what was decided meanwhile and the objections of the matcher first."""
    said = (*_of_taker(found), *found.objections, *_of_data(found), *_of_column(found), *_of_rivals(found))
    return tuple(dict.fromkeys(said))


def _of_taker(found: Suggestion) -> Iterator[str]:
    if found.taken_by is not None:
        yield f"The field is taken: {found.taken_by} fills {found.target} by now, which admits one column of a table."


def _of_data(found: Suggestion) -> Iterator[str]:
    for finding in found.findings:
        if finding.status is not FindingStatus.PASSED:
            yield finding.message


def _of_column(found: Suggestion) -> Iterator[str]:
    column, field, target = found.column, found.field, found.target
    if found.label is not None and found.label.stays_flagged:
        yield f"The column looks {found.label.label.replace('_', ' ')}: {found.label.reason}"
    if column is None or field is None:
        return
    if field.required and column.row_count and column.filled_share < 1:
        missing = column.row_count - column.filled_count
        if any(one.failed == missing for one in found.findings if one.status is not FindingStatus.PASSED):
            return  # the data were asked, and said it
        yield f"{missing:,} of {column.row_count:,} rows have no value, and {target} must have one."
    if field.primary_key and column.filled_count and not column.is_unique:
        yield f"Its values repeat, and {target} tells one {target.entity} from another."
    if column.personal and not field.pii:
        yield f"Its values tell who somebody is, and {target} is not marked as personal."


def _of_rivals(found: Suggestion) -> Iterator[str]:
    rivals = [ref for ref in found.conflicts if ref != found.taken_by and not _is_told(found, ref)]
    if rivals:
        yield f"{_listed(rivals)} would fill {found.target}, too."
    own = next((one.confidence for one in found.candidates if one.target == found.target), None)
    for rival in found.candidates:
        told = _is_told(found, rival.target)
        if own and not told and rival.target != found.target and rival.confidence >= NEARLY * own:
            sure, less = confidence(rival.confidence), confidence(own)
            yield f"{rival.target} is about as likely: {sure}, against {less} for {found.target}."


def _is_told(found: Suggestion, name: ColumnRef | FieldRef) -> bool:
    """Whether an objection of the matcher names it already."""
    named = re.compile(rf"(?<![\w.]){re.escape(str(name))}(?!\w)")
    return any(named.search(objection) for objection in found.objections)


def _listed(refs: Sequence[ColumnRef]) -> str:
    *first, last = map(str, refs)
    return f"{', '.join(first)} and {last}" if first else last

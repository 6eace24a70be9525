"""Review: who must look, at what, and why; and what each check and gate says in words.

Comes in:        MappingProposal, QualityReport, Classification, ValidationReport, Thresholds, standing approvals.
Goes out:        ReviewQueue (a disposition for every column, an item for every doubt), spot checks, check verdicts.
How it decides:  confidence against max(trust profile, risk class); quality before mapping, validation last.
To add to it:    a kind of doubt in ``doubt.py``, a verdict in ``checks.py``.
It must never:   approve, store, read rows or ask the clock; the registry alone records decisions.
"""

from schema_matching_pipeline.review.approval import (
    NO_TARGET,
    approval_hash,
    column_anchor,
    derived_fingerprint,
    quality_hash,
    waiver_hash,
    with_derived_columns,
)
from schema_matching_pipeline.review.asked import asked_columns, shown_disposition
from schema_matching_pipeline.review.at_rest import as_published
from schema_matching_pipeline.review.contrary import Suggestion, contrary_evidence
from schema_matching_pipeline.review.coverage import uncovered_required
from schema_matching_pipeline.review.evidence import NEIGHBOURS_SHOWN, column_evidence, derived_evidence
from schema_matching_pipeline.review.exclusion import excluded_columns, standing_decisions
from schema_matching_pipeline.review.fit import poor_fit
from schema_matching_pipeline.review.guarantee import guarantee
from schema_matching_pipeline.review.pace import is_hasty
from schema_matching_pipeline.review.route import route
from schema_matching_pipeline.review.spot_check import spot_checks
from schema_matching_pipeline.review.standing import standing_refusals
from schema_matching_pipeline.review.thresholds import effective_thresholds, unknown_entities, with_raised
from schema_matching_pipeline.review.validated import validation_outcome
from schema_matching_pipeline.review.words import Made, made_of, meaning_of_approval, outcome

__all__ = [
    "NEIGHBOURS_SHOWN",
    "NO_TARGET",
    "Made",
    "Suggestion",
    "approval_hash",
    "as_published",
    "asked_columns",
    "column_anchor",
    "column_evidence",
    "contrary_evidence",
    "derived_evidence",
    "derived_fingerprint",
    "effective_thresholds",
    "excluded_columns",
    "guarantee",
    "is_hasty",
    "made_of",
    "meaning_of_approval",
    "outcome",
    "poor_fit",
    "quality_hash",
    "route",
    "shown_disposition",
    "spot_checks",
    "standing_decisions",
    "standing_refusals",
    "uncovered_required",
    "unknown_entities",
    "validation_outcome",
    "waiver_hash",
    "with_derived_columns",
    "with_raised",
]

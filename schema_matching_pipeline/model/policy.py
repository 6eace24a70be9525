"""Every number that decides has a name here."""

from __future__ import annotations

from schema_matching_pipeline.model.base import Frozen


class ProfilePolicy(Frozen):
    """How tables are measured."""

    small_rows: int = 50_000
    large_rows: int = 5_000_000
    columns_per_slice: int = 25
    top_values: int = 10
    sketch_size: int = 1024
    distinct_sample: int = 10_000
    sample_rows: int = 100_000
    rare_count: int = 5  # a value held by fewer rows is never shown
    fresh_days: int = 2  # an older profile is not fresh


class QualityPolicy(Frozen):
    """When a column is called empty, abandoned, misused or test-only."""

    empty_filled_share: float = 0.0
    abandoned_gap_days: int = 365
    abandoned_filled_before: float = 0.2
    misused_share: float = 0.5
    test_share: float = 0.8
    drift_share: float = 0.1  # shares that moved less than this have not drifted


class MatchPolicy(Frozen):
    """How proposals are made."""

    candidates_kept: int = 20
    review_floor: float = 0.5


class ValidationPolicy(Frozen):
    """How mappings are put to the test."""

    row_limit: int = 200_000
    samples_kept: int = 5
    earliest_year: int = 1900
    mostly: float = 0.99
    failed_share: float = 0.05  # more failures than this are an error, fewer a warning


class ReviewPolicy(Frozen):
    """How doubts become items."""

    four_eyes_approvals: int = 2

"""A profile as people look at it."""

from __future__ import annotations

from datetime import UTC, datetime

from schema_matching_pipeline.entrances.reports.profiled.view import ProfileView, view_profile
from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.quality import assess_quality, score_tables


def viewed(profile: SourceProfile, names: frozenset[str] | None = None) -> ProfileView:
    """The view of a profile, labelled."""
    report = assess_quality(profile)
    taken_at = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    return view_profile("clinic", taken_at, profile, report, score_tables(report), names)

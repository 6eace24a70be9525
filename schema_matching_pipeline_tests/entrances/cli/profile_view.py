"""A profile as people look at it."""

from __future__ import annotations

from datetime import UTC, datetime

from schema_matching_pipeline.entrances.reports.profiled.view import ProfileView, view_profile
from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.quality import assess_quality, score_tables


def viewed(
    profile: SourceProfile, names: frozenset[str] | None = None, *, overruled: str | None = None
) -> ProfileView:
    """The view of a profile, labelled; a person uses the column that is ``overruled``."""
    report = assess_quality(profile)
    report = report.but(
        labels=tuple(label.but(overruled=label.ref.column == overruled) for label in report.labels)
    )
    taken_at = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    return view_profile("clinic", taken_at, profile, report, score_tables(report), names)

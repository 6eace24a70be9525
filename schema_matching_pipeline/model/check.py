"""What an asset check found: the actual figure, the threshold, the worst rows and what to do about them."""

from __future__ import annotations

from enum import StrEnum

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.model.summary import SummaryTable


class CheckSeverity(StrEnum):
    """Waiting for a person is a warning; a broken promise is an error."""

    WARN = "warn"
    ERROR = "error"


class CheckVerdict(Frozen):
    """One verdict on one phase of one client. ``severity`` counts only where it did not pass.

    ``message`` says the verdict in one sentence; ``what_to_do`` is empty where it passed.
    """

    name: str
    asset: Phase
    passed: bool
    severity: CheckSeverity
    actual: float
    threshold: float
    message: str
    worst: SummaryTable | None = None
    what_to_do: str = ""

"""What validation says of one mapped column, waivers taken into account."""

from __future__ import annotations

from collections.abc import Collection

from schema_matching_pipeline.model.matching import MappedColumn
from schema_matching_pipeline.model.validation import ValidationOutcome


def validation_outcome(
    mapped: MappedColumn, failed: Collection[str], waived: Collection[str], *, complete: bool
) -> ValidationOutcome | None:
    """Where the column stands; None where it fills no field, so that there is nothing to say.

    ``failed`` holds the expectations about the column that failed, ``waived`` those of the client that people live
    with; ``complete`` says that everything was asked about the newest version.
    """
    if mapped.target is None:
        return None
    outcome = ValidationOutcome(mapped.validation_status)
    if outcome is ValidationOutcome.PENDING and complete:
        return ValidationOutcome.NOTHING_TO_CHECK
    if outcome is ValidationOutcome.FAILED and failed and set(failed) <= set(waived):
        return ValidationOutcome.WAIVED
    return outcome

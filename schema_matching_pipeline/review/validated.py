"""What validation says of one mapped column, waivers taken into account."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from schema_matching_pipeline.model.matching import MappedColumn
from schema_matching_pipeline.model.validation import ValidationOutcome


def validation_outcome(
    mapped: MappedColumn, failed: Collection[str], waived: Collection[str], validated_at: datetime | None
) -> ValidationOutcome | None:
    """Where the column stands; None where it fills no field, so that there is nothing to say.

    ``failed`` holds the expectations about the column that failed, ``waived`` those of the client that people live
    with; ``validated_at`` is when everything was asked about the newest version, if it was. A column decided since then
    is still to be asked about.
    """
    if mapped.target is None:
        return None
    outcome = ValidationOutcome(mapped.validation_status)
    was_asked = validated_at is not None and (mapped.decided_at is None or mapped.decided_at <= validated_at)
    if outcome is ValidationOutcome.PENDING and was_asked:
        return ValidationOutcome.NOTHING_TO_CHECK
    if outcome is ValidationOutcome.FAILED and failed and set(failed) <= set(waived):
        return ValidationOutcome.WAIVED
    return outcome

"""Whether a client and its canonical model are about the same things at all."""

from __future__ import annotations

from collections.abc import Sequence

from schema_matching_pipeline.canon.figures import threshold
from schema_matching_pipeline.model.canonical import CanonicalSchema
from schema_matching_pipeline.model.matching import Disposition, MappedColumn
from schema_matching_pipeline.model.policy import ReviewPolicy

_SETTLED = frozenset({Disposition.AUTO_ACCEPTED, Disposition.APPROVED})


def poor_fit(columns: Sequence[MappedColumn], canonical: CanonicalSchema, policy: ReviewPolicy) -> str | None:
    """That the model is likely another one than the client needs, with the way out; None where nothing says so.

    A small client fills few fields of a large model, and a large client has few columns for a small one: the better of the
    two shares counts. What people decided counts as sure.
    """
    used = [column for column in columns if column.disposition is not Disposition.EXCLUDED]
    if len(used) < policy.fit_columns:
        return None
    sure = [column for column in used if _is_sure(column, policy)]
    filled, fields = len({column.target for column in sure}), len(canonical.refs())
    if max(len(sure) / len(used), filled / fields) >= policy.fit_share:
        return None
    return (
        f"Hardly anything of this client fits its canonical model {canonical.name}: a sure field ({threshold(policy.fit_confidence)} or"
        f" more) was found for {len(sure):,} of {len(used):,} columns, and a column for {filled:,} of {fields:,} fields. Most questions will be"
        " asked in vain. Where it is the wrong model, add the client under another name with the right one: `smp client add NAME"
        " --source SOURCE --canonical MODEL`; `smp canonical list` names them, `smp canonical import FILE` brings your own."
    )


def _is_sure(column: MappedColumn, policy: ReviewPolicy) -> bool:
    waits = column.disposition is Disposition.PENDING_REVIEW and column.confidence >= policy.fit_confidence
    return column.target is not None and (waits or column.disposition in _SETTLED)

"""Whether a client and its canonical model are about the same things at all."""

from __future__ import annotations

from collections.abc import Iterable

from schema_matching_pipeline.canon.figures import threshold
from schema_matching_pipeline.model.canonical import CanonicalSchema
from schema_matching_pipeline.model.matching import Disposition
from schema_matching_pipeline.model.policy import ReviewPolicy
from schema_matching_pipeline.model.tally import ColumnGroup

_SETTLED = frozenset({Disposition.AUTO_ACCEPTED, Disposition.APPROVED})


def poor_fit(groups: Iterable[ColumnGroup], canonical: CanonicalSchema, policy: ReviewPolicy) -> str | None:
    """That the model is likely another one than the client needs, with the way out; None where nothing says so.

    A small client fills few fields of a large model, and a large client has few columns for a small one: the better of the
    two shares counts. What people decided counts as sure.
    """
    used = [group for group in groups if group.disposition is not Disposition.EXCLUDED]
    columns = sum(group.columns for group in used)
    if columns < policy.fit_columns:
        return None
    sure = [group for group in used if _is_sure(group)]
    sure_columns = sum(group.columns for group in sure)
    filled, fields = len({group.target for group in sure}), len(canonical.refs())
    if max(sure_columns / columns, filled / fields) >= policy.fit_share:
        return None
    return (
        f"Hardly anything of this client fits its canonical model {canonical.name}: a sure field ({threshold(policy.fit_confidence)} or"
        f" more) was found for {sure_columns:,} of {columns:,} columns, and a column for {filled:,} of {fields:,} fields. Most questions will be"
        " asked in vain. Where it is the wrong model, add the client under another name with the right one: `smp client add NAME"
        " --source SOURCE --canonical MODEL`; `smp canonical list` names them, `smp canonical import FILE` brings your own."
    )


def _is_sure(group: ColumnGroup) -> bool:
    waits = group.disposition is Disposition.PENDING_REVIEW and group.sure
    return group.target is not None and (waits or group.disposition in _SETTLED)

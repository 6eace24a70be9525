"""Columns whose values are of several types."""

from __future__ import annotations

from schema_matching_pipeline.quality.label import LABELS, Case, Verdict, fact, percent

_KIN = ({"integer", "decimal"}, {"date", "datetime"})


@LABELS.register("mixed_types")
def mixed_types(case: Case) -> Verdict | None:
    """Some values are of another type than most, or dates are written in several forms; a note only."""
    column = case.column
    if "several_date_formats" in column.notes:
        return Verdict(None, "mixed_formats", "Dates are written in several forms.")
    told = [share for share in column.type_shares if share.share >= case.policy.mixed_share]
    names = {share.name for share in told}
    typed = names - {"text"}
    if len(names) < 2 or not typed or any(names <= kin for kin in _KIN):
        return None
    listed = ", ".join(f"{share.name} {percent(share.share)}" for share in told)
    return Verdict(
        None, "mixed_types", f"The values are of several types: {listed}.", facts=(fact("types", listed),)
    )

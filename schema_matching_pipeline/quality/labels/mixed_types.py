"""Columns whose values are of several types."""

from __future__ import annotations

from schema_matching_pipeline.canon.name_kinds import NameKind
from schema_matching_pipeline.quality.label import LABELS, Case, Verdict, fact, percent

# Written with letters or without, such a value is one kind all the same.
_CODED = frozenset(
    (NameKind.POSTAL_CODE, NameKind.CODE, NameKind.KEY, NameKind.NUMBER, NameKind.PHONE, NameKind.NAME, NameKind.STREET, NameKind.PERSONAL_NUMBER)
)  # fmt: skip
_CODES = frozenset({"integer", "decimal", "text"})
_KIN = ({"integer", "decimal"}, {"date", "datetime"})


@LABELS.register("mixed_types")
def mixed_types(case: Case) -> Verdict | None:
    """Some values are of another type than most, or dates are written in several forms; a note only."""
    column = case.column
    if "several_date_formats" in column.notes:
        return Verdict(None, "mixed_formats", "Dates are written in several forms.")
    if "several_units" in column.notes:
        return Verdict(None, "mixed_formats", "The unit beside the numbers is written in several ways.")
    told = [share for share in column.type_shares if share.share >= case.policy.mixed_share]
    names = {share.name for share in told}
    typed = names - {"text"}
    if len(names) < 2 or not typed or any(names <= kin for kin in _KIN):
        return None
    if case.announced in _CODED and names <= _CODES:
        return None
    listed = ", ".join(f"{share.name} {percent(share.share)}" for share in told)
    return Verdict(
        None, "mixed_types", f"The values are of several types: {listed}.", facts=(fact("types", listed),)
    )

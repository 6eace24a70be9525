"""Texts that were cut off."""

from __future__ import annotations

import re

from schema_matching_pipeline.canon.name_kinds import NameKind
from schema_matching_pipeline.model.profile import ColumnProfile, ValueType
from schema_matching_pipeline.quality.label import LABELS, Case, Verdict, fact, percent

# These are as long as they must be.
_MEASURED = frozenset(
    (NameKind.POSTAL_CODE, NameKind.CODE, NameKind.KEY, NameKind.NUMBER, NameKind.PHONE, NameKind.UUID, NameKind.SSN, NameKind.NPI, NameKind.IBAN)
)  # fmt: skip
_ROOM = re.compile(r"\((\d+)\)")
_SHORTEST_CUT = 8  # characters; shorter columns are full on purpose
_VARIED = 3  # lengths must differ by so many characters for the longest to look like an end


@LABELS.register("truncated")
def truncated(case: Case) -> Verdict | None:
    """Many texts of different shape end at one length, or some fill the declared room to the last character; a note only."""
    column = case.column
    if column.cut_share:
        longest = column.lengths.maximum if column.lengths else 0
        return Verdict(
            None,
            "truncated",
            f"{percent(column.cut_share)} of the values end after {longest} characters and are probably cut off.",
            facts=(fact("cut off", percent(column.cut_share)), fact("longest", longest)),
        )
    return None if case.announced in _MEASURED else _full(column)


def _full(column: ColumnProfile) -> Verdict | None:
    room = _room(column)
    if room is None or column.lengths is None or column.value_type is not ValueType.TEXT:
        return None
    varied = column.lengths.maximum - column.lengths.minimum >= _VARIED
    if column.lengths.maximum < room or not varied or column.lengths.mean > room - 1:
        return None
    return Verdict(
        None,
        "truncated",
        f"The longest values fill all {room} characters and may be cut off.",
        facts=(fact("room", room), fact("mean length", f"{column.lengths.mean:.0f}")),
    )


def _room(column: ColumnProfile) -> int | None:
    found = _ROOM.search(column.data_type)
    room = int(found.group(1)) if found and "char" in column.data_type.casefold() else 0
    return room if room >= _SHORTEST_CUT else None

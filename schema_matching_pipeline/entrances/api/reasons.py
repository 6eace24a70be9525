"""Why somebody decides: said where it may be, demanded where it must be."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schema_matching_pipeline.model.base import Frozen

MayBeSaid = Annotated[str, Field(max_length=2000, examples=["All doubts are settled."])]
MustBeSaid = Annotated[
    str, Field(min_length=1, max_length=2000, pattern=r"\S", examples=["The clinic says so."])
]


class Reason(Frozen):
    """Why, kept for ever."""

    reason: MayBeSaid = ""


class NeededReason(Frozen):
    """Why; it must be said, and is kept for ever."""

    reason: MustBeSaid

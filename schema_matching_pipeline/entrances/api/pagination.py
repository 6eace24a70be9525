"""The one form of a list: which page, how many on it, how many in all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NamedTuple, TypeVar

from fastapi import Depends, Query

from schema_matching_pipeline.model.registry import Page

USUAL, MOST = 50, 200
"""Entries on a page, where nothing else is asked for, and at most; of cursors, too."""
Entry = TypeVar("Entry")


class Wanted(NamedTuple):
    """The page that was asked for."""

    page: int
    size: int


async def wanted(
    page: Annotated[int, Query(ge=1, le=1_000_000, description="Which page, from 1.")] = 1,
    size: Annotated[int, Query(ge=1, le=MOST, description="How many entries on it.")] = USUAL,
) -> Wanted:
    """The page that the query asks for."""
    return Wanted(page, size)


WantedPage = Annotated[Wanted, Depends(wanted)]


def page_of(entries: Sequence[Entry], which: Wanted) -> Page[Entry]:
    """One page of a list that is there whole.

    >>> page_of(["a", "b", "c"], Wanted(2, 2)).items
    ('c',)
    """
    start = (which.page - 1) * which.size
    return Page(
        total=len(entries),
        page=which.page,
        size=which.size,
        pages=-(-len(entries) // which.size),
        items=tuple(entries[start : start + which.size]),
    )

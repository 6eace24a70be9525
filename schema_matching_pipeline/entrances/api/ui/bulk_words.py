"""What a word about many items makes of them, in the words of a single one."""

from __future__ import annotations

from collections.abc import Iterable

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.review import ItemKind


class BulkWords(Frozen):
    """Of what there are many, what is done to them, what the button says before their number, and what the figure of each is."""

    one: str
    done: str
    act: str
    bound: str = "with a confidence of {} or more"
    figure: str = "confidence"


_APPROVED = BulkWords(one="item", done="approved", act="Approve")
_REJECTED = BulkWords(one="item", done="rejected", act="Reject")
_LEFT_OUT = BulkWords(
    one="column",
    done="left out",
    act="Leave out",
    bound="whose flag is sure to {} or more",
    figure="certainty of the flag",
)


def bulk_words(decision: str, kinds: Iterable[ItemKind]) -> BulkWords:
    """The words for a decision about items of these kinds; what is approved of flagged columns alone is that they are left out.

    >>> bulk_words("approve", [ItemKind.QUALITY]).done, bulk_words("approve", [ItemKind.QUALITY, ItemKind.MAPPING]).done
    ('left out', 'approved')
    """
    if decision == "reject":
        return _REJECTED
    return _LEFT_OUT if set(kinds) == {ItemKind.QUALITY} else _APPROVED

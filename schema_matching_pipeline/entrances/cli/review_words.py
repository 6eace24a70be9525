"""What a review item asks, in words: what approving it means, what else can be done, and what was decided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from schema_matching_pipeline.model.review import Decision, DecisionKind, ItemKind, ItemState, ReviewItem

ID_SHOWN = 10
MADE = {
    DecisionKind.APPROVE: "approved",
    DecisionKind.REJECT: "rejected",
    DecisionKind.OVERRIDE: "given another field",
    DecisionKind.UNMAP: "maps to nothing",
    DecisionKind.INCLUDE: "included",
    DecisionKind.EXCLUDE: "excluded",
}


def meaning_of_approval(item: ReviewItem) -> str:
    """What it means to approve the item, as a sentence."""
    match item.kind:
        case ItemKind.MAPPING:
            return f"Approving maps {item.ref} to {item.target}."
        case ItemKind.QUALITY:
            return f"Approving agrees: {item.ref} is left out."
        case ItemKind.CLASSIFICATION:
            return f"Approving agrees that no field fits: {item.ref} maps to nothing."
        case ItemKind.VALIDATION if item.asks_for_a_column:
            return f"Approving waives this: {item.target} stays unfilled."
        case ItemKind.VALIDATION:
            return f"Approving waives this: {item.ref} stays mapped to {item.target}, failing values and all."
        case _:
            assert_never(item.kind)


def ways_to_decide(item: ReviewItem, client: str) -> Iterator[tuple[str, str]]:
    """What can be done about an open item, each with its command."""
    review, because = "smp review", "--reason WHY"
    short = item.id[:ID_SHOWN]
    if item.kind is ItemKind.VALIDATION:
        yield "live with it", f"{review} approve {short} {because}"
    else:
        yield "approve", f"{review} approve {short}"
    if item.asks_for_a_column:
        yield "map a column that waits", f"{review} override ITEM --to {item.target} {because}"
        yield "find one", f"smp mappings {client} --candidates"
        yield "use one that was left out", f"{review} include {client} TABLE.COLUMN {because}"
        return
    yield "another field", f"{review} override {short} --to ENTITY.FIELD {because}"
    yield "no field at all", f"{review} override {short} --nothing {because}"
    if item.kind is ItemKind.QUALITY:
        yield "use it all the same", f"{review} override {short} --include {because}"
    else:
        yield "this field is wrong", f"{review} reject {short} {because}"


def outcome(item: ReviewItem, decision: Decision) -> str:
    """What a decision made of an item, as a sentence."""
    if item.state is ItemState.AWAITING_SECOND:
        return f"{item.ref}: noted; a second person must decide too."
    if item.kind is ItemKind.VALIDATION and decision.kind is DecisionKind.APPROVE:
        lives_with = f"{item.target} stays unfilled" if item.asks_for_a_column else "the mapping stays"
        return f"{item.ref}: waived; {lives_with}. What is lived with: {item.reason}"
    made = f"now maps to {decision.target}" if decision.target else MADE[decision.kind]
    return f"{item.ref}: {made}."


def whats_next(client: str, left: int, *, goes_on: bool) -> str:
    """What is left after a decision, and the next command; ``goes_on`` where a running pipeline sees it by itself.

    >>> whats_next("acme", 3, goes_on=True)
    '3 item(s) left: smp review list acme'
    """
    if left:
        return f"{left:,} item(s) left: smp review list {client}"
    if goes_on:
        return f"Nothing is left. The running pipeline goes on by itself: smp status {client}"
    return f"Nothing is left. Go on with: smp onboard {client}"

"""What a decision about an item means, and what it made of it, in words."""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from schema_matching_pipeline.model.review import Decision, DecisionKind, ItemKind, ItemState, ReviewItem


def meaning_of_approval(item: ReviewItem) -> str:
    """What it means to approve the item, as a sentence."""
    match item.kind:
        case ItemKind.MAPPING if item.asks_blind:
            return f"A spot check: name the field that {item.ref} fills, and you are told what it was accepted for."
        case ItemKind.MAPPING:
            return f"Approving maps {item.ref} to {item.target}."
        case ItemKind.QUALITY:
            return f"Approving agrees: {item.ref} is left out."
        case ItemKind.CLASSIFICATION:
            return f"Approving agrees that no field fits: {item.ref} maps to nothing."
        case ItemKind.VALIDATION:
            return f"Approving waives this: {_lived_with(item)}"
        case _:
            assert_never(item.kind)


def _lived_with(item: ReviewItem) -> str:
    if item.asks_for_a_column:
        return f"{item.target} stays unfilled."
    if item.asks_for_a_table:
        return f"{item.ref} stays unread, and nothing of it is mapped."
    return f"{item.ref} stays mapped to {item.target}, failing values and all."


def outcome(item: ReviewItem, decision: Decision) -> str:
    """What a decision made of an item, as a sentence."""
    if item.spot_check:
        return _of_spot_check(item, decision)
    made = made_of(item, decision)
    match made:
        case Made.UNFILLED:
            return f"{item.ref}: waived; {item.target} stays unfilled. What is lived with: {item.reason}"
        case Made.UNREAD:
            return f"{item.ref}: waived; it stays unread. What is lived with: {item.reason}"
        case Made.LIVED_WITH:
            return f"{item.ref}: waived; the mapping stays. What is lived with: {item.reason}"
        case Made.MAPPED:
            return f"{item.ref}: now maps to {decision.target or item.target}."
        case _:
            return f"{item.ref}: {made}."


def _of_spot_check(item: ReviewItem, decision: Decision) -> str:
    if item.is_confirmed:
        return f"{item.ref}: {item.target}, as it was accepted."
    instead = decision.target or "nothing"
    return (
        f"{item.ref}: it was accepted for {item.target} and now maps to {instead}; that counts as an error."
    )


class Made(StrEnum):
    """What a decision makes of what an item asks about."""

    MAPPED = "mapped"
    CONFIRMED = "confirmed by spot check(s)"
    REJECTED = "rejected"
    NOTHING = "maps to nothing"
    USED = "used all the same"
    LEFT_OUT = "left out"
    UNFILLED = "required field(s) left unfilled"
    UNREAD = "table(s) left unread"
    LIVED_WITH = "failing check(s) lived with"
    NOTED = "noted; a second person must decide too"
    DIFFERS = "noted; somebody else said otherwise, and a third person settles it"


_MADE_OTHERWISE = {
    DecisionKind.REJECT: Made.REJECTED,
    DecisionKind.OVERRIDE: Made.MAPPED,
    DecisionKind.UNMAP: Made.NOTHING,
    DecisionKind.INCLUDE: Made.USED,
    DecisionKind.EXCLUDE: Made.LEFT_OUT,
}


def made_of(item: ReviewItem, decision: Decision) -> Made:
    """What the decision made of the item."""
    if item.state is ItemState.AWAITING_SECOND:
        return Made.NOTED
    if item.state is ItemState.RECONCILE:
        return Made.DIFFERS
    if item.is_confirmed:
        return Made.CONFIRMED
    return _MADE_OTHERWISE.get(decision.kind) or _made_by_approval(item)


def _made_by_approval(item: ReviewItem) -> Made:
    match item.kind:
        case ItemKind.MAPPING:
            return Made.MAPPED
        case ItemKind.QUALITY:
            return Made.LEFT_OUT
        case ItemKind.CLASSIFICATION:
            return Made.NOTHING
        case ItemKind.VALIDATION:
            if item.asks_for_a_table:
                return Made.UNREAD
            return Made.UNFILLED if item.asks_for_a_column else Made.LIVED_WITH
        case _:
            assert_never(item.kind)

"""What the registry says about a client's gates, in words for people."""

from __future__ import annotations

from typing import Literal

from schema_matching_pipeline.model.access import MATRIX, Permission
from schema_matching_pipeline.model.review import GateState, HoldingItem, ReviewItem

Gate = Literal["review", "final"]

NOTHING_PROPOSED = "no mapping has been proposed yet"


def is_open(state: GateState, gate: Gate) -> bool:
    """Whether the pipeline may pass a gate."""
    return state.review_open if gate == "review" else state.final_open


def describe_gate(state: GateState, gate: Gate) -> tuple[str, ...]:
    """What holds a gate, one line each, with who may decide; nothing where it is open."""
    if state.version is None:
        return (NOTHING_PROPOSED,)
    holding = state.holding_review if gate == "review" else (*state.holding_review, *state.holding_final)
    return tuple(describe_holding(item, state.client) for item in holding)


def describe_holding(item: HoldingItem, client: str) -> str:
    """One thing that holds a client's gate, as a sentence.

    >>> item = HoldingItem(kind="mapping", what="t.c", needed="a decision", who="steward or admin")
    >>> describe_holding(item, "acme")
    't.c: needs a decision (may decide: steward or admin)'
    """
    return f"{item.what}: needs {item.needed} (may decide: {item.who_may_decide(client)})"


def who_may_decide(item: ReviewItem) -> str:
    """The roles that may decide an item, and how many people it takes.

    >>> from schema_matching_pipeline.model.canonical import RiskClass
    >>> from schema_matching_pipeline.model.review import ItemKind
    >>> from schema_matching_pipeline.model.source import ColumnRef
    >>> item = ReviewItem(id="1", kind=ItemKind.MAPPING, ref=ColumnRef(table="t", column="c"),
    ...                   risk_class=RiskClass.OPTIONAL, reason="", needed=0.9, had=0.5)
    >>> who_may_decide(item), who_may_decide(item.but(required_approvals=2))
    ('steward or admin', '2 different people, each steward or admin')
    """
    roles = " or ".join(role for role, held in MATRIX.items() if Permission.DECIDE in held)
    if item.required_approvals == 1:
        return roles
    return f"{item.required_approvals} different people, each {roles}"

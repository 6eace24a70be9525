"""What the registry says about a client's gates, in words for people."""

from __future__ import annotations

from typing import Literal

from schema_matching_pipeline.model.review import GateState, HoldingItem

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

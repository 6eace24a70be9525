"""Asks the registry whether a gate is open: the first line of every gated asset."""

from __future__ import annotations

from typing import Literal

from schema_matching_pipeline.errors import GateClosedError
from schema_matching_pipeline.model.review import GateState
from schema_matching_pipeline.workflows.run_state import RunStamp, open_client
from schema_matching_pipeline.workflows.world import World

Gate = Literal["review", "final"]


def require_gate(world: World, client: str, gate: Gate, *, run: RunStamp) -> GateState:
    """The gate's state when it is open.

    Raises:
        GateClosedError: it is closed; what holds it is named, with who may decide.
    """
    with open_client(world, client, run) as unit:
        state = unit.publications.gate(client)
    is_open = state.review_open if gate == "review" else state.final_open
    if is_open or (gate == "final" and state.published_version == state.version is not None):
        return state
    holding = state.holding_review if gate == "review" else (*state.holding_review, *state.holding_final)
    lines = tuple(item.in_a_line(client) for item in holding) or ("no mapping has been proposed yet",)
    raise GateClosedError(client, gate, lines)

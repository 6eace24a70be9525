"""What decisions leave behind, as people are told it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from schema_matching_pipeline.canon.visible import visible
from schema_matching_pipeline.entrances.cli.identity import settings
from schema_matching_pipeline.entrances.cli.review_words import brought, whats_next
from schema_matching_pipeline.model.registry import Left


def say_what_is_left(console: Console, each: Sequence[Left]) -> None:
    """What the decisions opened and took along, what still waits with each of their clients, and the next command."""
    for left in each:
        for line in brought(left):
            console.print(Text(visible(line)))
        goes_on = not left.items and not left.approval and _daemon_is_alive()
        console.print(Text(whats_next(left, goes_on=goes_on), style="dim"))


def _daemon_is_alive() -> bool:
    from schema_matching_pipeline.entrances.orchestration.liveness import (
        daemon_is_alive,
    )  # Dagster takes a second to load

    return daemon_is_alive(settings())

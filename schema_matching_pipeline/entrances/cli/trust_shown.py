"""How suggestions fared with people, and what became of thresholds by that, as people see it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from schema_matching_pipeline.canon.figures import threshold
from schema_matching_pipeline.canon.visible import visible
from schema_matching_pipeline.entrances.cli.output import moment, table
from schema_matching_pipeline.model.trust import (
    AdjustmentKind,
    ClientTrust,
    SpotCheckFigures,
    TrustAdjustment,
)


def draw_trust(console: Console, client: str, found: ClientTrust) -> None:
    """Draws accuracy by entity and signal, how spot checks fared, and the adjustments."""
    if found.accuracy:
        rows = [
            (each.entity, each.signal or "all", each.decided, each.right, f"{each.at_least:.2f}")
            for each in found.accuracy
        ]
        header = ("entity", "strongest signal", "decided", "right", "right at least (95 %)")
        console.print(table("How suggestions fared with people", header, rows, right=(2, 3, 4)))
    console.print(Text(spoken_checks(found.spot_check_share, found.spot_checks)))
    draw_adjustments(console, client, found.adjustments)


def spoken_checks(share: float, found: SpotCheckFigures) -> str:
    """How spot checks fared, in a line.

    >>> spoken_checks(0.05, SpotCheckFigures(waiting=2, answered=40, wrong=3, at_least=0.0258, at_most=0.1986))
    'Spot checks (5.0 % of what is accepted comes back): 2 wait; 3 of 40 answered were wrong, which is 2.6 to 19.9 % at 95 %.'
    >>> spoken_checks(0.0, SpotCheckFigures(waiting=0, answered=0, wrong=0, at_least=0.0, at_most=1.0))
    'Spot checks (0.0 % of what is accepted comes back): none waits; none was answered.'
    """
    wait = f"{found.waiting:,} wait" if found.waiting else "none waits"
    least, most = 100 * found.at_least, 100 * found.at_most
    fared = (
        f"{found.wrong:,} of {found.answered:,} answered were wrong, which is {least:.1f} to {most:.1f} % at 95 %"
        if found.answered
        else "none was answered"
    )
    return f"Spot checks ({100 * share:.1f} % of what is accepted comes back): {wait}; {fared}."


def draw_adjustments(console: Console, client: str, adjustments: Sequence[TrustAdjustment]) -> None:
    """Draws what became of thresholds, and how a suggested one is answered; the newest of an entity counts."""
    if not adjustments:
        return
    rows = [
        (
            moment(each.made_at),
            each.entity,
            each.kind,
            f"{threshold(each.threshold_before)} -> {threshold(each.threshold)}",
            f"{each.wrong} of {each.decided} wrong",
            each.made_by,
            each.reason or "",
        )
        for each in adjustments
    ]
    header = ("when", "entity", "what", "threshold", "because", "by", "reason")
    console.print(table("What became of thresholds, from the next run on", header, rows))
    newest = {each.entity: each for each in reversed(adjustments)}
    for each in newest.values():
        if each.kind is AdjustmentKind.SUGGESTED:
            answer = f"smp trust {client} --relax {each.entity} --reason WHY, or --keep {each.entity}"
            console.print(Text(visible(f"An administrator decides: {answer}"), style="dim"))

"""What the demo prints: what each onboarding took, what came out, and what learning saved."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from schema_matching_pipeline.entrances.cli.demo.onboarding import Outcome
from schema_matching_pipeline.entrances.cli.output import table
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.pipeline import Phase


class Comparison(Frozen):
    """The same client onboarded with and without what earlier clients taught."""

    client: str
    alone: Outcome
    learned: Outcome


class DemoReport(Frozen):
    """Every onboarding of the demo, and the comparisons."""

    outcomes: tuple[Outcome, ...]
    comparisons: tuple[Comparison, ...]
    seconds: float


def draw(console: Console, report: DemoReport) -> None:
    """Draws the report for people."""
    console.print(_main_table(report.outcomes))
    console.print()
    console.print(_seconds_table(report.outcomes))
    console.print()
    console.print(_learning_table(report.comparisons))
    for outcome in report.outcomes:
        if outcome.missed_faults:
            console.print(
                f"{outcome.client}: planted faults that nobody noticed: {', '.join(outcome.missed_faults)}"
            )
    console.print(f"\nAll of it took {report.seconds:.0f} s.", style="dim")


def _main_table(outcomes: Sequence[Outcome]) -> object:
    header = (
        "client",
        "tables",
        "columns",
        "auto-accepted",
        "right",
        "to review",
        "excluded",
        "unmapped",
        "faults planted",
        "noticed",
        "findings",
        "decisions",
        "published",
        "right",
    )
    rows = [
        (
            o.client,
            o.tables,
            o.columns,
            o.auto_accepted,
            f"{o.auto_accepted_right} ({o.precision:.1%})",
            o.sent_to_review,
            o.excluded,
            o.unmapped,
            o.planted_faults,
            o.planted_faults - len(o.missed_faults),
            o.failures_found,
            o.decisions,
            o.published,
            o.published_right,
        )
        for o in outcomes
    ]
    return table("Three clients, one canonical model", header, rows, right=range(1, len(header)))


def _seconds_table(outcomes: Sequence[Outcome]) -> object:
    rows = [(o.client, *(f"{dict(o.seconds).get(phase, 0.0):.1f}" for phase in Phase)) for o in outcomes]
    return table(
        "Seconds per phase",
        ("client", *(phase.replace("_", " ") for phase in Phase)),
        rows,
        right=range(1, len(Phase) + 1),
    )


def _learning_table(comparisons: Sequence[Comparison]) -> object:
    rows = [
        (
            c.client,
            c.alone.decisions,
            c.learned.decisions,
            f"{1 - c.learned.decisions / max(1, c.alone.decisions):.0%}",
            c.alone.auto_accepted,
            c.learned.auto_accepted,
            f"{c.alone.precision:.1%}",
            f"{c.learned.precision:.1%}",
        )
        for c in comparisons
    ]
    header = (
        "client",
        "decisions alone",
        "with what was learned",
        "saved",
        "auto-accepted alone",
        "learned",
        "precision alone",
        "learned",
    )
    return table("What earlier clients taught", header, rows, right=range(1, len(header)))

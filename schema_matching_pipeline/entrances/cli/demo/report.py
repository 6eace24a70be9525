"""What the demo prints: what each onboarding took, what came out, and what learning saved."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from schema_matching_pipeline.entrances.cli.demo.onboarding import Outcome
from schema_matching_pipeline.entrances.cli.listing import Listing
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
    console.print(_learning_table(report.comparisons))
    for outcome in report.outcomes:
        if outcome.missed_faults:
            console.print(
                f"{outcome.client}: planted faults that nobody noticed: {', '.join(outcome.missed_faults)}"
            )
    console.print(f"\nAll of it took {report.seconds:.0f} s.", style="dim")


def _main_table(outcomes: Sequence[Outcome]) -> Listing:
    rows: list[tuple[object, ...]] = [
        ("tables", *(o.tables for o in outcomes)),
        ("columns", *(o.columns for o in outcomes)),
        ("auto-accepted", *(o.auto_accepted for o in outcomes)),
        ("  of them right", *(f"{o.auto_accepted_right} ({o.precision:.1%})" for o in outcomes)),
        ("sent to review", *(o.sent_to_review for o in outcomes)),
        ("excluded", *(o.excluded for o in outcomes)),
        ("unmapped", *(o.unmapped for o in outcomes)),
        ("validation failures found", *(o.failures_found for o in outcomes)),
        (
            "planted faults noticed",
            *(f"{o.planted_faults - len(o.missed_faults)} of {o.planted_faults}" for o in outcomes),
        ),
        ("decisions of the steward", *(o.decisions for o in outcomes)),
        ("published", *(o.published for o in outcomes)),
        ("  of them right", *(o.published_right for o in outcomes)),
    ]
    rows += [
        (f"seconds: {phase.replace('_', ' ')}", *(f"{dict(o.seconds).get(phase, 0.0):.1f}" for o in outcomes))
        for phase in Phase
    ]
    header = ("", *(o.client for o in outcomes))
    return table("Three clients, one canonical model", header, rows, right=range(1, len(header)))


def _learning_table(comparisons: Sequence[Comparison]) -> Listing:
    rows = [
        (
            c.client,
            knowledge,
            o.auto_accepted,
            f"{o.precision:.1%}",
            o.published,
            o.published_right,
            o.decisions,
            saved,
        )
        for c in comparisons
        for knowledge, o, saved in (
            ("alone", c.alone, ""),
            (
                "with what others taught",
                c.learned,
                f"{1 - c.learned.decisions / max(1, c.alone.decisions):.0%}",
            ),
        )
    ]
    header = (
        "client",
        "onboarded",
        "auto-accepted",
        "precision",
        "published",
        "of them right",
        "decisions",
        "saved",
    )
    return table("What earlier clients taught", header, rows, right=range(2, len(header)))

"""``smp demo``: three made-up clients, onboarded one after the other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from schema_matching_pipeline.entrances.cli.identity import settings
from schema_matching_pipeline.entrances.cli.output import AsJson, emit, progress_bar


def demo(
    patients: Annotated[int, typer.Option(min=200, help="Patients of each client.")] = 3000,
    seed: Annotated[int, typer.Option(help="The seed everything is made from.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Make three clients that disagree with each other, onboard them, and show what learning saves.

    It works in an installation of its own below SMP_HOME, made anew each time, and leaves it there to look at.
    """
    from schema_matching_pipeline.entrances.cli.demo.report import draw
    from schema_matching_pipeline.entrances.cli.demo.run import run_demo  # Dagster takes a second to load

    own = settings().model_copy(update={"home": settings().home.absolute() / "demo", "database_url": None})
    with progress_bar("demo", quiet=as_json) as progress:
        report = run_demo(own, patients, seed, progress)

    def show(console: Console) -> None:
        draw(console, report)
        for line in whats_left(own.home):
            console.print(line, style="dim")

    emit(report, as_json, show)


def whats_left(home: Path) -> tuple[str, ...]:
    """What the demo leaves: an installation to look at, and its server.

    >>> whats_left(Path("/tmp/demo"))[1]
    'Its PostgreSQL stays up for that; stop it: SMP_HOME=/tmp/demo .venv/bin/smp down'
    """
    return (
        f"Look at it in the Dagster UI: SMP_HOME={home} .venv/bin/smp up",
        f"Its PostgreSQL stays up for that; stop it: SMP_HOME={home} .venv/bin/smp down",
    )

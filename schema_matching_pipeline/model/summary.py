"""What a phase did, as a person wants to see it: counts and small tables, never values."""

from __future__ import annotations

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.pipeline import Phase


class SummaryTable(Frozen):
    """A small table for people: at most some fifty rows of names, labels and figures, and how many it leaves out.

    ``rest`` is what is to be known of those it leaves out, where it is more than where to find them.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: int = 0
    rest: str = ""

    @property
    def heading(self) -> str:
        """The title, which says where rows are left out."""
        shown = len(self.rows)
        return f"{self.title} ({shown:,} of {shown + self.left_out:,})" if self.left_out else self.title


class PhaseSummary(Frozen):
    """The outcome of one phase for one client. ``counts`` are plotted over time."""

    phase: Phase
    client: str
    counts: tuple[tuple[str, float], ...]
    tables: tuple[SummaryTable, ...] = ()
    version: str = ""
    seconds: float = 0.0
    next_step: str = ""

    def count(self, name: str) -> float:
        """One count by name, 0 where it was not taken."""
        return dict(self.counts).get(name, 0.0)

"""What Dagster's pages show of a phase and of a check: counts, small tables, and what waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import dagster as dg

from schema_matching_pipeline.model.audit import PersonsAct
from schema_matching_pipeline.model.check import CheckSeverity, CheckVerdict
from schema_matching_pipeline.model.embedding import EmbeddingOutcome
from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.model.summary import PhaseSummary, SummaryTable

ROWS_SHOWN = 50
CELL_LENGTH = 300

# The count that says how many rows a phase left in the registry.
_ROW_COUNT: Mapping[Phase, str] = {
    Phase.COLUMN_PROFILES: "columns_profiled",
    Phase.QUALITY_LABELS: "columns_labelled",
    Phase.CLASSIFICATIONS: "columns_classified",
    Phase.MAPPINGS: "columns_proposed",
    Phase.VALIDATION_REPORTS: "expectations",
    Phase.PUBLISHED_MAPPINGS: "mappings_published",
}

_SEVERITY: Mapping[CheckSeverity, dg.AssetCheckSeverity] = {
    CheckSeverity.WARN: dg.AssetCheckSeverity.WARN,
    CheckSeverity.ERROR: dg.AssetCheckSeverity.ERROR,
}


def materialized(
    summary: PhaseSummary, desk: str, *, report: dg.MetadataValue | None = None
) -> dg.MaterializeResult[None]:
    """A phase's summary as Dagster keeps it, with its report; the content's version becomes the data version.

    Its links lead to the pages at the address of the ``desk``.
    """
    return dg.MaterializeResult(
        metadata={**metadata_of(summary, desk), **({"report": report} if report else {})},
        data_version=dg.DataVersion(summary.version) if summary.version else None,
    )


def embedded(outcome: EmbeddingOutcome) -> dg.MaterializeResult[None]:
    """What embedding came to, as Dagster keeps it."""
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": dg.MetadataValue.int(outcome.embedded + outcome.kept),
            "embedded": dg.MetadataValue.int(outcome.embedded),
            "kept": dg.MetadataValue.int(outcome.kept),
            "removed": dg.MetadataValue.int(outcome.removed),
            "left": dg.MetadataValue.int(outcome.left),
            "model": dg.MetadataValue.text(outcome.model),
        }
    )


def metadata_of(summary: PhaseSummary, desk: str) -> dict[str, dg.MetadataValue]:
    """Counts as numbers, so that they are plotted over time; tables as tables; where to go on."""
    row_count = int(summary.count(_ROW_COUNT[summary.phase]))
    return {
        "dagster/row_count": dg.MetadataValue.int(row_count),
        **{name: number(value) for name, value in summary.counts},
        "seconds": dg.MetadataValue.float(round(summary.seconds, 3)),
        **({"next_step": dg.MetadataValue.text(summary.next_step)} if summary.next_step else {}),
        "desk": desk_page(desk, summary.client),
        "review_queue": review_queue(desk, summary.client),
        **dict(entry for table in summary.tables if table.rows for entry in entries_of(table)),
    }


def check_result(verdict: CheckVerdict, desk: str, client: str) -> dg.AssetCheckResult:
    """A verdict as Dagster keeps it: the figure and the threshold as plots, the worst rows, what to do, and where."""
    worst = verdict.worst if verdict.worst and verdict.worst.rows else None
    return dg.AssetCheckResult(
        check_name=verdict.name,
        asset_key=dg.AssetKey(str(verdict.asset)),
        passed=verdict.passed,
        severity=_SEVERITY[verdict.severity],
        description=verdict.message,
        metadata={
            "actual": dg.MetadataValue.float(float(verdict.actual)),
            "threshold": dg.MetadataValue.float(float(verdict.threshold)),
            "desk": desk_page(desk, client, f"#check-{verdict.name}"),
            **dict(entries_of(worst) if worst else ()),
            **({"what_to_do": dg.MetadataValue.text(verdict.what_to_do)} if verdict.what_to_do else {}),
        },
    )


def desk_page(desk: str, client: str, place: str = "") -> dg.MetadataValue:
    """The page of the client, or a place on it."""
    return dg.MetadataValue.url(f"{desk}/clients/{client}{place}")


def review_queue(desk: str, client: str) -> dg.MetadataValue:
    """The page that shows what waits for a person, and the command that lists all of it."""
    page = f"{desk}/review?client={client}"
    return dg.MetadataValue.md(f"[What waits for {client}]({page}), or `smp review list {client}`")


def observed(act: PersonsAct, desk: str) -> dg.AssetObservation:
    """What a person did about a client, for the timeline of the asset that it concerns."""
    phase = Phase.MAPPINGS if act.version is None else Phase.PUBLISHED_MAPPINGS
    return dg.AssetObservation(
        asset_key=str(phase),
        partition=act.client,
        description=act.in_words,
        metadata={
            "who": dg.MetadataValue.text(act.who),
            **({"version": dg.MetadataValue.int(act.version)} if act.version is not None else {}),
            **{word: dg.MetadataValue.int(many) for word, many in act.words},
            "desk": desk_page(desk, act.client),
        },
    )


def number(value: float) -> dg.MetadataValue:
    """A count as a whole number where it is one."""
    return dg.MetadataValue.int(int(value)) if float(value).is_integer() else dg.MetadataValue.float(value)


def entries_of(table: SummaryTable) -> Iterator[tuple[str, dg.MetadataValue]]:
    """A table under its title, written as the counts are, so that it keeps its key; and how many rows it leaves out."""
    key = table.title.lower().replace(" ", "_")
    yield key, table_of(table)
    if table.left_out:
        yield f"{key}_left_out", dg.MetadataValue.int(table.left_out)


def table_of(table: SummaryTable) -> dg.MetadataValue:
    """A small table; what exceeds fifty rows or a cell's length is cut, so that no event grows large."""
    names = _distinct(table.header)
    records = [
        dg.TableRecord(dict(zip(names, (cell[:CELL_LENGTH] for cell in row), strict=True)))
        for row in table.rows[:ROWS_SHOWN]
    ]
    return dg.MetadataValue.table(
        records=records, schema=dg.TableSchema(columns=[dg.TableColumn(name) for name in names])
    )


def _distinct(header: Sequence[str]) -> tuple[str, ...]:
    return tuple(
        name if header.index(name) == place else f"{name} {place}" for place, name in enumerate(header)
    )

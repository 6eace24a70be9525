"""Signs what a run writes: the machinery's login, the run, and the trace of whoever asked for it."""

# No postponed annotations here: Dagster reads the contexts' types as objects.
import dagster as dg

from schema_matching_pipeline.entrances.orchestration.tags import TRACE
from schema_matching_pipeline.workflows.run_state import RunStamp

# Dagster's own name for a run somebody started from the asset graph.
_BY_HAND = "__ASSET_JOB"


def stamp(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> RunStamp:
    """The signature of the run this phase or check belongs to."""
    return signature_of(context.run)


def signature_of(run: dg.DagsterRun) -> RunStamp:
    """The signature of a run; a second try shares the trace of the first.

    A run that nobody asked for, because a gate opened or Dagster was told to, has the id of its first try as trace.
    """
    name = "dagster" if run.job_name.startswith(_BY_HAND) else run.job_name
    first_try = run.root_run_id or run.run_id
    return RunStamp(
        actor=f"system:{name}",
        dagster_run_id=run.run_id,
        first_try=first_try,
        trace_id=run.tags.get(TRACE, first_try),
    )

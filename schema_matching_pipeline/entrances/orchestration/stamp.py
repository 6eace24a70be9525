"""Signs what a run writes: the machinery's login, the run, and the trace a retry shares with its first try."""

# No postponed annotations here: Dagster reads the contexts' types as objects.
import dagster as dg

from schema_matching_pipeline.workflows.run_state import RunStamp

# Dagster's own name for a run somebody started from the asset graph.
_BY_HAND = "__ASSET_JOB"


def stamp(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> RunStamp:
    """The signature of the run this phase or check belongs to."""
    run = context.run
    return signature_of(run.job_name, run.run_id, run.root_run_id)


def signature_of(job: str, run_id: str | None = None, root_run_id: str | None = None) -> RunStamp:
    """The signature of a run of that job; a second try shares the trace of the first."""
    name = "dagster" if job.startswith(_BY_HAND) else job
    return RunStamp(actor=f"system:{name}", dagster_run_id=run_id, trace_id=root_run_id or run_id)

"""Writes down what became of a request for a run, so that what follows from it becomes due."""

from __future__ import annotations

from schema_matching_pipeline.model.pipeline import WorkItem
from schema_matching_pipeline.model.registry import RequestState, RunRequest
from schema_matching_pipeline.workflows.run_state import RunStamp, open_client
from schema_matching_pipeline.workflows.world import World


def close_request(
    world: World,
    item: WorkItem,
    state: RequestState,
    *,
    run: RunStamp,
    error_code: str | None = None,
    error: str | None = None,
    retryable: bool = False,
) -> RunRequest:
    """The request of a work item as it stands now; a release that failed but may pass becomes due again.

    Raises:
        UnknownNameError: the client is gone.
    """
    with open_client(world, item.client, run) as unit:
        return unit.requests.mark(
            item.run_key,
            state,
            dagster_run_id=run.dagster_run_id,
            error_code=error_code,
            error=error,
            retryable=retryable,
        )

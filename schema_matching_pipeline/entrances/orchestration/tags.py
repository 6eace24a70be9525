"""The tags our runs carry, so that people can filter and machines can find them again."""

from __future__ import annotations

from collections.abc import Mapping

from schema_matching_pipeline.model.pipeline import RequestKind, WorkItem

KIND = "kind"
RUN_KEY = "dagster/run_key"  # set by Dagster on what a sensor launches, by us on what runs in process
ATTEMPT = "attempt"
TRACE = "smp/trace"  # of the request that asked for the run, as the audit and the log have it
DESK = "smp/desk"  # where the client's page is
MAPPING_VERSION = "mapping_version"
WORKER = "smp/worker"  # the process of a run that a command line executes
CHANGED = "smp/changed"  # on a run for which nobody asked but files that came or changed
LOST = "smp/lost"  # on a run that lost its process and is to be taken up again
PARTITION = "dagster/partition"
SCHEDULE = "dagster/schedule_name"
PARENT_RUN = "dagster/parent_run_id"
MAX_RETRIES = "dagster/max_retries"
FAILURE_REASON = "dagster/failure_reason"
WILL_RETRY = "dagster/will_retry"


def is_begun_anew(tags: Mapping[str, str]) -> bool:
    """Whether a person asked for the pipeline from its start; what runs by itself goes on from what it knows."""
    return tags.get(KIND) == RequestKind.REPROFILE and not {SCHEDULE, CHANGED} & set(tags)


def tags_of(item: WorkItem, desk: str) -> dict[str, str]:
    """The tags of the run that answers a work item; a release names its mapping version, as its key does.

    The client is in the tag of the partition already.
    """
    tags = {KIND: str(item.kind)} | tags_back(item.client, desk, item.trace_id)
    if item.kind is RequestKind.RELEASE:
        tags |= {MAPPING_VERSION: item.run_key.split(":")[2], ATTEMPT: str(item.attempt)}
    return tags


def tags_back(client: str, desk: str, trace_id: str | None) -> dict[str, str]:
    """The tags that lead from a run to the client's page, and to the request that asked for the run, if one did."""
    return {DESK: f"{desk}/clients/{client}"} | ({TRACE: trace_id} if trace_id else {})

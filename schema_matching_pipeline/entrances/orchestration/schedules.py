"""Every night each active client that was begun with is profiled again: drift shows, and only what changed comes back."""

# No postponed annotations here: Dagster reads the contexts' types as objects.
from collections.abc import Iterator

import dagster as dg

from schema_matching_pipeline.entrances.orchestration.jobs import propose
from schema_matching_pipeline.entrances.orchestration.partitions import CLIENTS_NAME
from schema_matching_pipeline.entrances.orchestration.tags import KIND, tags_back
from schema_matching_pipeline.errors import ConfigurationError
from schema_matching_pipeline.model.pipeline import RequestKind
from schema_matching_pipeline.workflows.run_state import was_begun
from schema_matching_pipeline.workflows.world import World


def nightly_reprofiling(cron: str, timezone: str) -> dg.ScheduleDefinition:
    """The nightly schedule; its run keys hold the local day, so that no client is profiled twice in a night.

    Where clocks are put back, the hour that comes twice is still one day.
    """

    @dg.schedule(
        name="nightly_reprofiling",
        job=propose,
        cron_schedule=cron,
        execution_timezone=timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Profiles every active client again whose first run somebody asked for, and brings back only the columns that changed.",
    )
    def nightly(
        context: dg.ScheduleEvaluationContext, world: dg.ResourceParam[World]
    ) -> Iterator[dg.RunRequest]:
        day = f"{context.scheduled_execution_time:%Y-%m-%d}"
        known = set(context.instance.get_dynamic_partitions(CLIENTS_NAME))
        for slug, _tenant, active in world.registry.all_clients():
            if active and slug in known and was_begun(world, slug):
                yield dg.RunRequest(
                    run_key=f"{day}:{slug}",
                    partition_key=slug,
                    tags={
                        KIND: str(RequestKind.REPROFILE),
                        **tags_back(slug, world.desk_address, trace_id=None),
                    },
                )

    return nightly


def require_schedule(cron: str, timezone: str) -> None:
    """Makes sure that Dagster can keep the schedule; else it would load nothing at all.

    Raises:
        ConfigurationError: the schedule is none.
    """
    try:
        nightly_reprofiling(cron, timezone)
    except dg.DagsterInvalidDefinitionError:
        mistake = f"SMP_NIGHTLY_CRON: {cron!r} is no schedule; five fields as cron has them are: 0 2 * * *"
        raise ConfigurationError("The environment", [mistake]) from None

"""The six phases as assets, and the vectors of what is accepted; each calls one workflow, the gated one asks first."""

# No postponed annotations here: Dagster reads the contexts' types as objects.
from collections.abc import Iterator

import dagster as dg

from schema_matching_pipeline.entrances.orchestration.checks import check_results, check_specs
from schema_matching_pipeline.entrances.orchestration.columns import COLUMNS, EMBEDDING_COLUMNS
from schema_matching_pipeline.entrances.orchestration.faults import describe, faults_as_failures
from schema_matching_pipeline.entrances.orchestration.jobs import validate
from schema_matching_pipeline.entrances.orchestration.partitions import CLIENTS
from schema_matching_pipeline.entrances.orchestration.pools import LANGUAGE_MODEL_POOL, SOURCE_POOL
from schema_matching_pipeline.entrances.orchestration.report_files import write_report
from schema_matching_pipeline.entrances.orchestration.shown import embedded, materialized
from schema_matching_pipeline.entrances.orchestration.stamp import stamp
from schema_matching_pipeline.entrances.orchestration.tags import is_begun_anew
from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.workflows.classify_columns import classify_columns
from schema_matching_pipeline.workflows.embed_mappings import embed_mappings
from schema_matching_pipeline.workflows.label_columns import label_columns
from schema_matching_pipeline.workflows.match_columns import match_columns
from schema_matching_pipeline.workflows.profile_source import profile_columns
from schema_matching_pipeline.workflows.publish_mapping import publish_mappings
from schema_matching_pipeline.workflows.require_gate import require_gate
from schema_matching_pipeline.workflows.show_validation import report_validation
from schema_matching_pipeline.workflows.validate_mappings import validate_mappings
from schema_matching_pipeline.workflows.world import Progress, World

ENGINEERS = "team:engineers"
STEWARDS = "team:stewards"


@dg.asset(
    partitions_def=CLIENTS,
    group_name="profiling",
    kinds={"python", "duckdb"},
    owners=[ENGINEERS],
    metadata=COLUMNS[Phase.COLUMN_PROFILES],
    pool=SOURCE_POOL,
)
def column_profiles(
    context: dg.AssetExecutionContext, world: dg.ResourceParam[World], progress: dg.ResourceParam[Progress]
) -> dg.MaterializeResult[None]:
    """What every column of the client's source holds: counts, types, shapes, keys; no raw value."""
    whole = is_begun_anew(context.run.tags)
    with faults_as_failures(context.retry_number):
        summary = profile_columns(
            world, context.partition_key, run=stamp(context), whole=whole, progress=progress
        )
        return materialized(summary, world.desk_address)


@dg.asset(
    partitions_def=CLIENTS,
    deps=[column_profiles],
    group_name="profiling",
    kinds={"python"},
    owners=[ENGINEERS],
    metadata=COLUMNS[Phase.QUALITY_LABELS],
)
def quality_labels(
    context: dg.AssetExecutionContext, world: dg.ResourceParam[World]
) -> dg.MaterializeResult[None]:
    """Which columns are good, and which are empty, abandoned, misused or test-only, with the evidence.

    Score of a table: the mean of its columns, where a good one counts 100, less 10 for each lesser fault, and a
    flagged one 0 unless a person overruled the label.
    """
    with faults_as_failures(context.retry_number):
        return materialized(
            label_columns(world, context.partition_key, run=stamp(context)), world.desk_address
        )


@dg.asset(
    partitions_def=CLIENTS,
    deps=[quality_labels],
    group_name="matching",
    kinds={"python"},
    owners=[ENGINEERS],
    metadata=COLUMNS[Phase.CLASSIFICATIONS],
    pool=LANGUAGE_MODEL_POOL,
)
def classifications(
    context: dg.AssetExecutionContext, world: dg.ResourceParam[World]
) -> dg.MaterializeResult[None]:
    """What every usable column means, with a confidence and its reasons."""
    with faults_as_failures(context.retry_number):
        return materialized(
            classify_columns(world, context.partition_key, run=stamp(context)), world.desk_address
        )


@dg.asset(
    partitions_def=CLIENTS,
    deps=[classifications],
    group_name="matching",
    kinds={"python"},
    owners=[ENGINEERS],
    metadata=COLUMNS[Phase.MAPPINGS],
)
def mappings(context: dg.AssetExecutionContext, world: dg.ResourceParam[World]) -> dg.MaterializeResult[None]:
    """Which canonical field every column is proposed for, how surely, and what else it could be."""
    with faults_as_failures(context.retry_number):
        return materialized(
            match_columns(world, context.partition_key, run=stamp(context)), world.desk_address
        )


@dg.asset(
    partitions_def=CLIENTS,
    deps=[mappings],
    group_name="validation",
    kinds={"python", "greatexpectations"},
    owners=[STEWARDS],
    metadata=COLUMNS[Phase.VALIDATION_REPORTS],
    pool=SOURCE_POOL,
)
def validation_reports(
    context: dg.AssetExecutionContext, world: dg.ResourceParam[World]
) -> dg.MaterializeResult[None]:
    """Whether the mappings hold on the client's own data; fills the review queue and settles the version."""
    again = (
        context.job_name != validate.name
    )  # after decisions the data are the same: only new targets are asked
    client, run = context.partition_key, stamp(context)
    with faults_as_failures(context.retry_number):
        summary = validate_mappings(world, client, run=run, again=again)
        page = write_report(context.instance, report_validation(world, client, run=run))
        return materialized(summary, world.desk_address, report=page)


@dg.asset(
    partitions_def=CLIENTS,
    deps=[validation_reports],
    group_name="production",
    kinds={"postgres"},
    owners=[STEWARDS],
    metadata=COLUMNS[Phase.PUBLISHED_MAPPINGS],
    check_specs=check_specs(Phase.PUBLISHED_MAPPINGS, blocking=True),
)
def published_mappings(
    context: dg.AssetExecutionContext, world: dg.ResourceParam[World]
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult[None]]:
    """The approved mappings in force; publishes nothing unless both gates are open at the newest version."""
    client, run = context.partition_key, stamp(context)
    # The check shows what waits even when the gate, asked next, ends the run.
    yield from check_results(world, client, Phase.PUBLISHED_MAPPINGS, run=run, releasing=True)
    with faults_as_failures(context.retry_number):
        require_gate(world, client, "final", run=run)
        summary = publish_mappings(world, client, run=run)
    yield materialized(summary, world.desk_address)


@dg.asset(
    partitions_def=CLIENTS,
    deps=[published_mappings],
    group_name="production",
    kinds={"python", "postgres"},
    owners=[ENGINEERS],
    metadata=EMBEDDING_COLUMNS,
    pool=LANGUAGE_MODEL_POOL,
    output_required=False,
)
def mapping_embeddings(
    context: dg.AssetExecutionContext, world: dg.ResourceParam[World]
) -> Iterator[dg.MaterializeResult[None]]:
    """A vector for each accepted mapping, for `smp similar`; only what is missing or stale is embedded.

    The publication stands whatever happens here: a failure is told as a warning in the run's log, nothing is
    materialised, and the next release, or materialising this asset, goes on where it ended.
    """
    try:
        outcome = embed_mappings(world, context.partition_key, run=stamp(context))
    except Exception as error:  # noqa: BLE001 - a publication is not to count as failed for want of vectors
        context.log.warning("Not embedded: %s", describe(error))
        return
    yield embedded(outcome)


ASSETS = [
    column_profiles,
    quality_labels,
    classifications,
    mappings,
    validation_reports,
    published_mappings,
    mapping_embeddings,
]

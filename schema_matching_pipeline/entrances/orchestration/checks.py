"""The checks of every phase, one result a client: figure, threshold, worst rows, what to do.

They show; they never carry the law. In *propose* none of them blocks. In *release* the publication evaluates
``nothing_pending`` itself, before it asks the gate.
"""

# No postponed annotations here: Dagster reads the contexts' types as objects.
import warnings
from collections.abc import Iterator, Mapping

import dagster as dg

from schema_matching_pipeline.entrances.orchestration.faults import describe_unexpected, place_of
from schema_matching_pipeline.entrances.orchestration.interrupts import interrupts_prevail
from schema_matching_pipeline.entrances.orchestration.jobs import release
from schema_matching_pipeline.entrances.orchestration.partitions import CLIENTS
from schema_matching_pipeline.entrances.orchestration.shown import check_result
from schema_matching_pipeline.entrances.orchestration.stamp import stamp
from schema_matching_pipeline.errors import SmpError
from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.workflows.evaluate_checks import evaluate_checks
from schema_matching_pipeline.workflows.run_state import RunStamp
from schema_matching_pipeline.workflows.world import World

CHECK_STEP = "_checks"
"""What the name of a step that evaluates checks ends with."""

OF_THE_QUEUE = frozenset({Phase.QUALITY_LABELS, Phase.CLASSIFICATIONS, Phase.MAPPINGS})
"""Phases whose checks count what waits; the queue is filled last, by the validation reports."""

CHECKS: Mapping[Phase, Mapping[str, str]] = {
    Phase.COLUMN_PROFILES: {
        "profile_complete": "Every table the source lists was read.",
        "profile_drift": "Rows, freshness and what columns hold moved no further than growth and noise explain.",
        "profile_fresh": "The profile is recent enough to stand on.",
        "source_unchanged": "The source is what it was when it was profiled before.",
    },
    Phase.QUALITY_LABELS: {
        "flagged_columns_reviewed": "Flagged columns are excluded by the trust profile or decided by a person.",
    },
    Phase.CLASSIFICATIONS: {
        "classification_threshold": "No classification is below its entity's effective threshold.",
    },
    Phase.MAPPINGS: {
        "mapping_threshold": "No mapping below its effective threshold goes unreviewed.",
        "required_fields_covered": "Every required field of a mapped entity has a column.",
    },
    Phase.VALIDATION_REPORTS: {
        "validation_demanded_passed": "Entities whose risk class demands validation passed it.",
    },
    Phase.PUBLISHED_MAPPINGS: {
        "nothing_pending": "Nothing waits for a decision before publication.",
    },
}


def check_specs(phase: Phase, *, blocking: bool = False) -> list[dg.AssetCheckSpec]:
    """The checks of a phase, partitioned by client: without that, one client's result would colour another's."""
    after = [str(Phase.VALIDATION_REPORTS)] if phase in OF_THE_QUEUE else []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return [
            dg.AssetCheckSpec(
                name,
                asset=str(phase),
                description=text,
                additional_deps=after,
                blocking=blocking,
                partitions_def=CLIENTS,
            )
            for name, text in CHECKS[phase].items()
        ]


def check_results(
    world: World, client: str, phase: Phase, *, run: RunStamp, releasing: bool
) -> tuple[dg.AssetCheckResult, ...]:
    """One result for every check of the phase, whatever happens: a check without one would let things pass.

    In a release what waits for a person counts as an error.
    """
    try:
        with interrupts_prevail():
            verdicts = evaluate_checks(world, client, phase, run=run, release=releasing)
            found = {verdict.name: check_result(verdict, world.desk_address, client) for verdict in verdicts}
    except SmpError as error:
        return _undecided(phase, str(error), "")
    except Exception as error:  # noqa: BLE001 - an entrance: a check must answer even then
        return _undecided(phase, describe_unexpected(error), place_of(error))
    missing = {result.check_name: result for result in _undecided(phase, "No verdict was given.", "")}
    return tuple(found.get(name) or missing[name] for name in CHECKS[phase])


def _undecided(phase: Phase, why: str, place: str) -> tuple[dg.AssetCheckResult, ...]:
    return tuple(
        dg.AssetCheckResult(
            check_name=name,
            asset_key=dg.AssetKey(str(phase)),
            passed=False,
            severity=dg.AssetCheckSeverity.ERROR,
            description=f"The check could not be evaluated. {why}",
            metadata={"place": dg.MetadataValue.md(f"```\n{place}\n```")} if place else {},
        )
        for name in CHECKS[phase]
    )


def _phase_checks(phase: Phase) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(
        name=f"{phase}{CHECK_STEP}",
        specs=check_specs(phase),
        can_subset=True,
        description=f"Evaluates the checks of {phase} for one client.",
    )
    def evaluate(
        context: dg.AssetCheckExecutionContext, world: dg.ResourceParam[World]
    ) -> Iterator[dg.AssetCheckResult]:
        selected = {key.name for key in context.selected_asset_check_keys}
        releasing = context.run.job_name == release.name
        for result in check_results(
            world, context.partition_key, phase, run=stamp(context), releasing=releasing
        ):
            if result.check_name in selected:
                yield result

    return evaluate


PHASE_CHECKS = [_phase_checks(phase) for phase in CHECKS if phase is not Phase.PUBLISHED_MAPPINGS]
"""The checks that run after their phase; the publication's own run inside it, before it publishes."""

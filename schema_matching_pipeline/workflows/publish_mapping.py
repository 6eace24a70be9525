"""Publishes what is approved, and learns from it."""

from __future__ import annotations

from schema_matching_pipeline.canon.figures import confidence
from schema_matching_pipeline.model.matching import MappedColumn, Publication
from schema_matching_pipeline.model.pipeline import Phase, PipelineState
from schema_matching_pipeline.model.summary import PhaseSummary, SummaryTable
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.workflows.gather_knowledge import client_thresholds
from schema_matching_pipeline.workflows.label_columns import current_profile
from schema_matching_pipeline.workflows.require_gate import require_gate
from schema_matching_pipeline.workflows.run_state import LEASE_WAIT_SECONDS, RunStamp, logged, open_client
from schema_matching_pipeline.workflows.world import World

ROWS_SHOWN = 50


def publish_mappings(world: World, client: str, *, run: RunStamp) -> PhaseSummary:
    """Publishes the newest approved version; releasing it again gives the earlier receipt and changes nothing.

    Raises:
        GateClosedError: something holds the gate; nothing was published.
    """
    started = world.clock.now()
    with logged(client, Phase.PUBLISHED_MAPPINGS, run), world.registry.lease(client, LEASE_WAIT_SECONDS):
        state = require_gate(world, client, "final", run=run)
        if state.published_version != state.version:
            _enter(world, client, run)
        with open_client(world, client, run) as unit:
            receipt = unit.publications.publish(client)
            published = unit.publications.published(client)
            if not receipt.repeated:
                _learn(world, unit, client, published)
            unit.runs.set_state(client, PipelineState.COMPLETED)
    return _summary(client, receipt, published, (world.clock.now() - started).total_seconds())


def _enter(world: World, client: str, run: RunStamp) -> None:
    """Shows the release as this run's, so that its failure is the pipeline's; a failed one goes on from the gate."""
    with open_client(world, client, run) as unit:
        profile = unit.clients.get(client).trust_profile or world.trust.default_trust_profile
        entered = unit.runs.enter(
            client, Phase.PUBLISHED_MAPPINGS, trust_profile=profile, dagster_run_id=run.dagster_run_id
        )
        if entered.state is PipelineState.FAILED:
            unit.runs.set_state(client, PipelineState.AWAITING_APPROVAL)


def _learn(world: World, unit: UnitOfWork, client: str, published: tuple[MappedColumn, ...]) -> None:
    """Names and, where they are not personal, sketches of values of what was approved, for the next run."""
    profiles = current_profile(unit, client).by_ref()
    sketches = {
        mapped.ref: sketch
        for mapped in published
        if (column := profiles.get(mapped.ref)) and not column.personal and (sketch := column.sketch)
    }
    auto_verify = client_thresholds(world, unit, client).profile.auto_verify_high_occurrence_values
    unit.value_bank.learn(client, published, sketches, auto_verify=auto_verify)


def _summary(
    client: str, receipt: Publication, published: tuple[MappedColumn, ...], seconds: float
) -> PhaseSummary:
    shown = sorted(published, key=lambda mapped: (str(mapped.target), str(mapped.ref)))[:ROWS_SHOWN]
    return PhaseSummary(
        phase=Phase.PUBLISHED_MAPPINGS,
        client=client,
        counts=(
            ("mappings_published", receipt.mappings),
            ("mapping_version", receipt.version),
            ("repeated", float(receipt.repeated)),
        ),
        tables=(
            SummaryTable(
                title="Published mappings",
                header=("column", "field", "how", "confidence"),
                rows=tuple(
                    (str(m.ref), str(m.target), str(m.disposition), confidence(m.confidence)) for m in shown
                ),
            ),
        ),
        version=f"{receipt.version}:{receipt.digest[:16]}",
        seconds=seconds,
    )

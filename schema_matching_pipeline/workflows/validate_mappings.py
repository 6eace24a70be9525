"""Puts the client's mappings to the test on its real data, opens the review, and settles the version."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from schema_matching_pipeline.errors import UsageError
from schema_matching_pipeline.model.canonical import CanonicalSchema
from schema_matching_pipeline.model.matching import MappingProposal
from schema_matching_pipeline.model.pipeline import Phase, PipelineState
from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.model.registry import ClientRecord
from schema_matching_pipeline.model.review import GateState, ReviewQueue, SpotCheck
from schema_matching_pipeline.model.source import SourceAddress
from schema_matching_pipeline.model.summary import PhaseSummary, SummaryTable
from schema_matching_pipeline.model.trust import Thresholds
from schema_matching_pipeline.model.validation import (
    ExpectationSuite,
    FindingStatus,
    SuiteResult,
    ValidationReport,
)
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.review import spot_checks
from schema_matching_pipeline.validation import plan_suite, validate_mapping
from schema_matching_pipeline.workflows.gather_knowledge import client_thresholds
from schema_matching_pipeline.workflows.label_columns import current_profile
from schema_matching_pipeline.workflows.route_columns import route_columns
from schema_matching_pipeline.workflows.run_state import RunStamp, open_client, phase
from schema_matching_pipeline.workflows.world import World

ROWS_SHOWN = 50


@dataclass(frozen=True)
class _Case:
    """What is needed to ask the questions, read in one go before the source is opened."""

    address: SourceAddress
    profile: SourceProfile
    canonical: CanonicalSchema
    thresholds: Thresholds
    suite: ExpectationSuite
    standing: ValidationReport


def validate_mappings(world: World, client: str, *, run: RunStamp, again: bool = True) -> PhaseSummary:
    """Validates accepted and suggested mappings, opens review items for what fails, and settles the version.

    With ``again`` everything is asked anew; without it only what no standing finding answers: after decisions
    the data are the same, so only new targets need asking.

    Raises:
        UsageError: an earlier phase has not run yet.
        SourceError: the source cannot be opened.
    """
    started = world.clock.now()
    with phase(world, client, Phase.VALIDATION_REPORTS, run):
        with open_client(world, client, run) as unit:
            case = _gather(world, unit, client, again=again)
        results = (
            world.suites.run(case.address, case.suite) if case.suite.expectations else SuiteResult(results=())
        )
        fresh = validate_mapping(case.suite, results, case.thresholds, world.policies.validation)
        report = ValidationReport(findings=(*case.standing.findings, *fresh.findings))
        with open_client(world, client, run) as unit:
            state = _settle(world, unit, client, report)
    return _summary(client, report, state, (world.clock.now() - started).total_seconds())


def _gather(world: World, unit: UnitOfWork, client: str, *, again: bool) -> _Case:
    record = unit.clients.get(client)
    profile, canonical = current_profile(unit, client), unit.canonical.get(record.canonical_model)
    thresholds = client_thresholds(world, unit, client)
    suite = plan_suite(
        unit.mappings.current(client),
        profile,
        canonical,
        thresholds,
        world.policies.validation,
        today=world.clock.now().date(),
    )
    standing = ValidationReport(findings=()) if again else _standing(unit, client, suite)
    answered = {finding.expectation_id for finding in standing.findings}
    asked = tuple(expectation for expectation in suite.expectations if expectation.id not in answered)
    return _Case(
        unit.sources.address(record.connection_id),
        profile,
        canonical,
        thresholds,
        ExpectationSuite(expectations=asked),
        standing,
    )


def _standing(unit: UnitOfWork, client: str, suite: ExpectationSuite) -> ValidationReport:
    wanted = {expectation.id for expectation in suite.expectations}
    known = unit.validations.current(client) or ValidationReport(findings=())
    return ValidationReport(
        findings=tuple(finding for finding in known.findings if finding.expectation_id in wanted)
    )


def _settle(world: World, unit: UnitOfWork, client: str, report: ValidationReport) -> GateState:
    """Routes with the findings known, opens what waits, and writes the version that people will approve."""
    proposal = current_proposal(unit, client)
    queue = route_columns(world, unit, client, proposal=proposal, validation=report)
    types = {ref: column.data_type for ref, column in current_profile(unit, client).by_ref().items()}
    unit.mappings.store(client, unit.runs.latest(client).id, proposal, queue, types)
    unit.reviews.sync(client, queue.items)
    unit.spot_checks.draw(client, _drawn(world, unit, client, proposal, queue))
    _, digest = unit.publications.settle_version(client)
    unit.validations.store(client, digest, report)
    unit.validations.mark_validated(client, digest)
    return enter_gate_state(unit, client)


def _drawn(
    world: World, unit: UnitOfWork, client: str, proposal: MappingProposal, queue: ReviewQueue
) -> tuple[SpotCheck, ...]:
    return spot_checks(
        client,
        queue,
        proposal,
        client_thresholds(world, unit, client),
        unit.reviews.approved_together(client),
        share=spot_check_share(world, unit.clients.get(client)),
        policy=world.policies.review,
    )


def spot_check_share(world: World, client: ClientRecord) -> float:
    """How much of what is accepted comes back: the client's own share, else the installation's."""
    own = client.spot_check_share
    return world.policies.review.spot_check_share if own is None else own


def current_proposal(unit: UnitOfWork, client: str) -> MappingProposal:
    """The client's newest proposal.

    Raises:
        UsageError: there is none yet.
    """
    proposal = unit.mappings.proposal(client)
    if proposal is None:
        raise UsageError(
            f"Nothing has been proposed for client {client!r} yet. Run `smp onboard {client}` first."
        )
    return proposal


def enter_gate_state(unit: UnitOfWork, client: str) -> GateState:
    """Sets the pipeline's state to what the gate says, and lets the policy approve where it may."""
    state = unit.publications.gate(client)
    if not state.review_open:
        unit.runs.set_state(client, PipelineState.AWAITING_REVIEW)
        return state
    unit.runs.set_state(client, PipelineState.AWAITING_APPROVAL)
    if state.published_version == state.version:
        unit.runs.set_state(client, PipelineState.COMPLETED)  # a night that changed nothing
        return state
    if unit.publications.approve_by_policy(client):
        return unit.publications.gate(client)
    return state


def _summary(client: str, report: ValidationReport, state: GateState, seconds: float) -> PhaseSummary:
    statuses = Counter(finding.status for finding in report.findings)
    failed = [finding for finding in report.findings if finding.status is not FindingStatus.PASSED]
    waiting = (*state.holding_review, *state.holding_final)
    return PhaseSummary(
        phase=Phase.VALIDATION_REPORTS,
        client=client,
        counts=(
            ("expectations", len(report.findings)),
            *((f"expectations_{status}", statuses[status]) for status in FindingStatus),
            ("items_waiting", len(state.holding_review)),
        ),
        tables=(
            SummaryTable(
                title="What does not hold",
                header=("column", "field", "finding", "failed", "tested", "status"),
                rows=tuple(
                    (str(f.ref), str(f.target), f.message, f"{f.failed:,}", f"{f.tested:,}", str(f.status))
                    for f in failed[:ROWS_SHOWN]
                ),
            ),
            SummaryTable(
                title="What waits",
                header=("kind", "what", "needed", "who may decide"),
                rows=tuple((item.kind, item.what, item.needed, item.who) for item in waiting[:ROWS_SHOWN]),
            ),
        ),
        version=f"{state.version}:{(state.digest or '')[:16]}",
        seconds=seconds,
        next_step=f"smp review list {client}"
        if state.holding_review
        else f"smp approve {client} --version {state.version}"
        if state.holding_final
        else "",
    )

"""Who runs a phase, and the pipeline state that follows from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import structlog

from schema_matching_pipeline.errors import SmpError, SourceDriftedError, StaleDecisionError
from schema_matching_pipeline.model.access import Actor, Permission, require
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.ids import RunId
from schema_matching_pipeline.model.pipeline import Phase, PipelineRun, PipelineState
from schema_matching_pipeline.registry import UnitOfWork
from schema_matching_pipeline.workflows.world import World

LEASE_WAIT_SECONDS = 30.0
_log = structlog.get_logger("smp.run")


class RunStamp(Frozen):
    """Stands in the audit for a run: the machinery's login, and the trace of whoever asked for it.

    Beside them Dagster's id of the run, and that of its first try, which is another where this is the second.
    """

    actor: str = "system:pipeline"
    dagster_run_id: str | None = None
    first_try: str | None = None
    trace_id: str | None = None

    @property
    def agent(self) -> str | None:
        """What the audit has as the program of a row that a run wrote.

        >>> RunStamp(dagster_run_id="5e0c").agent
        'dagster run 5e0c'
        """
        return f"dagster run {self.dagster_run_id}" if self.dagster_run_id else None


def open_client(world: World, client: str, run: RunStamp) -> AbstractContextManager[UnitOfWork]:
    """A unit of work in the client's tenant, signed by the run.

    Raises:
        UnknownNameError: there is no such client.
    """
    tenant = world.registry.tenant_of(client)
    return world.registry.open(tenant, run.actor, trace_id=run.trace_id, agent=run.agent)


@contextmanager
def phase(world: World, client: str, which: Phase, run: RunStamp) -> Iterator[None]:
    """The block in which one phase of one client works: alone on that client, its state shown, the log told of it.

    Raises:
        ClientBusyError: another run holds the client.
    """
    with logged(client, which, run), world.registry.lease(client, LEASE_WAIT_SECONDS):
        with open_client(world, client, run) as unit:
            profile = unit.clients.get(client).trust_profile or world.trust.default_trust_profile
            unit.runs.enter(client, which, trust_profile=profile, dagster_run_id=run.dagster_run_id)
        yield


@contextmanager
def logged(client: str, which: Phase, run: RunStamp) -> Iterator[None]:
    """The block in which every line of the log bears the trace of the run; its begin and its end are told."""
    with structlog.contextvars.bound_contextvars(
        trace_id=run.trace_id, run_id=run.dagster_run_id, client=client, phase=str(which)
    ):
        _log.info("phase_began")
        try:
            yield
        except Exception as error:
            _log.info(
                "phase_failed", code=error.code if isinstance(error, SmpError) else type(error).__name__
            )
            raise
        _log.info("phase_ended")


def fail_run(
    world: World, client: str, failed_phase: Phase | None, code: str, message: str, run: RunStamp
) -> None:
    """Marks the client's pipeline as failed, with the phase and the error."""
    with open_client(world, client, run) as unit:
        unit.runs.fail(client, failed_phase, code, message, run.dagster_run_id, first_try=run.first_try)


def fail_at_start(world: World, client: str, code: str, message: str, run: RunStamp) -> None:
    """Marks the client's pipeline as failed where a run that was to begin it ended before its first phase."""
    with open_client(world, client, run) as unit:
        profile = unit.clients.get(client).trust_profile or world.trust.default_trust_profile
        unit.runs.fail_at_start(client, profile, code, message, run.dagster_run_id, first_try=run.first_try)


def phase_to_resume(world: World, unit: UnitOfWork, client: str) -> Phase | None:
    """The phase from which the client's failed pipeline goes on; None where there is nothing to go on from."""
    failed_in = failed_phase(unit.runs.latest_or_none(client))
    return failed_in if failed_in and still_counts(world, unit, client) else None


def newest_run(unit: UnitOfWork, actor: Actor, permission: Permission, run_id: str) -> PipelineRun:
    """The run, which must be the newest of a client that the actor may do this to.

    Raises:
        UnknownNameError: the tenant has no such run.
        NotAllowedError: the actor may not.
        StaleDecisionError: the client has a newer one.
    """
    run = unit.runs.get(RunId(run_id))
    require(actor, permission, run.client)
    newest = unit.runs.latest(run.client)
    if newest.id != run.id:
        raise StaleDecisionError(
            f"Client {run.client!r} has a newer run, {newest.id}, which is {newest.state}. Look at that one."
        )
    return run


def still_counts(world: World, unit: UnitOfWork, client: str) -> bool:
    """Whether the client has the source and the trust profile that its newest run began with.

    Where either was changed since, what the run has made is no ground for another phase.
    """
    run = unit.runs.latest_or_none(client)
    profile = unit.clients.get(client).trust_profile or world.trust.default_trust_profile
    return run is not None and unit.runs.begun_as_now(run.id, profile)


def was_begun(world: World, client: str) -> bool:
    """Whether any run of the client was ever begun; the first one begins when somebody asks for it."""
    with open_client(world, client, RunStamp()) as unit:
        return unit.runs.latest_or_none(client) is not None


def failed_phase(run: PipelineRun | None) -> Phase | None:
    """The phase in which the run failed, if what came before it still stands.

    Where the source has changed since it was profiled, only a new profile helps.
    """
    if run is None or run.state is not PipelineState.FAILED or run.error_code == SourceDriftedError.code:
        return None
    return run.failed_phase

"""Pipeline runs: where each client's pipeline stands, as people see it."""

from __future__ import annotations

from pydantic import TypeAdapter

from schema_matching_pipeline.errors import RunCancelledError, UnknownNameError
from schema_matching_pipeline.model.ids import ClientId, RunId
from schema_matching_pipeline.model.pipeline import STATE_OF_PHASE, Phase, PipelineRun, PipelineState
from schema_matching_pipeline.registry.transaction import Row, Transaction

_RUNS = TypeAdapter(tuple[PipelineRun, ...])

_SELECT = """
select id::text, client, state, trust_profile, phase, dagster_run_id, failed_phase, error_code, error,
       started_at, updated_at
from smp.pipeline_runs
"""
_NEWEST_FIRST = "order by started_at desc, id"

# One question, since others wait to decide meanwhile.
_STANDING = f"""
select state, exists (
    select from smp.review_items i where i.client = :client and i.state in ('open', 'awaiting_second')) as waits
from smp.pipeline_runs where client = :client {_NEWEST_FIRST} limit 1
"""

_START = """
insert into smp.pipeline_runs (client, trust_profile, dagster_run_id, started_at)
values (:client, :profile, :dagster, clock_timestamp()) returning id::text
"""

_ENTER = """
update smp.pipeline_runs
set state = coalesce(:state, state), phase = :phase, trust_profile = coalesce(:profile, trust_profile), dagster_run_id = coalesce(:dagster, dagster_run_id),
    failed_phase = null, error_code = null, error = null, finished_at = null
where id = cast(:run as uuid)
"""

_SET_STATE = """
update smp.pipeline_runs
set state = :state, finished_at = case when :finished then now() end where id = cast(:run as uuid)
"""

_FAIL = """
update smp.pipeline_runs
set state = 'failed', failed_phase = coalesce(:phase, phase), error_code = :code, error = :message,
    dagster_run_id = coalesce(:dagster, dagster_run_id), finished_at = now()
where id = cast(:run as uuid)
"""

_BEGUN_AS_NOW = """
select source_digest = smp.source_digest(client) and trust_profile = :profile as as_now
from smp.pipeline_runs where id = cast(:run as uuid)
"""

_OVER = (PipelineState.COMPLETED, PipelineState.FAILED)
_TO_BE_TAKEN_UP = (PipelineState.PENDING, PipelineState.FAILED)


class Runs:
    """The pipeline runs of a tenant's clients."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def start(
        self, client: ClientId, trust_profile: str, *, dagster_run_id: str | None = None
    ) -> PipelineRun:
        """A new run, pending."""
        started = self._transaction.one(_START, client=client, profile=trust_profile, dagster=dagster_run_id)
        return self.get(RunId(started["id"]))

    def enter(
        self,
        client: ClientId,
        phase: Phase,
        *,
        trust_profile: str,
        dagster_run_id: str | None = None,
    ) -> PipelineRun:
        """The client's run, in that phase now.

        Profiling begins a new run, unless one is pending, has failed, or is this very run of the
        orchestrator, and takes the trust profile given; every other phase goes on with the newest run.

        Raises:
            IllegalTransitionError: the phase may not follow the present state.
            RunCancelledError: somebody cancelled this very run of the orchestrator.
        """
        run = self._taken_up(client, phase, dagster_run_id) or self.start(client, trust_profile)
        if dagster_run_id and is_cancelled(run, dagster_run_id):
            raise RunCancelledError(client, run.error or "The run was cancelled.")
        self._transaction.run(
            _ENTER,
            run=run.id,
            state=STATE_OF_PHASE.get(phase),
            phase=phase,
            profile=trust_profile if phase is Phase.COLUMN_PROFILES else None,
            dagster=dagster_run_id,
        )
        return self.get(RunId(run.id))

    def set_state(self, client: ClientId, state: PipelineState) -> PipelineRun:
        """The client's newest run, in that state now.

        Raises:
            IllegalTransitionError: the state may not follow the present one.
            UnknownNameError: the client never had a run.
        """
        run = self.latest(client)
        self._transaction.run(_SET_STATE, run=run.id, state=state, finished=state in _OVER)
        return self.get(RunId(run.id))

    def fail(
        self,
        client: ClientId,
        phase: Phase | None,
        code: str,
        message: str,
        dagster_run_id: str | None,
        *,
        first_try: str | None = None,
    ) -> None:
        """Marks the client's newest run as failed; a late word about an earlier run of the orchestrator is ignored.

        That it was cancelled stands as it was said first, with who did.

        Where ``first_try`` is what the newest run knows, its second try ended before it entered a phase.
        """
        run = self.latest_or_none(client)
        if run is None or not _concerns(run, dagster_run_id, first_try):
            return
        if code == run.error_code == RunCancelledError.code:
            return
        self._fail(run, phase, code, message, dagster_run_id)

    def fail_at_start(
        self,
        client: ClientId,
        trust_profile: str,
        code: str,
        message: str,
        dagster_run_id: str | None,
        *,
        first_try: str | None = None,
    ) -> None:
        """Marks as failed what was to begin with profiling and ended before it: a new run, unless one is pending."""
        run = self.latest_or_none(client)
        if run is None or not _begun_by(run, dagster_run_id, first_try):
            run = self.start(client, trust_profile)
        phase = None if run.phase else Phase.COLUMN_PROFILES
        self._fail(run, phase, code, message, dagster_run_id)

    def _fail(
        self, run: PipelineRun, phase: Phase | None, code: str, message: str, dagster_run_id: str | None
    ) -> None:
        self._transaction.run(
            _FAIL, run=run.id, phase=phase, code=code, message=message, dagster=dagster_run_id
        )

    def begun_as_now(self, run_id: RunId, trust_profile: str) -> bool:
        """Whether profiling of the run began with the source that its client has now, and under that profile."""
        row = self._transaction.row(_BEGUN_AS_NOW, run=run_id, profile=trust_profile)
        return row is not None and bool(row["as_now"])

    def active(self, client: ClientId) -> PipelineRun | None:
        """The newest run while it is neither completed nor failed."""
        run = self.latest_or_none(client)
        return None if run is None or run.state in _OVER else run

    def latest(self, client: ClientId) -> PipelineRun:
        """The newest run.

        Raises:
            UnknownNameError: the client never had one.
        """
        run = self.latest_or_none(client)
        if run is None:
            raise self._unknown(client)
        return run

    def standing(self, client: ClientId) -> tuple[PipelineState, bool]:
        """The state of the newest run, and whether an item of the client waits for a person.

        Raises:
            UnknownNameError: the client never had a run.
        """
        row = self._transaction.row(_STANDING, client=client)
        if row is None:
            raise self._unknown(client)
        return PipelineState(row["state"]), bool(row["waits"])

    def latest_or_none(self, client: ClientId) -> PipelineRun | None:
        """The newest run, or None where the client never had one."""
        rows = self._transaction.rows(
            f"{_SELECT} where client = :client {_NEWEST_FIRST} limit 1", client=client
        )
        return next(iter(_runs(*rows)), None)

    def get(self, run_id: RunId) -> PipelineRun:
        """One run.

        Raises:
            UnknownNameError: the tenant has none of that id.
        """
        row = self._transaction.row(f"{_SELECT} where id::text = :id", id=run_id)
        if row is None:
            raise UnknownNameError("pipeline run", run_id, ())
        return _runs(row)[0]

    def list(self, client: ClientId | None = None) -> tuple[PipelineRun, ...]:
        """All runs of a client, or of all clients, newest first."""
        rows = self._transaction.rows(
            f"{_SELECT} where cast(:client as text) is null or client = :client {_NEWEST_FIRST}",
            client=client,
        )
        return _runs(*rows)

    def _unknown(self, client: ClientId) -> UnknownNameError:
        return UnknownNameError("pipeline run of client", client, (), hint=f"Run `smp onboard {client}`.")

    def _taken_up(self, client: ClientId, phase: Phase, dagster_run_id: str | None) -> PipelineRun | None:
        run = self.latest_or_none(client)
        if run is None or phase is not Phase.COLUMN_PROFILES or run.state in _TO_BE_TAKEN_UP:
            return run
        return run if dagster_run_id and run.dagster_run_id == dagster_run_id else None


def is_cancelled(run: PipelineRun, dagster_run_id: str) -> bool:
    """Whether somebody cancelled the run while that run of the orchestrator worked on it."""
    return run.error_code == RunCancelledError.code and run.dagster_run_id == dagster_run_id


def _concerns(run: PipelineRun, dagster_run_id: str | None, first_try: str | None) -> bool:
    known = run.dagster_run_id
    return known is None or dagster_run_id is None or known in {dagster_run_id, first_try}


def _begun_by(run: PipelineRun, dagster_run_id: str | None, first_try: str | None) -> bool:
    return run.state is PipelineState.PENDING or run.dagster_run_id in {dagster_run_id, first_try}


def _runs(*rows: Row) -> tuple[PipelineRun, ...]:
    return _RUNS.validate_python([dict(row) for row in rows])

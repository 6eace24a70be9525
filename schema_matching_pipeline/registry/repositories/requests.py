"""Run requests: what somebody, or the gate, wants the orchestrator to run, and what became of it."""

from __future__ import annotations

from pydantic import TypeAdapter

from schema_matching_pipeline.errors import UnknownNameError
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.pipeline import RequestKind
from schema_matching_pipeline.model.registry import Job, RequestState, RunRequest
from schema_matching_pipeline.registry.transaction import Row, Transaction

_REQUESTS = TypeAdapter(tuple[RunRequest, ...])
_COLUMNS = "id::text, client, kind, state, run_key, attempt, requested_by"

# Requests of one client are written one after the other, so that no two get the same key. What people ask to be
# validated has keys of its own: the gate's are those of versions, and each is launched once.
_LOCK = "select slug from smp.clients where slug = :client for no key update"

_OPEN = f"""
select {_COLUMNS} from smp.run_requests
where client = :client and state = 'open' and (kind = :kind or :kind = 'onboard' and kind = 'reprofile')
order by requested_at limit 1
"""

_ADD = f"""
insert into smp.run_requests (client, kind, run_key, attempt, version, requested_by, trace_id)
select :client, :kind,
       case when :kind = 'release' then format('release:%s:%s:%s', :client, newest.version, known.attempts + 1)
            when :kind = 'validate' then format('validate:%s:asked:%s', :client, known.requests + 1)
            else format('%s:%s:%s', :kind, :client, known.requests + 1) end,
       case when :kind = 'release' then known.attempts + 1 else 1 end,
       case when :kind = 'release' then newest.version end, :by, nullif(current_setting('smp.trace_id', true), '')
from (select coalesce(max(version), 0) as version from smp.mapping_versions where client = :client) as newest,
     lateral (select count(*) as requests,
                     coalesce(max(attempt) filter (where version = newest.version), 0) as attempts
              from smp.run_requests where client = :client and kind = :kind) as known
returning {_COLUMNS}
"""

_NOTE = """
insert into smp.run_requests (client, kind, run_key, attempt, version, requested_by)
values (:client, :kind, :key, :attempt, :version, :by) on conflict (tenant_id, run_key) do nothing
"""

_MARK = f"""
update smp.run_requests
set state = :state, dagster_run_id = coalesce(:dagster, dagster_run_id), error_code = :code, error = :error,
    retryable = :retryable, finished_at = case when :finished then now() end,
    pipeline_run_id = coalesce(pipeline_run_id, (
        select r.id from smp.pipeline_runs r where r.client = run_requests.client
        order by r.started_at desc, r.id limit 1))
where run_key = :key
returning {_COLUMNS}
"""

# What waits has no word for being under way: the client's run at work since tells it.
_JOB = """
select q.id::text as job_id, q.client, q.kind, q.requested_by, q.requested_at as started_at, q.finished_at,
       coalesce(q.pipeline_run_id, latest.id)::text as run_id, q.error_code, q.error,
       case q.state when 'done' then 'completed' when 'open' then case when latest.id is null then 'pending' else 'running' end
           else q.state end as status
from smp.run_requests q
     left join lateral (
         select r.id from smp.pipeline_runs r
         where r.client = q.client and q.state = 'open' and r.updated_at > q.requested_at
           and r.state in ('profiling', 'quality_check', 'classifying', 'matching', 'validating')
         order by r.started_at desc limit 1) latest on true
where q.id::text = :id
"""

_UNFINISHED = (RequestState.OPEN, RequestState.RUNNING)


class Requests:
    """The run requests of a tenant's clients."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, client: ClientId, kind: RequestKind, requested_by: str) -> RunRequest:
        """The open request of that kind; the one that waits already, where there is one, for as much or for more.

        Raises:
            UnknownNameError: the tenant has no such client.
        """
        if self._transaction.row(_LOCK, client=client) is None:
            known = self._transaction.rows("select slug from smp.clients")
            raise UnknownNameError("client", client, (str(row["slug"]) for row in known))
        waiting = self._transaction.row(_OPEN, client=client, kind=kind)
        if waiting is not None:
            return _request(waiting)
        return _request(self._transaction.one(_ADD, client=client, kind=kind, by=requested_by))

    def mark(
        self,
        run_key: str,
        state: RequestState,
        *,
        dagster_run_id: str | None = None,
        error_code: str | None = None,
        error: str | None = None,
        retryable: bool = False,
    ) -> RunRequest:
        """The request of that key, in that state now. What a gate asked for by itself is written down first.

        A release that failed for a reason that may pass is asked for again, as long as ``retryable`` says so.
        """
        self._note(run_key)
        marked = self._transaction.one(
            _MARK,
            key=run_key,
            state=state,
            dagster=dagster_run_id,
            code=error_code,
            error=error,
            retryable=retryable,
            finished=state not in _UNFINISHED,
        )
        return _request(marked)

    def get(self, run_key: str) -> RunRequest | None:
        """The request of that key, or None where none was written down."""
        row = self._transaction.row(
            f"select {_COLUMNS} from smp.run_requests where run_key = :key", key=run_key
        )
        return None if row is None else _request(row)

    def job(self, job_id: str) -> Job:
        """The request of that id, as programs follow it.

        Raises:
            UnknownNameError: the tenant has none of that id.
        """
        row = self._transaction.row(_JOB, id=job_id)
        if row is None:
            raise UnknownNameError("job", job_id, ())
        return Job.model_validate(dict(row))

    def list(self, client: ClientId) -> tuple[RunRequest, ...]:
        """All requests about a client, newest first."""
        rows = self._transaction.rows(
            f"select {_COLUMNS} from smp.run_requests where client = :client order by requested_at desc, run_key",
            client=client,
        )
        return _REQUESTS.validate_python([dict(row) for row in rows])

    def _note(self, run_key: str) -> None:
        """Keys of the gate say all there is: kind:client:version:attempt."""
        kind, client, *figures = run_key.split(":")
        is_versioned = kind in {RequestKind.RELEASE, RequestKind.VALIDATE} and figures[0].isdigit()
        self._transaction.run(
            _NOTE,
            key=run_key,
            kind=kind,
            client=client,
            version=int(figures[0]) if is_versioned else None,
            attempt=int(figures[1]) if kind == RequestKind.RELEASE else 1,
            by=self._transaction.actor,
        )


def _request(row: Row) -> RunRequest:
    return RunRequest.model_validate(dict(row))

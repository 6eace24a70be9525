from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import NullPool, event

from schema_matching_pipeline.errors import ClientBusyError, IllegalTransitionError, UnknownNameError
from schema_matching_pipeline.model.ids import RunId
from schema_matching_pipeline.model.pipeline import Phase, PipelineState, RequestKind
from schema_matching_pipeline.model.registry import RequestState
from schema_matching_pipeline.registry import Registry
from schema_matching_pipeline_tests.registry.office import KEY, STEWARD, make_office, routed


def enter(office, phase=Phase.COLUMN_PROFILES, dagster=None):
    with office.open() as unit:
        return unit.runs.enter("acme", phase, trust_profile="standard", dagster_run_id=dagster)


def set_state(office, state):
    with office.open() as unit:
        return unit.runs.set_state("acme", state)


def test_profiling_begins_a_run_and_the_other_phases_go_on_with_it(office):
    first = enter(office, dagster="d1")
    assert (first.state, first.phase, first.dagster_run_id, first.trust_profile) == (
        PipelineState.PROFILING,
        Phase.COLUMN_PROFILES,
        "d1",
        "standard",
    )
    second = enter(office, Phase.QUALITY_LABELS)
    assert (second.id, second.state, second.dagster_run_id) == (first.id, PipelineState.QUALITY_CHECK, "d1")
    with office.open() as unit:
        assert unit.runs.latest("acme") == unit.runs.active("acme") == unit.runs.get(RunId(second.id))


def test_profiling_again_is_a_new_run_unless_it_is_the_same_run_of_the_orchestrator(office):
    first = enter(office, dagster="d1")
    assert enter(office, dagster="d1").id == first.id
    second = enter(office, dagster="d2")
    assert second.id != first.id
    with office.open() as unit:
        assert [run.id for run in unit.runs.list("acme")] == [second.id, first.id]


def test_a_pending_run_is_taken_up(office):
    with office.open() as unit:
        pending = unit.runs.start("acme", "standard")
    assert pending.state is PipelineState.PENDING
    assert enter(office).id == pending.id


def test_a_failed_run_keeps_its_phase_and_error_until_it_goes_on(office):
    run = enter(office, Phase.COLUMN_PROFILES, dagster="d1")
    with office.open() as unit:
        unit.runs.fail("acme", None, "SOURCE_UNREACHABLE", "no answer", "d1")
        failed = unit.runs.latest("acme")
        assert unit.runs.active("acme") is None
    assert (failed.state, failed.failed_phase, failed.error_code, failed.error) == (
        PipelineState.FAILED,
        Phase.COLUMN_PROFILES,
        "SOURCE_UNREACHABLE",
        "no answer",
    )
    again = enter(office, dagster="d2")
    assert (again.id, again.failed_phase, again.error) == (run.id, None, None)


def test_a_second_try_that_ended_before_its_first_phase_fails_the_run_of_the_first(office):
    with office.open() as unit:
        unit.runs.enter("acme", Phase.COLUMN_PROFILES, trust_profile="standard", dagster_run_id="d1")
        unit.runs.fail("acme", None, "WORKER_LOST", "killed", "d2", first_try="d1")
        failed = unit.runs.latest("acme")
    assert (failed.state, failed.failed_phase, failed.dagster_run_id) == (
        PipelineState.FAILED,
        Phase.COLUMN_PROFILES,
        "d2",
    )


def test_a_late_word_about_an_earlier_run_of_the_orchestrator_is_ignored(office):
    enter(office, dagster="d1")
    enter(office, dagster="d2")
    with office.open() as unit:
        unit.runs.fail("acme", Phase.COLUMN_PROFILES, "INTERNAL", "killed", "d1")
        assert unit.runs.latest("acme").state is PipelineState.PROFILING


def test_a_failure_before_the_first_run_has_nothing_to_mark(office):
    with office.open() as unit:
        unit.runs.fail("acme", None, "INTERNAL", "killed", None)
        assert unit.runs.latest_or_none("acme") is None
        with pytest.raises(UnknownNameError, match="smp onboard acme"):
            unit.runs.latest("acme")


def test_what_ended_before_its_first_phase_is_a_failed_run_of_its_own(office):
    earlier = enter(office, Phase.COLUMN_PROFILES, dagster="d1")
    with office.open() as unit:
        for dagster in ("d2", "d2"):  # told twice, marked once
            unit.runs.fail_at_start("acme", "standard", "WORKER_LOST", "killed", dagster)
        failed, *others = unit.runs.list("acme")
    assert [run.id for run in others] == [earlier.id]
    assert (failed.state, failed.failed_phase, failed.dagster_run_id) == (
        PipelineState.FAILED,
        Phase.COLUMN_PROFILES,
        "d2",
    )
    assert enter(office, dagster="d3").id == failed.id


def test_a_second_try_that_ended_before_its_first_phase_leaves_where_the_first_one_stood(office):
    enter(office, Phase.COLUMN_PROFILES, dagster="d1")
    enter(office, Phase.QUALITY_LABELS, dagster="d1")
    with office.open() as unit:
        unit.runs.fail_at_start("acme", "standard", "WORKER_LOST", "killed", "d2", first_try="d1")
        (failed,) = unit.runs.list("acme")
    assert failed.failed_phase is Phase.QUALITY_LABELS


def test_a_state_that_may_not_follow_is_refused(office):
    enter(office)
    with pytest.raises(IllegalTransitionError, match="is profiling and cannot become completed"):
        set_state(office, PipelineState.COMPLETED)


def test_a_request_waits_once_and_has_a_key_of_its_own_each_time(office):
    with office.open() as unit:
        first = unit.requests.add("acme", RequestKind.ONBOARD, STEWARD)
        assert unit.requests.add("acme", RequestKind.ONBOARD, "another") == first
        unit.requests.mark(first.run_key, RequestState.DONE)
        second = unit.requests.add("acme", RequestKind.ONBOARD, STEWARD)
        other = unit.requests.add("acme", RequestKind.REPROFILE, STEWARD)
        assert unit.requests.list("acme")[0].client == "acme"
    assert (first.run_key, second.run_key, other.run_key) == (
        "onboard:acme:1",
        "onboard:acme:2",
        "reprofile:acme:1",
    )
    assert (first.state, first.requested_by, first.kind) == (
        RequestState.OPEN,
        STEWARD,
        RequestKind.ONBOARD,
    )


def test_who_asks_for_a_run_is_answered_by_one_that_does_all_of_it_again(office):
    with office.open() as unit:
        again = unit.requests.add("acme", RequestKind.REPROFILE, STEWARD)
        assert unit.requests.add("acme", RequestKind.ONBOARD, STEWARD) == again
        unit.requests.mark(again.run_key, RequestState.DONE)
        assert unit.requests.add("acme", RequestKind.ONBOARD, STEWARD).kind is RequestKind.ONBOARD
        assert unit.requests.add("acme", RequestKind.REPROFILE, STEWARD).kind is RequestKind.REPROFILE


def test_a_validation_that_somebody_asks_for_never_has_the_key_of_the_gate_s_own(office):
    with office.open() as unit:
        unit.requests.mark("validate:acme:2", RequestState.DONE)  # the gate's, of version 2
        keys = []
        for _ in range(3):
            asked = unit.requests.add("acme", RequestKind.VALIDATE, STEWARD)
            unit.requests.mark(asked.run_key, RequestState.DONE)
            keys.append(asked.run_key)
    assert keys == ["validate:acme:asked:2", "validate:acme:asked:3", "validate:acme:asked:4"]


def test_a_request_about_an_unknown_client_lists_the_known(office):
    with office.open() as unit, pytest.raises(UnknownNameError, match="Known: acme"):
        unit.requests.add("acmee", RequestKind.ONBOARD, STEWARD)


def test_requests_made_at_the_same_moment_become_one(office):
    def ask(_):
        with office.open() as unit:
            return unit.requests.add("acme", RequestKind.REPROFILE, STEWARD).run_key

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(ask, range(8))) == {"reprofile:acme:1"}


def queue(office):
    return [(item.client, item.kind, item.run_key, item.attempt) for item in office.registry.work_queue()]


def test_the_work_of_all_tenants_is_due_under_keys_that_do_not_change(office, registry, app_url):
    strangers = make_office(registry, app_url, "strangers")
    strangers.add_client("globex")
    with office.open() as unit:
        unit.requests.add("acme", RequestKind.ONBOARD, STEWARD)
    with strangers.open() as unit:
        unit.requests.add("globex", RequestKind.ONBOARD, STEWARD)
    due = [
        ("acme", RequestKind.ONBOARD, "onboard:acme:1", 1),
        ("globex", RequestKind.ONBOARD, "onboard:globex:1", 1),
    ]
    assert queue(office) == due
    assert queue(office) == due


def test_what_runs_or_is_done_is_no_longer_due(office):
    with office.open() as unit:
        unit.requests.add("acme", RequestKind.ONBOARD, STEWARD)
    enter(office)
    with office.open() as unit:
        unit.requests.mark("onboard:acme:1", RequestState.RUNNING, dagster_run_id="d1")
    assert queue(office) == []


def test_an_inactive_client_has_no_work(office):
    with office.open() as unit:
        unit.requests.add("acme", RequestKind.ONBOARD, STEWARD)
        unit.clients.set_active("acme", active=False)
    assert queue(office) == []


def to_the_open_gate(office):
    """Everything accepted, validated and approved; only the release is missing."""
    enter(office)
    for phase in (Phase.QUALITY_LABELS, Phase.CLASSIFICATIONS, Phase.MAPPINGS, Phase.VALIDATION_REPORTS):
        enter(office, phase)
    office.propose(routed("id", "patient.patient_id"))
    version, digest = office.validate()
    set_state(office, PipelineState.AWAITING_APPROVAL)
    with office.open(STEWARD) as unit:
        unit.publications.approve_final("acme", version, digest, "")


def test_a_gate_that_opens_makes_a_release_due_and_a_failed_one_is_tried_three_times(office):
    to_the_open_gate(office)
    for attempt in (1, 2, 3):
        key = f"release:acme:1:{attempt}"
        assert queue(office) == [("acme", RequestKind.RELEASE, key, attempt)]
        with office.open() as unit:
            failed = unit.requests.mark(
                key, RequestState.FAILED, error_code="REGISTRY_BUSY", error="busy", retryable=True
            )
        assert (failed.attempt, failed.requested_by) == (attempt, "system:pipeline")
    assert queue(office) == []
    with office.open() as unit:
        assert unit.requests.add("acme", RequestKind.RELEASE, STEWARD).run_key == "release:acme:1:4"


def test_a_release_that_failed_for_good_is_not_tried_again(office):
    to_the_open_gate(office)
    with office.open() as unit:
        unit.requests.mark("release:acme:1:1", RequestState.FAILED, error_code="INTERNAL")
    assert queue(office) == []


def test_a_published_version_is_no_longer_due(office):
    to_the_open_gate(office)
    with office.open("system:release") as unit:
        unit.publications.publish("acme")
    assert queue(office) == []


def test_a_client_is_leased_to_one_connection_at_a_time(office, registry, app_url):
    other = Registry(app_url, secret_key=KEY)
    with registry.lease("acme"):
        with pytest.raises(ClientBusyError, match="'acme' is being worked on"), other.lease("acme"):
            raise AssertionError
        with pytest.raises(ClientBusyError), other.lease("acme", 0.2):
            raise AssertionError
        with other.lease("globex"):
            pass
    with other.lease("acme"):
        pass
    other.close()


ADVISORY = """
from pg_locks join pg_database on oid = database where locktype = 'advisory' and datname = current_database()
"""


def test_a_lease_is_given_back_before_its_connection_closes(office, registry, registry_database):
    """The server frees what a closed connection held a moment later: too late for a command right after another."""
    held = []

    def look(*_closing):
        with psycopg.connect(registry_database.superuser_url.replace("+psycopg", "")) as administrator:
            held.append(administrator.execute(f"select count(*) {ADVISORY}").fetchone())

    with registry.lease("acme"):
        look()
        event.listen(NullPool, "close", look)
    event.remove(NullPool, "close", look)
    assert held == [(1,), (0,)]


def test_a_lease_whose_connection_was_lost_ends_quietly_and_is_free(office, registry, registry_database):
    with (
        registry.lease("acme"),
        psycopg.connect(registry_database.superuser_url.replace("+psycopg", "")) as administrator,
    ):
        ended = administrator.execute(f"select pg_terminate_backend(pid, 30000) {ADVISORY}").fetchall()
    assert ended == [(True,)]
    with registry.lease("acme"):
        pass


def test_a_lease_is_waited_for(office, registry, app_url):
    other = Registry(app_url, secret_key=KEY)

    def wait_for_it():
        with other.lease("acme", 120):
            return True

    with ThreadPoolExecutor(1) as pool:
        with registry.lease("acme"):
            waiting = pool.submit(wait_for_it)
        assert waiting.result(timeout=120)
    other.close()

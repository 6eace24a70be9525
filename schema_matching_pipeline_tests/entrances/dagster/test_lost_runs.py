from __future__ import annotations

import subprocess
import sys
from time import time

import dagster as dg
import pytest

from schema_matching_pipeline.entrances.orchestration.lost_runs import (
    Worker,
    report_lost_runs,
    this_process,
)
from schema_matching_pipeline.entrances.orchestration.tags import WORKER
from schema_matching_pipeline.entrances.orchestration.work import stored_run
from schema_matching_pipeline_tests.entrances.dagster.installation import Installation


def test_a_run_whose_process_is_gone_is_reported_as_failed(installation: Installation):
    with installation.dagster() as instance:
        run = _running(instance, {WORKER: _ended_process().as_tag()})
        assert run.run_id in {lost.run_id for lost in report_lost_runs(instance)}
        assert stored_run(instance, run.run_id).status is dg.DagsterRunStatus.FAILURE


def test_a_run_whose_process_lives_is_left_alone(installation: Installation):
    with installation.dagster() as instance:
        run = _running(instance, {WORKER: this_process().as_tag()})
        assert run.run_id not in {lost.run_id for lost in report_lost_runs(instance)}
        assert stored_run(instance, run.run_id).status is dg.DagsterRunStatus.STARTED
        instance.report_run_failed(run)


def test_a_run_nobody_claims_is_left_to_its_own_launcher(installation: Installation):
    with installation.dagster() as instance:
        run = _running(instance, {})
        assert run.run_id not in {lost.run_id for lost in report_lost_runs(instance)}
        instance.report_run_failed(run)


def test_a_process_number_given_to_somebody_else_is_no_life():
    here = this_process()
    assert Worker(here.host, here.pid, here.since - 3600).is_gone()
    assert not here.is_gone()


def test_a_process_of_another_machine_is_not_judged():
    ended = _ended_process()
    assert ended.is_gone()
    assert not Worker("another-machine", ended.pid, ended.since).is_gone()


@pytest.mark.parametrize("host", ["plain", "with:colon"])
def test_a_worker_survives_its_tag(host):
    worker = Worker(host, 17, 1_700_000_000.0)
    read_back = worker.as_tag().rsplit(":", 2)
    assert read_back == [host, "17", "1700000000"]


def _running(instance: dg.DagsterInstance, tags: dict[str, str]) -> dg.DagsterRun:
    return instance.create_run_for_job(_idle, tags=tags, status=dg.DagsterRunStatus.STARTED)


def _ended_process() -> Worker:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return Worker(this_process().host, ended.pid, time())


@dg.op
def _nothing() -> None:
    """Does nothing."""


@dg.job
def _idle() -> None:
    _nothing()

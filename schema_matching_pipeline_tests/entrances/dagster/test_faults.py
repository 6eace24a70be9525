from __future__ import annotations

import re
from datetime import date

import dagster as dg
import pytest

from schema_matching_pipeline.entrances.orchestration import faults
from schema_matching_pipeline.entrances.orchestration.faults import faults_as_failures
from schema_matching_pipeline.errors import (
    ClientBusyError,
    GateClosedError,
    RegistryUnavailableError,
    SourceRefusedError,
    SourceUnreachableError,
)


@pytest.mark.parametrize(
    "fault",
    [
        SourceRefusedError("The source of acme refused the password."),
        GateClosedError("acme", "final", ["item 7: needs a steward"]),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_what_will_not_pass_fails_at_once(fault):
    failure = _failure_of(fault)
    assert failure.allow_retries is False
    assert failure.description == str(fault)
    assert failure.metadata["code"].value == type(fault).code


@pytest.mark.parametrize(
    "fault",
    [
        SourceUnreachableError("No answer from the source of acme."),
        RegistryUnavailableError("The registry does not answer."),
        ClientBusyError("acme"),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_what_may_pass_is_tried_again_later_and_later(fault):
    waits = []
    for attempt in range(3):
        with pytest.raises(dg.RetryRequested) as caught, faults_as_failures(attempt):
            raise fault
        assert caught.value.max_retries == 3
        assert isinstance(caught.value.__cause__, dg.Failure)
        assert caught.value.__cause__.description == str(fault)
        waits.append(caught.value.seconds_to_wait or 0)
    assert 0 <= waits[0] <= 2 <= waits[1] <= 4 < waits[2] <= 8


@pytest.mark.parametrize(
    ("fault", "tries", "success"),
    [
        (SourceUnreachableError("No answer from the source of acme."), 3, True),
        (SourceRefusedError("The source of acme refused the password."), 1, False),
    ],
    ids=["what may pass", "what will not"],
)
def test_a_run_tries_again_only_what_may_pass(monkeypatch, fault, tries, success):
    monkeypatch.setattr(faults, "BACK_OFF", dg.RetryPolicy(max_retries=3, delay=0.01))
    tried: list[int] = []

    @dg.asset
    def fragile() -> None:
        attempt = dg.AssetExecutionContext.get().retry_number
        with faults_as_failures(attempt):
            tried.append(attempt)
            if len(tried) < 3:
                raise fault

    result = dg.materialize([fragile], instance=dg.DagsterInstance.ephemeral(), raise_on_error=False)
    assert (tried, result.success) == (list(range(tries)), success)


def test_the_last_try_says_what_the_fault_was(monkeypatch):
    monkeypatch.setattr(faults, "BACK_OFF", dg.RetryPolicy(max_retries=1))

    @dg.asset
    def fragile() -> None:
        with faults_as_failures():
            raise ClientBusyError("acme")

    result = dg.materialize([fragile], instance=dg.DagsterInstance.ephemeral(), raise_on_error=False)
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    told = failed.step_failure_data.user_failure_data
    assert told
    assert told.description == str(ClientBusyError("acme"))
    assert told.metadata["code"].value == "CLIENT_BUSY"


def test_an_unexpected_exception_says_where_it_happened_and_nothing_it_knew():
    failure = _failure_of(ValueError("the birth date 1962-03-14"))
    assert re.fullmatch(
        r"Something unexpected happened: ValueError \(test_faults\.py, line \d+, in _raise\)\. Please report it\.",
        failure.description or "",
    )
    assert failure.metadata["code"].value == "INTERNAL"
    assert "_raise" in str(failure.metadata["place"].value)
    assert failure.allow_retries is False


def test_no_event_of_a_failed_run_quotes_what_an_exception_knew():
    @dg.asset
    def fragile() -> None:
        with faults_as_failures():
            _raise_from_a_driver()

    instance = dg.DagsterInstance.ephemeral()
    result = dg.materialize([fragile], instance=instance, raise_on_error=False)
    told = "".join(str(entry) for entry in instance.all_logs(result.run_id))
    assert "Something unexpected happened: RuntimeError" in told
    assert "1962-03-14" not in told


def test_a_fault_tells_nothing_of_the_driver_s_exception_behind_it():
    @dg.asset
    def fragile() -> None:
        with faults_as_failures():
            try:
                _raise_from_a_driver()
            except RuntimeError as error:
                raise SourceRefusedError("The source refused.") from error

    instance = dg.DagsterInstance.ephemeral()
    result = dg.materialize([fragile], instance=instance, raise_on_error=False)
    told = "".join(str(entry) for entry in instance.all_logs(result.run_id))
    assert "The source refused." in told
    assert "1962-03-14" not in told


def _failure_of(error: Exception) -> dg.Failure:
    with pytest.raises(dg.Failure) as caught, faults_as_failures():
        _raise(error)
    return caught.value


def _raise(error: Exception) -> None:
    raise error


def _raise_from_a_driver() -> None:
    row = (7, date(1962, 3, 14).isoformat())
    try:
        _raise(ValueError(f"row {row}"))
    except ValueError as error:
        raise RuntimeError(f"insert of {row} failed") from error

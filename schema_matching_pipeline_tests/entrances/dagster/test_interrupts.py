"""A signal prevails over what the code it hits makes of it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import dagster as dg
import pytest
from dagster._core.errors import DagsterExecutionInterruptedError

from schema_matching_pipeline.entrances.orchestration.faults import faults_as_failures
from schema_matching_pipeline.errors import RegistryError


@contextmanager
def a_driver_that_turns_interruptions_into_its_own_errors() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        raise RegistryError("the rollback failed") from None
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_error_that_a_signal_caused_is_told_as_an_interruption():
    with (
        pytest.raises(DagsterExecutionInterruptedError),
        faults_as_failures(),
        a_driver_that_turns_interruptions_into_its_own_errors(),
    ):
        signal.raise_signal(signal.SIGINT)


def test_an_error_without_a_signal_stays_what_it_is():
    with (
        pytest.raises(dg.Failure, match="the rollback failed"),
        faults_as_failures(),
        a_driver_that_turns_interruptions_into_its_own_errors(),
    ):
        raise KeyboardInterrupt


def test_errors_of_other_threads_stay_what_they_are():
    seen: list[str | None] = []

    def work() -> None:
        try:
            with faults_as_failures():
                raise RegistryError("refused")
        except dg.Failure as failure:
            seen.append(failure.description)

    thread = Thread(target=work)
    thread.start()
    thread.join()
    assert seen == ["refused"]

"""A service that ends by itself is started again, unless it does nothing but end."""

from __future__ import annotations

import sys
from time import sleep

import pytest

from schema_matching_pipeline.entrances.orchestration.serve import RESTARTS_ALLOWED, Service
from schema_matching_pipeline.errors import ServiceError

ENDS_AT_ONCE = (sys.executable, "-S", "-c", "")


def revive_often(service: Service) -> int:
    """How often the service was started again before it was given up, and no more than twice as often as allowed."""
    for times in range(2 * RESTARTS_ALLOWED):
        while service.is_running:
            sleep(0.005)
        try:
            service.revive()
        except ServiceError:
            return times
    service.stop()
    return 2 * RESTARTS_ALLOWED


@pytest.mark.parametrize(
    ("steady_seconds", "restarts"),
    [(600.0, RESTARTS_ALLOWED), (0.0, 2 * RESTARTS_ALLOWED)],
    ids=["ends in a row", "lives long between"],
)
def test_only_a_service_that_ends_in_a_row_is_given_up(tmp_path, steady_seconds, restarts):
    service = Service("daemon", ENDS_AT_ONCE, tmp_path / "daemon.log", steady_seconds=steady_seconds)
    assert revive_often(service) == restarts

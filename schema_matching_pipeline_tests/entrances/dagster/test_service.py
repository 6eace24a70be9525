"""A service that ends by itself is started again, unless it does nothing but end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from time import sleep

import psutil
import pytest

from schema_matching_pipeline.entrances.orchestration.process_group import end_leftover, remember
from schema_matching_pipeline.entrances.orchestration.service import RESTARTS_ALLOWED, Service
from schema_matching_pipeline.errors import ServiceError

ENDS_AT_ONCE = (sys.executable, "-S", "-c", "")


def an_orphan() -> int:
    """A process whose parent is gone, and which leads a group of its own."""
    asked = ("sh", "-c", "setsid sleep 60 > /dev/null 2>&1 & echo $!")
    left = int(subprocess.run(asked, check=True, capture_output=True, text=True).stdout)
    while os.getpgid(left) != left:
        sleep(0.005)
    return left


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


@pytest.mark.parametrize("begun_earlier", [False, True], ids=["the very process", "its number anew"])
def test_only_the_very_process_that_outlived_its_parent_is_ended(tmp_path, begun_earlier):
    note, left = tmp_path / "daemon.pid", an_orphan()
    remember(left, note)
    if begun_earlier:
        note.write_text(f"{left} 1.0", encoding="ascii")
    end_leftover(note)
    lives = psutil.pid_exists(left) and psutil.Process(left).status() != psutil.STATUS_ZOMBIE
    if lives:
        os.kill(left, signal.SIGKILL)
    assert (lives, note.exists()) == (begun_earlier, False)


def test_a_service_that_was_stopped_leaves_no_note(tmp_path):
    service = Service("daemon", ENDS_AT_ONCE, tmp_path / "daemon.log")
    noted = (tmp_path / "daemon.pid").read_text(encoding="ascii").partition(" ")[0]
    service.stop()
    assert (noted, list(tmp_path.glob("*.pid"))) == (str(service.pid), [])

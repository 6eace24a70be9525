"""The desk served by several processes: one to whoever asks."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import httpx2
import psutil
import pytest

from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline_tests.entrances.dagster.waiting import wait_for

ASKED = 60


class Desk(NamedTuple):
    address: str
    process: subprocess.Popen[bytes]


@pytest.fixture(scope="module")
def desk(installation) -> Iterator[Desk]:
    process = subprocess.Popen(
        [sys.executable, "-m", "schema_matching_pipeline.entrances.api"],
        env=installation.environment() | {"SMP_DESK_WORKERS": "2"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{installation.settings.desk_port}"
    wait_for("the desk", lambda: answers(address), seconds=120)
    yield Desk(address, process)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0


def answers(address):
    try:
        return httpx2.get(f"{address}/healthz", timeout=5).is_success
    except httpx2.TransportError:
        return False


def serving(desk):
    """The processes that answer."""
    children = psutil.Process(desk.process.pid).children()
    living = [child for child in children if child.status() != psutil.STATUS_ZOMBIE]
    return {child.pid for child in living if "spawn_main" in " ".join(child.cmdline())}


def counted(desk, people):
    """How often the desk says that it told of clients."""
    text = httpx2.get(f"{desk.address}/metrics", auth=people[Role.ADMIN], timeout=30).text
    lines = [
        line
        for line in text.splitlines()
        if line.startswith("smp_request_seconds_count") and 'route="/api/v1/clients"' in line
    ]
    return sum(float(line.rpartition(" ")[2]) for line in lines)


def test_whichever_process_answers_all_are_counted(desk, people):
    assert len(serving(desk)) == 2
    before = counted(desk, people)

    def ask(_number):
        return httpx2.get(f"{desk.address}/api/v1/clients", auth=people[Role.VIEWER], timeout=30).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(ASKED))) == {200}
    assert {counted(desk, people) - before for _ in range(6)} == {ASKED}


def test_one_that_dies_is_replaced_and_nobody_waits_for_it(desk, people, installation):
    first, *_ = sorted(serving(desk))
    psutil.Process(first).kill()
    wait_for(
        "another process", lambda: len(serving(desk) - {first}) == 2 and answers(desk.address), seconds=60
    )
    status = {
        httpx2.get(f"{desk.address}/api/v1/clients", auth=people[Role.VIEWER], timeout=30).status_code
        for _ in range(8)
    }
    assert status == {200}
    # What it was at is forgotten once the other has loaded.
    figures = installation.settings.home / "figures"
    wanted = {f"gauge_livesum_{pid}.db" for pid in serving(desk)}
    wait_for(
        "its figures to go", lambda: {path.name for path in figures.glob("gauge_*")} == wanted, seconds=60
    )


def test_what_lives_as_long_as_a_process_is_not_looked_through_again(installation):
    told = subprocess.run(
        [sys.executable, "-c", _LOADED],
        env=installation.environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    kept, left = map(int, told.stdout.split()[-2:])
    assert kept > 100_000
    assert left < kept / 20


_LOADED = """
import gc
from schema_matching_pipeline.entrances.api.served import served
app = served()
print(gc.get_freeze_count(), len(gc.get_objects()))
"""

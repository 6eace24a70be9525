"""``smp desk``: a link to the desk that runs, and none to one that does not."""

from __future__ import annotations

import subprocess
import sys

import httpx2

from schema_matching_pipeline_tests.entrances.cli.terminal import Terminal
from schema_matching_pipeline_tests.entrances.dagster.installation import free_port
from schema_matching_pipeline_tests.entrances.dagster.waiting import wait_for


def test_no_link_is_given_to_a_desk_that_does_not_run(smp: Terminal) -> None:
    port = free_port()
    refused = smp("desk", "--json", SMP_DESK_PORT=port)
    assert (refused.code, refused.out, refused.fault["code"]) == (2, "", "USAGE")
    assert f"No desk runs at http://127.0.0.1:{port}. Start it with `smp up`" in refused.fault["message"]


def test_the_link_logs_in_at_the_desk_that_runs(smp: Terminal) -> None:
    port = free_port()
    desk = subprocess.Popen(
        [sys.executable, "-m", "schema_matching_pipeline.entrances.api"],
        env=smp.environment({"SMP_DESK_PORT": port}),
    )
    try:
        wait_for("the desk", lambda: smp("desk", SMP_DESK_PORT=port).code == 0)
        given = smp("desk", "--json", SMP_DESK_PORT=port).json
        assert given["link"].startswith(f"{given['url']}/enter?ticket=")
        with httpx2.Client(follow_redirects=True) as browser:
            assert browser.get(given["link"]).status_code == 200
            assert browser.get(given["url"]).status_code == 200
    finally:
        desk.terminate()
        desk.wait(60)

"""The whole demo through its command: three clients, a steward, publications, and what was learned."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

Outcome = dict[str, Any]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("demo_home")
    environment = {**os.environ, "SMP_HOME": str(home)}
    smp = Path(sys.executable).with_name("smp")
    done = subprocess.run(
        [smp, "demo", "--patients", "200", "--json"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    subprocess.run([smp, "down"], env={**environment, "SMP_HOME": str(home / "demo")}, check=True)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.fixture(params=[0, 1, 2], ids=["harbor", "sonnental", "oldmill"])
def outcome(report: dict[str, Any], request: pytest.FixtureRequest) -> Outcome:
    return dict(report["outcomes"][request.param])


@pytest.fixture(params=[0, 1], ids=["sonnental", "oldmill"])
def comparison(report: dict[str, Any], request: pytest.FixtureRequest) -> Outcome:
    return dict(report["comparisons"][request.param])


def test_nearly_all_that_was_accepted_automatically_is_right(outcome):
    assert outcome["auto_accepted"] > 0
    assert outcome["auto_accepted_right"] >= 0.97 * outcome["auto_accepted"]


def test_what_was_published_is_right_and_more_than_half_of_the_columns(outcome):
    assert outcome["published_right"] >= 0.98 * outcome["published"]
    assert outcome["published"] > outcome["columns"] / 2


def test_what_earlier_clients_taught_saves_decisions_at_no_loss_of_precision(comparison):
    alone, learned = comparison["alone"], comparison["learned"]
    assert learned["decisions"] < alone["decisions"]
    assert learned["published_right"] >= alone["published_right"]
    assert (
        learned["auto_accepted_right"] * alone["auto_accepted"]
        >= alone["auto_accepted_right"] * learned["auto_accepted"]
    )

"""A running `smp up`, which a test may watch, stop and start again."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil

from schema_matching_pipeline.errors import RegistryUnavailableError
from schema_matching_pipeline_tests.entrances.dagster.installation import Installation
from schema_matching_pipeline_tests.entrances.dagster.waiting import wait_for

SMP_UP = (str(Path(sys.executable).with_name("smp")), "up", "--json")
REPOSITORY = {"repositoryName": "__repository__", "repositoryLocationName": "schema_matching_pipeline"}
SERVICES = ("schema_matching_pipeline.entrances.api", "dagster_webserver", "dagster._daemon")


class Machine:
    """The running installation."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.start()

    @property
    def _errors(self) -> Path:
        return self.installation.folder / "up.err"

    @property
    def said(self) -> list[str]:
        """What it said for people since it was started last."""
        return self._errors.read_text(encoding="utf-8").splitlines()

    def start(self) -> None:
        """Starts it and waits until it says that it is ready."""
        with self._errors.open("w") as told:
            self.process = subprocess.Popen(
                SMP_UP,
                env=self.installation.environment() | {"SMP_LOG_LEVEL": "INFO"},
                stdout=subprocess.PIPE,
                stderr=told,
                text=True,
            )
        assert self.process.stdout
        self.url = str(_first_document(self.process)["webserver_url"])

    def stop(self) -> None:
        """Stops it as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(300) == 0

    def child(self, module: str) -> int | None:
        """The process of one of its services."""
        children = psutil.Process(self.process.pid).children()
        return next((child.pid for child in children if module in _command(child)), None)

    def services(self) -> list[int]:
        """The processes of its services; each leads the group of all that it starts."""
        found = [self.child(name) for name in SERVICES]
        assert None not in found
        return [pid for pid in found if pid is not None]

    def graphql(self, query: str, **variables: object) -> dict[str, dict[str, object]]:
        """What the webserver's interface answers, as the page asks it."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = Request(f"{self.url}/graphql", body, {"Content-Type": "application/json"})  # noqa: S310 - loopback
        try:
            with urlopen(request, timeout=180) as answer:  # noqa: S310 - loopback
                told = json.load(answer)
        except HTTPError as refusal:
            raise AssertionError(f"{refusal}: {refusal.read().decode()}") from None
        assert "errors" not in told, told
        data: dict[str, dict[str, object]] = told["data"]
        return data

    def backfill(self, asset: str, *clients: str) -> str:
        """Starts a backfill; its id."""
        told = self.graphql(
            _BACKFILL, wanted={"assetSelection": [{"path": [asset]}], "partitionNames": clients}
        )
        return str(told["launchPartitionBackfill"]["backfillId"])

    def materialize(self, asset: str, client: str) -> str:
        """Materialises one asset of one client, as "Materialize" does; the run's id."""
        told = self.graphql(
            _LAUNCH,
            wanted={
                "selector": {
                    **REPOSITORY,
                    "pipelineName": "__ASSET_JOB",
                    "assetSelection": [{"path": [asset]}],
                },
                "runConfigData": {},
                "mode": "default",
                "executionMetadata": {"tags": [{"key": "dagster/partition", "value": client}]},
            },
        )
        run = told["launchPipelineExecution"]["run"]
        assert isinstance(run, dict)
        return str(run["runId"])

    def cancel(self, run_id: str) -> None:
        """Terminates a run; asks again where Dagster could not reach the run's worker at once, as a person would."""
        told: list[object] = []

        def ask() -> bool:
            try:
                told.append(self.graphql(_CANCEL, run=run_id)["terminateRun"])
            except AssertionError as refusal:
                told.append(refusal)
                return False
            return told[-1] == {"__typename": "TerminateRunSuccess"}

        try:
            wait_for("the run to be terminated", ask, seconds=30)
        except AssertionError as vain:
            raise AssertionError(f"{vain}: {told[-1]}") from None

    def partition_colours(self, asset: str) -> dict[str, list[str]]:
        """Which clients the asset's page shows as materialised, and which as failed."""
        node = self.graphql(_COLOURS, asset={"path": [asset]})["assetNodeOrError"]
        colours: dict[str, list[str]] = node["assetPartitionStatuses"]  # type: ignore[assignment]  # as the query asks
        return colours

    def wait_for_ticks(self, sensor: str, wanted: int) -> None:
        """Waits until the sensor has looked that many times from now on."""
        since = time.time()
        selector = {**REPOSITORY, "sensorName": sensor}

        def look() -> bool:
            told = self.graphql(_TICKS, sensor=selector, since=since)["sensorOrError"]["sensorState"]
            assert isinstance(told, dict)
            return bool(sum(tick["status"] != "STARTED" for tick in told["ticks"]) >= wanted)

        wait_for(f"{wanted} ticks of {sensor}", look)


def is_answering(installation: Installation) -> bool:
    """Whether the registry can be asked."""
    with suppress(RegistryUnavailableError):
        return bool(installation.world.registry.all_clients())
    return False


def _first_document(process: subprocess.Popen[str]) -> dict[str, object]:
    """The first JSON document that the process prints, while it goes on running."""
    assert process.stdout
    text = ""
    for line in process.stdout:
        text += line
        with suppress(json.JSONDecodeError):
            document: dict[str, object] = json.loads(text)
            return document
    raise AssertionError(f"it ended with {process.wait()} before it was ready: {text}")


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


_BACKFILL = """
mutation Backfill($wanted: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $wanted) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }
"""

_LAUNCH = """
mutation Launch($wanted: ExecutionParams!) {
  launchPipelineExecution(executionParams: $wanted) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }
"""

_CANCEL = "mutation Cancel($run: String!) { terminateRun(runId: $run) { __typename } }"

_COLOURS = """
query Colours($asset: AssetKeyInput!) {
  assetNodeOrError(assetKey: $asset) {
    ... on AssetNode { assetPartitionStatuses {
      ... on DefaultPartitionStatuses { materializedPartitions failedPartitions } } } } }
"""

_TICKS = """
query Ticks($sensor: SensorSelector!, $since: Float!) {
  sensorOrError(sensorSelector: $sensor) {
    ... on Sensor { sensorState { ticks(afterTimestamp: $since, limit: 50) { status } } } } }
"""

"""One child process that is kept running, and its clean end."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from schema_matching_pipeline.entrances.orchestration.process_group import end_group, remember
from schema_matching_pipeline.errors import ServiceError

STOP_SECONDS = 20.0
RESTARTS_ALLOWED = 5
STEADY_SECONDS = 600.0
LOG_BYTES_KEPT = 10_000_000
LOG_FORMAT = "json"  # Dagster's other formats colour what they write, to a file, too
CODE_SERVER_LOG = "DAGSTER_CLI_API_GRPC_LOG_FORMAT"  # the option of what both services start


class Service:
    """One child process in a session of its own, so that a Ctrl-C in the terminal reaches only its parent.

    What ended before it was ``steady_seconds`` old counts as ending in a row; an installation lives for months, and one
    accident in a month is no fault of its own.
    """

    def __init__(
        self, name: str, command: Sequence[str], log: Path, *, steady_seconds: float = STEADY_SECONDS
    ) -> None:
        self.name = name
        self.log = log
        self._note = log.with_suffix(".pid")
        self._command = tuple(command)
        self._steady_seconds = steady_seconds
        self._restarts = 0
        self._asked_to_stop = False
        self._process = self._begin()

    @property
    def pid(self) -> int:
        """The process id; that of its process group too."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def revive(self) -> None:
        """Starts it again if it ended by itself.

        Raises:
            ServiceError: it keeps ending.
        """
        if self.is_running:
            return
        lived = time.monotonic() - self._begun
        self._restarts = 1 if lived >= self._steady_seconds else self._restarts + 1
        if self._restarts > RESTARTS_ALLOWED:
            raise ServiceError(f"The {self.name} keeps ending by itself. See {self.log}.")
        end_group(self.pid, self._process.poll)  # code servers and run workers it left behind
        self._process = self._begin()

    def ask_to_stop(self) -> None:
        """Asks it once to end, as Ctrl-C does, and does not wait; a second time would cut its farewell short."""
        if self.is_running and not self._asked_to_stop:
            self._process.send_signal(signal.SIGINT)
        self._asked_to_stop = True

    def stop(self) -> None:
        """Ends it and all it started: asked first, then made to."""
        if self.is_running:
            self.ask_to_stop()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
        end_group(self.pid, self._process.poll)
        self._note.unlink(missing_ok=True)

    def _begin(self) -> subprocess.Popen[bytes]:
        self._begun = time.monotonic()
        _keep_log_short(self.log)
        with self.log.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and fixed arguments
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={
                    **os.environ,
                    "PYTHONSAFEPATH": "1",  # code is what is installed, not what lies around
                    CODE_SERVER_LOG: LOG_FORMAT,
                },
            )
        remember(process.pid, self._note)
        return process


def _keep_log_short(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_BYTES_KEPT:
        log.replace(log.with_suffix(".log.1"))

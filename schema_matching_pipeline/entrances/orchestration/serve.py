"""The running installation: the desk, Dagster's webserver and daemon as children of one command, and their clean end."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn
from urllib.error import URLError
from urllib.request import urlopen

import dagster as dg

from schema_matching_pipeline.entrances.orchestration.instance import open_instance
from schema_matching_pipeline.entrances.orchestration.liveness import daemon_lives
from schema_matching_pipeline.entrances.orchestration.process_group import (
    end_group,
    end_leftover,
    remember,
)
from schema_matching_pipeline.entrances.orchestration.schedules import require_schedule
from schema_matching_pipeline.errors import AlreadyExistsError, ServiceError
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.runtime import dagster_environment, database_addresses
from schema_matching_pipeline.settings import Settings

LOOPBACK = "127.0.0.1"
READY_SECONDS = 180.0
STOP_SECONDS = 20.0
WATCH_SECONDS = 1.0
DATABASE_WATCH_SECONDS = 5.0
RESTARTS_ALLOWED = 5
STEADY_SECONDS = 600.0
LOG_BYTES_KEPT = 10_000_000
LOG_FORMAT = "json"  # Dagster's other formats colour what they write, to a file, too
CODE_SERVER_LOG = "DAGSTER_CLI_API_GRPC_LOG_FORMAT"  # the option of what both services start


class Serving(Frozen):
    """What runs, and where."""

    desk_url: str
    webserver_url: str
    log_folder: str
    desk_pid: int
    webserver_pid: int
    daemon_pid: int


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


def serve(settings: Settings, ready: Callable[[Serving], None], stopping: Callable[[], None]) -> None:
    """Starts desk, webserver and daemon, calls ``ready`` when all answer, and keeps them until Ctrl-C or SIGTERM.

    ``stopping`` is called when that came, before they are asked to end.

    What outlived an earlier one that was killed is ended first. The embedded PostgreSQL is started again when it dies; a service that ends by itself too.

    Raises:
        ConfigurationError: the nightly schedule is none.
        AlreadyExistsError: it runs already, or the port is taken.
        ServiceError: a service does not start, or keeps ending.
    """
    require_schedule(settings.nightly_cron, settings.timezone)
    with ExitStack() as stack:
        stack.enter_context(termination_as_interrupt())
        home = stack.enter_context(dagster_environment(settings))
        stack.enter_context(serving_lock(settings))
        for note in log_folder(settings).glob("*.pid"):
            end_leftover(note)
        _require_free_port(settings.desk_port, "SMP_DESK_PORT")
        _require_free_port(settings.webserver_port, "SMP_WEBSERVER_PORT")
        instance = stack.enter_context(open_instance(home))
        begun = time.time()
        stack.callback(_forget_daemon, instance)
        services = stack.enter_context(running_services(settings, home))
        with suppress(KeyboardInterrupt):
            _wait_until(lambda: _answers(f"{webserver_url(settings.webserver_port)}/server_info"), services)
            _wait_until(lambda: _answers(f"{desk_url(settings.desk_port)}/healthz"), services)
            _wait_until(lambda: daemon_lives(instance, since=begun), services)
            ready(_serving(settings, services))
            watch(settings, services)
        stopping()


def _forget_daemon(instance: dg.DagsterInstance) -> None:
    """So that nobody waits for a daemon that has stopped; without a database its heartbeat grows old by itself."""
    with suppress(Exception):
        instance.wipe_daemon_heartbeats()


def require_nothing_served(settings: Settings) -> None:
    """Passes where no `smp up` of this installation runs.

    Raises:
        AlreadyExistsError: one does.
    """
    if settings.dagster_home.exists():
        with serving_lock(settings):
            pass


@contextmanager
def serving_lock(settings: Settings) -> Iterator[None]:
    """Holds what one `smp up` of an installation holds, while the block runs.

    Raises:
        AlreadyExistsError: another process holds it.
    """
    lock = settings.dagster_home / "serve.lock"
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyExistsError(
                "running installation", str(lock.parent), hint="Stop that `smp up` first."
            ) from None
        yield


@contextmanager
def running_services(settings: Settings, dagster_home: Path) -> Iterator[tuple[Service, Service, Service]]:
    """Desk, webserver and daemon, running until the block ends."""
    logs = log_folder(settings)
    logs.mkdir(parents=True, exist_ok=True, mode=0o700)
    workspace = str(dagster_home / "workspace.yaml")
    python = sys.executable
    quiet = ("--log-level", "warning")  # else every tick that found nothing is a line
    address = ("--host", LOOPBACK, "--port", str(settings.webserver_port))
    plain = ("--log-format", LOG_FORMAT)
    with ExitStack() as stack:
        services = []
        for name, command in (
            ("desk", (python, "-m", "schema_matching_pipeline.entrances.api")),
            ("webserver", (python, "-m", "dagster_webserver", *address, *plain, "--workspace", workspace)),
            ("daemon", (python, "-m", "dagster._daemon", "run", *quiet, *plain, "--workspace", workspace)),
        ):
            service = Service(name, command, logs / f"{name}.log")
            stack.callback(service.stop)
            services.append(service)
        try:
            yield services[0], services[1], services[2]
        finally:
            for service in services:  # all end at the same time; the stack waits for them
                service.ask_to_stop()


def watch(settings: Settings, services: Sequence[Service]) -> NoReturn:
    """Revives what dies, until interrupted.

    Raises:
        ServiceError: a service keeps ending.
    """
    looked = time.monotonic()
    while True:
        time.sleep(WATCH_SECONDS)
        if settings.embedded and time.monotonic() - looked > DATABASE_WATCH_SECONDS:
            database_addresses(settings)
            looked = time.monotonic()
        for service in services:
            service.revive()


@contextmanager
def termination_as_interrupt() -> Iterator[None]:
    """Ends the block on SIGTERM as on Ctrl-C.

    Ctrl-C is set anew, too: a shell starts background commands deaf to it, and children inherit deafness.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def log_folder(settings: Settings) -> Path:
    """Where the services write."""
    return settings.home.absolute() / "logs"


def webserver_url(port: int) -> str:
    """The address of the Dagster UI."""
    return f"http://{LOOPBACK}:{port}"


def desk_url(port: int) -> str:
    """The address of the pages and of the REST interface."""
    return f"http://{LOOPBACK}:{port}"


def _serving(settings: Settings, services: tuple[Service, Service, Service]) -> Serving:
    desk, webserver, daemon = services
    return Serving(
        desk_url=desk_url(settings.desk_port),
        webserver_url=webserver_url(settings.webserver_port),
        log_folder=str(log_folder(settings)),
        desk_pid=desk.pid,
        webserver_pid=webserver.pid,
        daemon_pid=daemon.pid,
    )


def _wait_until(is_ready: Callable[[], bool], services: Sequence[Service]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not is_ready():
        for service in services:
            service.revive()
        if time.monotonic() > deadline:
            logs = " and ".join(str(service.log) for service in services)
            raise ServiceError(f"Not all was ready after {READY_SECONDS:.0f} seconds. See {logs}.")
        time.sleep(WATCH_SECONDS / 4)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=WATCH_SECONDS) as answer:  # noqa: S310 - loopback
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _require_free_port(port: int, setting: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            raise AlreadyExistsError(
                "program on port", str(port), hint=f"Set {setting} to another port."
            ) from None


def _keep_log_short(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_BYTES_KEPT:
        log.replace(log.with_suffix(".log.1"))

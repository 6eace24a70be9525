"""The running installation: the desk, Dagster's webserver and daemon as children of one command, and their clean end."""

from __future__ import annotations

import fcntl
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NoReturn

import dagster as dg

from schema_matching_pipeline.entrances.orchestration.answering import answers
from schema_matching_pipeline.entrances.orchestration.instance import open_instance
from schema_matching_pipeline.entrances.orchestration.liveness import daemon_lives
from schema_matching_pipeline.entrances.orchestration.process_group import end_leftover
from schema_matching_pipeline.entrances.orchestration.schedules import require_schedule
from schema_matching_pipeline.entrances.orchestration.service import LOG_FORMAT, Service
from schema_matching_pipeline.errors import AlreadyExistsError, ServiceError
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.runtime import dagster_environment, database_addresses
from schema_matching_pipeline.settings import Settings

LOOPBACK = "127.0.0.1"
READY_SECONDS = 180.0
WATCH_SECONDS = 1.0
DATABASE_WATCH_SECONDS = 5.0


class Serving(Frozen):
    """What runs, and where."""

    desk_url: str
    webserver_url: str
    log_folder: str
    desk_pid: int
    webserver_pid: int
    daemon_pid: int


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
        if settings.dagster_path:
            _require_free_port(settings.dagster_view_port, "SMP_DAGSTER_VIEW_PORT")
        instance = stack.enter_context(open_instance(home))
        begun = time.time()
        stack.callback(_forget_daemon, instance)
        services = stack.enter_context(running_services(settings, home))
        with suppress(KeyboardInterrupt):
            everything = tuple(services.values())
            for place in _places(settings):
                _wait_until(partial(answers, place), everything)
            _wait_until(lambda: daemon_lives(instance, since=begun), everything)
            ready(_serving(settings, services))
            watch(settings, everything)
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
def running_services(settings: Settings, dagster_home: Path) -> Iterator[Mapping[str, Service]]:
    """Desk, webserver, daemon and what else is served, by their names, running until the block ends."""
    logs = log_folder(settings)
    logs.mkdir(parents=True, exist_ok=True, mode=0o700)
    with ExitStack() as stack:
        services = dict[str, Service]()
        for name, command in _commands(settings, dagster_home / "workspace.yaml").items():
            services[name] = Service(name, command, logs / f"{name}.log")
            stack.callback(services[name].stop)
        try:
            yield services
        finally:
            for service in services.values():  # all end at the same time; the stack waits for them
                service.ask_to_stop()


def _commands(settings: Settings, workspace: Path) -> dict[str, tuple[str, ...]]:
    """What is started, by its name; a proxy sends whoever may change nothing to a webserver that changes nothing."""
    python, path = sys.executable, settings.dagster_path
    shown = (python, "-m", "dagster_webserver", "--host", LOOPBACK, "--log-format", LOG_FORMAT)
    of_place = ("--workspace", str(workspace), *(("--path-prefix", path) if path else ()))
    quiet = ("--log-level", "warning")  # else every tick that found nothing is a line
    daemon = (python, "-m", "dagster._daemon", "run", *quiet, "--log-format", LOG_FORMAT)
    viewed = (*shown, "--port", str(settings.dagster_view_port), "--read-only", *of_place)
    return {
        "desk": (python, "-m", "schema_matching_pipeline.entrances.api"),
        "webserver": (*shown, "--port", str(settings.webserver_port), *of_place),
        "daemon": (*daemon, "--workspace", str(workspace)),
        **({"view": viewed} if path else {}),
    }


def _places(settings: Settings) -> Iterator[str]:
    """What answers when all is ready."""
    yield f"{webserver_url(settings)}/server_info"
    if settings.dagster_path:
        yield f"http://{LOOPBACK}:{settings.dagster_view_port}{settings.dagster_path}/server_info"
    yield f"{desk_url(settings.desk_port)}/healthz"


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


def webserver_url(settings: Settings) -> str:
    """The address of the Dagster UI on this machine."""
    return f"http://{LOOPBACK}:{settings.webserver_port}{settings.dagster_path}"


def desk_url(port: int) -> str:
    """The address of the pages and of the REST interface."""
    return f"http://{LOOPBACK}:{port}"


def _serving(settings: Settings, services: Mapping[str, Service]) -> Serving:
    return Serving(
        desk_url=desk_url(settings.desk_port),
        webserver_url=webserver_url(settings),
        log_folder=str(log_folder(settings)),
        desk_pid=services["desk"].pid,
        webserver_pid=services["webserver"].pid,
        daemon_pid=services["daemon"].pid,
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


def _require_free_port(port: int, setting: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            raise AlreadyExistsError(
                "program on port", str(port), hint=f"Set {setting} to another port."
            ) from None

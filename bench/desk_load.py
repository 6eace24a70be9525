"""Offers the desk a constant load on a large installation and prints how long answers take.

    .venv/bin/python -m bench.desk_load [--minutes M] [--rate R] [--clients N] [--items N] [--audit-rows N]
        [--home FOLDER] [--kill-database]

The installation (100,000 open items of 20 clients, a million audit rows) is made with the embedded PostgreSQL, which takes
some ten minutes, or found in FOLDER where an earlier run made it. The desk runs as a process of its own. Requests leave when
their time has come, whether earlier ones were answered or not, and are timed from then on. With --kill-database the whole
installation is served by `smp up`, PostgreSQL is killed in the middle, and every decision is looked up afterwards.
The bars: P95 of reads and decisions 100 ms, of pages 300 ms, no error.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import httpx2
import psutil
import psycopg

from bench.desk_fill import Person, Size, fill, keep_people, kept_people
from bench.desk_mix import API, Asked, Kind, Stock, draw, stock_of
from schema_matching_pipeline.registry import EmbeddedServer
from schema_matching_pipeline.registry.embedded import OWNER
from schema_matching_pipeline.settings import Settings, load_settings

BARS = {Kind.READ: 100, Kind.DECISION: 100, Kind.PAGE: 300}  # milliseconds, of nineteen in twenty
PEOPLE = 8
PATIENCE_SECONDS = 30.0
READY_SECONDS = 180.0
WARM_UP = 40  # requests that nobody times
MEMORY_SECONDS = 5.0
GROWTH = 0.1  # of the memory after the first quarter; what is above is not flat
MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Answer:
    """What became of one request: by whom, when it was due, how long it took from then on, and how it ended."""

    asked: Asked
    by: int
    due: float
    seconds: float
    status: int
    code: str

    @property
    def went_well(self) -> bool:
        """Whether it was answered as it should be."""
        return self.status == httpx2.codes.OK


@dataclass
class Run:
    """Everything that was seen."""

    answers: list[Answer] = field(default_factory=list)
    memory: list[tuple[float, int]] = field(default_factory=list)
    killed: float | None = None


@dataclass(frozen=True)
class Sender:
    """Sends requests of people who are logged in, and notes what became of them."""

    http: httpx2.AsyncClient
    headers: Sequence[dict[str, str]]
    run: Run
    started: float

    async def note(self, by: int, asked: Asked, due: float) -> None:
        """One request, timed from when it was due."""
        status, code, _ = await answered(self.http, self.headers[by], asked)
        self.run.answers.append(
            Answer(asked, by, due - self.started, time.perf_counter() - due, status, code)
        )


def main() -> None:
    """Prints the figures; fails where a bar is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--rate", type=float, default=40.0)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--audit-rows", type=int, default=1_000_000)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--port", type=int, default=21000)
    parser.add_argument("--kill-database", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = (asked.home or Path(folder) / "home").absolute()
        settings = load_settings().model_copy(
            update={"home": home, "database_url": None, "desk_port": asked.port}
        )
        people = _installation(settings, Size(asked.clients, asked.items, asked.audit_rows))
        try:
            missed = measured(settings, people, asked)
        finally:
            server = EmbeddedServer(home)
            server.stop() if asked.home else server.destroy()
    if missed:
        sys.exit(f"Missed: {'; '.join(missed)}.")


def measured(settings: Settings, people: Sequence[Person], asked: argparse.Namespace) -> list[str]:
    """Runs the load, prints what was seen and gives the bars that were missed."""
    server = EmbeddedServer(settings.home)
    server.ensure_running()
    with psycopg.connect(
        server.url(OWNER, "smp").replace("+psycopg", ""), autocommit=True, cursor_factory=psycopg.ClientCursor
    ) as owner:
        enter_tenant(owner, settings)
        stock = stock_of(owner)
    with served(settings, whole=asked.kill_database) as process:
        run = asyncio.run(_offer(settings, process, people, stock, asked))
    with psycopg.connect(
        server.url(OWNER, "smp").replace("+psycopg", ""), autocommit=True, cursor_factory=psycopg.ClientCursor
    ) as owner:
        enter_tenant(owner, settings)
        lost = _lost_or_doubled(owner, run)
    return [*_print_times(run), *_print_errors(run), *_print_memory(run), *lost]


def _installation(settings: Settings, size: Size) -> tuple[Person, ...]:
    known = kept_people(settings.home)
    if known is not None:
        return known
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    people = fill(settings, size, PEOPLE)
    keep_people(settings.home, people)
    return people


def enter_tenant(owner: psycopg.Connection, settings: Settings) -> None:
    """Lets the owner see the rows of the tenant that was filled."""
    owner.execute(
        "select set_config('smp.tenant_id', smp.tenant_by_name(%s)::text, false)", [settings.tenant]
    )


@contextmanager
def served(settings: Settings, *, whole: bool) -> Iterator[psutil.Process]:
    """The desk, alone or with all that `smp up` serves: its process."""
    ports = {"SMP_DESK_PORT": settings.desk_port, "SMP_WEBSERVER_PORT": settings.desk_port + 1}
    environment = os.environ | {name: str(port) for name, port in ports.items()}
    environment |= {"SMP_HOME": str(settings.home)}
    module = "schema_matching_pipeline.entrances." + ("cli.main" if whole else "api")
    with (settings.home / "served.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *(["up"] if whole else [])],
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            _wait_until_ready(settings.desk_port, process)
            yield _desk_of(process)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx2.get(f"http://127.0.0.1:{port}/healthz", timeout=5).is_success:
                return
        except httpx2.TransportError:
            time.sleep(0.2)
    raise SystemExit("The desk does not answer; served.log in the home folder says why.")


def _desk_of(process: subprocess.Popen[bytes]) -> psutil.Process:
    """The process of the desk itself, which may be a child of the one that was started."""
    started = psutil.Process(process.pid)
    children = (child for child in started.children() if "entrances.api" in " ".join(child.cmdline()))
    return next(children, started)


def all_of(desk: psutil.Process) -> list[psutil.Process]:
    """The processes that serve the desk: the one that was started, and those that it started."""
    return [desk, *desk.children(recursive=True)]


async def _offer(
    settings: Settings,
    desk: psutil.Process,
    people: Sequence[Person],
    stock: Stock,
    asked: argparse.Namespace,
) -> Run:
    """Sends requests at their times, by the people in turn, and waits for the last answer."""
    run, chance = Run(), random.Random(7)  # noqa: S311 - a draw of requests
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=100)
    async with httpx2.AsyncClient(
        base_url=f"http://127.0.0.1:{settings.desk_port}", timeout=PATIENCE_SECONDS, limits=limits
    ) as http:
        headers = [await logged_in(http, person) for person in people]
        for place in range(WARM_UP):
            await answered(http, headers[place % len(headers)], _reading(stock, chance))
        started, total = time.perf_counter(), int(asked.rate * 60 * asked.minutes)
        sender = Sender(http, headers, run, started)
        watching = asyncio.create_task(_watch(desk, run, started))
        under_way = set[asyncio.Task[None]]()
        for number in range(total):
            due = started + number / asked.rate
            await asyncio.sleep(due - time.perf_counter())
            if asked.kill_database and run.killed is None and number >= total // 2:
                run.killed = _kill(settings, started)
            task = asyncio.create_task(sender.note(number % len(headers), draw(stock, chance), due))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        await asyncio.gather(*under_way)
        watching.cancel()
        if asked.kill_database:
            await _repeat_failed(sender)
    return run


def _reading(stock: Stock, chance: random.Random) -> Asked:
    while (asked := draw(stock, chance)).items:
        stock.open[stock.clients[0]].extend(asked.items)
    return asked


async def logged_in(http: httpx2.AsyncClient, person: Person) -> dict[str, str]:
    """What proves the person, on pages as by program."""
    given = {"username": person.login, "password": person.password}
    answer = await http.post(f"{API}/auth/login", json=given)
    answer.raise_for_status()
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def answered(http: httpx2.AsyncClient, headers: dict[str, str], asked: Asked) -> tuple[int, str, int]:
    """The status, the code of the fault where it is one, and the bytes; 0 where nothing was answered."""
    if asked.kind is Kind.PAGE:
        part = {"HX-Request": "true"} if asked.name.startswith("part") else {}
        headers = headers | {"Accept": "text/html"} | part
    try:
        answer = await http.request(asked.method, asked.path, headers=headers, json=asked.body)
    except httpx2.TransportError as error:
        return 0, type(error).__name__, 0
    size = len(answer.content)
    if answer.is_success:
        return answer.status_code, "", size
    if asked.kind is Kind.PAGE:
        return (
            answer.status_code,
            "a page that says so" if "registry" in answer.text else "another page",
            size,
        )
    return answer.status_code, str(answer.json()["error"]["code"]), size


async def _watch(desk: psutil.Process, run: Run, started: float) -> None:
    while True:
        together = sum(each.memory_info().rss for each in all_of(desk))
        run.memory.append((time.perf_counter() - started, together))
        await asyncio.sleep(MEMORY_SECONDS)


def _kill(settings: Settings, started: float) -> float:
    pid = EmbeddedServer(settings.home).status().pid
    if pid is None:
        raise SystemExit("PostgreSQL did not run when it was to be killed.")
    os.kill(pid, signal.SIGKILL)
    return time.perf_counter() - started


async def _repeat_failed(sender: Sender) -> None:
    """Decides again what was not acknowledged, as its author does who saw the error."""
    for answer in [each for each in sender.run.answers if each.asked.items and not each.went_well]:
        await sender.note(answer.by, answer.asked, time.perf_counter())


def _lost_or_doubled(owner: psycopg.Connection, run: Run) -> list[str]:
    """Looks up in the database what the desk said it had recorded."""
    told = Counter(item for answer in run.answers if answer.went_well for item in answer.asked.items)
    found: dict[str, int] = dict(
        owner.execute(
            "select item_id, count(*) from smp.standing_actions where item_id = any(%s) group by item_id",
            [[item for answer in run.answers for item in answer.asked.items]],
        ).fetchall()
    )
    lost = sum(found.get(item, 0) == 0 for item in told)
    doubled = sum(count > 1 for count in found.values())
    print(f"\nDecisions acknowledged: {len(told):,} items; lost {lost}, recorded more than once {doubled}")
    return [f"{lost} lost, {doubled} doubled"] if lost or doubled else []


def _print_times(run: Run) -> list[str]:
    by_name = defaultdict[tuple[Kind, str], list[float]](list)
    for answer in run.answers:
        if answer.went_well:
            by_name[answer.asked.kind, answer.asked.name].append(1000 * answer.seconds)
            by_name[answer.asked.kind, "all"].append(1000 * answer.seconds)
    print(f"\n{'milliseconds':32}{'n':>7}{'P50':>8}{'P95':>8}{'P99':>8}{'longest':>9}")
    missed = []
    for (kind, name), times in sorted(
        by_name.items(), key=lambda one: (one[0][0], one[0][1] != "all", one[0][1])
    ):
        cuts = quantiles(times, n=100, method="inclusive") if len(times) > 1 else times * 99
        label = f"{kind}s, all" if name == "all" else f"  {name}"
        print(f"{label:32}{len(times):7,}{cuts[49]:8.0f}{cuts[94]:8.0f}{cuts[98]:8.0f}{max(times):9.0f}")
        if name == "all" and cuts[94] >= BARS[kind]:
            missed.append(f"P95 of {kind}s {cuts[94]:.0f} ms, bar {BARS[kind]}")
    return missed


def _print_errors(run: Run) -> list[str]:
    wrong = [answer for answer in run.answers if not answer.went_well]
    counted = Counter((answer.asked.kind, answer.status, answer.code) for answer in wrong)
    print(f"\n{len(run.answers):,} requests, {len(wrong):,} not answered as they should be")
    for (kind, status, code), count in sorted(counted.items()):
        print(f"  {kind}: {status or 'no answer'} {code}: {count}")
    if run.killed is None:
        return [f"{len(wrong)} errors"] if wrong else []
    after = [answer.due for answer in wrong if answer.due >= run.killed]
    print(
        f"PostgreSQL was killed after {run.killed:.0f} s; the last request that heard so was due "
        f"{max(after, default=run.killed) - run.killed:.1f} s later"
    )
    unclear = [answer for answer in wrong if answer.status != httpx2.codes.SERVICE_UNAVAILABLE]
    return [f"{len(unclear)} unclear errors"] if unclear else []


def _print_memory(run: Run) -> list[str]:
    quarter = max(1, len(run.memory) // 4)
    early, late = (
        median(size for _, size in part)
        for part in (run.memory[quarter : 2 * quarter], run.memory[-quarter:])
    )
    shown = run.memory[:: max(1, len(run.memory) // 10)]
    print("\nMemory of the desk: " + ", ".join(f"{at:.0f} s {size / MEBIBYTE:.0f} MiB" for at, size in shown))
    print(f"second quarter {early / MEBIBYTE:.0f} MiB, last quarter {late / MEBIBYTE:.0f} MiB")
    return ["memory grows"] if late > (1 + GROWTH) * early else []


if __name__ == "__main__":
    main()

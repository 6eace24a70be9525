"""Prints what an answer of the desk costs, by kind of request: processor time of the desk, of PostgreSQL and of who asks.

    .venv/bin/python -m bench.desk_cost --home FOLDER [--times N] [--only WORD]

The installation is one that `bench.desk_load --home FOLDER` made. Requests are sent one after the other, so that times
are those of the work alone. The last line weighs the kinds as `bench.desk_mix` draws them.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx2
import psutil
import psycopg

from bench.desk_fill import Person, kept_people
from bench.desk_load import answered, enter_tenant, logged_in, served
from bench.desk_mix import WEIGHTS, Asked, Stock, draw_one, stock_of
from schema_matching_pipeline.registry import EmbeddedServer
from schema_matching_pipeline.registry.embedded import OWNER
from schema_matching_pipeline.settings import Settings, load_settings

WARM_UP = 3


@dataclass(frozen=True)
class Cost:
    """What one answer took, in milliseconds: by the clock, and of processor time by whom."""

    clock: float
    desk: float
    database: float
    asking: float
    kibibytes: float

    @property
    def whole(self) -> float:
        """Processor time of all three."""
        return self.desk + self.database + self.asking


def main() -> None:
    """Prints the costs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--only", default="")
    parser.add_argument("--port", type=int, default=21000)
    asked = parser.parse_args()
    home = asked.home.absolute()
    settings = load_settings().model_copy(
        update={"home": home, "database_url": None, "desk_port": asked.port}
    )
    people = kept_people(home)
    if people is None:
        raise SystemExit("There is no installation. Let `bench.desk_load --home FOLDER` make one.")
    server = EmbeddedServer(home)
    server.ensure_running()
    try:
        with psycopg.connect(server.url(OWNER, "smp").replace("+psycopg", ""), autocommit=True) as owner:
            enter_tenant(owner, settings)
            stock = stock_of(owner)
        with served(settings, whole=False) as desk:
            postmaster = psutil.Process(server.status().pid)
            costs = asyncio.run(_measured(settings, people, stock, asked, (desk, postmaster)))
    finally:
        server.stop()
    _print(costs)


async def _measured(
    settings: Settings,
    people: Sequence[Person],
    stock: Stock,
    asked: argparse.Namespace,
    served_by: tuple[psutil.Process, psutil.Process],
) -> dict[str, list[Cost]]:
    chance = random.Random(11)  # noqa: S311 - a draw of requests
    costs = defaultdict[str, list[Cost]](list)
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{settings.desk_port}", timeout=60) as http:
        headers = [await logged_in(http, person) for person in people]
        for name in (name for name in WEIGHTS if asked.only in name):
            requests = [draw_one(name, stock, chance) for _ in range(WARM_UP + asked.times)]
            for place, request in enumerate(requests):
                cost = await _cost_of(http, headers[place % len(headers)], request, served_by)
                if place >= WARM_UP:
                    costs[name].append(cost)
    return costs


async def _cost_of(
    http: httpx2.AsyncClient,
    headers: dict[str, str],
    asked: Asked,
    served_by: tuple[psutil.Process, psutil.Process],
) -> Cost:
    before, own, begun = [_spent(each) for each in served_by], time.process_time(), time.perf_counter()
    status, code, size = await answered(http, headers, asked)
    clock, asking = time.perf_counter() - begun, time.process_time() - own
    desk, database = (_spent(each) - earlier for each, earlier in zip(served_by, before, strict=True))
    if status != httpx2.codes.OK:
        raise SystemExit(f"{asked.method} {asked.path}: {status} {code}")
    return Cost(1000 * clock, 1000 * desk, 1000 * database, 1000 * asking, size / 1024)


def _spent(process: psutil.Process) -> float:
    """Seconds of processor time that a process and those it started have had, to the nanosecond."""
    return sum(map(_of_threads, (process, *process.children(recursive=True))))


def _of_threads(process: psutil.Process) -> float:
    nanoseconds = 0
    for thread in Path(f"/proc/{process.pid}/task").glob("*/schedstat"):
        try:
            nanoseconds += int(thread.read_text().split()[0])
        except OSError:  # it ended
            continue
    return nanoseconds / 1e9


def _print(costs: dict[str, list[Cost]]) -> None:
    print(
        f"{'milliseconds of':24}{'n':>5}{'clock':>8}{'longest':>9}{'desk':>8}{'database':>10}{'asking':>8}{'KiB':>8}"
    )
    for name, found in costs.items():
        _print_line(name, found, median(each.clock for each in found))
    weight = sum(WEIGHTS[name] for name in costs)
    print(f"\n{'weighed, whole answer':24}", end="")
    for part in ("desk", "database", "asking", "whole"):
        mean = sum(
            WEIGHTS[name] * _mean(getattr(each, part) for each in found) for name, found in costs.items()
        )
        print(f"{part} {mean / weight:.1f}  ", end="")
    print()


def _print_line(name: str, found: Sequence[Cost], clock: float) -> None:
    means = [
        _mean(getattr(each, part) for each in found) for part in ("desk", "database", "asking", "kibibytes")
    ]
    longest = max(each.clock for each in found)
    print(
        f"{name:24}{len(found):5}{clock:8.1f}{longest:9.1f}{means[0]:8.1f}{means[1]:10.1f}{means[2]:8.1f}{means[3]:8.0f}"
    )


def _mean(figures: Iterable[float]) -> float:
    known = tuple(figures)
    return sum(known) / len(known)


if __name__ == "__main__":
    main()

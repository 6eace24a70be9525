"""What people and programs ask of the desk, in the proportions in which they do: reads, decisions and pages."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import psycopg

ORDERS = ("value", "risk", "age", "confidence", "table", "rows")
WORDS = ("code", "date", "name", "confidence", "patient")
SIZE = 20  # items of a list that a program reads
MANY = 10  # items of a bulk decision, named one by one
PAGES_DEEP = 40
API = "/api/v1"

# Shares of what is asked. Stewards sit at the desk: a page is a whole one, or a part that the desk loads by itself.
WEIGHTS = {
    "order": 12,
    "filter": 14,
    "item": 14,
    "clients": 3,
    "client and gate": 1,
    "run and gate": 1,
    "mappings": 1,
    "trust": 1,
    "approve": 6,
    "reject": 6,
    "decide many": 1,
    "desk": 6,
    "part: queue": 6,
    "part: item": 12,
    "part: standing": 6,
    "overview": 2,
    "client page": 2,
    "mappings page": 1,
    "audit page": 2,
    "trust page": 2,
}


class Kind(StrEnum):
    """What is asked, as far as bars differ."""

    READ = "read"
    DECISION = "decision"
    PAGE = "page"


@dataclass
class Stock:
    """What the requests are about: items to look at, items to decide, by their clients; and the clients' runs."""

    seen: list[tuple[str, str]]
    open: dict[str, list[str]]
    tables: dict[str, list[str]]
    runs: list[str]
    clients: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.clients = sorted(self.open)

    def take(self, count: int, chance: random.Random) -> list[str]:
        """So many items of one client that nobody else decides."""
        theirs = self.open[chance.choice(self.clients)]
        return [theirs.pop() for _ in range(min(count, len(theirs)))]


@dataclass(frozen=True)
class Asked:
    """One request; ``items`` are those that it decides."""

    kind: Kind
    name: str
    method: str
    path: str
    body: dict[str, object] | None = None
    items: tuple[str, ...] = ()


def stock_of(owner: psycopg.Connection) -> Stock:
    """What there is in an installation, in an order of chance; critical items are left to people who look at them."""
    owner.execute("select setseed(0.5)")
    items = owner.execute(
        "select client, id, risk_class <> 'critical' and kind = 'mapping' from smp.review_items"
        " where state = 'open' and client like 'load-%' order by random()"
    ).fetchall()
    decidable: dict[str, list[str]] = {}
    for client, item, alike in items:
        theirs = decidable.setdefault(client, [])
        if alike:
            theirs.append(item)
    tables: dict[str, list[str]] = {}
    for client, table in owner.execute(
        "select distinct client, source_table from smp.review_items where client like 'load-%'"
    ):
        tables.setdefault(client, []).append(table)
    runs = [
        str(run) for (run,) in owner.execute("select id from smp.pipeline_runs where client like 'load-%'")
    ]
    return Stock([(client, item) for client, item, _ in items[:20_000]], decidable, tables, runs)


def draw(stock: Stock, chance: random.Random) -> Asked:
    """The next request."""
    return draw_one(chance.choices([*WEIGHTS], [*WEIGHTS.values()])[0], stock, chance)


def draw_one(name: str, stock: Stock, chance: random.Random) -> Asked:
    """The next request of that name."""
    return _MAKERS[name](stock, chance)


def _order(stock: Stock, chance: random.Random) -> Asked:
    order, client = chance.choice(ORDERS), chance.choice(["", f"&client={chance.choice(stock.clients)}"])
    page = 1 if chance.random() < 0.8 else chance.randint(2, PAGES_DEEP)
    return Asked(
        Kind.READ,
        f"queue by {order}",
        "GET",
        f"{API}/review/queue?size={SIZE}&order={order}&page={page}{client}",
    )


def _filter(stock: Stock, chance: random.Random) -> Asked:
    client = chance.choice(stock.clients)
    name, query = chance.choice(
        [
            ("kind", f"kind={chance.choice(['mapping', 'quality', 'classification'])}"),
            ("risk", f"risk={chance.choice(['critical', 'important', 'optional'])}"),
            ("entity", "entity=patient"),
            ("confidence", "at_least=0.5&below=0.9"),
            ("age", "older_than_days=30"),
            ("table", f"client={client}&table={chance.choice(stock.tables[client])}"),
            ("text", f"text={chance.choice(WORDS)}"),
            ("text of a client", f"client={client}&text={chance.choice(WORDS)}"),
            ("assignee", "assignee=steward1"),
            ("flagged", "flagged=true"),
            ("not flagged", f"client={client}&flagged=false"),
            ("decided", "decided=true"),
            ("decided of a client", f"client={client}&decided=true"),
        ]
    )
    return Asked(Kind.READ, f"queue with {name}", "GET", f"{API}/review/queue?size={SIZE}&{query}")


def _of_item(kind: Kind, name: str, path: str) -> Callable[[Stock, random.Random], Asked]:
    def made(stock: Stock, chance: random.Random) -> Asked:
        client, item = chance.choice(stock.seen)
        return Asked(kind, name, "GET", path.format(item=item, client=client))

    return made


def _of_client(kind: Kind, name: str, path: str) -> Callable[[Stock, random.Random], Asked]:
    def made(stock: Stock, chance: random.Random) -> Asked:
        return Asked(
            kind, name, "GET", path.format(client=chance.choice(stock.clients), order=chance.choice(ORDERS))
        )

    return made


def _of_run(stock: Stock, chance: random.Random) -> Asked:
    return Asked(Kind.READ, "run and gate", "GET", f"{API}/pipeline/{chance.choice(stock.runs)}/status")


def _one(word: str) -> Callable[[Stock, random.Random], Asked]:
    def made(stock: Stock, chance: random.Random) -> Asked:
        items = stock.take(1, chance)
        body: dict[str, object] = {"reason": "It is so at this client."}
        return Asked(Kind.DECISION, word, "POST", f"{API}/review/{items[0]}/{word}", body, tuple(items))

    return made


def _many(stock: Stock, chance: random.Random) -> Asked:
    items = stock.take(MANY, chance)
    body: dict[str, object] = {"decision": "reject", "items": items, "reason": "Alike, and none is meant."}
    return Asked(Kind.DECISION, "decide many", "POST", f"{API}/review/bulk", body, tuple(items))


_MAKERS: dict[str, Callable[[Stock, random.Random], Asked]] = {
    "order": _order,
    "filter": _filter,
    "item": _of_item(Kind.READ, "item", f"{API}/review/{{item}}"),
    "clients": _of_client(Kind.READ, "clients", f"{API}/clients"),
    "client and gate": _of_client(Kind.READ, "client and gate", f"{API}/clients/{{client}}"),
    "run and gate": _of_run,
    "mappings": _of_client(Kind.READ, "mappings", f"{API}/clients/{{client}}/mappings?size={SIZE}"),
    "trust": _of_client(Kind.READ, "trust", f"{API}/clients/{{client}}/trust"),
    "approve": _one("approve"),
    "reject": _one("reject"),
    "decide many": _many,
    "desk": _of_client(Kind.PAGE, "desk", "/review?client={client}&order={order}"),
    "part: queue": _of_client(Kind.PAGE, "part: queue", "/review/queue?order={order}"),
    "part: item": _of_item(Kind.PAGE, "part: item", "/review/{item}?client={client}"),
    "part: standing": _of_client(Kind.PAGE, "part: standing", "/review/standing?client={client}"),
    "overview": _of_client(Kind.PAGE, "overview", "/"),
    "client page": _of_client(Kind.PAGE, "client page", "/clients/{client}"),
    "mappings page": _of_client(Kind.PAGE, "mappings page", "/clients/{client}/mappings"),
    "audit page": _of_client(Kind.PAGE, "audit page", "/audit?client={client}"),
    "trust page": _of_client(Kind.PAGE, "trust page", "/trust?client={client}"),
}

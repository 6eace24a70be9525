"""How all clients of a tenant stand, in one query: what pages show side by side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.model.canonical import RiskClass
from schema_matching_pipeline.model.ids import ClientId
from schema_matching_pipeline.model.review import ItemKind
from schema_matching_pipeline.registry.transaction import Transaction


def _among(column: str) -> str:
    """Those of some clients alone, where some are named; said of every part, lest all others be counted for nothing."""
    return f"(cast(:among as text[]) is null or {column} = any (cast(:among as text[])))"


_STANDING = f"""
with verdicts as (
    select distinct on (client, check_name) client, passed, severity from smp.check_results where {_among("client")}
    order by client, check_name, id desc
), checks as (
    select client, count(*) filter (where passed) as green,
           count(*) filter (where not passed and severity = 'WARN') as amber,
           count(*) filter (where not passed and severity = 'ERROR') as red
    from verdicts group by client
), runs as (
    select distinct on (client) client, state, updated_at, error from smp.pipeline_runs where {_among("client")} order by client, started_at desc
), production as (
    select client, max(version) as version from smp.publications where {_among("client")} group by client
)
select c.slug as client, c.name, c.active, c.trust_profile, d.connector_name as source_kind,
       coalesce(r.state, 'new') as state, r.updated_at, r.error,
       coalesce(f.waiting, 0) as waiting, coalesce(f.critical, 0) as critical, coalesce(f.second, 0) as second,
       coalesce(f.spot_checks, 0) as spot_checks,
       f.oldest, f.newest, f.newest_critical, coalesce(f.columns, 0) as columns, coalesce(f.mapped, 0) as mapped,
       coalesce(f.settled, 0) as settled, coalesce(f.filled, 0) as filled,
       coalesce(f.filled_settled, 0) as filled_settled,
       coalesce(k.green, 0) as green, coalesce(k.amber, 0) as amber, coalesce(k.red, 0) as red, p.version as published
from smp.clients c
join smp.connections n on n.id = c.connection_id
join smp.connector_definitions d on d.id = n.connector_id
left join smp.client_figures g on g.client = c.slug
cross join lateral jsonb_to_record(coalesce(g.figures, '{{}}')) as f (
    waiting bigint, critical bigint, second bigint, spot_checks bigint, oldest timestamptz, newest timestamptz, newest_critical timestamptz,
    columns bigint, mapped bigint, settled bigint, filled bigint, filled_settled bigint)
left join checks k on k.client = c.slug left join runs r on r.client = c.slug
left join production p on p.client = c.slug
where {_among("c.slug")}
order by c.active desc, (coalesce(f.waiting, 0) > 0) desc, coalesce(f.critical, 0) desc, f.oldest, c.name, c.slug
"""

_WAITING = """
select kind, risk_class, state = 'awaiting_second' as second, required_approvals as people, count(*) as items, min(opened_at) as oldest
from smp.review_items where client = :client and state in ('open', 'awaiting_second')
group by kind, risk_class, state, required_approvals
order by array_position(cast(:classes as text[]), risk_class), second desc, min(opened_at), kind, people desc
"""

_BRIEF = """
select c.slug as client, coalesce(r.state, 'new') as state, coalesce(w.items, 0) as waiting, p.version as published
from smp.clients c
left join lateral (
    select state from smp.pipeline_runs where client = c.slug order by started_at desc limit 1) as r on true
left join (
    select client, count(*) as items from smp.review_items where state in ('open', 'awaiting_second') group by client
) as w on w.client = c.slug
left join (select client, max(version) as version from smp.publications group by client) as p on p.client = c.slug
"""


class ClientBrief(Frozen):
    """The state of one client, how many items wait, and the version in production."""

    client: ClientId
    state: str
    waiting: int
    published: int | None


class WaitingItems(Frozen):
    """Open items of one kind and risk class: how many, and since when the oldest of them waits.

    It takes so many ``people`` to approve one; those of a ``second`` person were approved by one already.
    """

    kind: ItemKind
    risk_class: RiskClass
    second: bool
    people: int
    items: int
    oldest: datetime

    @property
    def for_whom(self) -> str:
        """Who may decide about them.

        >>> from datetime import UTC
        >>> one = WaitingItems(kind=ItemKind.MAPPING, risk_class=RiskClass.CRITICAL, second=False, people=1, items=3,
        ...                    oldest=datetime(2024, 5, 1, tzinfo=UTC))
        >>> one.for_whom, one.but(people=2).for_whom, one.but(people=2, second=True).for_whom
        ('a steward or an admin', '2 different people, each a steward or an admin', 'a second steward or admin')
        """
        if self.second:
            return "a second steward or admin"
        each = "a steward or an admin"
        return each if self.people == 1 else f"{self.people} different people, each {each}"


class ClientStanding(Frozen):
    """Where one client stands, in figures. ``filled`` counts values: rows in which a column is not null.

    ``waiting`` are items for people, ``critical`` and ``second`` those of them that are critical and that wait for a
    second person, ``spot_checks`` are beside them; ``oldest`` is since when, ``newest`` when the last one came; ``green``, ``amber`` and ``red`` are its checks as they last ran.
    """

    client: ClientId
    name: str
    active: bool
    trust_profile: str | None
    source_kind: str
    state: str
    updated_at: datetime | None
    error: str | None
    waiting: int
    critical: int
    second: int
    spot_checks: int
    oldest: datetime | None
    newest: datetime | None
    newest_critical: datetime | None
    columns: int
    mapped: int
    settled: int
    filled: int
    filled_settled: int
    green: int
    amber: int
    red: int
    published: int | None

    @property
    def coverage_of_columns(self) -> float:
        """The share of columns about which nobody is asked any more."""
        return self.settled / self.columns if self.columns else 0.0

    @property
    def coverage_of_values(self) -> float:
        """The share of values that stand in such columns."""
        return self.filled_settled / self.filled if self.filled else 0.0


class Standing:
    """How the clients of one tenant stand."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def list(self, among: Sequence[ClientId] | None = None) -> tuple[ClientStanding, ...]:
        """All clients, or some: those first that wait for people, the most critical and oldest before others."""
        among = None if among is None else list(among)
        self._transaction.run("select smp.count_standing(cast(:among as text[]))", among=among)
        rows = self._transaction.rows(_STANDING, among=among)
        return tuple(ClientStanding.model_validate(dict(row)) for row in rows)

    def brief(self) -> tuple[ClientBrief, ...]:
        """The state of all clients, and no figure that takes time."""
        return tuple(ClientBrief.model_validate(dict(row)) for row in self._transaction.rows(_BRIEF))

    def waiting(self, client: ClientId) -> tuple[WaitingItems, ...]:
        """What of one client waits for people, the riskiest first."""
        rows = self._transaction.rows(_WAITING, client=client, classes=[str(each) for each in RiskClass])
        return tuple(WaitingItems.model_validate(dict(row)) for row in rows)
